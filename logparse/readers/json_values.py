"""What the values of a JSON text mean as numbers. Nothing here raises."""

from __future__ import annotations

from logparse.run import MAX_EPOCH


def float_of(value: object) -> float | None:
    """The number as a float; None for other values, and for an integer beyond all floats."""
    try:
        return float(value) if isinstance(value, int | float) else None
    except OverflowError:
        return None


def epoch_of(value: object) -> int | None:
    """The number of an epoch, from 0; None for what is none."""
    found = None if isinstance(value, bool) else float_of(value)
    if found is None or not found.is_integer() or not 0 <= found <= MAX_EPOCH:
        return None
    return int(found)
