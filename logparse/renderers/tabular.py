"""Tables as CSV and JSON lines for other programs; a missing value is empty, or null."""

from __future__ import annotations

import csv
import json
import math
from typing import TYPE_CHECKING, TextIO, TypeAlias

from logparse.renderers.spans import escape

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    import pandas as pd

Rows: TypeAlias = "Iterator[tuple[object, ...]]"


def columns_and_rows(frame: pd.DataFrame) -> tuple[list[str], Rows]:
    """The names of a frame's columns, and its rows."""
    return [str(column) for column in frame.columns], frame.itertuples(index=False, name=None)


def write_csv(stream: TextIO, columns: list[str], rows: Rows) -> None:
    """Write a head and the rows; texts as they are, on a terminal made safe to show."""
    writer = csv.writer(stream, lineterminator="\n")
    # A file keeps what the log holds; on a terminal nothing may steer it.
    show = escape if stream.isatty() else str
    writer.writerow(map(show, columns))
    writer.writerows([_cell(value, show) for value in row] for row in rows)


def _cell(value: object, show: Callable[[str], str]) -> object:
    if _is_missing(value):
        return ""
    return value if isinstance(value, int | float) else show(str(value))


def write_jsonl(stream: TextIO, columns: list[str], rows: Rows) -> None:
    """Write each row as strict JSON: an infinity is null, and named in a key beside."""
    for row in rows:
        entry = dict(pairs(zip(columns, row, strict=True)))
        stream.write(json.dumps(entry, allow_nan=False, default=str) + "\n")


def pairs(items: Iterable[tuple[str, object]]) -> Iterator[tuple[str, object]]:
    """The items as strict JSON has them: infinities are null and named in a key beside."""
    for key, value in items:
        if not _is_missing(value) and _is_infinite(value):
            yield key, None
            yield f"{key}_nonfinite", str(value)
        else:
            yield key, None if _is_missing(value) else _plain(value)


def _plain(value: object) -> object:
    """The value without NumPy's types, and without non-finite numbers inside containers."""
    if hasattr(value, "item"):
        return value.item()
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(one) for one in value]
    return str(value) if _is_infinite(value) else None if _is_missing(value) else value


def _is_missing(value: object) -> bool:
    # pandas marks absence with None, NaN, NaT or NA; the last two differ from themselves too,
    # or refuse to say.
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(value, float) and math.isnan(value)


def _is_infinite(value: object) -> bool:
    return isinstance(value, float) and math.isinf(value)
