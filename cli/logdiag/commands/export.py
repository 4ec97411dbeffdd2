"""`logdiag export`: the numbers of a run as a table for other programs."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path  # noqa: TC003  Typer reads annotations when it runs
from typing import TYPE_CHECKING, Annotated, Literal, TextIO, TypeAlias

import typer

from logdiag.console import output
from logparse.renderers.spans import escape

if TYPE_CHECKING:
    import pandas as pd

    from logparse.run import Run

Table = Literal["epochs", "parameters", "features", "tidy", "settings"]
Rows: TypeAlias = Iterator[tuple[object, ...]]


def run(
    path: Annotated[str, typer.Argument(metavar="PATH", help="A log, or - for standard input.")],
    table: Annotated[Table, typer.Option(help="What to write.")] = "epochs",
    to: Annotated[Literal["csv", "jsonl"], typer.Option(help="Form of the table.")] = "csv",
    out: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="Write to a file.")
    ] = None,
    run: Annotated[
        int, typer.Option(metavar="N", help="Which run of the file; -1 is the last.")
    ] = -1,
) -> None:
    """Write the numbers of a run as CSV or JSON lines.

    A value that the log does not have is empty in CSV and null in JSON.
    """
    from logparse.api import read

    columns, rows = _table(read(path, run), table)
    with output(out, sources=[path]) as console:
        write = _write_csv if to == "csv" else _write_jsonl
        write(console.stream, columns, rows)


def _table(run: Run, table: Table) -> tuple[list[str], Rows]:
    if table == "settings":
        return ["key", "value", "raw", "line"], _settings(run)
    if table == "tidy":
        return _frame(run.tidy())
    return _frame(getattr(run, table))


def _frame(frame: pd.DataFrame) -> tuple[list[str], Rows]:
    return [str(column) for column in frame.columns], frame.itertuples(index=False, name=None)


def _settings(run: Run) -> Rows:
    for key, value in run.settings.items():
        yield key, value, run.settings.raw.get(key), run.settings.lines.get(key)


def _write_csv(stream: TextIO, columns: list[str], rows: Rows) -> None:
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(columns)
    # A file keeps what the log holds; on a terminal nothing may steer it.
    show = escape if stream.isatty() else str
    writer.writerows([_cell(value, show) for value in row] for row in rows)


def _cell(value: object, show: Callable[[str], str]) -> object:
    if _is_missing(value):
        return ""
    return value if isinstance(value, int | float) else show(str(value))


def _write_jsonl(stream: TextIO, columns: list[str], rows: Rows) -> None:
    for row in rows:
        entry = dict(_pairs(zip(columns, row, strict=True)))
        stream.write(json.dumps(entry, allow_nan=False, default=str) + "\n")


def _pairs(items: Iterable[tuple[str, object]]) -> Iterator[tuple[str, object]]:
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
