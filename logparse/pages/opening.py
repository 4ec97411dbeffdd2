"""The head of the page: what was read, how much of it was understood, and where things are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logparse.findings import plural
from logparse.pages.content import Cell, Folded, Grid, Heading, Link
from logparse.renderers.selection import by_source

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from logparse.findings import Report, RunReport
    from logparse.pages.entries import Entry

ONLY_RUN = "The run in full"
"""What the section of a single run is called: the page has the run's own name already."""
_MOST_LISTED = 12


def title(entries: Sequence[Entry]) -> str:
    """What the page is about, in a few words."""
    if not entries:
        return "no run"
    return entries[0].label if len(entries) == 1 else plural(len(entries), "run")


def facts(report: Report, command: str, made: datetime | None) -> Iterator[tuple[str, str]]:
    """What was read and how, name and text."""
    lines, unparsed = _lines(report.runs)
    if report.runs:
        logs = len({judged.run.source for judged in report.runs})
        yield "read", f"{plural(len(report.runs), 'run')} in {plural(logs, 'log')}"
        yield "understood", f"{lines - unparsed:,} of {lines:,} lines"
    if command:
        yield "command", command
    if made is not None:
        yield "made", f"{made:%Y-%m-%d %H:%M %Z}".strip()


def sources(report: Report) -> Folded | None:
    """Every log with how much of it was understood; None where there is but one."""
    rows = tuple(_row(name, runs) for name, runs in by_source(report))
    if len(rows) < 2:
        return None
    titles = ("runs", "lines", "unparsed")
    grid = Grid(
        caption="What was read",
        columns=(Heading("log"), *(Heading(one, is_number=True) for one in titles)),
        rows=rows,
    )
    return Folded(summary=f"The {len(rows)} logs", grid=grid)


def contents(told: Sequence[Entry], *, has_table: bool, is_compared: bool) -> Iterator[Link]:
    """The parts of the page after the verdict; runs by name where they are few."""
    if has_table:
        yield Link("All runs", "runs")
    if len(told) == 1 and not has_table:
        yield Link(ONLY_RUN, told[0].id)
    elif len(told) <= _MOST_LISTED:
        yield from (one.link for one in told)
    else:
        yield Link("Run by run", told[0].id)
    if is_compared:
        yield Link("Comparison", "comparison")
    yield Link("Method and limits", "method")
    yield Link("Glossary", "glossary")


def _lines(runs: Sequence[RunReport]) -> tuple[int, int]:
    """How many lines there are, and how many of them no grammar accepts."""
    covered = [judged.run.coverage for judged in runs]
    return sum(one.lines for one in covered), sum(one.unparsed for one in covered)


def _row(name: str, runs: Sequence[RunReport]) -> tuple[Cell, ...]:
    numbers = (len(runs), *_lines(runs))
    return (Cell(text=name), *(Cell(text=f"{number:,}") for number in numbers))
