"""Measures over the sides: what their runs have of each, and what the difference is worth."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from logparse.comparison import statistics
from logparse.comparison.measures import TO_TARGET
from logparse.comparison.model import Change, Row, Verdict
from logparse.comparison.verdicts import Pairs, affordable, are_matched, corrected
from logparse.signals.consistency.differences import ERRORS, least_difference, seed_sd

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from logparse.comparison.ledger import Ledger
    from logparse.comparison.model import Measure, Summary


def rows(
    found: Ledger,
    measures: Sequence[Measure],
    *,
    pairs: Sequence[Pairs | None],
    tested: Sequence[str] = (),
    noise: Callable[[Measure, float], float | None],
) -> tuple[Row, ...]:
    """One row for each measure that two sides have, corrected for all tests among them.

    The way to a target is told where one side has reached it.

    `tested` names the measures to test, the most important first, of which so many are tested as
    the number of runs allows for; `noise` tells the SD between seeds around a value of a measure
    where the caller knows it.
    """
    told = {measure: found.summaries(measure) for measure in measures}
    told = {measure: some for measure, some in told.items() if _is_told(measure, some)}
    by_name = {measure.name: some for measure, some in told.items()}
    chosen = affordable({name: by_name[name] for name in tested if name in by_name}, pairs)
    return corrected(
        [
            Row(measure, some, _changes(measure, some, pairs, measure.name in chosen, noise))
            for measure, some in told.items()
        ]
    )


def _is_told(measure: Measure, some: Sequence[Summary | None]) -> bool:
    known = len(some) - some.count(None)
    return known > 1 or (known == 1 and measure in TO_TARGET)


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
    if change.verdict is Verdict.SINGLE or measure.kind == "flow":
        return change  # factors of gradients are told to give an idea
    a, b = first.numbers, second.numbers
    is_matched = pair is not None and are_matched(first, second)
    if pair is not None and is_matched:
        b = tuple(b[at] for at in pair.order)
    in_pairs = is_matched and len(a) >= statistics.MIN_PAIRS
    low, high = statistics.interval(a, b, is_paired=in_pairs) or (None, None)
    change = replace(change, low=low, high=high, is_paired=in_pairs)
    if not is_tested:
        return change
    found = statistics.tested(a, b, is_paired=is_matched and len(a) >= statistics.LEAST_PAIRS)
    return replace(change, test=found.name, p=found.p, least_p=found.least_p)


def _relative(measure: Measure, first: Summary, second: Summary) -> float | None:
    """The change as a share of the reference, of positive numbers that are no shares themselves."""
    if measure.is_share or min(*first.numbers, *second.numbers) <= 0:
        return None
    share = (second.mean - first.mean) / first.mean
    return share if math.isfinite(share) else None


def _noises(difference: float, sd: float | None, first: int, second: int) -> float | None:
    """How many SDs of itself a difference is, from the least one that stands out."""
    least = None if sd is None else least_difference(sd, first, second) / ERRORS
    if least is None or not (least > 0 and math.isfinite(least)):
        return None
    return abs(difference) / least
