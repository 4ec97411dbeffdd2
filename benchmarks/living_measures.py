"""What passes while runs go on, and which faults are told in time."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import TypeAlias

from benchmarks.labels import LabelledLog, Labels, Scenario
from benchmarks.replays import RULES, Found, Replay, Span, spans
from logparse.findings import Severity

WAITS = (0, 1, 2, 3, 5)
"""The values of `settles_in` that are tried."""
MAX_ALARMS, MAX_ANY, MAX_PASSING = 0.01, 0.05, 0.05
"""Shares of runs that a rule may bother while they go on: see the page."""

Wait: TypeAlias = Callable[[str], int]
Heard: TypeAlias = Callable[[Replay], Sequence[Found]]


@dataclass(frozen=True)
class Corpus:
    """The logs that were replayed, each with its runs."""

    labels: Labels
    runs: Mapping[LabelledLog, Sequence[Replay]]

    def of(self, split: str | None = None, *, is_fault: bool) -> list[LabelledLog]:
        """The logs of faults, or the healthy ones and traps, of a split or of both."""
        families = self.labels.families
        return [
            log
            for log in self.runs
            if self.scenario(log).is_fault is is_fault and split in (None, families[log.family])
        ]

    def scenario(self, log: LabelledLog) -> Scenario:
        return self.labels.scenarios[log.scenario]

    def passing(self, code: str, log: LabelledLog, heard: Heard, wait: int) -> list[Span]:
        """What is raised in the runs of the log and is not in their final report."""
        scenario = self.scenario(log)
        if not scenario.is_fault and code in scenario.accepts:
            return []
        open_runs = (run for run in self.runs[log] if code not in run.final)
        return [span for run in open_runs for span in spans(code, heard(run), wait)]

    def count(
        self, code: str, wait: int, split: str, *, is_fault: bool, least: Severity = Severity.NOTE
    ) -> int:
        """On how many logs a finding of the rule alone, of that severity or a worse one, passes."""
        found = (self.passing(code, log, alone, wait) for log in self.of(split, is_fault=is_fault))
        return sum(any(span.severity.rank >= least.rank for span in one) for one in found)


def alone(run: Replay) -> Sequence[Found]:
    """All rules, after each epoch."""
    return run.alone


def living(run: Replay) -> Sequence[Found]:
    """The rules that need no end, after each epoch."""
    return run.living


def at_once(code: str) -> int:
    """No waiting."""
    return 0


def shipped(code: str) -> int:
    """The rule's own `settles_in`."""
    return RULES[code].settles_in


POLICIES: Mapping[str, tuple[Heard, Wait]] = {
    "every rule, at once": (alone, at_once),
    "those that need no end, at once": (living, at_once),
    "those, once settled": (living, shipped),
}


def measured_wait(code: str, corpus: Corpus) -> int | None:
    """The least wait that keeps within the bounds on the tuning families; None if none does."""
    calm, faulty = (len(corpus.of("tuning", is_fault=is_fault)) for is_fault in (False, True))
    for wait in WAITS:
        warned = corpus.count(code, wait, "tuning", is_fault=False, least=Severity.WARNING)
        noted = corpus.count(code, wait, "tuning", is_fault=False)
        passing = corpus.count(code, wait, "tuning", is_fault=True)
        is_quiet = warned <= MAX_ALARMS * calm and noted <= MAX_ANY * calm
        if is_quiet and passing <= MAX_PASSING * faulty:
            return wait
    return None


def flaps(corpus: Corpus, logs: Sequence[LabelledLog], heard: Heard, wait: Wait) -> int:
    """How often a finding is raised and cleared again while the runs of these logs go on."""
    runs = [run for log in logs for run in corpus.runs[log]]
    told = (span for run in runs for code in RULES for span in spans(code, heard(run), wait(code)))
    return sum(span.until is not None for span in told)


def worst(corpus: Corpus, log: LabelledLog, heard: Heard, wait: Wait) -> int:
    """The rank of the worst finding that passes in a log, 0 for none."""
    found = (corpus.passing(code, log, heard, wait(code)) for code in RULES)
    return max((span.severity.rank for one in found for span in one), default=0)


@dataclass(frozen=True)
class Told:
    """The first expected finding of a log that lasts: its epoch, and how many were left then."""

    epoch: int
    left: int


def told(corpus: Corpus, log: LabelledLog, heard: Heard, wait: Wait) -> Told | None:
    """When a fault was told in time; None where its report at the end was the first to tell it."""
    found = [
        Told(run.epochs[span.since], len(run.epochs) - 1 - span.since)
        for run in corpus.runs[log]
        for code in set(corpus.scenario(log).expects) & set(run.final)
        for span in spans(code, heard(run), wait(code))
        if span.until is None and span.since < len(run.epochs) - 1
    ]
    return max(found, key=attrgetter("left"), default=None)


def onset(scenario: Scenario) -> int | None:
    """The epoch of the fault, where the label's sentence names one."""
    named = re.search(r"\bepochs? (\d+)", scenario.about)
    return int(named[1]) if named else None


def later(corpus: Corpus, code: str, wait: int) -> list[int]:
    """By how many epochs waiting delays the finding, in each faulty run in which it lasts.

    A run that ends meanwhile tells it at its end. Of the runs whose labels expect or accept it.
    """
    return list(_delays(corpus, code, wait))


def _delays(corpus: Corpus, code: str, wait: int) -> Iterator[int]:
    for log in corpus.of(is_fault=True):
        scenario = corpus.scenario(log)
        for run in corpus.runs[log]:
            if code in run.final and code in (*scenario.expects, *scenario.accepts):
                now, then = (_since(code, run, one) for one in (0, wait))
                yield max(then - now, 0)


def _since(code: str, run: Replay, wait: int) -> int:
    """The judgement that raises what lasts; that of the end, where none does before."""
    found = spans(code, run.alone, wait)
    is_lasting = bool(found) and found[-1].until is None
    return found[-1].since if is_lasting else len(run.epochs) - 1
