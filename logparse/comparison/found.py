"""Findings over the sides: gained, gone, and what REP002 says of the difference itself."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from logparse.comparison import measures
from logparse.findings import Finding
from logparse.signals.consistency.differences import difference, seed_sd

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from logparse.comparison.ledger import Ledger
    from logparse.comparison.model import Measure, Side
    from logparse.findings import Severity
    from logparse.rules.rep.unresolvable_difference import UnresolvableDifference


@dataclass(frozen=True, slots=True)
class Found:
    """In how many runs of each side a rule found something, of how many."""

    code: str
    name: str
    severity: Severity
    counts: tuple[int, ...]
    runs: tuple[int, ...]

    def share(self, side: int) -> float:
        """Share of the side's runs with the finding."""
        return self.counts[side] / self.runs[side] if self.runs[side] else math.nan


@dataclass(frozen=True, slots=True)
class Resolution:
    """What REP002 says of a side's difference to the reference, in the main metric.

    `finding` is None where the difference is resolvable, or where `unknown` says why nobody
    can tell; `said` is the rule's word where it is clear.
    """

    side: str
    finding: Finding | None = None
    said: str = ""
    unknown: str = ""


def compared_findings(sides: Sequence[Side]) -> tuple[Found, ...]:
    """In how many runs of each side each rule found something, the worst findings first."""
    known: dict[str, Finding] = {}
    for side in sides:
        for entrant in side.entrants:
            for finding in entrant.judged.findings:
                worst = known.setdefault(finding.code, finding)
                if finding.severity.rank > worst.severity.rank:
                    known[finding.code] = finding
    codes = [[{one.code for one in entrant.judged.findings} for entrant in side.entrants]
             for side in sides]  # fmt: skip
    runs = tuple(len(side) for side in sides)
    found = [
        Found(
            code,
            finding.name,
            finding.severity,
            tuple(sum(code in one for one in side) for side in codes),
            runs,
        )
        for code, finding in known.items()
    ]
    return tuple(sorted(found, key=lambda one: (-one.severity.rank, one.code)))


def resolutions(
    ledger: Ledger,
    rule: UnresolvableDifference | None,
    noise: Callable[[Measure, float], float | None],
) -> Iterator[Resolution]:
    """What the rule says of the best value of the main metric, for each side but the first."""
    if ledger.main is None or rule is None:
        return
    measure = measures.best(ledger.main)
    told = ledger.summaries(measure)
    first = told[0]
    if first is None:
        return
    pooled = seed_sd(*(one.numbers for one in told if one is not None))
    assumed = pooled if pooled is not None else noise(measure, first.median)
    for side, second in zip(ledger.sides[1:], told[1:], strict=True):
        if second is None:
            continue
        found = difference(first.numbers, second.numbers, assumed)
        if found is None:
            why = "seed noise is unknown: give it, or compare three runs of one configuration"
            yield Resolution(side.label, unknown=why)
            continue
        said = rule.compare(found, measure.name)
        if isinstance(said, Finding):
            yield Resolution(side.label, finding=said)
        else:
            yield Resolution(side.label, said=said.reason)
