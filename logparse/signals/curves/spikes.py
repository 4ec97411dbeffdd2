"""Sudden rises of a loss or a norm, and whether the run came back from them.

On log values, against the median of the points just before. The scale is the larger of their own
scatter and the noise of the whole curve: a handful of points alone is often quiet by chance.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from logparse.metrics import Better
from logparse.signals.noise import MAD_TO_SD, sigma

if TYPE_CHECKING:
    from logparse.findings import Measure
    from logparse.signals.series import Series

SpikeKind: TypeAlias = Literal["fast", "slow", "unrecovered", "open"]

BEFORE = 5
AT_ONCE = 0.5
FAST_POINTS = 3
MANY, FAST_OF_MANY = 300, 10
FAST_SHARE = 0.01
BACK_SIGMAS = 2.0
MIN_AFTER = 3
MAX_SPIKES = 100


@dataclass(frozen=True, slots=True)
class Spike:
    """One rise that stands out of the noise, in the column's own unit.

    epoch, line   where it began
    before        median of the five points before it
    peak          the worst value until it recovered, or until the end
    z             height of the first step in units of the floored scale
    points        points until the column was back under `before` + 2 sigma, else to the end
    end           level of the last three points of the column
    lost          what was still lost there, as a share of the gain before it
    last_epoch    of the last point that was not back
    kind          fast: back within max(3 points, 1%), of 300 points or more max(10 points, 1%);
                  slow: back later; unrecovered: never; open: not back, with fewer than three
                  points after it
    """

    epoch: int
    line: int
    before: float
    peak: float
    z: float
    points: int
    end: float
    lost: float
    kind: SpikeKind
    last_epoch: int

    @property
    def height(self) -> float:
        """From the level before to the peak, own unit."""
        return abs(self.peak - self.before)

    def has_turned(self, share: float) -> bool:
        """False where it stepped up to a level that stays: less than `share` has come back."""
        return self.kind != "unrecovered" or abs(self.peak - self.end) >= share * self.height

    def facts(self, column: str, threshold: float) -> dict[str, Measure]:
        """What a finding shows of the spike."""
        return {
            "metric": column,
            "level_before": self.before,
            "peak": self.peak,
            "level_at_end": self.end,
            "share_of_gain_lost": self.lost,
            "recovery": self.kind,
            "points_until_back": self.points,
            "z": self.z,
            "z_threshold": threshold,
        }


def positive(series: Series) -> Series:
    """The column fit for a logarithm: zeros of a norm stand for half a print step.

    They are left out where that is unknown. A metric is returned as it is.
    """
    if series.better is not Better.NEITHER:
        return series
    values = np.maximum(series.values, series.print_step / 2)
    keep = values > 0
    return replace(
        series, epochs=series.epochs[keep], values=values[keep], lines=series.lines[keep]
    )


def logged(series: Series) -> Series:
    """The costs on a log scale, lower is better; as they are where some are not positive."""
    costs = series.costs
    if len(costs) and float(costs.min()) > 0 and not series.is_boundless:
        costs = np.log(costs)
    return replace(series, values=costs, better=Better.LOWER, resolution=None)


@np.errstate(all="ignore")
def find_spikes(series: Series, min_z: float, min_gain_share: float = 0.0) -> tuple[Spike, ...]:
    """The spikes of a column, in order; at most 100.

    A rise must stand `min_z` scales above the five points before, half of it in one step, and
    undo `min_gain_share` of what the run had gained until then.
    """
    series = positive(series)
    curve = logged(series)
    x = curve.values
    if len(x) <= BEFORE:
        return ()
    noise = max(sigma(curve), _rounding(series))
    windows = np.lib.stride_tricks.sliding_window_view(x, BEFORE)[:-1]
    level = np.median(windows, axis=1)
    scatter = MAD_TO_SD * np.median(np.abs(windows - level[:, None]), axis=1)
    scale = np.maximum(scatter, noise)
    rise = x[BEFORE:] - level
    sudden = (rise > min_z * scale) & (np.diff(x)[BEFORE - 1 :] >= AT_ONCE * rise)
    starts = np.flatnonzero(sudden & (rise > 0)) + BEFORE
    found: list[Spike] = []
    done = -1
    for start in starts.tolist():
        if start <= done or len(found) == MAX_SPIKES:
            continue
        base, unit = float(level[start - BEFORE]), float(scale[start - BEFORE])
        spike, done = _spike(series, curve, start, (base, unit))
        if _undone(series, spike, spike.peak) >= min_gain_share:
            found.append(replace(spike, lost=max(_undone(series, spike, spike.end), 0.0)))
    return tuple(found)


def _spike(
    series: Series, curve: Series, start: int, before: tuple[float, float]
) -> tuple[Spike, int]:
    """The spike that begins at an index, and the index of its last point."""
    (base, unit), x = before, curve.values
    back = np.flatnonzero(x[start:] <= base + BACK_SIGMAS * unit)
    stop = start + int(back[0]) if len(back) else len(x)
    worst = start + int(np.argmax(x[start:stop]))
    return Spike(
        epoch=int(curve.epochs[start]),
        line=int(curve.lines[start]),
        before=series.level(start - BEFORE, start),
        peak=float(series.values[worst]),
        z=(float(x[start]) - base) / unit if unit > 0 else math.inf,
        points=stop - start,
        end=series.level(-MIN_AFTER, None),
        lost=0.0,
        kind=_kind(stop - start, len(x) - start, len(x), is_back=bool(len(back))),
        last_epoch=int(curve.epochs[stop - 1]),
    ), stop - 1


def _kind(points: int, left: int, count: int, *, is_back: bool) -> SpikeKind:
    if is_back:
        few = FAST_OF_MANY if count >= MANY else FAST_POINTS
        return "fast" if points <= max(few, FAST_SHARE * count) else "slow"
    return "unrecovered" if left > MIN_AFTER else "open"


def _undone(series: Series, spike: Spike, value: float) -> float:
    """How much of the gain until a spike a value would undo; infinite before any gain."""
    until = series.between(series.first.epoch, spike.epoch - 1)
    gain = series.improvement(series.first.value, until.best.value)
    return series.improvement(value, spike.before) / gain if gain > 0 else math.inf


def _rounding(series: Series) -> float:
    """SD of the rounding error on the log scale, at the median size."""
    size = float(np.median(np.abs(series.values))) if len(series) else 0.0
    return series.print_step / size / math.sqrt(12) if size > 0 else 0.0
