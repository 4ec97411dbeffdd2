"""Whether a metric has left the best it had, for good."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from logparse.signals import noise, progress

if TYPE_CHECKING:
    from logparse.findings import Measure
    from logparse.signals.series import Series

MIN_POINTS = 8
NEWEST = 3
RISE_POINTS = 5
RISE_Z = 3.0


@dataclass(frozen=True, slots=True)
class Divergence:
    """A column whose newest three values all stand above its best by more than `threshold`.

    best, best_epoch  the best value
    end               median of the newest three
    peak, peak_epoch  the worst value since the best
    rise, threshold   end against best, in the metric's unit, positive is worse
    lost              rise as a share of the gain from the first value to the best; infinite
                      where the first value was the best
    times             end over best, 0.0 where that means nothing
    peak_times        peak over best, likewise
    recent_z          z-progress of the newest fifth: negative while it still rises
    """

    column: str
    best: float
    best_epoch: int
    end: float
    peak: float
    peak_epoch: int
    rise: float
    threshold: float
    lost: float
    times: float
    peak_times: float
    recent_z: float

    def facts(self) -> dict[str, Measure]:
        """What a finding shows of it."""
        return {
            "metric": self.column,
            "best": self.best,
            "best_epoch": self.best_epoch,
            "worst_since": self.peak,
            "end": self.end,
            "rise": self.rise,
            "threshold": self.threshold,
            "recent_z": self.recent_z,
        }


@np.errstate(all="ignore")
def divergence(series: Series, sigmas: float, share: float) -> Divergence | None:
    """The newest three values worse than the best by max(`sigmas` sigma, `share` of the gain).

    Sigma is that of the values up to the best one, where they are far calmer. Three sigma are
    enough where the newest fifth still rises with z >= 3. None with fewer than eight values.
    """
    if len(series) < MIN_POINTS:
        return None
    costs, scale = series.costs, noise.sigma_until_best(series)
    lowest, gain = float(costs.min()), float(costs[0] - costs.min())
    newest = max(RISE_POINTS, len(series) // 5)
    recent = progress.measure(series, noise.sigma(series), newest)
    limit = max((min(sigmas, RISE_Z) if recent.z <= -RISE_Z else sigmas) * scale, share * gain)
    rise = float(np.median(costs[-NEWEST:])) - lowest
    if limit <= 0 or not bool((costs[-NEWEST:] > lowest + limit).all()):
        return None
    best = series.best
    peak = series.point(int(np.argmax(np.where(series.epochs >= best.epoch, costs, -np.inf))))
    end = series.level(-NEWEST, None)
    return Divergence(
        column=series.column,
        best=best.value,
        best_epoch=best.epoch,
        end=end,
        peak=peak.value,
        peak_epoch=peak.epoch,
        rise=rise,
        threshold=limit,
        lost=rise / gain if gain > 0 else math.inf,
        times=end / best.value if lowest > 0 else 0.0,
        peak_times=peak.value / best.value if lowest > 0 else 0.0,
        recent_z=recent.z,
    )
