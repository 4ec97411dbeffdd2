"""Tables as lines of a page: in columns where they fit, else each row by itself."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from logparse.renderers.comparison.content import EMPTY, Cell, Cells, Column, Table
from logparse.renderers.layout import Page, pad
from logparse.renderers.spans import Line, Span, cells, line_cells

if TYPE_CHECKING:
    from collections.abc import Iterator

_INDENT = 2
_GAP = 2
_LEAST_FILLED = 24
"""A text that takes several lines is set below its row rather than into less."""


def lines(table: Table, page: Page, title: str = "") -> Iterator[Line]:
    """The table, its title at the head of its first column, every text made safe."""
    table = table.without_empty
    layouts = list(_layouts(table, page, title))
    fitted = next((one for one in layouts if one.fits), None)
    yield from fitted.lines(title) if fitted else _stacked(table, page, title)
    if without := table.told_without((fitted or layouts[-1]).gone):
        indent = ((" " * _INDENT, ""),)
        yield from page.fill(page.words(without, "dim"), first=indent, hang=2 * _INDENT)


def _layouts(table: Table, page: Page, title: str) -> Iterator[_Layout]:
    """The ways to lay it out, from the richest on."""
    columns = table.columns
    kept = tuple(at for at in range(len(columns)) if not columns[at].fills)
    layout = _Layout(table, page, _widths(table, page, title), kept)
    yield from (layout, layout.cut)
    for gives in sorted({column.gives for column in columns} - {0}, reverse=True):
        going = tuple(at for at in layout.kept if columns[at].gives == gives)
        layout = replace(
            layout,
            kept=tuple(at for at in layout.kept if at not in going),
            below=(*layout.below, *(at for at in going if columns[at].is_below)),
        )
        yield from (layout, layout.cut)


def _widths(table: Table, page: Page, title: str) -> tuple[int, ...]:
    """What each column takes, the first with the title of the table."""
    widths = []
    for at, column in enumerate(table.columns):
        texts = {row[at][0] for row in table.rows if len(row) > 1}
        texts |= {column.title} if table.is_headed else set()
        widths.append(max(cells(page.span(text)[0]) for text in texts))
    return (max(widths[0], cells(title) - _INDENT), *widths[1:])


@dataclass(frozen=True)
class _Layout:
    """Which columns stand beside each other, and which go below; the widths of all columns."""

    table: Table
    page: Page
    widths: tuple[int, ...]
    kept: tuple[int, ...]
    below: tuple[int, ...] = ()

    @property
    def gone(self) -> list[int]:
        """The columns that are left out."""
        there = {*self.kept, *self.below, self._filling}
        return [at for at in range(len(self.widths)) if at not in there]

    @property
    def fits(self) -> bool:
        """True when no line is wider than the page, and what fills has room to do so."""
        least = 0 if self._filling is None else _LEAST_FILLED + _GAP
        return self._end + least <= self.page.width

    @property
    def cut(self) -> _Layout:
        """The layout with the columns that can be cut made equally narrow, none below its least."""
        columns = self.table.columns
        able = sorted((at for at in self.kept if columns[at].least), key=self.widths.__getitem__)
        widths, over = [*self.widths], self._end - self.page.width
        room = sum(widths[at] for at in able) - over
        for done, at in enumerate(able):
            fair = max(room // (len(able) - done), columns[at].least)
            widths[at] = min(widths[at], fair)
            room -= widths[at]
        return replace(self, widths=tuple(widths))

    @cached_property
    def _filling(self) -> int | None:
        return next((at for at, one in enumerate(self.table.columns) if one.fills), None)

    @cached_property
    def _starts(self) -> dict[int, int]:
        """Where each column that is kept begins."""
        starts, start = {}, _INDENT
        for at in self.kept:
            starts[at] = start
            start += self.widths[at] + _GAP
        return starts

    @property
    def _end(self) -> int:
        last = self.kept[-1]
        return self._starts[last] + self.widths[last]

    def lines(self, title: str) -> Iterator[Line]:
        """The head, if there is one, and the rows."""
        if self.table.is_headed:
            heads = tuple((column.title, "dim") for column in self.table.columns[1:])
            first = (self.page.span(title, "title"),) if title else ()
            yield self._line(
                (EMPTY if title else (self.table.columns[0].title, "dim"), *heads), first
            )
        for row in self.table.rows:
            if len(row) == 1:
                yield (self.page.span(*row[0]),)
                continue
            yield from self._row(row)
            yield from self._second(row)

    def _row(self, row: Cells) -> Iterator[Line]:
        line = self._line(row)
        if self._filling is None or not row[self._filling][0]:
            yield line
            return
        start = self._end + _GAP
        first = (*line, (" " * (start - line_cells(line)), ""))
        yield from self.page.fill(self.page.words(*row[self._filling]), first=first, hang=start)

    def _second(self, row: Cells) -> Iterator[Line]:
        """What went below, from where the second column begins."""
        titles = self.table.columns
        told = [f"{titles[at].title} {row[at][0]}" for at in self.below if row[at][0]]
        if told:
            hang = self._starts[self.kept[1]]
            items = [(self.page.span(one, "dim"),) for one in told]
            yield from self.page.flow(items, first=((" " * hang, ""),), hang=hang)

    def _line(self, row: Cells, first: Line = ()) -> Line:
        spans = {}
        for at in self.kept:
            span = (self.page.clip(row[at][0], self.widths[at]), row[at][1])
            is_right = self.table.columns[at].is_right
            spans[at] = pad(span, self.widths[at], right=True) if is_right else span
        return self._set({at: span for at, span in spans.items() if span[0]}, first)

    def _set(self, spans: dict[int, Span], first: Line = ()) -> Line:
        """The spans, each at the start of its column."""
        line = [*first]
        for at, span in spans.items():
            line += [(" " * (self._starts[at] - line_cells(tuple(line))), ""), span]
        return tuple(line)


def _stacked(table: Table, page: Page, title: str) -> Iterator[Line]:
    """Each row's name on a line, and below it what the row says, with the columns' titles."""
    if title:
        yield from page.fill(page.words(title, "title"))
    for row in table.rows:
        indent = _INDENT if len(row) > 1 else 0
        if row[0][0]:
            first = ((" " * indent, ""),)
            yield from page.fill(page.words(*row[0]), first=first, hang=indent)
        told = zip(table.columns[1:], row[1:], strict=False)
        items = [
            _titled(column if table.is_headed else Column(), cell, page)
            for column, cell in told
            if cell[0] and (column.is_below or not column.gives)
        ]
        if items:
            hang = 2 * _INDENT
            yield from page.flow(items, first=((" " * hang, ""),), hang=hang)


def _titled(column: Column, cell: Cell, page: Page) -> Line:
    title = (page.span(f"{column.title} ", "dim"),) if column.title else ()
    return (*title, page.span(*cell))
