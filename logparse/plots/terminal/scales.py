"""From values and places to shares of a length, and the round numbers between the ends."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from logparse.records import Resolution
from logparse.renderers.numbers import as_printed, number

if TYPE_CHECKING:
    from collections.abc import Iterable

    from logparse.signals.series import FloatArray

_ROUND = (1, 2, 5, 10)
_SLACK = 1.4
# Below this span steps between round numbers are no numbers themselves.
_LEAST_SPAN = 1e-290
_LONGEST_NUMBER = 8
_SHORT = Resolution(decimals=2, scientific=True)


@dataclass(frozen=True, slots=True)
class Scale:
    """A scale from `low` to `high`, both finite; above 0 where it is logarithmic."""

    low: float
    high: float
    is_log: bool = False

    def shares(self, values: FloatArray) -> FloatArray:
        """0 for `low` to 1 for `high`, NaN for what lies outside or has no place on the scale."""
        if self.low == self.high:
            return np.where(values == self.low, 0.5, np.nan)
        with np.errstate(all="ignore"):
            low, high = self._turned(np.array([self.low, self.high]))
            shares = (self._turned(values) - low) / (high - low)
            is_inside = (values >= self.low) & (values <= self.high)
        return np.where(is_inside & np.isfinite(shares), shares, np.nan)

    def share(self, value: float) -> float | None:
        """The share of one value; None for one outside."""
        found = float(self.shares(np.array([value], dtype=np.float64))[0])
        return None if math.isnan(found) else found

    def value(self, share: float) -> float:
        """The value at a share of the scale, exact at its ends."""
        if share <= 0 or share >= 1:
            return self.low if share <= 0 else self.high
        low, high = self._turned(np.array([self.low, self.high])).tolist()
        at: float = low + share * (high - low)
        return 10.0**at if self.is_log else 2 * at

    def beyond(self, value: float) -> float:
        """How far a value lies outside, in lengths of the scale: 0.0 inside, infinite for none."""
        if not math.isfinite(value) or (self.is_log and value <= 0):
            return math.inf
        if self.low <= value <= self.high:
            return 0.0
        low, high, at = self._turned(np.array([self.low, self.high, value])).tolist()
        return max(low - at, at - high) / (high - low) if high > low else math.inf

    def ticks(self, most: int) -> list[float]:
        """Round values within the scale, rising; its ends where there are fewer than two."""
        if self.low == self.high:
            return [self.low]
        found = _powers(self.low, self.high, most) if self.is_log else []
        if len(found) < 2:
            found = steps(self.low, self.high, most)
        return found if len(found) > 1 else [self.low, self.high]

    def _turned(self, values: FloatArray) -> FloatArray:
        # Halved, because the range of two huge numbers may be no number.
        return np.log10(values) if self.is_log else values / 2


def spanning(values: Iterable[FloatArray], *, is_log: bool) -> Scale | None:
    """The scale from the lowest to the highest value that can be drawn; None without one."""
    told = np.concatenate([*values, np.empty(0)])
    told = told[np.isfinite(told) & ((told > 0) | (not is_log))]
    return Scale(float(told.min()), float(told.max()), is_log) if len(told) else None


def steps(low: float, high: float, most: int, least: float = 0.0) -> list[float]:
    """Multiples of 1, 2 or 5 times a power of ten from `low` to `high`, about `most` of them.

    They are at least `least` apart.
    """
    raw = max((high / 2 - low / 2) / max(most, 2) * 2, least)
    if not raw > _LEAST_SPAN:
        return [low, high]
    power = 10.0 ** math.floor(math.log10(raw))
    step = next((factor * power for factor in _ROUND if _SLACK * factor * power >= raw), raw)
    found = (at * step for at in range(math.ceil(low / step), math.floor(high / step) + 1))
    return [value for value in found if low <= value <= high]


def _powers(low: float, high: float, most: int) -> list[float]:
    """Powers of ten, thinned if there are many, with halves and fifths if there are few."""
    first, last = math.floor(math.log10(low)), math.floor(math.log10(high))
    stride = max(math.ceil((last - first) / max(most, 1)), 1)
    factors = _ROUND[:-1] if 3 * (last - first + 1) <= max(most, 6) else (1,)
    found = [factor * 10.0**power for power in range(first, last + 1, stride) for factor in factors]
    return [value for value in found if low <= value <= high]


def short(value: float) -> str:
    """A number for the side of a chart, eight signs at most unless it is negative."""
    text = number(value)
    return text if len(text) <= _LONGEST_NUMBER else as_printed(value, _SHORT)
