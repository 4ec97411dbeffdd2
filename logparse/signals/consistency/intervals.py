"""Intervals that printed numbers stand for, one per epoch, and what little algebra they need."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from logparse.records import Resolution
    from logparse.signals.series import FloatArray

SINGLE = 1e-5
"""Relative error that sums in single precision may gather."""


@dataclass(frozen=True, slots=True, eq=False)
class Between:
    """Intervals, one per epoch; NaN where nothing was printed."""

    low: FloatArray
    high: FloatArray

    def shown(self, at: int) -> float:
        """The middle of one interval, or the end that is finite."""
        low, high = float(self.low[at]), float(self.high[at])
        return (low + high) / 2 if isfinite(high) else low

    def squared(self) -> Between:
        """Of values that are not negative."""
        return Between(np.maximum(self.low, 0) ** 2, self.high**2)

    def times(self, low: float, high: float | None = None) -> Between:
        """Each end times a number that is not negative; one number does for both."""
        return Between(self.low * low, self.high * (low if high is None else high))

    def minus(self, number: float) -> Between:
        return Between(self.low - number, self.high - number)

    def over(self, other: Between) -> Between:
        """The quotient where both are positive, NaN elsewhere."""
        usable = (self.low >= 0) & (other.low > 0)
        low, high = self.low / other.high, self.high / other.low
        return Between(np.where(usable, low, np.nan), np.where(usable, high, np.nan))

    def most_shared(self) -> float:
        """The point that most of the intervals hold; NaN where there is none."""
        known = np.isfinite(self.low)
        if not known.any():
            return float("nan")
        lows, highs = np.sort(self.low[known]), np.sort(self.high[known])
        open_at = np.arange(1, len(lows) + 1) - np.searchsorted(highs, lows, side="left")
        best = int(np.argmax(open_at))
        ends = highs[np.searchsorted(highs, lows[best], side="left") :]
        return float((lows[best] + ends[0]) / 2) if np.isfinite(ends[0]) else float(lows[best])

    def constant(self, low: float, high: float) -> Between:
        """As many intervals, all alike."""
        return Between(np.full_like(self.low, low), np.full_like(self.low, high))


def printed(values: FloatArray, resolution: Resolution | None) -> Between:
    """A print step to both sides, twice what rounding needs, and what single precision loses."""
    values = np.where(np.isfinite(values), values, np.nan)
    around = SINGLE * np.abs(values)
    if resolution is not None and resolution.scientific:
        exponent = np.floor(np.log10(np.where(values != 0, np.abs(values), np.nan)))
        around = around + np.nan_to_num(10.0 ** (exponent - resolution.decimals))
    elif resolution is not None:
        around = around + 10.0**-resolution.decimals
    return Between(values - around, values + around)


def declared(like: Between, number: float) -> Between:
    """A number of the header in every epoch, known to half of the last digit that it shows."""
    digits = next((d for d in range(12) if round(number, d) == number), 12)
    around = 0.5 * 10.0**-digits + SINGLE * abs(number)
    return like.constant(number - around, number + around)
