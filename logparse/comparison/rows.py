"""Measures over the sides: what their runs have of each, and what the difference is worth."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from logparse.comparison import statistics
from logparse.comparison.model import Change, Row, Summary, Verdict
from logparse.metrics import Better
from logparse.signals.consistency.differences import least_difference, seed_sd

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from logparse.comparison.model import Measure, Side, Value

NOISES = 2.0
"""A difference of fewer SDs of itself is within seed noise (REP002)."""


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Which run of a side goes with which of the reference: those of the same seed.

    `order` has, for each run of the reference, the position of its partner.
    """

    order: tuple[int, ...]


def summary(side: Side, values: Sequence[Value | None]) -> Summary | None:
    """What the runs of a side have of a measure; None where none has it."""
    known = [(value, one.name) for value, one in zip(values, side.entrants, strict=True) if value]
    if not known:
        return None
    told, names = zip(*known, strict=True)
    return Summary(told, names, len(values) - len(known))


def rows(
    sides: Sequence[Side],
    measured: Sequence[Sequence[Mapping[Measure, Value]]],
    measures: Sequence[Measure],
    *,
    pairs: Sequence[Pairs | None],
    is_tested: Callable[[Measure], bool],
    noise: Callable[[Measure, float], float | None],
) -> tuple[Row, ...]:
    """One row for each measure that two sides have, corrected for all tests among them.

    `measured` has what each run of each side has; `noise` tells the SD between seeds around a
    value of a measure where the caller knows it.
    """
    found = []
    for measure in measures:
        told = tuple(
            summary(side, [one.get(measure) for one in runs])
            for side, runs in zip(sides, measured, strict=True)
        )
        if sum(one is not None for one in told) > 1:
            changes = _changes(measure, told, pairs, is_tested(measure), noise)
            found.append(Row(measure, told, changes))
    return corrected(found)


def _changes(
    measure: Measure,
    told: Sequence[Summary | None],
    pairs: Sequence[Pairs | None],
    is_tested: bool,
    noise: Callable[[Measure, float], float | None],
) -> tuple[Change | None, ...]:
    reference = told[0]
    if reference is None:
        return (None,) * len(told)
    groups = [one.numbers for one in told if one is not None]
    sd = seed_sd(*groups)
    sd = noise(measure, reference.median) if sd is None else sd
    return (
        None,
        *(
            None if one is None else _change(measure, reference, one, pair, sd, is_tested)
            for one, pair in zip(told[1:], pairs, strict=True)
        ),
    )


def _change(
    measure: Measure,
    first: Summary,
    second: Summary,
    pair: Pairs | None,
    sd: float | None,
    is_tested: bool,
) -> Change:
    difference = second.mean - first.mean
    change = Change(
        difference=difference,
        relative=_relative(measure, first, second),
        verdict=Verdict.SINGLE if min(first.n, second.n) == 1 else Verdict.UNTESTED,
        noise_sd=sd,
        noises=_noises(difference, sd, first.n, second.n),
    )
    if change.verdict is Verdict.SINGLE:
        return change
    # Without a run on one side its partner on the other has none either.
    is_paired = pair is not None and not (first.lacking or second.lacking)
    a = first.numbers
    b = tuple(second.numbers[at] for at in pair.order) if pair and is_paired else second.numbers
    if measure.kind == "flow":
        return change  # factors, told to give an idea
    in_pairs = is_paired and len(a) >= statistics.MIN_PAIRS
    low, high = statistics.interval(a, b, is_paired=in_pairs) or (None, None)
    change = replace(change, low=low, high=high, is_paired=in_pairs)
    if not is_tested:
        return change
    found = statistics.tested(a, b, is_paired=is_paired and len(a) >= statistics.LEAST_PAIRS)
    return replace(change, test=found.name, p=found.p, least_p=found.least_p)


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


def _relative(measure: Measure, first: Summary, second: Summary) -> float | None:
    """The change as a share of the reference, of positive numbers that are no shares themselves."""
    if measure.is_share or min(*first.numbers, *second.numbers) <= 0:
        return None
    share = (second.mean - first.mean) / first.mean
    return share if math.isfinite(share) else None


def _noises(difference: float, sd: float | None, first: int, second: int) -> float | None:
    """How many SDs of itself a difference is, from the least one that stands out."""
    least = None if sd is None else least_difference(sd, first, second) / NOISES
    if least is None or not (least > 0 and math.isfinite(least)):
        return None
    return abs(difference) / least
