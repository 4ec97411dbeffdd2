"""`logdiag report`: the recommendation report as one file that one mails."""

from __future__ import annotations

import os
import shlex
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from logdiag.console import OutputError, complain, output, whole_file
from logdiag.judged import FailOn, Judges, absent, exit_code, run_choice
from logdiag.pictures import place
from logdiag.settings import (
    BetterWay,
    ConfigFile,
    ExtendSelect,
    FormatIn,
    Ignore,
    Isolated,
    MapName,
    RunNumber,
    Select,
    StdinName,
    configuration,
    reading,
    selection,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from logparse.comparison import Comparison
    from logparse.findings import Report
    from logparse.renderers.selection import RunChoice

FORMATS = {".html": "html", ".htm": "html", ".md": "markdown", ".pdf": "pdf"}
_SEVERAL = Path("report.html")
_FAILED = 2


def run(
    paths: Annotated[
        list[str],
        typer.Argument(metavar="PATH...", help="Logs, directories, globs, or - for input."),
    ],
    out: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="FILE", help="A .html, .md or .pdf."),
    ] = None,
    run: RunNumber = "all",
    select: Select = None,
    ignore: Ignore = None,
    extend_select: ExtendSelect = None,
    fail_on: Annotated[FailOn, typer.Option(help="Least severity for exit code 1.")] = "never",
    stdin_name: StdinName = "<stdin>",
    format_in: FormatIn = None,
    map: MapName = None,
    better: BetterWay = None,
    config: ConfigFile = None,
    isolated: Isolated = False,
) -> None:
    """Write the recommendation report: what was found, with pictures, and what to try.

    One file that needs nothing else. Several runs are compared with the first. Without -o the
    page goes beside its log, that of several sources to report.html; its name to standard output.

    Exit codes: 0 written, 1 findings at or above --fail-on, 2 something could not be read.
    """
    if out is not None and _suffix(out) not in FORMATS:
        raise OutputError(f"{out} is no report: the name ends in .html, .md or .pdf")
    choice = run_choice(run)
    judges = Judges(
        selection(select, extend_select, ignore),
        configuration(config, isolated),
        stdin_name,
        reading(format_in, map, better),
    )
    report = _chosen(judges.report(paths), choice)
    for told in (*report.remarks, *report.errors):
        complain(str(told))
    if not report.runs:
        raise typer.Exit(_FAILED)
    comparison, why_not = _compared(report, judges)
    target = out or _usual_place(report)
    facts = {
        "command": _command(paths, out),
        "made": _now(),
        "why_not_compared": why_not,
        "rules": judges.rules,
    }
    read = [*paths, *(name for one in report.runs for name in one.run.files)]
    with whole_file(target, sources=read) as stream:
        stream.write(_rendered(FORMATS[_suffix(target)], report, comparison, facts))
    if out is None:
        with output() as console:
            console.write([(console.page.span(str(target)),)])
    raise typer.Exit(exit_code(report, "all", fail_on))


def _suffix(out: Path) -> str:
    """By which the form is known; what goes to standard output is a page."""
    return out.suffix.lower() if str(out) != "-" else ".html"


def _chosen(report: Report, choice: RunChoice) -> Report:
    """The report with the runs asked for, and failures for sources without them."""
    from logparse.renderers.selection import spoken_of

    errors = (*report.errors, *absent(report, choice))
    return replace(report, runs=spoken_of(report, choice), errors=errors)


def _compared(report: Report, judges: Judges) -> tuple[Comparison | None, str]:
    """All runs against the first; None, and why, where they cannot be compared."""
    from logparse.api import compare
    from logparse.errors import ComparisonError

    if len(report.runs) < 2:
        return None, ""
    try:
        return compare(*report.runs, **judges.options), ""
    except ComparisonError as error:
        return None, str(error)


def _rendered(
    format: str, report: Report, comparison: Comparison | None, facts: dict[str, Any]
) -> bytes:
    """The report as the bytes of its file."""
    from logparse.pages import html, markdown, pdf

    if format == "pdf":
        return pdf.render(report, comparison, **facts)
    render = html.render if format == "html" else markdown.render
    return render(report, comparison, **facts).encode("utf-8", "replace")


def _usual_place(report: Report) -> Path:
    """Beside the only log, or in the current folder."""
    sources = {one.run.source for one in report.runs}
    if len(sources) > 1:
        return _SEVERAL
    beside = place(replace(report.runs[0].run, count=1), "report")
    return beside.with_name(f"{beside.name}.html")


def _command(paths: Sequence[str], out: Path | None) -> str:
    return shlex.join(["logdiag", "report", *paths, *(["-o", str(out)] if out else [])])


def _now() -> datetime:
    """The time of writing, or that of SOURCE_DATE_EPOCH, for reports that are to be repeatable."""
    fixed = os.environ.get("SOURCE_DATE_EPOCH", "")
    return datetime.fromtimestamp(int(fixed), UTC) if fixed.isdecimal() else datetime.now(UTC)
