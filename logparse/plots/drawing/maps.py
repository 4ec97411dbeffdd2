"""Heatmaps with columns of their own, as attention maps: side by side where they stay legible."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from logparse.plots.drawing.colouring import ColourBar, colour_scale, draw_image, fractions
from logparse.plots.drawing.heading import Heading
from logparse.plots.drawing.heatmaps import named_rows
from logparse.plots.drawing.lettering import line_height, safe, shortened, width

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from logparse.plots.content import Heatmap
    from logparse.plots.drawing.scales import Scale
    from logparse.plots.drawing.sheet import Frame, Sheet
    from logparse.plots.look import Look

_BETWEEN = 0.3
_GAP = 0.06
_WIDEST_NAME = 0.75
_CELL = 0.3
_WIDEST = 4.5
"""No cell is larger than that, however few there are."""
_LEGIBLE = 0.105
_USUAL = 2.3
_LEAST = 1.2
_TALLEST = 1.6
_SPACE = "␣"


@dataclass(frozen=True, eq=False)
class MapsPlan:
    """Heatmaps on their way to a sheet, in rows of as many as fit; each has rows and columns."""

    maps: tuple[Heatmap, ...]
    look: Look
    margins = (0.0, 0.0)

    def height(self, frame: Frame) -> float:
        """Inches of all rows."""
        rows = self._rows(frame)
        return sum(max(one.height for one in row) for row in rows) + _GAP * (len(rows) - 1)

    def draw(self, sheet: Sheet, frame: Frame, top: float, shared: Axes | None) -> None:
        """All maps, from `top` inches down."""
        for row in self._rows(frame):
            above = max(one.heading.height for one in row)
            for one in row:
                one.draw(sheet, top, above)
            top += max(one.height for one in row) + _GAP

    def _rows(self, frame: Frame) -> list[list[_Map]]:
        room = frame.page_right - frame.page_left
        fits = (self._cut(frame, room, count) for count in range(min(len(self.maps), 6), 1, -1))
        return next(
            (row for row in fits if all(one.is_legible for ones in row for one in ones)),
            self._cut(frame, room, 1),
        )

    def _cut(self, frame: Frame, room: float, count: int) -> list[list[_Map]]:
        """The maps in rows of `count`."""
        wide = (room - (count - 1) * _BETWEEN) / count
        found = []
        for at, heatmap in enumerate(self.maps):
            left = frame.page_left + at % count * (wide + _BETWEEN)
            found.append(_Map(heatmap, replace(frame, page_left=left, page_right=left + wide)))
        return [found[at : at + count] for at in range(0, len(found), count)]


@dataclass(frozen=True, eq=False)
class _Map:
    """One heatmap within its part of the page."""

    heatmap: Heatmap
    page: Frame

    @cached_property
    def _names(self) -> tuple[list[str], list[str]]:
        """Rows and columns, no wider than names may be."""
        rows = [self._shown(name) for name in self.heatmap.rows]
        return rows, [self._shown(name) for name in self.heatmap.columns]

    def _shown(self, name: str) -> str:
        inner = name.strip(" ")
        start = len(name) - len(name.lstrip(" ")) if inner else len(name)
        seen = _SPACE * start + inner + _SPACE * (len(name) - start - len(inner))
        return shortened(safe(seen), _WIDEST_NAME, self._points)

    @property
    def _points(self) -> float:
        return self.page.look.small_pt

    @property
    def _left(self) -> float:
        widest = max(width(name, self._points) for name in self._names[0])
        return self.page.page_left + widest + 2 * _GAP

    @property
    def _cell(self) -> float:
        """Width of a cell, in inches."""
        room = self.page.page_right - self._left - self._bar_room
        return min(min(max(room, 0.2), _WIDEST) / len(self.heatmap.columns), _CELL)

    @property
    def _wide(self) -> float:
        return self._cell * len(self.heatmap.columns)

    @property
    def _high(self) -> float:
        """Cells are square, unless the map would be a thread or a tower."""
        rows = len(self.heatmap.rows)
        least = min(line_height(self._points), 2.0 / rows) * rows
        return max(min(self._cell * rows, self._wide * _TALLEST), least)

    @property
    def is_legible(self) -> bool:
        """Whether all columns have room for a name, or the map has a good size."""
        count = len(self.heatmap.columns)
        needed = min(max(count * _LEGIBLE, _LEAST), _USUAL)
        return self._wide >= min(needed, count * _CELL) - 1e-9

    @cached_property
    def _scale(self) -> Scale:
        return colour_scale(self.heatmap)

    @cached_property
    def _bar(self) -> ColourBar:
        return self._bar_of(self._high)

    @property
    def _bar_room(self) -> float:
        return self._bar_of(_USUAL).width

    def _bar_of(self, height: float) -> ColourBar:
        return ColourBar(self._scale, height, self.page.look, has_gaps=False)

    @cached_property
    def heading(self) -> Heading:
        """Title, unit and notes."""
        shown = self.heatmap
        return Heading(self.page, shown.title, shown.unit, shown.notes)

    @property
    def _axis_row(self) -> float:
        """The line above the map that says what rows and columns are."""
        named = self.heatmap.row_axis or self.heatmap.column_axis
        return line_height(self._points) if named else 0.0

    @property
    def height(self) -> float:
        """Inches of title, map and names of columns."""
        names = max(width(name, self._points) for name in self._names[1])
        return self.heading.height + self._axis_row + self._high + names + 2 * _GAP

    def draw(self, sheet: Sheet, top: float, above: float) -> None:
        """The map; its axes begin `above` inches below the top."""
        self.heading.draw(sheet, top)
        top += above
        self._draw_axis_names(sheet, top + self._axis_row * 0.7)
        top += self._axis_row
        axes = sheet.axes(self._left, top, self._wide, self._high)
        axes.set_facecolor(self.page.look.colour("shade"))
        rows, columns = len(self.heatmap.rows), len(self.heatmap.columns)
        axes.set_xlim(-0.5, columns - 0.5)
        axes.set_ylim(rows - 0.5, -0.5)
        table = fractions(self.heatmap, self._scale)
        draw_image(axes, table, (-0.5, table.shape[1] - 0.5, rows - 0.5, -0.5))
        self._draw_names(sheet, top)
        self._bar.draw(sheet, self._left + self._wide, top)

    def _draw_axis_names(self, sheet: Sheet, y: float) -> None:
        shown = [
            f"{safe(name)} {arrow}"
            for name, arrow in ((self.heatmap.row_axis, "↓"), (self.heatmap.column_axis, "→"))
            if name
        ]
        text = shortened(
            " · ".join(shown), self.page.page_right - self.page.page_left, self._points
        )
        sheet.words(self.page.page_left, y, text, role="muted", points=self._points)

    def _draw_names(self, sheet: Sheet, top: float) -> None:
        rows, columns = self._names
        points = self._points
        pitch = self._high / len(rows)
        for at in range(0, len(rows), named_rows(len(rows), self._high, points)):
            y = top + (at + 0.5) * pitch
            sheet.words(
                self._left - _GAP, y, rows[at], role="muted", points=points, ha="right",
                va="center_baseline",
            )  # fmt: skip
        y = top + self._high + _GAP
        for at in range(0, len(columns), named_rows(len(columns), self._wide, points)):
            x = self._left + (at + 0.5) * self._cell
            sheet.words(
                x, y, columns[at], role="muted", points=points, ha="right", va="center_baseline",
                rotation=90.0,
            )  # fmt: skip
