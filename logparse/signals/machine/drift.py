"""Slow drift of something that should stay level: how far, how steadily, and since when."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from logparse.signals.noise import sigma
from logparse.signals.progress import theil_sen
from logparse.signals.series import Series

if TYPE_CHECKING:
    from logparse.findings import Measure
    from logparse.signals.series import FloatArray, IntArray

MAX_POINTS = 300
SLACK, LIMIT = 0.5, 5.0
LOW_SHARE = 0.1
ROOM = 0.1
LEAST_TOLD, LEAST_UNTOLD = 4, 6
ROOT_12 = math.sqrt(12)


@dataclass(frozen=True, slots=True)
class Drift:
    """How a positive quantity rose over a run, its first epoch left out.

    share       Theil-Sen rise from the first to the last epoch, over the first third's median
    z           the same rise over the noise; infinite for a rise without noise
    steadiness  share of rising pairs of epochs minus that of falling ones, -1 to 1
    ratio       median of the last third over that of the first
    low_ratio   the same of the low tenth of each third, which a passing load does not lift
    onset       first epoch of the rise that a one-sided CUSUM ends up in, None without one
    """

    share: float
    z: float
    steadiness: float
    ratio: float
    low_ratio: float
    onset: int | None
    start_level: float
    end_level: float
    points: int

    def facts(self) -> dict[str, Measure]:
        """What a finding shows of the drift."""
        onset: dict[str, Measure] = {} if self.onset is None else {"onset_epoch": self.onset}
        return {
            "ratio": self.ratio,
            "low_ratio": self.low_ratio,
            "rise": self.share,
            "z": self.z,
            "steadiness": self.steadiness,
            **onset,
        }


@np.errstate(all="ignore")
def measure(series: Series, *, falls: bool = False) -> Drift | None:
    """The drift of a column's positive values; None with fewer than four after the first.

    `falls` takes the reciprocals, so that a falling throughput is a rising time.
    """
    keep = series.values > 0
    values = 1.0 / series.values[keep][1:] if falls else series.values[keep][1:]
    epochs = series.epochs[keep][1:]
    if len(values) < 4 or not np.isfinite(values).all():
        return None
    third = max(len(values) // 3, 2)
    first, last = values[:third], values[-third:]
    start, end = float(np.median(first)), float(np.median(last))
    if not (0 < start < math.inf and end < math.inf):
        return None
    rise = theil_sen(epochs.astype(np.float64), values) * float(epochs[-1] - epochs[0])
    noise = _noise(series, values, falls=falls)
    return Drift(
        share=rise / start,
        z=rise / noise if noise > 0 else math.copysign(math.inf, rise) if rise else 0.0,
        steadiness=steadiness(values),
        ratio=end / start,
        low_ratio=_low(last) / _low(first),
        onset=_onset(epochs, values, start, noise),
        start_level=start,
        end_level=end,
        points=len(values),
    )


def steadiness(values: FloatArray) -> float:
    """Kendall's tau against time, of 300 points at most."""
    some = values[np.linspace(0, len(values) - 1, min(len(values), MAX_POINTS)).astype(np.int64)]
    if len(some) < 2:
        return 0.0
    i, j = np.triu_indices(len(some), k=1)
    return float(np.mean(np.sign(some[j] - some[i])))


def _noise(series: Series, values: FloatArray, *, falls: bool) -> float:
    """SD of the noise of the values, at least that of the log's rounding."""
    places = np.arange(len(values), dtype=np.int64)
    spread = sigma(Series(series.column, places, values, places, series.better))
    if falls:
        size = 1.0 / float(np.median(values))
        step = series.resolution.step(size) / size**2 if series.resolution else 0.0
    else:
        step = series.print_step
    return max(spread, step / ROOT_12)


def _low(values: FloatArray) -> float:
    return float(np.sort(values)[int(LOW_SHARE * (len(values) - 1))])


def _onset(epochs: IntArray, values: FloatArray, level: float, noise: float) -> int | None:
    """Where the CUSUM (k = 0.5, h = 5 sigma) over the start's level left zero for good."""
    scale = noise if noise > 0 else 1e-9 * level
    total, since, alarm = 0.0, 0, False
    for at, excess in enumerate(((values - level) / scale - SLACK).tolist()):
        if total <= 0:
            since, alarm = at, False
        total = max(total + excess, 0.0)
        alarm = alarm or total > LIMIT
    return int(epochs[since]) if alarm and total > 0 else None


@np.errstate(all="ignore")
def counts_from_start(times: Series, rates: Series, room: float = ROOM) -> bool:
    """True for a time that grows by its first value each epoch, while the throughput is level.

    Where no throughput is logged, six epochs must show it.
    """
    is_told = len(rates) == len(times) and bool((rates.values > 0).all())
    if len(times) < (LEAST_TOLD if is_told else LEAST_UNTOLD) or (len(rates) and not is_told):
        return False
    if is_told and float(rates.values.max()) > float(rates.values.min()) * (1 + 2 * room):
        return False
    expected = float(times.values[0]) * np.arange(1, len(times) + 1)
    is_close = np.abs(times.values - expected) <= room * expected
    return bool(times.values[0] > 0 and is_close.all())


@np.errstate(all="ignore")
def per_epoch(times: Series, rates: Series) -> Series:
    """The time of each epoch, also where the printed one counts from the start."""
    if not counts_from_start(times, rates):
        return times
    return replace(times, values=np.diff(times.values, prepend=0.0))
