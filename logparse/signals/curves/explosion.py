"""Whether a gradient norm grows from epoch to epoch, or past what a float can hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from logparse.signals.curves.spikes import logged, positive
from logparse.signals.noise import sigma
from logparse.signals.progress import theil_sen

if TYPE_CHECKING:
    from logparse.findings import Measure
    from logparse.run import Run
    from logparse.signals.series import FloatArray, Series

WINDOWS = (5, 8, 13, 21, 34)
BEFORE = 5
MAX_TRIED = 20
DECADE = float(np.log(10.0))


@dataclass(frozen=True, slots=True)
class Growth:
    """A stretch of epochs, inclusive, over which a norm grew or stood far above before.

    before, after  the norm at its two ends; for a jump the median before and in it
    decades        log10 of their ratio
    per_epoch      decades per epoch; 0.0 for a jump
    z              the growth in units of the norm's noise
    """

    first_epoch: int
    last_epoch: int
    before: float
    after: float
    decades: float
    per_epoch: float
    z: float

    def facts(self, threshold: float) -> dict[str, Measure]:
        """What a finding shows of it."""
        return {
            "norm_before": self.before,
            "norm_after": self.after,
            "decades": self.decades,
            "threshold_decades": threshold,
            "decades_per_epoch": self.per_epoch,
            "z": self.z,
        }


@np.errstate(all="ignore")
def steady_growth(series: Series, per_epoch: float, decades: float, min_z: float) -> Growth | None:
    """The largest growth over 5, 8, 13, 21 or 34 points that meets all three; else None.

    Slopes are Theil-Sen, so that one high point is none. It must end as far above the median of all
    before it, if there are five: norms of single batches climb a decade by chance from a low one.
    """
    kept = positive(series)
    curve = logged(kept)
    scale = sigma(curve) / DECADE
    found: list[Growth] = []
    for length in WINDOWS:
        for start in _promising(curve.values / DECADE, length, per_epoch):
            stop = start + length
            time, values = curve.epochs[start:stop].astype(np.float64), curve.values[start:stop]
            slope = theil_sen(time, values / DECADE)
            grown = slope * float(time[-1] - time[0])
            z = grown / scale if scale > 0 else np.inf
            sizes = (kept.level(start, start + 2), kept.level(stop - 2, stop))
            usual = kept.level(0, start) if start >= BEFORE else 0.0
            is_new = sizes[1] >= 10**decades * usual
            if slope >= per_epoch and grown >= decades and z >= min_z and is_new:
                ends = (int(time[0]), int(time[-1]))
                found.append(Growth(*ends, *sizes, grown, slope, float(z)))
    return max(found, key=lambda growth: growth.decades, default=None)


@np.errstate(all="ignore")
def jump(series: Series, times: float) -> Growth | None:
    """The first two points in a row above `times` the median of all before them; else None."""
    kept = positive(series)
    values, logs = kept.values, logged(kept)
    if len(values) < BEFORE + 2:
        return None
    both = np.minimum(values[BEFORE:-1], values[BEFORE + 1 :])
    for at in (np.flatnonzero(both > times * float(values[:-1].min())) + BEFORE)[:200].tolist():
        before = float(np.median(values[:at]))
        if both[at - BEFORE] <= times * before:
            continue
        high = values[at:] > times * before
        length = len(high) if high.all() else int(np.argmin(high))
        after = float(np.median(values[at : at + length]))
        grown, scale = float(np.log10(after / before)), sigma(logs) / DECADE
        ends = (int(kept.epochs[at]), int(kept.epochs[at + length - 1]))
        return Growth(*ends, before, after, grown, 0.0, grown / scale if scale > 0 else np.inf)
    return None


def overflow_epoch(run: Run, column: str) -> int | None:
    """The first of two rows in a row where a column printed plus infinity; else None."""
    if column not in run.epochs:
        return None
    infinite = np.isposinf(run.epochs[column].to_numpy(dtype=np.float64))
    rows = np.flatnonzero(infinite[:-1] & infinite[1:])
    return int(run.epochs["epoch"].iloc[int(rows[0])]) if len(rows) else None


def _promising(values: FloatArray, length: int, per_epoch: float) -> list[int]:
    """Starts of the windows that grow most from end to end, and by enough."""
    if len(values) < length:
        return []
    grown = values[length - 1 :] - values[: len(values) - length + 1]
    starts = np.flatnonzero(grown >= 0.5 * per_epoch * (length - 1))
    order = np.argsort(-grown[starts], kind="stable")[:MAX_TRIED]
    promising: list[int] = starts[order].tolist()
    return promising
