"""From values to places: limits of an axis, and which places get a tick and a label."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from logparse.findings import epoch_label
from logparse.renderers.numbers import grouped, number

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from logparse.signals.series import FloatArray

_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
_WHOLE_STEPS = (1.0, 2.0, 5.0, 10.0)
_MANTISSAS = ((1,), (1, 3), (1, 2, 5))
_FEWEST = 3
# Beyond these matplotlib's own arithmetic leaves the floating-point numbers.
_LARGEST = 1e300
_SMALLEST = 1e-250
# A range this much smaller than its values is that of a constant.
_FLAT = 1e-9
_MOST_EPOCHS = 1e15
# The room left free above and below the curves, in parts of what they take.
_PADDING = 0.06
# A level may add this much of the curves' range to an axis, else it would squeeze them.
_WIDENING = 0.5


@dataclass(frozen=True, slots=True)
class Scale:
    """From `low` to `high`, linear or logarithmic; low < high, both finite, above 0 if `is_log`."""

    low: float
    high: float
    is_log: bool = False

    def fraction(self, values: FloatArray) -> FloatArray:
        """Where values are: 0 at `low`, 1 at `high`. NaN stays, infinities go to the ends."""
        low, high = self._ends
        placed = (self._inner(np.asarray(values, dtype=np.float64)) - low) / (high - low)
        return np.asarray(placed, dtype=np.float64)

    def place(self, value: float) -> float:
        """Where one value is, within 0 and 1."""
        return min(max(float(self.fraction(np.array([value]))[0]), 0.0), 1.0)

    @property
    def _ends(self) -> tuple[float, float]:
        low, high = self._inner(np.array([self.low, self.high]))
        return float(low), float(high)

    def _inner(self, values: FloatArray) -> FloatArray:
        if not self.is_log:
            return np.clip(values, -_LARGEST, _LARGEST)
        return np.asarray(np.log10(np.clip(values, _SMALLEST, _LARGEST)))

    def ticks(self, most: int) -> tuple[float, ...]:
        """Round places on the scale, about `most` of them and no more than one in excess."""
        return _log_ticks(self, most) if self.is_log else _even_ticks(self, most, _STEPS)


def drawable(values: FloatArray, *, is_log: bool = False) -> FloatArray:
    """The values, NaN where they cannot be drawn: not finite, or not above 0 on a log scale."""
    values = np.asarray(values, dtype=np.float64)
    with np.errstate(invalid="ignore"):
        can = np.isfinite(values) & ((values > 0) if is_log else True)
        kept = np.clip(values, _SMALLEST if is_log else -_LARGEST, _LARGEST)
    return np.where(can, kept, np.nan)


def spanning(
    values: FloatArray,
    levels: Iterable[float] = (),
    *,
    is_log: bool = False,
    padding: float = _PADDING,
) -> Scale:
    """The scale on which the values are seen, and those levels that do not squeeze them."""
    finite = drawable(values, is_log=is_log)
    finite = finite[np.isfinite(finite)]
    known = drawable(np.array(list(levels), dtype=np.float64), is_log=is_log)
    known = known[np.isfinite(known)]
    finite = finite if len(finite) else known
    if not len(finite):
        return Scale(1.0, 10.0, True) if is_log else Scale(0.0, 1.0)
    inner = np.log10 if is_log else np.asarray
    low, high = float(inner(finite.min())), float(inner(finite.max()))
    low, high = _opened(low, high, is_log)
    reach = (high - low) * _WIDENING
    near = [float(at) for at in inner(known) if low - reach <= at <= high + reach]
    pad = (max([high, *near]) - min([low, *near])) * padding
    bottom, top = min([low, *near]) - pad, max([high, *near]) + pad
    if is_log:
        return Scale(10.0 ** max(bottom, -300.0), 10.0 ** min(top, 300.0), True)
    if bottom < 0 <= float(finite.min()):
        bottom = 0.0
    return Scale(bottom, top)


def _opened(low: float, high: float, is_log: bool) -> tuple[float, float]:
    """The ends of a range, taken apart where they are the same."""
    size = max(abs(low), abs(high))
    if high - low > max(_FLAT * size, _SMALLEST):
        return low, high
    half = 0.2 if is_log else max(0.1 * size, _SMALLEST) if size else 0.5
    return low - half, high + half


def _even_ticks(scale: Scale, most: int, steps: Sequence[float]) -> tuple[float, ...]:
    """Multiples of the smallest round step that has no more than `most` of them on the scale."""
    power = 10.0 ** math.floor(math.log10((scale.high - scale.low) / most))
    for step in (power * part for part in (*steps, *(10 * part for part in steps))):
        first, last = math.ceil(scale.low / step - 1e-9), math.floor(scale.high / step + 1e-9)
        if last - first < most:
            break
    return tuple(at * step for at in range(first, last + 1))


def _log_ticks(scale: Scale, most: int) -> tuple[float, ...]:
    powers = range(
        math.floor(math.log10(scale.low)), min(math.ceil(math.log10(scale.high)), 300) + 1
    )
    for mantissas in _MANTISSAS:
        found = [
            float(f"{mantissa}e{power}")
            for power in powers
            for mantissa in mantissas
            if scale.low <= float(f"{mantissa}e{power}") <= scale.high
        ]
        if len(found) >= _FEWEST or (len(found) == most and mantissas == (1, 3)):
            return tuple(found[:: -(-len(found) // (most + 1))])
    return tuple(at for at in _even_ticks(scale, most, _STEPS) if at > 0)


def epoch_ticks(low: float, high: float, most: int) -> tuple[float, ...]:
    """The first and the last whole place, and round ones in between where there is room."""
    first, last = math.ceil(low), math.floor(high)
    if last <= first:
        return (float(first),)
    scale = Scale(float(first), float(last))
    apart = max((last - first) / max(most, 1), 1.0) * 0.55
    between = [at for at in _even_ticks(scale, max(most, 1), _WHOLE_STEPS) if at == int(at)]
    kept = [at for at in between if at - first >= apart and last - at >= apart]
    return (float(first), *kept, float(last))


def tick_labels(places: Sequence[float]) -> list[str]:
    """Numbers as short as they can be while no two read alike."""
    shown = [number(place) for place in places]
    if any(0 < abs(place) < 1e-3 or "e" in text for place, text in zip(places, shown, strict=True)):
        shown = [_as_power(place, text) for place, text in zip(places, shown, strict=True)]
    digits = 4
    while len({*shown}) < len({*places}) and digits < 17:
        digits += 1
        shown = [f"{place:.{digits}g}" for place in places]
    return shown


def place_labels(places: Sequence[float]) -> list[str]:
    """As `tick_labels`, of an axis of steps, tokens or seconds: whole ones with thousands apart."""
    return [grouped(text) for text in tick_labels(places)]


def _as_power(place: float, text: str) -> str:
    """A number far from 1 as `8.5e-4`, beside others that are written so."""
    if not place or 1e-2 <= abs(place) < 1e3:
        return text
    mantissa, _, exponent = f"{place:.2e}".partition("e")
    is_whole = math.isclose(float(f"{mantissa}e{exponent}"), place, rel_tol=1e-9)
    return f"{mantissa.rstrip('0').rstrip('.')}e{int(exponent)}" if is_whole else text


def epoch_labels(places: Sequence[float]) -> list[str]:
    """Whole places as epochs, `E07`; nothing at others."""
    return [_epoch(place) for place in places]


def _epoch(place: float) -> str:
    return epoch_label(int(place)) if place == int(place) and abs(place) < _MOST_EPOCHS else ""
