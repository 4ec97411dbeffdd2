"""JSON as its standard has it, without the bare NaN and Infinity that Python writes by default."""

import json
import math
from collections.abc import Mapping
from typing import TypeAlias

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
"""A value that JSON has a word for."""


def finite(value: float | None) -> float | None:
    """The number, or None where JSON has no word for it (nan, infinities)."""
    return value if value is not None and math.isfinite(value) else None


def word(value: object) -> str | None:
    """`nan`, `inf` or `-inf` for a float that JSON cannot hold, None for every other value."""
    return str(value) if isinstance(value, float) and not math.isfinite(value) else None


def plain(value: object) -> Json:
    """A value as JSON types: mappings, sequences and numbers as such, other things as text.

    Non-finite numbers become null.
    """
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, float):
        return finite(value)
    return value if value is None or isinstance(value, bool | int | str) else str(value)


def dumps(value: object, *, indent: int | None = None) -> str:
    """The value as strict JSON text; raises ValueError for a non-finite number that is left."""
    return json.dumps(value, indent=indent, allow_nan=False, ensure_ascii=False)
