"""Runs of the corpus judged epoch by epoch, and what would be said of them while they go on."""

from __future__ import annotations

import lzma
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TypeAlias

from benchmarks.labels import LabelledLog
from logparse.findings import CRASH_CODE, Finding, RunReport, Severity
from logparse.judging import judge
from logparse.rules import all_rules
from logparse.run import Run
from logparse.session import Session
from logparse.weighing import Said, weighed

Found: TypeAlias = Mapping[str, Severity]
"""The codes of the findings of a report, each with its worst severity."""
RULES = {rule.code: rule for rule in all_rules()}


@dataclass(frozen=True)
class Span:
    """A finding as it stood: raised by judgement `since`, cleared by `until`, both from 0.

    None for `until`: it still stood at the last judgement. `severity` is the worst it had.
    """

    since: int
    until: int | None
    severity: Severity


@dataclass(frozen=True)
class Replay:
    """One run of a log: what is found after each of its epochs, and at last.

    epochs  the epochs as printed
    alone   per epoch, what all rules find in the run as it was known then
    living  the same without the rules that need the end, which then hide nothing either
    final   what all rules find in the whole run
    """

    log: LabelledLog
    epochs: tuple[int, ...]
    alone: tuple[Found, ...]
    living: tuple[Found, ...]
    final: Found


def replays(logs: Sequence[LabelledLog], folder: Path, jobs: int) -> Iterator[list[Replay]]:
    """The runs of each log, replayed by `jobs` processes; in the order of the logs."""
    with ProcessPoolExecutor(jobs) as pool:
        yield from pool.map(partial(replayed, folder=folder), logs, chunksize=4)


def replayed(log: LabelledLog, folder: Path) -> list[Replay]:
    """Every run of a log, judged after each of its epochs as its log told it then."""
    session = Session(log.path)
    session.feed(lzma.decompress((folder / log.path).read_bytes()))
    return [_replay(log, run) for run in session.runs()]


def _replay(log: LabelledLog, run: Run) -> Replay:
    rules = tuple(RULES.values())
    epochs = tuple(int(epoch) for epoch in run.epochs["epoch"])
    reports = [judge(run.up_to(epoch), rules) for epoch in epochs]
    return Replay(
        log=log,
        epochs=epochs,
        alone=tuple(_found(report.findings) for report in reports),
        living=tuple(_found(_of_the_living(report)) for report in reports),
        final=_found(judge(run, rules).findings),
    )


def _found(findings: Sequence[Finding]) -> Found:
    """The codes of findings. A rule that crashes has no place in a measurement."""
    found: dict[str, Severity] = {}
    for one in findings:
        if one.code == CRASH_CODE:
            raise RuntimeError(str(one.measured))
        found[one.code] = _worse(found.get(one.code, one.severity), one.severity)
    return found


def _of_the_living(report: RunReport) -> tuple[Finding, ...]:
    """What `Session.judge_so_far` would say: weighed without the rules that need the end."""
    said = [*report.findings, *(one.finding for one in report.suppressed)]
    mine = [Said(RULES[one.code], one) for one in said if not RULES[one.code].needs_end]
    return weighed(mine)[0]


def spans(code: str, found: Sequence[Found], settles_in: int) -> list[Span]:
    """When a finding is raised and cleared, given what is found by one judgement after another.

    It is raised once it has been found by `settles_in` judgements on end and by one more, and
    cleared once it has been gone for as many.
    """
    told: list[Span] = []
    is_up, differing = False, 0
    for at, one in enumerate(found):
        differing = differing + 1 if (code in one) != is_up else 0
        if differing > settles_in:
            is_up, differing = not is_up, 0
            told.append(Span(at, None, one[code]) if is_up else replace(told.pop(), until=at))
        if is_up and code in one:
            worst = _worse(told[-1].severity, one[code])
            told.append(replace(told.pop(), severity=worst))
    return told


def _worse(first: Severity, second: Severity) -> Severity:
    return max(first, second, key=lambda severity: severity.rank)
