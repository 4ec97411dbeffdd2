"""`logdiag analyze`: judge the runs of one or more logs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path  # noqa: TC003  Typer reads annotations when it runs
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from logdiag import actions
from logdiag.console import Console, complain, output
from logdiag.settings import (
    ConfigFile,
    ExtendSelect,
    Ignore,
    Isolated,
    Out,
    Select,
    StdinName,
    configuration,
    selection,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from logparse.configuration import Configuration
    from logparse.findings import Report, SourceFailure
    from logparse.renderers.selection import RunChoice
    from logparse.rules import Selection

FailOn = Literal["error", "warning", "note", "never"]
Format = Literal["text", "json", "markdown", "sarif", "github"]
_CLEAN, _FOUND, _FAILED = 0, 1, 2
_NEVER = 4


def run(
    paths: Annotated[
        list[str],
        typer.Argument(metavar="PATH...", help="Logs, directories, globs, or - for input."),
    ],
    run: Annotated[
        str, typer.Option(metavar="N|all", help="Which run of a file; -1 is the last.")
    ] = "-1",
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
    report = _judged(once, selection(select, extend_select, ignore), settings, stdin_name)
    report = replace(report, errors=(*report.errors, *_unjudged(report, choice)))
    for failure in report.errors:
        complain(_about(failure, format))
    read = [*once, *(judged.run.source for judged in report.runs)]
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


def _judged(
    paths: Sequence[str], flags: Selection, settings: Configuration, stdin_name: str
) -> Report:
    from logparse.api import analyze

    return analyze(
        *paths,
        select=flags.select,
        extend_select=flags.extend,
        ignore=flags.ignore,
        configuration=settings,
        stdin_name=stdin_name,
    )


def run_choice(text: str) -> RunChoice:
    """The run asked for: a number other than 0, or 'all'; a usage error for anything else."""
    if text == "all":
        return "all"
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdecimal() and int(digits)):
        raise typer.BadParameter(f"{text!r} is no run number (1, 2, -1) and not 'all'.")
    return int(text)


def _unjudged(report: Report, choice: RunChoice) -> Iterator[SourceFailure]:
    """A failure for every source that lacks the run asked for, or a run that none could judge."""
    from logparse.findings import SourceFailure, plural
    from logparse.renderers.diagnosis import why_unjudged
    from logparse.renderers.selection import by_source, chosen

    for source, runs in by_source(report):
        if not chosen(runs, choice):
            yield SourceFailure(source, f"no run {choice}, it has {plural(len(runs), 'run')}")
        for judged in chosen(runs, choice):
            if why := why_unjudged(judged):
                which = f"run {judged.run.index}: " if len(runs) > 1 else ""
                yield SourceFailure(source, f"{which}nothing was judged: {why}")


def _about(failure: SourceFailure, format: Format) -> str:
    from logparse.renderers.github import defused

    return defused(str(failure)) if format == "github" else str(failure)


def exit_code(report: Report, choice: RunChoice, fail_on: str) -> int:
    """2 where something could not be judged, else 1 for findings that bad, else 0."""
    from logparse.findings import Severity
    from logparse.renderers.selection import spoken_of

    found = [finding for judged in spoken_of(report, choice) for finding in judged.findings]
    is_faulty = any(finding.code.startswith("TOOL") for finding in found)
    if report.errors or is_faulty or not report.runs:
        return _FAILED
    least = _NEVER if fail_on == "never" else Severity(fail_on).rank
    return _FOUND if any(finding.severity.rank >= least for finding in found) else _CLEAN


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
