"""Rows of text to columns of numbers: conversion is by column, never by line."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from logparse.numerals import Floats, printed_resolution, to_floats

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from logparse.records import Resolution

Ints: TypeAlias = "NDArray[np.int32]"

FLUSH_ROWS = 1024
MAX_LABELS = 512
"""Named columns of one kind: a log that prints ever new names must not fill the memory."""


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
        self._is_lent = False

    def write(self, where: slice | Ints, values: object, *, size: int) -> None:
        """Write values at places below `size`."""
        self._own()
        held = len(self._array)
        if size > held:
            self._array.resize(max(size, held + held // 8, 16), refcheck=False)
            self._array[held:] = self._blank
        self._array[where] = values

    def lend(self, size: int) -> NDArray[Any]:
        """The array cut to `size`, not copied; what is written later goes to another array."""
        held = len(self._array)
        if held != size:
            self._own()
            self._array.resize(size, refcheck=False)
            self._array[held:] = self._blank
        self._is_lent = True
        return self._array

    def _own(self) -> None:
        if self._is_lent:
            self._array, self._is_lent = self._array.copy(), False


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
        """Float64 arrays as long as the table, NaN where a row has no such number.

        They stay as they are when more rows are added.
        """
        for block in self._blocks.values():
            self._flush(block)
        return {name: column.lend(self._size) for name, column in self._columns.items()}

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
        for name, is_printed, numbers in _block_columns(block.plan, texts, len(index)):
            rows = index if is_printed is None else index[is_printed]
            if len(rows):
                self._write(name, rows, numbers)
            bad = ~np.isfinite(numbers)
            if bad.any():
                self._nonfinite.setdefault(name, []).append(rows[bad])
        self._note_resolution(block.plan, texts)
        block.index, block.rows = [], []

    def _write(self, name: str, index: Ints, numbers: Floats) -> None:
        column = self._columns.get(name)
        if column is None and len(self._columns) >= 4 * MAX_LABELS:
            return
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


_Column: TypeAlias = "tuple[str, NDArray[np.bool_] | None, Floats]"
"""A name, in which rows of the block it is printed (None: in all), and its numbers there."""


def _block_columns(plan: RowPlan, texts: _Texts, size: int) -> Iterator[_Column]:
    numbers = to_floats([texts[at] for _, at in plan.numeric])
    for (name, _), column in zip(plan.numeric, numbers, strict=True):
        yield name, None, column
    for name, number in plan.constants:
        yield name, None, np.full(size, number)
    for name, at, codes in plan.coded:
        yield name, None, np.array([codes[text] for text in texts[at]])
    for name, at in plan.int_lists:
        yield from _int_list_columns(name, texts[at])
    for name, at in plan.free:
        yield _free_column(name, texts[at])
    for keyed in plan.keyed:
        yield from _keyed_columns(keyed, texts)


def _free_column(name: str, texts: Sequence[str]) -> _Column:
    values: list[float] = []
    is_printed = []
    for text in texts:
        try:
            values.append(float(text))
            is_printed.append(True)
        except ValueError:
            is_printed.append(False)
    return name, np.array(is_printed), np.array(values, dtype=np.float64)


def _int_list_columns(prefix: str, texts: Sequence[str]) -> Iterator[_Column]:
    parsed = {text: [float(n) for n in re.findall(r"[0-9]+", text)] for text in set(texts)}
    lists = [parsed[text] for text in texts]
    for position in range(max(map(len, lists))):
        is_printed = np.array([position < len(numbers) for numbers in lists])
        numbers = [numbers[position] for numbers in lists if position < len(numbers)]
        yield f"{prefix}/{position}", is_printed, np.array(numbers)


def _keyed_columns(keyed: Keyed, texts: _Texts) -> Iterator[_Column]:
    """Spread named values over columns; the names may stand in another order in every row."""
    rows = list(zip(*(texts[at] for at in keyed.names), strict=True))
    labels: dict[str, int] = {}
    layouts = {
        names: [_position(labels, label) for label in distinct(names)]
        for names in dict.fromkeys(rows)
    }
    columns = np.array([layouts[names] for names in rows])
    at_row = np.arange(len(rows))[:, None]
    is_printed = np.zeros((len(rows), len(labels) + 1), dtype=bool)
    is_printed[at_row, columns] = True
    for prefix, indices in zip(keyed.prefixes, keyed.values, strict=True):
        table = np.empty(is_printed.shape)
        table[at_row, columns] = to_floats([texts[at] for at in indices]).T
        for label, position in labels.items():
            here = is_printed[:, position]
            yield f"{prefix}/{label}", here, table[here, position]


def _position(labels: dict[str, int], label: str) -> int:
    """The column of a label; those beyond the limit share the last one, which is not kept."""
    if label in labels or len(labels) < MAX_LABELS:
        return labels.setdefault(label, len(labels))
    return len(labels)


def distinct(names: Iterable[str]) -> list[str]:
    """Names with `#2`, `#3`, ... added to repeats."""
    seen: dict[str, int] = {}
    result = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        result.append(name if seen[name] == 1 else f"{name}#{seen[name]}")
    return result
