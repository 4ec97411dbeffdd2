"""Rows of text to pandas frames: numbers are converted a column at a time, never a line at a time."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd

from logparse.metrics import metric
from logparse.records import Resolution

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from logparse.run import Run

Floats: TypeAlias = "NDArray[np.float64]"
Ints: TypeAlias = "NDArray[np.int32]"

FLUSH_ROWS = 1024


@dataclass(frozen=True, slots=True)
class Keyed:
    """Values printed with their own names: `columns[j]` takes `<prefix>/<name>` from `values[j]`.

    `names` are the value indices of the names; `values[j]` those of the j-th number after each.
    """

    prefixes: tuple[str, ...]
    names: tuple[int, ...]
    values: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class RowPlan:
    """How the texts of one kind of line become columns; worked out once per shape.

    `numeric` texts are numbers by the grammar; `free` ones only perhaps.
    """

    numeric: tuple[tuple[str, int], ...]
    keyed: tuple[Keyed, ...] = ()
    constants: tuple[tuple[str, float], ...] = ()
    coded: tuple[tuple[str, int, Mapping[str, float]], ...] = ()
    int_lists: tuple[tuple[str, int], ...] = ()
    free: tuple[tuple[str, int], ...] = ()


@dataclass(slots=True)
class _Block:
    plan: RowPlan
    index: list[int] = field(default_factory=list)
    rows: list[tuple[str, ...]] = field(default_factory=list)


class Growing:
    """A one-dimensional array that grows in place, NaN (or 0) where nothing was written."""

    def __init__(self, dtype: type[np.generic]) -> None:
        self._array = np.empty(0, dtype=dtype)
        self._blank = np.nan if dtype is np.float64 else 0

    def write(self, where: slice | Ints, values: object, *, size: int) -> None:
        """Write values at places below `size`."""
        held = len(self._array)
        if size > held:
            self._array.resize(max(size, held + held // 4, 16), refcheck=False)
            self._array[held:] = self._blank
        self._array[where] = values

    def finish(self, size: int) -> NDArray[Any]:
        """The array cut to `size`, not copied; nothing may be written after."""
        held = len(self._array)
        self._array.resize(size, refcheck=False)
        self._array[held:] = self._blank
        return self._array


class ColumnTable:
    """Rows with named numbers, in the order they were added, whatever columns each has."""

    def __init__(self) -> None:
        self._blocks: dict[int, _Block] = {}
        self._columns: dict[str, Growing] = {}
        self._nonfinite: dict[str, list[Ints]] = {}
        self._size = 0
        self.resolution: dict[str, Resolution] = {}
        """Per plain column how finely it is printed; complete once `columns` was called."""

    def __len__(self) -> int:
        return self._size

    def add(self, plan: RowPlan, values: tuple[str, ...]) -> None:
        """Add one row of texts under a plan; a plan is known by its identity."""
        block = self._blocks.get(id(plan))
        if block is None:
            block = self._blocks[id(plan)] = _Block(plan)
        block.index.append(self._size)
        block.rows.append(values)
        self._size += 1
        if len(block.rows) >= FLUSH_ROWS:
            self._flush(block)

    def annotate(self, name: str, value: float) -> None:
        """Give the last row one more number, which another line told."""
        self._write(name, np.array([self._size - 1], dtype=np.int32), np.array([value]))

    def columns(self) -> dict[str, Floats]:
        """Float64 arrays as long as the table, NaN where a row has no such number."""
        for block in self._blocks.values():
            self._flush(block)
        return {name: column.finish(self._size) for name, column in self._columns.items()}

    def printed_nonfinite(self) -> dict[str, Ints]:
        """Per column the rows where a NaN or an infinity was printed (absent is not printed).

        Complete once `columns` was called.
        """
        return {name: np.sort(np.concatenate(rows)) for name, rows in self._nonfinite.items()}

    def _flush(self, block: _Block) -> None:
        if not block.rows:
            return
        index = np.array(block.index, dtype=np.int32)
        texts = list(zip(*block.rows, strict=True))
        for name, numbers in _block_columns(block.plan, texts, len(index)):
            self._write(name, index, numbers)
            bad = ~np.isfinite(numbers)
            if bad.any():
                self._nonfinite.setdefault(name, []).append(index[bad])
        self._note_resolution(block.plan, texts)
        block.index, block.rows = [], []

    def _write(self, name: str, index: Ints, numbers: Floats) -> None:
        column = self._columns.get(name)
        if column is None:
            column = self._columns[name] = Growing(np.float64)
        column.write(index, numbers, size=int(index[-1]) + 1)

    def _note_resolution(self, plan: RowPlan, texts: _Texts) -> None:
        for name, at in plan.numeric:
            if name not in self.resolution:
                finite = next((text for text in texts[at] if "." in text), None)
                if finite is not None:
                    self.resolution[name] = printed_resolution(finite)


_Texts: TypeAlias = "list[tuple[str, ...]]"


def printed_resolution(text: str) -> Resolution:
    """The resolution of a number as printed: `0.1205` has 4 decimals, `7.2e-05` 1 of its mantissa."""
    mantissa, scientific, _ = text.partition("e")
    return Resolution(len(mantissa.partition(".")[2]), scientific=bool(scientific))


_FEW_ROWS = 64


def to_floats(columns: Sequence[Sequence[str]]) -> Floats:
    """Exactly what `float` makes of each text, shape (columns, rows)."""
    if not columns or len(columns[0]) < _FEW_ROWS:
        return np.array([list(map(float, column)) for column in columns], dtype=np.float64)
    return _read_csv("\n".join(chain.from_iterable(columns)), {"x": np.float64})["x"].to_numpy().reshape(
        len(columns), -1
    )


def _read_csv(text: str | bytes, dtypes: Mapping[str, object]) -> pd.DataFrame:
    """pandas' own reader on numbers, and names without commas; nan is the only word for NaN."""
    return pd.read_csv(
        io.BytesIO(text.encode() if isinstance(text, str) else text),
        header=None,
        names=list(dtypes),
        dtype=dict(dtypes),
        na_values={name: ["nan"] for name, kind in dtypes.items() if kind is np.float64},
        keep_default_na=False,
        quoting=csv.QUOTE_NONE,
        engine="c",
    )


def _float_or_nan(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")


def _block_columns(plan: RowPlan, texts: _Texts, size: int) -> Iterable[tuple[str, Floats]]:
    numbers = to_floats([texts[at] for _, at in plan.numeric])
    yield from zip((name for name, _ in plan.numeric), numbers, strict=True)
    for name, number in plan.constants:
        yield name, np.full(size, number)
    for name, at, codes in plan.coded:
        yield name, np.array([codes[text] for text in texts[at]])
    for name, at in plan.int_lists:
        yield from _int_list_columns(name, texts[at])
    for name, at in plan.free:
        yield name, np.array([_float_or_nan(text) for text in texts[at]])
    for keyed in plan.keyed:
        yield from _keyed_columns(keyed, texts)


def _int_list_columns(prefix: str, texts: tuple[str, ...]) -> Iterable[tuple[str, Floats]]:
    parsed = {text: [float(n) for n in re.findall(r"[0-9]+", text)] for text in set(texts)}
    for position in range(max(map(len, parsed.values()))):
        cells = {text: ns[position] if position < len(ns) else np.nan for text, ns in parsed.items()}
        yield f"{prefix}/{position}", np.array([cells[text] for text in texts])


def _keyed_columns(keyed: Keyed, texts: _Texts) -> Iterable[tuple[str, Floats]]:
    """Spread named values over columns; the names may stand in another order in every row."""
    rows = list(zip(*(texts[at] for at in keyed.names), strict=True))
    labels: dict[str, int] = {}
    layouts = {
        names: [labels.setdefault(label, len(labels)) for label in distinct(names)]
        for names in dict.fromkeys(rows)
    }
    columns = np.array([layouts[names] for names in rows])
    at_row = np.arange(len(rows))[:, None]
    for prefix, indices in zip(keyed.prefixes, keyed.values, strict=True):
        table = np.full((len(rows), len(labels)), np.nan)
        table[at_row, columns] = to_floats([texts[at] for at in indices]).T
        for label, position in labels.items():
            yield f"{prefix}/{label}", table[:, position]


def distinct(names: Iterable[str]) -> list[str]:
    """Names with `#2`, `#3`, ... added to repeats."""
    seen: dict[str, int] = {}
    result = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        result.append(name if seen[name] == 1 else f"{name}#{seen[name]}")
    return result


_ENTRY_COLUMNS: dict[str, type[np.generic]] = {
    "epoch": np.int32, "position": np.int32, "name": np.int32,
    "grad_norm": np.float64, "update_ratio": np.float64, "line": np.int32,
}  # fmt: skip


class EntryTable:
    """Parameter lists `name:g/u,name:g/u`, kept as text and converted many lists at once."""

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._epochs: list[int] = []
        self._lines: list[int] = []
        self._columns = {name: Growing(kind) for name, kind in _ENTRY_COLUMNS.items()}
        self._names: dict[str, int] = {}
        self._size = 0

    def add(self, epoch: int, line: int, text: str) -> None:
        """Add the list of one epoch, as printed, without its label."""
        self._texts.append(text)
        self._epochs.append(epoch)
        self._lines.append(line)
        if len(self._texts) >= FLUSH_ROWS:
            self._flush()

    def frame(self) -> pd.DataFrame:
        """`epoch, position, name (category), grad_norm, update_ratio, line`; the table is spent."""
        self._flush()
        columns: dict[str, object] = {
            name: column.finish(self._size) for name, column in self._columns.items()
        }
        names = pd.Index(list(self._names), dtype="str")
        columns["name"] = pd.Categorical.from_codes(columns["name"], categories=names)
        return pd.DataFrame(columns, copy=False)

    def _flush(self) -> None:
        if not self._texts:
            return
        counts = np.array([text.count(":") for text in self._texts])
        starts = np.cumsum(counts) - counts
        table = _read_entries(self._texts)
        known = table["name"].cat
        codes = [self._names.setdefault(name, len(self._names)) for name in known.categories]
        end = self._size + len(table)
        for name, values in (
            ("epoch", np.repeat(self._epochs, counts)),
            ("position", np.arange(len(table)) - np.repeat(starts, counts)),
            ("name", np.array(codes)[known.codes]),
            ("grad_norm", table["grad_norm"].to_numpy()),
            ("update_ratio", table["update_ratio"].to_numpy()),
            ("line", np.repeat(self._lines, counts)),
        ):
            self._columns[name].write(slice(self._size, end), values, size=end)
        self._size = end
        self._texts, self._epochs, self._lines = [], [], []


_ENTRIES_TO_CSV = bytes.maketrans(b":/,", b",,\n")


def _read_entries(texts: list[str]) -> pd.DataFrame:
    """The entries of many lists as a CSV of three columns."""
    joined = ",".join(texts)
    if ", " in joined:
        joined = joined.replace(", ", ",")
    kinds = {"name": "category", "grad_norm": np.float64, "update_ratio": np.float64}
    return _read_csv(joined.encode().translate(_ENTRIES_TO_CSV), kinds)


class FeatureTable:
    """Feature lists: few and short, converted as they come."""

    def __init__(self) -> None:
        self._rows: list[tuple[int, int, str, float, int]] = []

    def add(self, epoch: int, line: int, features: Iterable[tuple[str, float]]) -> None:
        self._rows += [(epoch, at, name, score, line) for at, (name, score) in enumerate(features)]

    def frame(self) -> pd.DataFrame:
        """`epoch, position, name, score, line`."""
        columns = ["epoch", "position", "name", "score", "line"]
        return pd.DataFrame(self._rows, columns=columns).astype(
            {"epoch": np.int32, "position": np.int32, "name": "str", "score": float, "line": np.int32}
        )


def tidy(run: Run) -> pd.DataFrame:
    """All metrics of a run in long form, see `Run.tidy`."""
    values = [name for name in run.epochs.columns if name not in ("epoch", "line")]
    long = run.epochs.melt(["epoch", "line"], values, "metric", "value").dropna(subset="value")
    long = long.assign(run=run.index, step=pd.array([pd.NA] * len(long), dtype="Int64"))
    long["split"] = long["metric"].map({name: _split(name) for name in values}).astype("str")
    order = ["run", "epoch", "step", "split", "metric", "value", "line"]
    return long[order].sort_values(["epoch", "line"], kind="stable", ignore_index=True)


def _split(column: str) -> str:
    known = metric(column)
    return known.split if known else ""
