"""`logdiag analyze`: judge the runs of one or more logs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path  # noqa: TC003  Typer reads annotations when it runs
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from logdiag import actions
from logdiag.console import Console, complain, output
from logdiag.judged import FailOn, Judges, exit_code, run_choice, unjudged
from logdiag.settings import (
    BetterWay,
    ConfigFile,
    ExtendSelect,
    FormatIn,
    Ignore,
    Isolated,
    MapName,
    Out,
    RunNumber,
    Select,
    StdinName,
    configuration,
    reading,
    selection,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logparse.findings import Report
    from logparse.renderers.selection import RunChoice

Format = Literal["text", "json", "markdown", "sarif", "github"]


def run(
    paths: Annotated[
        list[str],
        typer.Argument(metavar="PATH...", help="Logs, directories, globs, or - for input."),
    ],
    run: RunNumber = "-1",
    select: Select = None,
    ignore: Ignore = None,
    extend_select: ExtendSelect = None,
    fail_on: Annotated[
        FailOn | None, typer.Option(help="Least severity for exit code 1.  [default: error]")
    ] = None,
    format: Annotated[Format, typer.Option(help="Form of the report.")] = "text",
    out: Out = None,
    show_unparsed: Annotated[
        bool, typer.Option("--show-unparsed", help="List the lines that could not be read.")
    ] = False,
    full: Annotated[bool, typer.Option("--full", help="Show notes in full, too.")] = False,
    stdin_name: StdinName = "<stdin>",
    format_in: FormatIn = None,
    map: MapName = None,
    better: BetterWay = None,
    quiet: Annotated[
        bool, typer.Option("-q", "--quiet", help="One line per finding and nothing else.")
    ] = False,
    config: ConfigFile = None,
    isolated: Isolated = False,
    baseline: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Hide the findings that the file knows.")
    ] = None,
    write_baseline: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write all findings to the file as known; exit code 0."),
    ] = None,
) -> None:
    """Judge training runs: what is wrong and what to try.

    Of a file with several runs the last is judged for the exit code and shown in full; JSON
    always holds every run. In GitHub Actions, --format github marks the lines of the logs and
    adds the Markdown report to the step's summary.
    """
    from logdiag.known import hide_known, known_findings, write_known

    if write_baseline is not None and baseline is not None:
        raise typer.BadParameter("--write-baseline writes what --baseline hides: give one.")
    choice, once = run_choice(run), [*dict.fromkeys(paths)]
    settings = configuration(config, isolated)
    known = None if write_baseline else known_findings(baseline, settings)
    flags = selection(select, extend_select, ignore)
    judges = Judges(flags, settings, stdin_name, reading(format_in, map, better))
    report = judges.report(once)
    report = replace(report, errors=(*report.errors, *unjudged(report, choice)))
    for told in (*report.remarks, *(str(error) for error in report.errors)):
        complain(_about(told, format))
    read = [*once, *(name for judged in report.runs for name in judged.run.files)]
    if write_baseline is not None:
        write_known(report, write_baseline, read)
        read.append(str(write_baseline))
    if known is not None:
        report = hide_known(report, known)
        read.append(known.path)
    level = "never" if write_baseline else fail_on or settings.fail_on or "error"
    with output(out, sources=read) as console:
        if format == "text":
            _write_text(report, console, choice, None if quiet else (show_unparsed, full))
        else:
            for part in _parts(report, format, choice, ascii_only=console.page.ascii_only):
                console.stream.write(f"{part}\n")
    if format == "github":
        actions.add_to_summary(report, choice)
    raise typer.Exit(exit_code(report, choice, level))


def _about(told: str, format: Format) -> str:
    from logparse.renderers.github import defused

    return defused(told) if format == "github" else told


def _parts(report: Report, format: Format, choice: RunChoice, *, ascii_only: bool) -> Iterator[str]:
    """The report for programs and forges, whole lines; a run that is not there is told already."""
    from logparse.renderers import as_json, github, markdown, sarif

    if format == "markdown":
        yield from markdown.lines(report, run=choice, ascii_only=ascii_only)
    elif format == "github":
        yield from github.lines(report, actions.places(), run=choice, ascii_only=ascii_only)
    elif format == "sarif":
        yield sarif.text(sarif.document(report, actions.places(), run=choice))
    else:
        yield as_json.render(report).rstrip("\n")


def _write_text(
    report: Report, console: Console, choice: RunChoice, detail: tuple[bool, bool] | None
) -> None:
    """The report with unparsed lines and whole notes, or without; None for a line a finding."""
    from logparse.renderers.text import Detail, brief, lines

    page = console.page
    if detail is None:
        console.write(brief(report, page, run=choice))
    elif report.runs:
        shown = Detail(*detail)
        console.write(lines(report, page, run=choice, detail=shown, show_errors=False))
