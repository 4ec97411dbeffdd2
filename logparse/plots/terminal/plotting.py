"""What is inside the margins of a chart: curves, best points, levels and bands on a canvas."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from logparse.plots.terminal.canvas import Pen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from logparse.plots.content import Chart, Line, Role
    from logparse.plots.terminal.canvas import Canvas
    from logparse.plots.terminal.frame import Frame
    from logparse.plots.terminal.scales import Scale
    from logparse.signals.series import FloatArray

_STYLES = {"val": "metric", "train": "dim", "total": "", "reference": "dim", "muted": "dim"}
# Curves are told apart without colour: by signs in ASCII, else by their dashes, of which a
# sample stands before the label.
_SIGNS = "*o+x#@%&"
_DASHES = (("─", "#"), ("┈", "#."), ("╌", "####.."), ("┄", "######.#."), ("·", "#.."))
_THIN = (True, False, False)
_MOST_ON_BANDS = 3
"""More curves with a band behind them cannot be read."""


def style_of(role: Role) -> str:
    """The style of a role's spans; parts have their own."""
    return _STYLES.get(role, role)


def sample(order: int, *, ascii_only: bool) -> str:
    """What the curve of this number, from 0, is drawn with: one character."""
    return _SIGNS[order % len(_SIGNS)] if ascii_only else _DASHES[order % len(_DASHES)][0]


def named(chart: Chart) -> list[Line]:
    """The curves with a label, the less important ones last."""
    return sorted((line for line in chart.lines if line.label), key=lambda line: line.is_thin)


@dataclass(frozen=True, slots=True)
class Plot:
    """A chart on its way to a canvas; `scale` is that of the values."""

    chart: Chart
    scale: Scale
    frame: Frame
    canvas: Canvas

    def draw(self) -> None:
        """Everything, the most important first: what is there already stays."""
        first = named(self.chart)
        # The runs of a group would hide the band that sums them up.
        rest = [
            line
            for line in self.chart.lines
            if not line.label and not (self.chart.bands and line.is_thin and not line.is_dashed)
        ]
        for order, line in enumerate(first):
            dashes = tuple(sign == "#" for sign in _DASHES[order % len(_DASHES)][1])
            self._stroke(line, Pen(style_of(line.role), sample(order, ascii_only=True), dashes))
        for order, line in enumerate(rest):
            sign = "." if first or order else "*"
            dashes = _THIN if line.is_thin or line.is_dashed else (True,)
            self._stroke(line, Pen(style_of(line.role), sign, dashes, is_shy=True))
        self._dots()
        self._levels()
        if len(first) <= _MOST_ON_BANDS:
            self._bands()

    def _stroke(self, line: Line, pen: Pen) -> None:
        places, values = self.frame.scale.shares(line.x), self.scale.shares(line.y)
        points = zip(places.tolist(), values.tolist(), strict=True)
        self.canvas.stroke(
            [point if all(at == at for at in point) else None for point in points], pen
        )

    def _dots(self) -> None:
        for dot in self.chart.dots:
            column, row = self.frame.column(dot.x), self._row(dot.y)
            if column is not None and row is not None:
                signs = ("●", "@") if dot.kind == "best" else ("▲", "^")
                self.canvas.put(column, row, self.frame.sign(*signs), style_of(dot.role), over=True)

    def _levels(self) -> None:
        for level in self.chart.levels:
            if (row := self._row(level.value)) is not None:
                self._fill(range(self.canvas.columns), row, ("┄", "-"), "dim")

    def _bands(self) -> None:
        """Shaded from the low to the high edge; not across places where nothing is known."""
        for band in self.chart.bands:
            places = self.frame.scale.shares(band.x)
            there = ~np.isnan(places)
            if not there.any():
                continue
            low, high = (self._rows(places[there], edge[there]) for edge in (band.low, band.high))
            for column, (bottom, top) in enumerate(zip(low, high, strict=True)):
                for row in range(top, bottom + 1) if bottom is not None and top is not None else ():
                    self._fill([column], row, ("░", ":"), style_of(band.role))

    def _rows(self, places: FloatArray, edge: FloatArray) -> list[int | None]:
        """The row of an edge in every column; below a logarithmic scale its foot."""
        shares = self.scale.shares(np.where(edge < self.scale.low, self.scale.low, edge))
        columns = np.linspace(0, 1, self.canvas.columns)
        found = np.interp(columns, places, shares, np.nan, np.nan).tolist()
        return [self.canvas.row_of(share) if share == share else None for share in found]

    def _fill(self, columns: Sequence[int], row: int, signs: tuple[str, str], style: str) -> None:
        for column in columns:
            self.canvas.put(column, row, self.frame.sign(*signs), style)

    def _row(self, value: float) -> int | None:
        share = self.scale.share(value)
        return None if share is None else self.canvas.row_of(share)
