"""Which runs of a report are spoken of: the last of each source, one by number, or all."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Literal, TypeAlias

from logparse.errors import NoSuchRunError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from logparse.findings import Report, RunReport

RunChoice: TypeAlias = int | Literal["all"]
"""A run by number, 1-based or negative from the end; or every run."""


def by_source(report: Report) -> Iterator[tuple[str, tuple[RunReport, ...]]]:
    """The report's runs grouped by the source they came from, in order."""
    for source, group in groupby(report.runs, key=lambda judged: judged.run.source):
        yield source, tuple(group)


def chosen(runs: Sequence[RunReport], run: RunChoice = -1) -> tuple[RunReport, ...]:
    """The runs of one source that are asked for; empty when there is no such run."""
    if run == "all":
        return tuple(runs)
    position = run - 1 if run > 0 else len(runs) + run
    return (runs[position],) if run != 0 and 0 <= position < len(runs) else ()


def spoken_of(report: Report, run: RunChoice = -1) -> tuple[RunReport, ...]:
    """The runs that are asked for, over all sources."""
    return tuple(one for _, runs in by_source(report) for one in chosen(runs, run))


def require(report: Report, run: RunChoice) -> None:
    """NoSuchRunError where the report has runs, but no source the one asked for."""
    if report.runs and not spoken_of(report, run):
        most = max(len(runs) for _, runs in by_source(report))
        raise NoSuchRunError(f"no run {run}, there {'is' if most == 1 else 'are'} {most}")
