"""What the texts in a log mean as Python values. Nothing here raises on hostile text."""

from __future__ import annotations

import ast
import re
import warnings
from datetime import datetime
from functools import lru_cache

from logparse.records import ByteSize, Literal

_LONGEST_LITERAL = 4096
_BYTES = re.compile(r"([0-9]+(?:\.([0-9]+))?)(MB|KB|B)")
_UNIT_BYTES = {"B": 1, "KB": 1 << 10, "MB": 1 << 20}
_WORDS: dict[str, Literal] = {
    "True": True,
    "False": False,
    "None": None,
    "nan": float("nan"),
    "inf": float("inf"),
    "-inf": float("-inf"),
}


def literal(text: str) -> Literal:
    """A Python literal where the text is one, else the text itself. Types are a guess."""
    if text in _WORDS:
        return _WORDS[text]
    if not text or len(text) > _LONGEST_LITERAL:
        return text
    return _evaluated(text) if text[0] in "[({" else _scalar(text)


def _evaluated(text: str) -> Literal:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            value: Literal = ast.literal_eval(text)
            # Huge integers and lone surrogates are values that no text can hold.
            str(value).encode()
            return value
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return text


# Settings repeat from run to run; containers are made anew, because they could be changed.
_scalar = lru_cache(maxsize=1024)(_evaluated)


def byte_size(text: str) -> ByteSize | None:
    """`2.35MB` (rounded), `46KB` (floored), `68B` (exact); None for any other text."""
    found = _BYTES.fullmatch(text)
    if found is None:
        return None
    number, decimals, unit = found.groups()
    step = _UNIT_BYTES[unit] * 10.0 ** -len(decimals or "")
    rounded = decimals is not None
    spread = step / 2 if rounded else step - 1
    return ByteSize(text, float(number) * _UNIT_BYTES[unit], spread, rounded)


def thousands(text: str) -> int:
    """`614,786` as an int."""
    return int(text.replace(",", ""))


def utc_stamp(text: str) -> datetime | None:
    """An ISO stamp ending in Z as an aware datetime; None for a date that does not exist."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def number_or_none(text: str) -> float | None:
    """A printed number, or None where the log prints None."""
    return None if text == "None" else float(text)


def int_or_none(text: str) -> int | None:
    """A printed count, or None where the log prints None."""
    return None if text == "None" else int(text)
