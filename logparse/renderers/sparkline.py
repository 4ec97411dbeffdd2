"""A curve in one line of text: its shape, never its scale."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

# The full block is left out: curves on neighbouring lines would grow into one another.
BLOCKS = "▁▂▃▄▅▆▇"
ASCII = "_.:-=+*"
_MISSING, _BROKEN = " ", "!"

# Beyond this span a linear scale shows one high point and a flat line.
_LOG_SPAN = 100.0


def sparkline(
    values: Sequence[float], width: int, *, ascii_only: bool = False, keep_peaks: bool = False
) -> str:
    """The curve in at most `width` characters, one per value where there are fewer.

    NaN is a gap and an infinity an exclamation mark. Buckets show their mean, or their maximum with
    `keep_peaks`. Positive values that span a factor of 100 are drawn on a log scale.
    """
    if not values or width < 1:
        return ""
    pick = max if keep_peaks else _mean
    points = [_reduce(bucket, pick) for bucket in _buckets(values, min(width, len(values)))]
    scaled = _logs(points) if is_log_scaled(values) else points
    return _draw(scaled, ramp=ASCII if ascii_only else BLOCKS)


def is_log_scaled(values: Sequence[float]) -> bool:
    """True when the curve is drawn on a log scale."""
    finite = [value for value in values if math.isfinite(value)]
    return bool(finite) and min(finite) > 0 and max(finite) / min(finite) >= _LOG_SPAN


def _buckets(values: Sequence[float], count: int) -> Iterator[Sequence[float]]:
    for index in range(count):
        start, stop = index * len(values) // count, (index + 1) * len(values) // count
        yield values[start:stop]


def _mean(values: Sequence[float]) -> float:
    # Taken in units of the largest, because the sum of huge numbers may be no number.
    size = max(map(abs, values)) or 1.0
    return math.fsum(value / size for value in values) / len(values) * size


def _reduce(bucket: Sequence[float], pick: Callable[[Sequence[float]], float]) -> float:
    if any(math.isinf(value) for value in bucket):
        return math.inf
    present = [value for value in bucket if not math.isnan(value)]
    return pick(present) if present else math.nan


def _logs(points: Sequence[float]) -> list[float]:
    return [math.log(point) if math.isfinite(point) else point for point in points]


def _draw(points: Sequence[float], *, ramp: str) -> str:
    finite = [point for point in points if math.isfinite(point)]
    # Halved, because the range of two huge numbers may be no number.
    low, high = (min(finite) / 2, max(finite) / 2) if finite else (0.0, 0.0)

    def glyph(point: float) -> str:
        if math.isnan(point):
            return _MISSING
        if math.isinf(point):
            return _BROKEN
        if high == low:
            return ramp[len(ramp) // 2 - 1]
        return ramp[round((point / 2 - low) / (high - low) * (len(ramp) - 1))]

    return "".join(map(glyph, points))
