"""Sides by one measure, the best first, and what each costs."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from logparse.comparison.model import Ranked, Ranking
from logparse.errors import ComparisonError
from logparse.metrics import Better
from logparse.signals.consistency.differences import least_difference

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from logparse.comparison.model import Measure, Summary


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
            is_tied=_is_tied(usable[side], first, noise_sd),
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


def _is_tied(one: Summary | None, first: Summary | None, noise_sd: float | None) -> bool:
    if one is None or first is None or noise_sd is None:
        return False
    return 0 < abs(one.median - first.median) < least_difference(noise_sd, one.n, first.n)
