"""Tables of text: a header that names columns, then lines of cells; CSV in all its dialects."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

import numpy as np

from logparse.readers.cells import (
    ABSENT,
    first_line,
    header_of,
    is_rule,
    number_of,
    split,
)
from logparse.readers.points.meanings import AXES, meaning
from logparse.readers.points.reader import PointLines
from logparse.readers.points.table import Block
from logparse.readers.table_blocks import clean_parts, is_even, numbers_in, plain
from logparse.readers.table_columns import Columns
from logparse.readers.tally import LONGEST_SHOWN
from logparse.records import Unparsed
from logparse.run import Truncation

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from logparse.run import Run

HELD = 4 << 20
"""So many bytes are waited for."""
PIECE = 4 << 20
"""Bytes that are read at once; a cell that is no number costs no more than reading them anew."""
SMALL = 1 << 12
"""So many bytes are read line by line."""


class TableReader(PointLines):
    """Reads tables: in bulk where lines are in order, else line by line, with equal results.

    A text in a column of numbers makes the line unparsed where the column's meaning is known;
    elsewhere the cell counts as absent. Columns of texts are passed over.
    """

    def __init__(self, source: str) -> None:
        super().__init__(source)
        self._held: list[bytes] = []
        self._held_bytes = 0
        self._columns: Columns | None = None
        self._refused: list[str] = []
        self._last: float | None = None
        self._since = 0
        self._is_fresh = False
        self._drift = 0

    @classmethod
    @abstractmethod
    def fits(cls, names: Sequence[str]) -> bool:
        """True for the names of columns that only this format has."""

    def canonical(self, names: Sequence[str]) -> list[str]:
        """What the points call the columns; '' for one that is passed over."""
        return list(names)

    def sums(self, names: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """Columns that the format leaves out: their names, and of which others they are sums."""
        return {}

    @classmethod
    def begins(cls, head: bytes) -> bool:
        line = first_line(head)
        header = header_of(line) if line is not None else None
        return header is not None and cls.fits(header[1])

    @property
    def told(self) -> str:
        if self._columns is not None or not self._refused:
            return super().told
        return f"{self.format}: no column of a known meaning among {_listed(self._refused)}"

    @property
    def recognised(self) -> int:
        self._read()
        return super().recognised

    @property
    def seen(self) -> int:
        self._read()
        return super().seen

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes; they are read when there are many, or when they are asked for."""
        self._held.append(chunk)
        self._held_bytes += len(chunk)
        if self._held_bytes >= HELD:
            self._read()

    def so_far(self) -> list[Callable[[], Run]]:
        self._read()
        return super().so_far()

    def close(self) -> list[Callable[[], Run]]:
        """What builds the runs, with a last line that lacks its end."""
        self._read()
        for line in self._assembler.close():
            broken = self._next(line)
            columns = self._columns
            if broken is not None and columns is not None:
                cells = split(line, columns.separator)
                if cells is None or len(cells) < len(columns.names):
                    self._points.facts.truncation = Truncation(broken.line, None, broken.expected)
        return self.so_far()

    def _read(self) -> None:
        """Read what is held: whole lines at once, those that a cut runs through one by one."""
        held, self._held, self._held_bytes = b"".join(self._held), [], 0
        first, last = held.find(b"\n") + 1, held.rfind(b"\n") + 1
        self._one_by_one(held[:first])
        while first < last:
            stop = held.rfind(b"\n", first, first + PIECE) + 1 or held.find(b"\n", first) + 1
            self._bulk(held[first:stop])
            first = stop
        self._one_by_one(held[last:])

    def take(self, number: int, line: str) -> Unparsed | None:
        text = line.strip()
        if self._columns is None or text.startswith("#") or is_rule(text):
            return self._aside(number, text)
        columns = self._columns
        cells = split(line, columns.separator)
        if cells is None:
            return _unclear(number, line, "a cell whose quotes are closed")
        if cells == columns.cells:
            self._again(number)
            return None
        if len(cells) > len(columns.names) and not any(cells[len(columns.names) :]):
            cells = cells[: len(columns.names)]
        if len(cells) == len(columns.names):
            return self._row(number, line, cells)
        if self._begins_columns(text):
            self._again(number)
            return None
        return _unclear(number, line, self._drifted(cells))

    def _aside(self, number: int, text: str) -> Unparsed | None:
        """A line that is no row: a comment, which may be the header, or one above the header."""
        is_comment = text.startswith("#") or is_rule(text)
        if self._columns is None and self._begins_columns(text.lstrip("#").strip()):
            is_comment = True
        if not is_comment:
            return _unclear(number, text, "a header with a column of a known meaning")
        self._points.legend(number)
        return None

    def _begins_columns(self, line: str) -> bool:
        """Take the line as a header, where it is one."""
        header = header_of(line)
        if header is None:
            return False
        separator, cells = header
        named = zip(cells, self.canonical(cells), strict=True)
        names = [cell if cell in self._hints.names else name for cell, name in named]
        meant = [meaning(self._hints.names.get(name, name)) for name in names]
        if not any(one.known and one.column not in AXES for one in meant):
            self._refused = self._refused or cells
            return False
        known = [one.column for one in meant]
        axis = next((known.index(axis) for axis in ("step", "epoch") if axis in known), None)
        unique = [n if n not in names[:at] else f"{n}.{at}" if n else "" for at, n in
                  enumerate(names)]  # fmt: skip
        strict = [one.known for one in meant]
        sums = self.sums(unique)
        self._columns = Columns(separator, cells, unique, strict, [0] * len(cells), sums, axis)
        return True

    def _again(self, number: int) -> None:
        """A header in the middle: a new run, unless the counting goes on below it."""
        self._points.legend(number)
        self._is_fresh, self._drift = True, 0

    def _row(self, number: int, line: str, cells: list[str]) -> Unparsed | None:
        columns = self._columns
        assert columns is not None
        numbers = columns.numbers(cells)
        if isinstance(numbers, str):
            return _unclear(number, line, f"a number in the column {numbers}")
        if not numbers:
            return self._no_row(number, line, cells)
        count = columns.count(numbers)
        self._begin(count)
        self._last = count if count is not None else self._last
        self._drift = 0
        self._points.add(number, numbers)
        return None

    def _no_row(self, number: int, line: str, cells: Sequence[str]) -> Unparsed | None:
        """A line of as many cells as a row, and no number: another header, or nothing."""
        if all(cell in ABSENT for cell in cells):
            self._points.legend(number)
        elif self._begins_columns(line):
            self._again(number)
        else:
            return _unclear(number, line, "a row with a number")
        return None

    def _begin(self, count: float | None) -> None:
        """Begin another run where the row below a further header does not count on."""
        if not self._is_fresh:
            return
        points, self._is_fresh, self._drift = self._points, False, 0
        if count is not None and self._last is not None:
            goes_on = count > self._last
        else:
            goes_on = points.count - self._since <= 1
        self._since = points.count
        if not goes_on:
            points.begin_run()

    def _drifted(self, cells: Sequence[str]) -> str:
        """What a line of too many or too few cells should have been."""
        columns = self._columns
        assert columns is not None
        axis, last = columns.axis, self._last
        if axis is not None and axis < len(cells) and last is not None:
            count = number_of(cells[axis], columns.separator)
            if count is not None and count <= last:
                self._drift = len(cells)
        if self._drift == len(cells):
            return f"a header of {len(cells)} columns: a run of others begins under the old one"
        return f"{len(columns.names)} cells, as many as the header has"

    def _one_by_one(self, data: bytes) -> None:
        for line in self._assembler.feed(data):
            self._next(line)

    def _bulk(self, data: bytes) -> None:
        """Take whole lines; what a look at them leaves over is looked at anew."""
        waiting = [data]
        while waiting:
            waiting += reversed(self._taken(waiting.pop()))

    def _taken(self, data: bytes) -> list[bytes]:
        """Take what can be taken of whole lines; what is left, in order."""
        columns = self._columns
        if columns is None or self._is_fresh or len(data) <= SMALL:
            end = data.find(b"\n", SMALL) + 1 or len(data)
            self._one_by_one(data[:end])
            return [data[end:]] if data[end:] else []
        bare = plain(data, columns.separator)
        separator, cells = columns.separator, len(columns.names)
        is_full = len(columns.wanted) == cells
        if is_full and is_even(bare, separator, cells) and self._block(bare, columns):
            return []
        parts = list(clean_parts(bare, separator, cells))
        if len(parts) > 1 and b'"' not in data:
            return [part for part, _ in parts]
        if len(parts) == 1 and parts[0][1] and self._block(bare, columns):
            return []
        middle = data.find(b"\n", len(data) // 2) + 1
        middle = middle if middle < len(data) else data.rfind(b"\n", 0, len(data) // 2) + 1
        if middle:
            return [data[:middle], data[middle:]]
        self._one_by_one(data)
        return []

    def _block(self, data: bytes, columns: Columns) -> bool:
        """Take clean lines at once; False, and nothing taken, where they are no plain rows."""
        found = numbers_in(data, columns.separator, len(columns.names), columns.wanted)
        if found is None:
            return False
        values, nan_at = columns.take(*found)
        first = self._points.lines + 1
        self._points.lines += len(found[0][0])
        lines = np.arange(first, self._points.lines + 1, dtype=np.int64)
        self._points.add_block(Block(lines, values, nan_at))
        counts = values.get(columns.names[columns.axis]) if columns.axis is not None else None
        if counts is not None and not np.isnan(counts).all():
            self._last = float(counts[~np.isnan(counts)][-1])
        self._drift = 0
        return True


def _unclear(number: int, line: str, expected: str) -> Unparsed:
    return Unparsed(number, line[:LONGEST_SHOWN], 1, expected)


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(name for name in names[:12] if name)
    return f"{shown}, ..." if len(names) > 12 else shown
