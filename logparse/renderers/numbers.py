"""How numbers, durations and ranges read: short, honest about resolution, no `e-05`."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from logparse.findings import plural

if TYPE_CHECKING:
    from collections.abc import Sequence

    from logparse.records import Resolution

_MANTISSA = 2
_LARGE = 1e6
_DAY, _HOUR, _MINUTE = 86_400, 3_600, 60
_LONGEST = 1000 * _DAY


def number(value: float) -> str:
    """A number to four significant digits, three with an exponent: `0.0388`, `34087`, `7.2e-5`.

    Whole numbers below 1e15 are written out; non-finite ones as `nan`, `inf`, `-inf`.
    """
    if not math.isfinite(value):
        return str(float(value))
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    if 1e-3 <= abs(value) < _LARGE:
        decimals = max(3 - math.floor(math.log10(abs(value))), 0)
        text = f"{value:.{decimals}f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    return _short_exponent(f"{value:.3g}")


def as_printed(value: float, resolution: Resolution | None) -> str:
    """A number with the digits its log printed, as `number` where those are not known.

    A mantissa is cut to two digits after the point; decimals of a million or more are left out.
    """
    if resolution is None or not math.isfinite(value):
        return number(value)
    if not resolution.scientific:
        is_short = abs(value) < _LARGE
        return f"{value:.{resolution.decimals}f}" if is_short else number(value)
    return _short_exponent(f"{value:.{min(resolution.decimals, _MANTISSA)}e}")


def _short_exponent(text: str) -> str:
    mantissa, e, exponent = text.partition("e")
    return f"{mantissa}e{int(exponent)}" if e else text


def grouped(text: str) -> str:
    """A whole number with its thousands apart, `1,500`; any other text as it is."""
    return f"{int(text):,}" if text.isdecimal() else text


def ratio(value: float) -> str:
    """A factor, finer where it is near one: `0.36x`, `1.06x`, `8.8x`, `170x`, `2e7x`."""
    if not abs(value) < _LARGE:
        return f"{number(value)}x"
    decimals = 2 if abs(value) < 2 else 1 if abs(value) < 100 else 0
    return f"{value:.{decimals}f}x"


def duration(seconds: float) -> str:
    """Seconds as a person says them: `50s`, `58m31s`, `2h05m`, `1d03h`; below ten with a digit."""
    if not seconds < _LONGEST:
        return f"{number(seconds)}s"
    if seconds < 9.95:
        return f"{seconds:.1f}s"
    total = round(seconds)
    if total < _MINUTE:
        return f"{total}s"
    if total < _HOUR:
        return f"{total // _MINUTE}m{total % _MINUTE:02d}s"
    if total < _DAY:
        return f"{total // _HOUR}h{total % _HOUR // _MINUTE:02d}m"
    return f"{total // _DAY}d{total % _DAY // _HOUR:02d}h"


def ranges(pairs: Sequence[tuple[int, int]], *, limit: int = 8) -> str:
    """Inclusive ranges: `118, 402-403`; beyond `limit` of them the rest is counted."""
    shown = ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in pairs[:limit])
    rest = len(pairs) - limit
    return f"{shown} and {plural(rest, 'range')} more" if rest > 0 else shown
