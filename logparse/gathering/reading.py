"""Runs of sources, each read once and judged, or why they cannot be had."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, partial
from itertools import groupby
from typing import TYPE_CHECKING, TypeAlias

from logparse.errors import LogParseError
from logparse.findings import RunReport, SourceFailure, epoch_label
from logparse.intake import failure, fed
from logparse.judging import judge
from logparse.lots import read_lot
from logparse.session import numbered
from logparse.sources import STDIN

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from logparse.findings import Severity
    from logparse.gathering.wanted import Pick
    from logparse.intake import Told
    from logparse.lots import Lot
    from logparse.rules.base import Rule
    from logparse.run import Run

Got: TypeAlias = "RunReport | SourceFailure"


@dataclass(frozen=True, slots=True)
class Job:
    """Files to read as one: what they are, what is wanted of them, who judges, what is told.

    `called` is what standard input is called.
    """

    lot: Lot
    called: str
    picks: tuple[Pick, ...]
    rules: tuple[Rule, ...]
    severities: Mapping[str, Severity]
    told: Told


@dataclass(frozen=True, slots=True)
class Taken:
    """What was wanted of a lot, by pick, and what is to be remarked; `got` is {} for no log."""

    got: dict[Pick, list[Got]]
    remarks: tuple[str, ...] = ()


def read(job: Job) -> Taken:
    """What was wanted of a lot.

    A source that breaks off gives none of its runs: half a run is not to be compared.
    """
    name = job.lot.name
    source = job.called if name == STDIN else name
    if job.lot.bundle.kind == "file":
        return Taken(_of_file(job, source))
    found = read_lot(job.lot, told=job.told)
    if not found.is_log:
        return Taken({})
    failed = {one.source for one in found.failures}
    whole = [run for run in found.runs if failed.isdisjoint(run.files)]
    judged = _judge(job)
    got: dict[Pick, list[Got]] = {pick: [*found.failures] for pick in job.picks}
    for source, group in groupby(whole, key=lambda run: run.source):
        runs = [*group]
        one_run = partial(numbered, runs, source=source)
        for pick, had in got.items():
            had += _picked(pick, source, judged, runs.copy, one_run)
    return Taken(got, found.remarks)


def _of_file(job: Job, source: str) -> dict[Pick, list[Got]]:
    name, is_named = job.lot.name, bool(job.lot.named)
    session = job.told.session(source)
    try:
        fed(name, session, is_certain=is_named)
    except LogParseError as error:
        if is_named or session.recognised:
            return {pick: [failure(source, error, name)] for pick in job.picks}
    if not is_named and not session.recognised:
        return {}
    judged = _judge(job)
    return {pick: _picked(pick, source, judged, session.runs, session.run) for pick in job.picks}


def _judge(job: Job) -> Callable[[Run, int | None], Got]:
    """Judges a run up to an epoch, once."""

    @cache
    def judged(run: Run, until: int | None) -> Got:
        cut = run if until is None else run.up_to(until)
        if until is not None and cut.last_epoch is None:
            return SourceFailure(run.source, _nothing_until(run, until))
        return judge(cut, job.rules, job.severities)

    return judged


def _picked(
    pick: Pick,
    source: str,
    judged: Callable[[Run, int | None], Got],
    all_runs: Callable[[], list[Run]],
    one_run: Callable[[int], Run],
) -> list[Got]:
    number, until = pick
    try:
        runs = all_runs() if number == "all" else [one_run(number)]
    except LogParseError as error:
        return [failure(source, error)]
    return [judged(run, until) for run in runs]


def _nothing_until(run: Run, until: int) -> str:
    told = f"run {run.index} has no epoch up to {epoch_label(until)}"
    return f"{told}, it starts at {epoch_label(run.first_epoch)}" if run.first_epoch else told
