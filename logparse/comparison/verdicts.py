"""What may be tested with so few runs, and what is said of it when all tests are done."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from logparse.comparison import statistics
from logparse.comparison.model import Change, Row, Verdict
from logparse.metrics import Better

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from logparse.comparison.model import Summary


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Which run of a side goes with which of the reference: those of the same seed.

    `order` has, for each run of the reference, the position of its partner.
    """

    order: tuple[int, ...]


def are_matched(first: Summary, second: Summary) -> bool:
    """False where a run lacks the measure: its partner on the other side has none then."""
    return not (first.lacking or second.lacking)


def affordable(
    told: Mapping[str, Sequence[Summary | None]], pairs: Sequence[Pairs | None]
) -> list[str]:
    """The first of the measures, as many as can be tested with any hope.

    Every test makes the others harder to pass; no more are made than leave 5% within reach of
    each. That is a matter of how many runs there are, not of their values. The first measure is
    tested in any case.
    """
    chosen: list[str] = []
    leasts: list[float] = []
    for name, some in told.items():
        more = [*leasts, *_leasts(some, pairs)]
        if chosen and (not leasts or max(statistics.holm(more)) > statistics.LEVEL):
            break
        chosen.append(name)
        leasts = more
    return chosen


def _leasts(some: Sequence[Summary | None], pairs: Sequence[Pairs | None]) -> Iterator[float]:
    """The least p values that the tests of a measure can reach, of those that can reach 5%."""
    first = some[0]
    for second, pair in zip(some[1:], pairs, strict=True):
        if first is None or second is None or min(first.n, second.n) < 2:
            continue
        is_paired = pair is not None and are_matched(first, second)
        is_paired = is_paired and first.n >= statistics.LEAST_PAIRS
        least = statistics.least_p(first.n, second.n, is_paired=is_paired)
        if least <= statistics.LEVEL:
            yield least


def corrected(found: Sequence[Row]) -> tuple[Row, ...]:
    """The rows with p values corrected by Holm for the tests in them, and verdicts by these.

    Tests that cannot reach 5% whatever their runs are like can call nothing different, so they
    are not corrected for (Tarone 1990): those of too few runs, and of what varies in no run.
    """
    tested = [
        (at, side, change, change.p, change.least_p)
        for at, row in enumerate(found)
        for side, change in enumerate(row.changes)
        if change is not None and change.p is not None and change.least_p is not None
    ]
    able = [one for one in tested if one[4] <= statistics.LEVEL]
    holm = statistics.holm([p for *_, p, _ in able])
    reachable = statistics.holm([least for *_, least in able])
    changes = [list(row.changes) for row in found]
    for at, side, change, p, _ in tested:
        # All values equal is no difference to be detected, however few they are.
        is_constant = p >= 1 and change.difference == 0
        verdict = Verdict.NONE if is_constant else Verdict.TOO_FEW
        changes[at][side] = replace(change, verdict=verdict)
    for (at, side, change, *_), p, least in zip(able, holm, reachable, strict=True):
        verdict = _verdict(found[at], side, change, p, least)
        changes[at][side] = replace(change, holm=p, verdict=verdict)
    return tuple(
        replace(row, changes=tuple(changed)) for row, changed in zip(found, changes, strict=True)
    )


def _verdict(row: Row, side: int, change: Change, p: float, reachable: float) -> Verdict:
    if p > statistics.LEVEL:
        return Verdict.TOO_FEW if reachable > statistics.LEVEL else Verdict.NONE
    first, second = row.summaries[0], row.summaries[side]
    median = second.median - first.median if first and second else 0.0
    if row.measure.better is Better.NEITHER or median * change.difference < 0:
        return Verdict.DIFFERENT
    is_lower = change.difference < 0
    return Verdict.BETTER if is_lower == (row.measure.better is Better.LOWER) else Verdict.WORSE
