"""Cells to draw on: Braille dots, two by four in a cell, or one ASCII sign for each."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from logparse.renderers.spans import Line

_BLANK = 0x2800
# The bits of the dots of a cell, by row and column (Unicode 15, section 21.1).
_BITS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))


@dataclass(frozen=True, slots=True)
class Pen:
    """How a curve is drawn.

    style    the semantic style of its cells
    sign     what stands for it in ASCII, one character
    dashes   which dots of its way are drawn, over and over; in ASCII the sign says it
    is_shy   it leaves alone the cells where another curve is
    """

    style: str
    sign: str
    dashes: tuple[bool, ...] = (True,)
    is_shy: bool = False


class Canvas:
    """A grid of cells; dots are counted from its upper left corner."""

    def __init__(self, columns: int, rows: int, *, ascii_only: bool) -> None:
        self.columns, self.rows = columns, rows
        self._ascii_only = ascii_only
        self._cells: dict[tuple[int, int], tuple[str, str]] = {}
        self._bits: dict[tuple[int, int], int] = {}

    @property
    def width(self) -> int:
        """In dots."""
        return self.columns if self._ascii_only else 2 * self.columns

    @property
    def height(self) -> int:
        """In dots."""
        return self.rows if self._ascii_only else 4 * self.rows

    def row_of(self, share: float) -> int:
        """The row of cells for a share of the height, from the bottom."""
        return self._cell(0, self.dot_row(share))[1]

    def dot_row(self, share: float) -> int:
        """The row of dots for a share of the height, from the bottom."""
        return round((1 - share) * (self.height - 1))

    def column_of(self, share: float) -> int:
        """The column of cells for a share of the width."""
        return self._cell(self.dot_column(share), 0)[0]

    def dot_column(self, share: float) -> int:
        """The column of dots for a share of the width."""
        return round(share * (self.width - 1))

    def put(self, column: int, row: int, sign: str, style: str, *, over: bool = False) -> None:
        """A sign in a cell; where something is already it stays, unless it goes `over` it."""
        if over or (column, row) not in self._cells:
            self._cells[column, row] = (sign, style)
            self._bits.pop((column, row), None)

    def stroke(self, points: Sequence[tuple[float, float] | None], pen: Pen) -> None:
        """A curve through points (shares of width and height), broken at each None.

        A single point, of which one dot would be overlooked, is a bullet.
        """
        told = [point for point in points if point is not None]
        if len(told) == 1 and not self._ascii_only:
            x, y = told[0]
            self.put(self.column_of(x), self.row_of(y), "•", pen.style)
            return
        taken = set(self._cells) if pen.is_shy else set()
        for at, (x, y) in enumerate(self._way(points)):
            if pen.dashes[at % len(pen.dashes)] or self._ascii_only:
                cell = self._cell(x, y)
                if cell not in taken:
                    self._ink(cell, x, y, pen)

    def lines(self) -> Iterator[Line]:
        """The rows from top to bottom, each as wide as the canvas."""
        for row in range(self.rows):
            cells = [self._cells.get((column, row), (" ", "")) for column in range(self.columns)]
            yield tuple(
                ("".join(sign for sign, _ in run), style)
                for style, run in groupby(cells, key=lambda cell: cell[1])
            )

    def _cell(self, x: int, y: int) -> tuple[int, int]:
        return (x, y) if self._ascii_only else (x // 2, y // 4)

    def _ink(self, cell: tuple[int, int], x: int, y: int, pen: Pen) -> None:
        """A dot in a cell, which keeps the style of who came first; text stays text."""
        if self._ascii_only:
            self.put(*cell, pen.sign, pen.style)
            return
        if cell in self._cells and cell not in self._bits:
            return
        bits = self._bits[cell] = self._bits.get(cell, 0) | _BITS[y % 4][x % 2]
        style = self._cells[cell][1] if cell in self._cells else pen.style
        self._cells[cell] = (chr(_BLANK + bits), style)

    def _way(self, points: Sequence[tuple[float, float] | None]) -> Iterator[tuple[int, int]]:
        """The dots from point to point, each once; a point between breaks stands alone."""
        dots = [
            None if point is None else (self.dot_column(point[0]), self.dot_row(point[1]))
            for point in points
        ]
        for before, dot in pairwise([None, *dots]):
            if dot is None:
                continue
            if before is None:
                yield dot
                continue
            length = max(abs(dot[0] - before[0]), abs(dot[1] - before[1]))
            for step in range(1, length + 1):
                share = step / length
                yield (
                    round(before[0] + share * (dot[0] - before[0])),
                    round(before[1] + share * (dot[1] - before[1])),
                )
