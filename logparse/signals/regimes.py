"""Where a run changes its nature: statistics are taken between these splits, never across."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from logparse.signals.noise import sigma

if TYPE_CHECKING:
    from logparse.signals.series import IntArray, Series

RegimeStart: TypeAlias = Literal["start", "lr-rewarm-up", "level-shift"]

REWARM_RATIO = 1.5
FALL_BEFORE_REWARM = 0.5
SHIFT_SIGMAS = 5.0
SHIFT_SIDE = 4
SHIFT_MIN_POINTS = 20
SHIFT_SHARE = 0.7


@dataclass(frozen=True, slots=True)
class Regime:
    """Epochs of one nature, inclusive, and what began them."""

    first_epoch: int
    last_epoch: int
    began_by: RegimeStart


def find_regimes(lr: Series, metric: Series, epochs: IntArray) -> tuple[Regime, ...]:
    """The run's epochs, split where the LR warms up again or the metric jumps for the worse.

    Jumps for the better are what LR cuts bring, so they do not split.
    """
    if not len(epochs):
        return ()
    starts: dict[int, RegimeStart] = {int(epochs[0]): "start"}
    for epoch in _shifts(metric):
        starts.setdefault(epoch, "level-shift")
    for epoch in _rewarm_ups(lr):
        starts.setdefault(epoch, "lr-rewarm-up")
    firsts = sorted(starts)
    lasts = [int(epochs[epochs < first][-1]) for first in firsts[1:]] + [int(epochs[-1])]
    return tuple(
        Regime(first, last, starts[first]) for first, last in zip(firsts, lasts, strict=True)
    )


def _rewarm_ups(lr: Series) -> list[int]:
    """Epochs where the LR, having fallen to half of its peak or less, rises by half or more."""
    found, peak, low = [], 0.0, 0.0
    for epoch, value in zip(lr.epochs.tolist(), lr.values.tolist(), strict=True):
        if low <= FALL_BEFORE_REWARM * peak and value >= REWARM_RATIO * low and value > 0 < peak:
            found.append(epoch)
            peak = low = value
        elif value >= peak:
            peak = low = value
        else:
            low = min(low, value)
    return found


@np.errstate(all="ignore")
def _shifts(metric: Series) -> list[int]:
    """Epochs where the metric steps up by 5 sigma or more at once and stays there.

    The step itself must carry most of the change of level between the four points before and
    after, which tells it from a trend and from a spike, and must stay below the first value:
    a run thrown back to its start has failed, not changed its nature.
    """
    costs, noise = metric.costs, sigma(metric)
    if len(costs) < SHIFT_MIN_POINTS or noise <= 0:
        return []
    steps = np.diff(costs)
    centred = steps - np.median(steps)
    found: list[int] = []
    for index in np.flatnonzero(centred > SHIFT_SIGMAS * noise) + 1:
        before, after = costs[index - SHIFT_SIDE : index], costs[index : index + SHIFT_SIDE]
        if len(before) < SHIFT_SIDE or len(after) < SHIFT_SIDE:
            continue
        change = float(np.median(after) - np.median(before))
        carried = SHIFT_SHARE * change <= float(steps[index - 1])
        stays = float(after.min()) > float(before.max())
        if change >= SHIFT_SIGMAS * noise and carried and stays and after.max() < costs[0]:
            found.append(int(metric.epochs[index]))
    return found
