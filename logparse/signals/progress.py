"""Whether a metric still moves: robust slope, progress in units of noise, share of the gain."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from logparse.findings import Measure
    from logparse.signals.series import FloatArray, Series

MAX_POINTS = 300
MIN_WINDOW = 6
RESOLVABLE_Z = 2.0
NO_PROGRESS_Z = 1.0
LOST_SIGMAS = 3.0


@dataclass(frozen=True, slots=True)
class Progress:
    """What a window of epochs brought; positive is better whatever the metric's direction.

    slope       improvement per epoch, in the metric's unit (Theil-Sen)
    gain        slope times the epochs spanned, in the metric's unit
    z           gain / sigma, no unit; 0.0 with fewer than 3 points
    gain_share  gain over the total improvement since the first point of the regime
    points      values in the window; first_epoch and last_epoch are inclusive
    """

    slope: float
    gain: float
    z: float
    gain_share: float
    sigma: float
    points: int
    first_epoch: int
    last_epoch: int

    def facts(self) -> dict[str, Measure]:
        """What a finding shows of the progress."""
        return {"z_progress": self.z, "gain_share": self.gain_share, "sigma": self.sigma}

    @property
    def is_resolvable(self) -> bool:
        """True when the gain stands out of the noise (z >= 2)."""
        return self.z >= RESOLVABLE_Z

    @property
    def is_none(self) -> bool:
        """True when the gain is less than the noise (z < 1)."""
        return self.z < NO_PROGRESS_Z


@np.errstate(all="ignore")
def theil_sen(x: FloatArray, y: FloatArray) -> float:
    """Median slope over all pairs; above 300 points over the medians of 300 blocks."""
    if len(x) < 2:
        return 0.0
    if len(x) > MAX_POINTS:
        x, y = _block_medians(x), _block_medians(y)
    i, j = np.triu_indices(len(x), k=1)
    slope = float(np.median((y[j] - y[i]) / (x[j] - x[i])))
    return slope if math.isfinite(slope) else 0.0


@np.errstate(all="ignore")
def measure(series: Series, sigma: float, window: int | None = None) -> Progress:
    """Progress over the last `window` points, by default max(6, a third of the series)."""
    wanted = max(MIN_WINDOW, math.ceil(len(series) / 3)) if window is None else window
    tail = series.tail(wanted)
    if len(tail) < 3:
        epochs = (tail.first.epoch, tail.last.epoch) if len(tail) else (0, 0)
        return Progress(0.0, 0.0, 0.0, 0.0, sigma, len(tail), *epochs)
    slope = -theil_sen(tail.epochs.astype(np.float64), tail.costs)
    gain = slope * float(tail.epochs[-1] - tail.epochs[0])
    total = series.improvement(series.first.value, tail.level(-5, None))
    return Progress(
        slope=slope,
        gain=gain,
        z=_ratio(gain, sigma),
        gain_share=_ratio(gain, total) if total > 0 else float(gain > 0),
        sigma=sigma,
        points=len(tail),
        first_epoch=tail.first.epoch,
        last_epoch=tail.last.epoch,
    )


@np.errstate(all="ignore")
def crossing_epoch(series: Series, target: float) -> float:
    """Epoch at which a positive, lower-is-better metric reaches `target` at its recent pace.

    The pace is a power law of the epoch number (straight in log-log), because a straight line
    would promise too much. Infinite when the metric does not fall.
    """
    tail = series.tail(max(MIN_WINDOW, len(series) // 2))
    if len(tail) < 3 or target <= 0 or float(np.min(tail.values)) <= 0 or tail.epochs[0] < 1:
        return math.inf
    rate = -theil_sen(np.log(tail.epochs), np.log(tail.values))
    if rate <= 0:
        return math.inf
    exponent = math.log(tail.level(-3, None) / target) / rate
    now = float(np.median(tail.epochs[-3:]))
    return now * math.exp(exponent) if exponent < 30 else math.inf


def plateau_start(series: Series, sigma: float) -> int | None:
    """Middle of the first three epochs whose median is within sigma of the final third's level.

    Of the best level instead, where the final one is worse than it by more than 3 sigma: on its
    way there the metric was no better than at the end, and still improving.
    """
    if len(series) < 3:
        return None
    window = max(MIN_WINDOW, math.ceil(len(series) / 3))
    final = float(np.median(series.costs[-window:]))
    middle = np.median(np.lib.stride_tricks.sliding_window_view(series.costs, 3), axis=1)
    if final - float(middle.min()) > LOST_SIGMAS * sigma:
        final = float(middle.min())
    reached = np.flatnonzero(middle <= final + sigma)
    return int(series.epochs[reached[0] + 1]) if len(reached) else None


def never_passed(series: Series, share: float) -> bool:
    """True when the final third's level is no better than some three values of an early share."""
    early = series.costs[: max(3, int(share * len(series)))]
    if len(series) < 2 * MIN_WINDOW or len(early) < 3:
        return False
    final = float(np.median(series.costs[-max(MIN_WINDOW, math.ceil(len(series) / 3)) :]))
    levels = np.median(np.lib.stride_tricks.sliding_window_view(early, 3), axis=1)
    return bool(levels.min() <= final)


def _ratio(gain: float, scale: float) -> float:
    if gain == 0 or not math.isfinite(gain):
        return 0.0
    return gain / scale if scale > 0 else math.copysign(math.inf, gain)


def _block_medians(values: FloatArray) -> FloatArray:
    blocks = np.array_split(values, MAX_POINTS)
    return np.array([np.median(block) for block in blocks], dtype=np.float64)
