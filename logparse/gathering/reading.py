"""Runs of sources, each read once and judged, or why they cannot be had."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, TypeAlias

from logparse.errors import LogParseError
from logparse.findings import RunReport, SourceFailure, epoch_label
from logparse.intake import failure, fed
from logparse.judging import judge
from logparse.session import Session

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from logparse.findings import Severity
    from logparse.gathering.wanted import Pick
    from logparse.readers.points.meanings import Hints
    from logparse.rules.base import Rule
    from logparse.run import Run

Got: TypeAlias = "RunReport | SourceFailure"


@dataclass(frozen=True, slots=True)
class Job:
    """A source to read: the name to open, what it is called, what is wanted of it, who judges,
    its format ('' where it is to be told) and what is said of its columns.

    `is_named` is False for a file that was merely found in a directory, and may be no log.
    """

    name: str
    source: str
    is_named: bool
    picks: tuple[Pick, ...]
    rules: tuple[Rule, ...]
    severities: Mapping[str, Severity]
    format: str = ""
    hints: Hints | None = None


def read(job: Job) -> dict[Pick, list[Got]]:
    """What was wanted of a source, by pick; {} for a file that was found and is no log.

    A source that breaks off gives none of its runs: half a run is not to be compared.
    """
    session = Session(job.source, rules=(), format=job.format, hints=job.hints)
    try:
        fed(job.name, session, is_certain=job.is_named)
    except LogParseError as error:
        if job.is_named or session.recognised:
            return {pick: [failure(job.source, error, job.name)] for pick in job.picks}
    if not job.is_named and not session.recognised:
        return {}

    @cache
    def judged(run: Run, until: int | None) -> Got:
        cut = run if until is None else run.up_to(until)
        if until is not None and cut.last_epoch is None:
            return SourceFailure(job.source, _nothing_until(run, until))
        return judge(cut, job.rules, job.severities)

    return {pick: _picked(session, job.source, pick, judged) for pick in job.picks}


def _picked(
    session: Session, source: str, pick: Pick, judged: Callable[[Run, int | None], Got]
) -> list[Got]:
    number, until = pick
    try:
        runs = session.runs() if number == "all" else [session.run(number)]
    except LogParseError as error:
        return [failure(source, error)]
    return [judged(run, until) for run in runs]


def _nothing_until(run: Run, until: int) -> str:
    told = f"run {run.index} has no epoch up to {epoch_label(until)}"
    return f"{told}, it starts at {epoch_label(run.first_epoch)}" if run.first_epoch else told
