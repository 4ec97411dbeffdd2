"""Runs of the corpus judged epoch by epoch, and what would be said of them while they go on."""

from __future__ import annotations

import lzma
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeAlias

from benchmarks.labels import LabelledLog
from logparse.findings import CRASH_CODE, RunReport, Severity
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
    """A finding as it stood: from the judgement `since` until that of `until`, from 0.

    None for `until` means that it still stood at the last judgement.
    """

    since: int
    until: int | None
    severity: Severity


@dataclass(frozen=True)
class Replay:
    """One run of a log: what is found after each epoch, and at last.

    epochs  the epochs as printed
    alone   per epoch, what all rules find in the run as it was known then
    living  the same without the rules that need the end, whose findings hide no others
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
        alone=tuple(map(_found, reports)),
        living=tuple(map(_found_while_living, reports)),
        final=_found(judge(run, rules)),
    )


def _found(report: RunReport) -> Found:
    """The codes of a report. A rule that crashes has no place in a measurement."""
    found: dict[str, Severity] = {}
    for finding in report.findings:
        if finding.code == CRASH_CODE:
            raise RuntimeError(f"{report.run.source}: {finding.measured}")
        known = found.get(finding.code, finding.severity)
        found[finding.code] = max(known, finding.severity, key=lambda one: one.rank)
    return found


def _found_while_living(report: RunReport) -> Found:
    """The same of the rules that do not need the end: what these say is weighed without them."""
    said = [*report.findings, *(one.finding for one in report.suppressed)]
    mine = [Said(RULES[one.code], one) for one in said if not RULES[one.code].needs_end]
    return {one.code: one.severity for one in weighed(mine)[0]}


def spans(code: str, found: Sequence[Found], settles_in: int) -> list[Span]:
    """How a finding is raised and cleared that must hold for `settles_in` epochs.

    It is raised by the first judgement in which it has been found as often on end and once
    more, and cleared by the first for which it has been gone for as long.
    """
    told: list[Span] = []
    is_up, turned = False, 0
    for at, one in enumerate(found):
        turned = turned + 1 if (code in one) != is_up else 0
        if turned > settles_in:
            is_up, turned = not is_up, 0
            last = told.pop() if not is_up else None
            told.append(Span(at, None, one[code]) if last is None else _ended(last, at))
        if is_up and code in one:
            told.append(_worst(told.pop(), one[code]))
    return told


def _ended(span: Span, at: int) -> Span:
    return Span(span.since, at, span.severity)


def _worst(span: Span, severity: Severity) -> Span:
    return Span(span.since, span.until, max(span.severity, severity, key=lambda one: one.rank))


def passing(
    code: str, replay: Replay, found: Sequence[Found], settles_in: int
) -> list[Span]:
    """What is raised of a finding while the run goes on, and is not in its final report."""
    return [] if code in replay.final else spans(code, found, settles_in)


def codes(found: Sequence[Found]) -> Collection[str]:
    """All codes that are found in any of the judgements."""
    return {code for one in found for code in one}
