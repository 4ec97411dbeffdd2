"""Charts as lines of text: curves in Braille, labels at their ends, numbers at the left."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from logparse.plots.terminal.canvas import Canvas
from logparse.plots.terminal.frame import shortened
from logparse.plots.terminal.plotting import Plot, named, sample, style_of
from logparse.plots.terminal.scales import Scale, short, spanning
from logparse.renderers.spans import cells

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from logparse.plots.content import Chart, Line
    from logparse.plots.terminal.frame import Frame
    from logparse.renderers.layout import Page
    from logparse.renderers.spans import Line as TextLine

FARTHEST_LEVEL = 0.6
"""A level so many heights of the curves beyond them still has a place on the scale; one farther
off would press them flat, and is named at the edge."""
_ROWS_A_TICK = 3
_FLAT_ROWS = 3


@dataclass(frozen=True, slots=True)
class Label:
    """A text at the right of a row behind its `key`; its `detail` goes where room is short."""

    row: int
    key: str
    text: str
    detail: str
    style: str

    def shown(self, page: Page, room: int) -> str:
        """As much of the label as there is room for."""
        text, detail = page.span(self.text)[0], page.span(self.detail)[0]
        left = room - cells(self.key)
        if cells(text + detail) <= left:
            return self.key + text + detail
        return self.key + shortened(text, left, page.ellipsis) if left > 0 else ""


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

    @property
    def labels(self) -> Iterator[Label]:
        """What stands at the right."""
        lines = named(self.chart)
        for order, line in enumerate(lines):
            if (share := self._end_of(line)) is not None:
                key = f"{sample(order, ascii_only=self.page.ascii_only)} " if len(lines) > 1 else ""
                yield Label(self.row_of(share), key, line.label, "", style_of(line.role))
        for level in self.chart.levels:
            if self.scale is None or np.isnan(level.value):
                continue
            share = self.scale.share(level.value)
            is_above = level.value > self.scale.high
            arrow = ("v^" if self.page.ascii_only else "↓↑")[is_above]
            row = self.row_of(float(is_above) if share is None else share)
            key = f"{arrow} " if share is None else ""
            value = short(level.value)
            detail = "" if level.label.endswith(value) else f" {value}"
            yield Label(row, key, level.label, detail, "dim")

    def lines(self, frame: Frame) -> Iterator[TextLine]:
        """The rows between the margins; one that says so where there is nothing to draw."""
        if self.scale is None:
            yield (frame.margin(), (frame.page.clip("no finite value", frame.columns), "dim"))
            return
        canvas = frame.canvas(self.rows)
        Plot(self.chart, self.scale, frame, canvas).draw()
        labels = placed(self.labels, self.rows)
        for row, drawn in enumerate(canvas.lines()):
            text = self.ticks.get(row, "")
            rule = frame.sign("┤", "|") if text else frame.sign("│", "|")
            label = labels[row].shown(self.page, frame.right - 1) if row in labels else ""
            told = ((f" {label}", labels[row].style),) if label else ()
            yield (frame.margin(text, "dim", rule), *drawn, *told)

    def _end_of(self, line: Line) -> float | None:
        """The share of the height at which a curve ends."""
        if self.scale is None:
            return None
        shares = self.scale.shares(line.y)
        told = shares[~np.isnan(shares)]
        return float(told[-1]) if len(told) else None


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
