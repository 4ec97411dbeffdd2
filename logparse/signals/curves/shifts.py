"""Where the level of a curve changes at once and stays changed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from logparse.signals.noise import sigma

if TYPE_CHECKING:
    from logparse.signals.series import FloatArray, IntArray, Series

SIDE = 4
MIN_POINTS = 20
SIGMAS = 5.0
PENALTY = 8.0
CARRIED = 0.7
LOCAL_TIMES = 4.0
MAX_STALE = 0.5
MAX_CANDIDATES = 60


@dataclass(frozen=True, slots=True)
class Shift:
    """A change of level at `epoch`: medians of the four points on both sides, own unit.

    sigmas  the change in units of the curve's noise
    is_up   True when the metric got worse
    """

    epoch: int
    line: int
    before: float
    after: float
    sigmas: float
    is_up: bool


@np.errstate(all="ignore")
def find_shifts(series: Series) -> tuple[Shift, ...]:
    """Level shifts of 5 sigma or more: the split with the least squares and a penalty of 8 ln n.

    PELT over the points where a single step stands out of the noise: only those could be kept
    anyway, because the step itself has to carry most of the change, which tells a shift from a
    trend. Segments have four points or more. None with fewer than twenty points.
    """
    noise, costs = sigma(series), series.costs
    if len(costs) < MIN_POINTS or noise <= 0:
        return ()
    steps = np.diff(costs)
    steps = steps - np.median(steps)
    wanted = np.flatnonzero(np.abs(steps) >= CARRIED * SIGMAS * noise) + 1
    wanted = wanted[(wanted >= SIDE) & (wanted <= len(costs) - SIDE)]
    if len(wanted) > MAX_CANDIDATES:
        largest = np.argsort(-np.abs(steps[wanted - 1]), kind="stable")[:MAX_CANDIDATES]
        wanted = np.sort(wanted[largest])
    splits = _best_splits(costs / noise, wanted)
    found = (_shift(series, split, noise) for split in splits)
    return tuple(shift for shift in found if shift is not None)


def _best_splits(values: FloatArray, wanted: IntArray) -> list[int]:
    """Those of the wanted indices that cut the values into the cheapest segments."""
    count, centred = len(values), values - np.median(values)
    ones, squares = (np.concatenate([[0.0], np.cumsum(part)]) for part in (centred, centred**2))
    ends = np.concatenate([[0], wanted, [count]])
    best = np.full(len(ends), np.inf)
    best[0], origin = 0.0, np.zeros(len(ends), dtype=np.int64)
    penalty = PENALTY * math.log(count)
    for at in range(1, len(ends)):
        lengths = ends[at] - ends[:at]
        sums = ones[ends[at]] - ones[ends[:at]]
        spread = squares[ends[at]] - squares[ends[:at]] - sums**2 / np.maximum(lengths, 1)
        total = np.where(lengths >= SIDE, best[:at] + spread + penalty, np.inf)
        origin[at] = int(np.argmin(total))
        best[at] = total[origin[at]]
    splits, at = [], int(origin[-1])
    while at > 0:
        splits.append(int(ends[at]))
        at = int(origin[at])
    return splits[::-1]


def _shift(series: Series, split: int, noise: float) -> Shift | None:
    """The shift at an index; None where it is a spike, a trend, or smaller than 5 sigma.

    The step has to be four times the root mean square of the three steps on both sides as well:
    early in a run the noise is larger than the sigma of the whole, and so is the trend. Rows that
    repeat each other step by nature, and so does a curve across missing epochs.
    """
    costs = series.costs
    around = np.diff(costs[split - SIDE : split + SIDE])
    around = np.delete(around, SIDE - 1)
    if np.count_nonzero(around == 0) >= MAX_STALE * len(around):
        return None
    left, right = costs[split - SIDE : split], costs[split : split + SIDE]
    change = float(np.median(right) - np.median(left))
    step = float(costs[split] - costs[split - 1])
    apart = right.min() > left.max() if change > 0 else right.max() < left.min()
    carried = step * change > 0 and CARRIED * abs(change) <= abs(step)
    stands_out = abs(step) >= LOCAL_TIMES * float(np.sqrt(np.mean(around**2)))
    if not (apart and carried and stands_out) or abs(change) < SIGMAS * noise:
        return None
    if series.epochs[split] - series.epochs[split - 1] > np.median(np.diff(series.epochs)):
        return None
    point = series.point(split)
    before, after = series.level(split - SIDE, split), series.level(split, split + SIDE)
    return Shift(point.epoch, point.line, before, after, abs(change) / noise, change > 0)
