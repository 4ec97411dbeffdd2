"""Charts as lines of text: curves in Braille, labels at their ends, numbers at the left."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from logparse.plots.terminal.canvas import Canvas, Pen
from logparse.plots.terminal.scales import Scale, short, spanning
from logparse.renderers.spans import cells

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from logparse.plots.content import Chart, Line, Role
    from logparse.plots.terminal.frame import Frame
    from logparse.renderers.layout import Page
    from logparse.renderers.spans import Line as TextLine
    from logparse.signals.series import FloatArray

FARTHEST_LEVEL = 0.6
"""A level so many heights of the curves beyond them still has a place on the scale; one farther
off would press them flat, and is named at the edge."""
_STYLES = {"val": "metric", "train": "dim", "total": "", "reference": "dim", "muted": "dim"}
_SIGNS = "*o+x#@%&"
# Solid, dotted, dashed, dash-dotted: told apart without colour, in the order of the labels.
_DASHES = tuple(
    tuple(sign == "#" for sign in pattern) for pattern in ("#", "#.", "####..", "######.#.", "#..")
)
_THIN = (True, False, False)
_ROWS_A_TICK = 3
_FLAT_ROWS = 3


@dataclass(frozen=True, slots=True)
class Label:
    """A text at the right of a row; its `detail` goes where there is no room for it."""

    row: int
    text: str
    detail: str
    style: str

    def shown(self, page: Page, room: int) -> str:
        """As much of the label as there is room for."""
        whole = page.span(self.text + self.detail)[0]
        if cells(whole) <= room:
            return whole
        return page.clip(self.text, room) if room > 0 else ""


@dataclass(frozen=True)
class Drawing:
    """A chart of so many rows on a page, before its margins are known."""

    chart: Chart
    usual_rows: int
    page: Page

    @property
    def rows(self) -> int:
        """How many rows it takes: no more than a few for what is the same everywhere."""
        is_flat = self.scale is not None and self.scale.low == self.scale.high
        return min(self.usual_rows, _FLAT_ROWS) if is_flat else self.usual_rows

    def row_of(self, share: float) -> int:
        """The row, from the top, for a share of the height, from the bottom."""
        return Canvas(1, self.rows, ascii_only=self.page.ascii_only).row_of(share)

    @cached_property
    def scale(self) -> Scale | None:
        """Over the curves, and the levels that are not far from them; None without a value."""
        chart = self.chart
        told = [line.y for line in chart.lines]
        told += [edge for band in chart.bands for edge in (band.low, band.high)]
        curves = spanning(told, is_log=chart.is_log)
        values = [level.value for level in chart.levels]
        if curves is None:
            return spanning([np.array(values)], is_log=chart.is_log)
        near = [value for value in values if curves.beyond(value) <= FARTHEST_LEVEL]
        return spanning([*told, np.array(near)], is_log=chart.is_log)

    @cached_property
    def ticks(self) -> dict[int, str]:
        """Rows with the numbers that belong there."""
        if self.scale is None:
            return {}
        found: dict[int, str] = {}
        for value in self.scale.ticks(max(self.rows // _ROWS_A_TICK, 2)):
            share, text = self.scale.share(value), short(value)
            if share is not None and text not in found.values():
                found.setdefault(self.row_of(share), text)
        return found

    @cached_property
    def named(self) -> list[Line]:
        """The curves with a label, the less important ones last."""
        return sorted(
            (line for line in self.chart.lines if line.label), key=lambda one: one.is_thin
        )

    @property
    def _arrows(self) -> str:
        """Down and up."""
        return "v^" if self.page.ascii_only else "↓↑"

    @property
    def labels(self) -> Iterator[Label]:
        """What stands at the right."""
        for order, line in enumerate(self.named):
            if (share := self._end_of(line)) is not None:
                key = self._key(order) if len(self.named) > 1 else ""
                yield Label(self.row_of(share), key + line.label, "", style_of(line.role))
        for level in self.chart.levels:
            if self.scale is None or np.isnan(level.value):
                continue
            share = self.scale.share(level.value)
            is_above = level.value > self.scale.high
            arrow = "" if share is not None else f"{self._arrows[is_above]} "
            row = self.row_of(float(is_above) if share is None else share)
            yield Label(row, arrow + level.label, f" {short(level.value)}", "dim")

    def lines(self, frame: Frame) -> Iterator[TextLine]:
        """The rows between the margins; one that says so where there is nothing to draw."""
        if self.scale is None:
            yield (frame.margin(), (frame.page.clip("no finite value", frame.columns), "dim"))
            return
        canvas = frame.canvas(self.rows)
        self._draw(canvas, frame)
        labels = placed(self.labels, self.rows)
        for row, drawn in enumerate(canvas.lines()):
            text = self.ticks.get(row, "")
            rule = frame.sign("┤", "|") if text else frame.sign("│", "|")
            label = labels[row].shown(self.page, frame.right - 1) if row in labels else ""
            told = ((f" {label}", labels[row].style),) if label else ()
            yield (frame.margin(text, "dim", rule), *drawn, *told)

    def _draw(self, canvas: Canvas, frame: Frame) -> None:
        rest = [line for line in self.chart.lines if not line.label]
        is_alone = not self.named
        for order, line in enumerate(self.named):
            canvas.stroke(self._points(line, frame), self._pen(line, order))
        for order, line in enumerate(rest):
            pen = Pen(style_of(line.role), "*" if is_alone and not order else ".", is_shy=True,
                      dashes=_THIN if line.is_thin or line.is_dashed else (True,))  # fmt: skip
            canvas.stroke(self._points(line, frame), pen)
        self._dots(canvas, frame)
        self._levels(canvas, frame)
        self._bands(canvas, frame)

    def _pen(self, line: Line, order: int) -> Pen:
        sign = _SIGNS[order % len(_SIGNS)]
        return Pen(style_of(line.role), sign, _DASHES[order % len(_DASHES)])

    def _key(self, order: int) -> str:
        """A sample of a curve's dashes, or its sign."""
        if self.page.ascii_only:
            return f"{_SIGNS[order % len(_SIGNS)]} "
        return ("─ ", "┈ ", "╌ ", "┄ ", "· ")[order % len(_DASHES)]

    def _points(self, line: Line, frame: Frame) -> list[tuple[float, float] | None]:
        assert self.scale is not None
        x, y = frame.scale.shares(line.x).tolist(), self.scale.shares(line.y).tolist()
        return [(a, b) if a == a and b == b else None for a, b in zip(x, y, strict=True)]

    def _end_of(self, line: Line) -> float | None:
        """The share of the height at which a curve ends."""
        if self.scale is None:
            return None
        shares = self.scale.shares(line.y)
        told = shares[~np.isnan(shares)]
        return float(told[-1]) if len(told) else None

    def _dots(self, canvas: Canvas, frame: Frame) -> None:
        for dot in self.chart.dots:
            x, y = frame.scale.share(dot.x), self.scale.share(dot.y) if self.scale else None
            if x is None or y is None:
                continue
            sign = frame.sign("●", "@") if dot.kind == "best" else frame.sign("▲", "^")
            style = "good" if dot.kind == "best" else "warning"
            canvas.put(canvas.column_of(x), canvas.row_of(y), sign, style, over=True)

    def _levels(self, canvas: Canvas, frame: Frame) -> None:
        for level in self.chart.levels:
            share = self.scale.share(level.value) if self.scale else None
            for column in range(canvas.columns if share is not None else 0):
                canvas.put(column, canvas.row_of(share or 0.0), frame.sign("┄", "-"), "dim")

    def _bands(self, canvas: Canvas, frame: Frame) -> None:
        """Shaded from the low to the high edge, wherever nothing else is."""
        assert self.scale is not None
        columns = np.linspace(0, 1, canvas.columns)
        for band in self.chart.bands:
            places = frame.scale.shares(band.x)
            low, high = (self._clamped(edge) for edge in (band.low, band.high))
            is_told = ~np.isnan(places + low + high)
            if not is_told.any():
                continue
            edges = [np.interp(columns, places[is_told], edge[is_told], np.nan, np.nan).tolist()
                     for edge in (low, high)]  # fmt: skip
            for column, (bottom, top) in enumerate(zip(*edges, strict=True)):
                if bottom == bottom:
                    for row in range(canvas.row_of(top), canvas.row_of(bottom) + 1):
                        canvas.put(column, row, frame.sign("░", ":"), style_of(band.role))

    def _clamped(self, edge: FloatArray) -> FloatArray:
        """Shares of the height, for values below a logarithmic scale its foot."""
        assert self.scale is not None
        return self.scale.shares(np.where(edge < self.scale.low, self.scale.low, edge))


def style_of(role: Role) -> str:
    """The style of a role's spans; parts have their own."""
    return _STYLES.get(role, role)


def placed(labels: Iterable[Label], rows: int) -> dict[int, Label]:
    """Labels by row, each as near to its own as there is room, in their order.

    Of more than there are rows the last are left out.
    """
    wanted = sorted([*labels][:rows], key=lambda label: label.row)
    at = [label.row for label in wanted]
    for index in range(1, len(at)):
        at[index] = max(at[index], at[index - 1] + 1)
    last = rows
    for index in reversed(range(len(at))):
        last = at[index] = min(at[index], last - 1)
    return dict(zip(at, wanted, strict=True))


def label_cells(drawing: Drawing, room: int) -> int:
    """How wide the widest label of a drawing is within so much room."""
    return max((cells(label.shown(drawing.page, room)) for label in drawing.labels), default=0)
