"""Heatmaps over the picture's axis: one row for each parameter, one column for each epoch."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from logparse.plots.drawing.colouring import ColourBar, colour_scale, draw_image, fractions
from logparse.plots.drawing.heading import Heading
from logparse.plots.drawing.lettering import line_height, safe, shortened, width
from logparse.plots.drawing.rows import grouped

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from logparse.plots.content import Heatmap
    from logparse.plots.drawing.scales import Scale
    from logparse.plots.drawing.sheet import Frame, Sheet
    from logparse.plots.look import Look
    from logparse.signals.series import FloatArray

_ROW = 0.13
_HIGHEST, _LOWEST = 6.5, 0.45
_WIDEST_NAME = 2.2
_WIDEST_SHARE = 0.27
_GAP = 0.08
_BRACKET = 0.05
_MOST_COLUMNS = 1000
"""More columns than that are put together, the largest value of each taken."""


@dataclass(frozen=True, eq=False)
class HeatmapPlan:
    """A heatmap on its way to a sheet; it has a row at least."""

    heatmap: Heatmap
    look: Look
    half: float

    @property
    def margins(self) -> tuple[float, float]:
        """Inches that are needed left of the axes, and right of them."""
        most = min(_WIDEST_NAME, self.look.width_in * _WIDEST_SHARE)
        small = self.look.small_pt
        names = (width(shortened(name, most, small), small) for name, _, _ in self._names)
        return max(names) + _GAP / 2 + _BRACKET, self._bar.width

    def height(self, frame: Frame) -> float:
        """Inches of the whole panel."""
        return self._heading(frame).height + self._body

    def draw(self, sheet: Sheet, frame: Frame, top: float, shared: Axes | None) -> Axes:
        """The panel, from `top` inches down."""
        heading = self._heading(frame)
        heading.draw(sheet, top)
        top += heading.height
        axes = sheet.axes(frame.left, top, frame.right - frame.left, self._body, shared)
        axes.set_facecolor(self.look.colour("shade"))
        axes.set_xlim(frame.x.low, frame.x.high)
        count = len(self.heatmap.rows)
        axes.set_ylim(count - 0.5, -0.5)
        first, last, table = self._table
        draw_image(axes, table, (first, last, count - 0.5, -0.5))
        self._draw_names(sheet, frame, top)
        self._bar.draw(sheet, frame.right, top)
        return axes

    def _heading(self, frame: Frame) -> Heading:
        shown = self.heatmap
        return Heading(frame, shown.title, shown.unit, shown.notes, shown.marks, (), self.half)

    @cached_property
    def _scale(self) -> Scale:
        return colour_scale(self.heatmap)

    @cached_property
    def _table(self) -> tuple[float, float, FloatArray]:
        return on_grid(self.heatmap.x, fractions(self.heatmap, self._scale))

    @cached_property
    def _bar(self) -> ColourBar:
        return ColourBar(
            self._scale, self._body, self.look, has_gaps=bool(np.isnan(self._table[2]).any())
        )

    @property
    def _body(self) -> float:
        return min(max(len(self.heatmap.rows) * _ROW, _LOWEST), _HIGHEST)

    @cached_property
    def _names(self) -> list[tuple[str, int, int]]:
        """What stands at the left, with the rows it is for: from the first to before the last."""
        rows = [safe(name) for name in self.heatmap.rows]
        every = named_rows(len(rows), self._body, self.look.small_pt)
        if every > 1 and (groups := grouped(rows, every)):
            return [(group.name, group.first, group.stop) for group in groups]
        return [(rows[at], at, at + 1) for at in range(0, len(rows), every)]

    def _draw_names(self, sheet: Sheet, frame: Frame, top: float) -> None:
        pitch = self._body / len(self.heatmap.rows)
        right = frame.left - _GAP / 2
        for name, first, stop in self._names:
            y = top + (first + stop) / 2 * pitch
            if stop - first > 1:
                ends = top + first * pitch + 0.012, top + stop * pitch - 0.012
                sheet.stroke([right, right], ends, "muted", width_pt=0.8)
            x = right - _BRACKET
            shown = shortened(name, x - frame.page_left, self.look.small_pt)
            sheet.words(
                x, y, shown, role="muted", points=self.look.small_pt, ha="right",
                va="center_baseline",
            )  # fmt: skip


def named_rows(count: int, height: float, points: float) -> int:
    """1 where every row has the height of a line of text; else how many rows a line takes."""
    pitch = height / count
    needed = line_height(points) * 0.85
    return 1 if pitch >= needed else int(np.ceil(needed / pitch))


def on_grid(x: FloatArray, values: FloatArray) -> tuple[float, float, FloatArray]:
    """The table with columns at equal distances, NaN where x has none; its outer edges in x.

    Columns whose places fall together, for there are very many, show their largest value.
    """
    x = np.asarray(x, dtype=np.float64)
    if len(x) < 2 or not x[-1] > x[0]:
        at = float(x[0]) if len(x) else 0.0
        return at - 0.5, at + 0.5, values[:, :1]
    span = float(x[-1] - x[0])
    step = max(float(np.diff(x)[np.diff(x) > 0].min()), span / (_MOST_COLUMNS - 1))
    places = np.rint((x - x[0]) / step).astype(int)
    table = np.full((len(values), int(places[-1]) + 1), np.nan)
    for place, column in zip(places, values.T, strict=True):
        table[:, place] = np.fmax(table[:, place], column)
    edge = span / (table.shape[1] - 1) / 2
    return float(x[0]) - edge, float(x[-1]) + edge, table
