"""Sides by one measure, the best first, and what each costs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from logparse.comparison.statistics import LEVEL
from logparse.errors import ComparisonError
from logparse.metrics import Better
from logparse.signals.consistency.differences import MIN_SEEDS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from logparse.comparison.model import Measure, Summary

_MANY = 1e6
"""Degrees of freedom of a seed noise that is taken as known."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """One side in the ranking. `place` is from 1; None for one without the measure.

    pareto   the costs (`time`, `size`) for which no other side, by medians, is at least as good
             and at least as cheap, and one of both more so; never one that the side lacks
    is_tied  True for a side after the first where that may be ahead by seed noise and by being the
             best of so many; False where the noise is unknown
    """

    side: int
    place: int | None
    summary: Summary | None
    pareto: tuple[str, ...] = ()
    is_tied: bool = False


@dataclass(frozen=True, slots=True)
class Ranking:
    """The sides by one measure, the best first."""

    measure: Measure
    places: tuple[Ranked, ...]
    noise_sd: float | None = None


def rank(
    measure: Measure,
    summaries: Sequence[Summary | None],
    costs: Mapping[str, Sequence[Summary | None]],
    noise_sd: float | None,
) -> Ranking:
    """The sides by their median of the measure; equal medians share a place, as in 1, 1, 3.

    `summaries` and each of `costs`, by name and lower is better, have one entry for each side in
    order. Sides whose median is missing or no finite number come last, in order, without a place.
    Raises ComparisonError for a measure of which neither more nor less is better.
    """
    if measure.better is Better.NEITHER:
        raise ComparisonError(f"{measure.name} has no better direction to rank by")
    sign = -1.0 if measure.better is Better.HIGHER else 1.0
    usable = list(map(_usable, summaries))
    losses = [None if one is None else sign * one.median for one in usable]
    known = sorted(loss for loss in losses if loss is not None)
    first = usable[losses.index(known[0])] if known else None
    fronts = {name: _front(losses, list(map(_usable, sides))) for name, sides in costs.items()}
    places = [
        Ranked(
            side=side,
            place=None if loss is None else known.index(loss) + 1,
            summary=summaries[side],
            pareto=tuple(name for name, front in fronts.items() if side in front),
            is_tied=_is_tied(usable[side], first, noise_sd, len(known)),
        )
        for side, loss in enumerate(losses)
    ]
    places.sort(key=lambda ranked: math.inf if ranked.place is None else ranked.place)
    return Ranking(measure, tuple(places), noise_sd)


def _usable(summary: Summary | None) -> Summary | None:
    return summary if summary and summary.n and math.isfinite(summary.median) else None


def _front(losses: Sequence[float | None], costs: Sequence[Summary | None]) -> set[int]:
    """Sides that no other one matches in both and outdoes in one."""
    known = [
        (loss, cost.median, side)
        for side, (loss, cost) in enumerate(zip(losses, costs, strict=True))
        if loss is not None and cost is not None
    ]
    front: set[int] = set()
    last: tuple[float, float] | None = None
    # The best first, the cheapest of equals before the others: each that joins is cheaper than
    # all before it, or the same as the last that joined.
    for loss, cost, side in sorted(known):
        if last is None or cost < last[1] or (loss, cost) == last:
            front.add(side)
            last = loss, cost
    return front


def _is_tied(
    one: Summary | None, first: Summary | None, noise_sd: float | None, ranked: int
) -> bool:
    """Whether the first may be ahead by the luck of being the best of so many."""
    if one is None or first is None or noise_sd is None:
        return False
    return 0 < abs(one.median - first.median) < _honest_lead(noise_sd, ranked, one.n, first.n)


@cache
def _honest_lead(noise_sd: float, ranked: int, runs: int, runs_of_first: int) -> float:
    """The lead that the best of so many equal sides exceeds in one ranking of twenty (Tukey).

    A pairwise limit would call some of 48 equal runs worse than the first in nearly every ranking.
    """
    from scipy import stats

    # Of three or more runs the median scatters more than the mean, by up to the root of pi / 2.
    scatter = [
        (math.sqrt(math.pi / 2) if n >= MIN_SEEDS else 1.0) / math.sqrt(n)
        for n in (runs, runs_of_first)
    ]
    width = float(stats.studentized_range.ppf(1 - LEVEL, ranked, _MANY))
    return width * noise_sd * math.hypot(*scatter) / math.sqrt(2)
