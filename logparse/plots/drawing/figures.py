"""A picture as a matplotlib Figure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np

from logparse.plots.content import Blank, Chart, Heatmap
from logparse.plots.drawing.charts import ChartPlan
from logparse.plots.drawing.heading import Heading
from logparse.plots.drawing.heatmaps import HeatmapPlan
from logparse.plots.drawing.lettering import clipped, line_height, safe, width, wrapped
from logparse.plots.drawing.maps import MapsPlan
from logparse.plots.drawing.scales import (
    Scale,
    epoch_labels,
    epoch_ticks,
    place_labels,
    spanning,
)  # fmt: skip
from logparse.plots.drawing.sheet import Frame, Sheet, show_ticks
from logparse.plots.look import Look

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from logparse.plots.content import Axis, Panel, Picture

_PAD = 0.12
_BETWEEN_PANELS = 0.16
_WIDEST_MARGIN = 0.3
"""Neither margin takes more than this part of the width."""
_LEAST_MARGIN = 0.32
_TICK_APART = 0.62
_TICK_ROW = 0.24
_BESIDE_TICKS = 0.3
# A title is mostly a path, whose end says more than its start.
_HEAD = 0.3


class Plan(Protocol):
    """A panel on its way to a sheet."""

    @property
    def margins(self) -> tuple[float, float]:
        """Inches that are needed left of the axes, and right of them."""

    def height(self, frame: Frame) -> float:
        """Inches of the whole panel."""

    def draw(self, sheet: Sheet, frame: Frame, top: float, shared: Axes | None) -> Axes | None:
        """The panel, from `top` inches down; its axes where they are on the shared axis."""


class BlankPlan:
    """A slim panel that says why there is nothing to see."""

    margins = (0.0, 0.0)

    def __init__(self, blank: Blank) -> None:
        self._blank = blank

    def height(self, frame: Frame) -> float:
        """Inches of the whole panel."""
        return self._heading(frame).height + line_height(frame.look.text_pt)

    def draw(self, sheet: Sheet, frame: Frame, top: float, shared: Axes | None) -> None:
        """Title and reason."""
        heading = self._heading(frame)
        heading.draw(sheet, top)
        room = frame.page_right - frame.page_left
        reason = clipped(safe(self._blank.reason), room, frame.look.text_pt)
        y = top + heading.height + line_height(frame.look.text_pt) * 0.6
        sheet.words(frame.page_left, y, reason, role="muted")

    def _heading(self, frame: Frame) -> Heading:
        return Heading(frame, self._blank.title)


def figure(picture: Picture, look: Look | None = None) -> Figure:
    """The picture drawn, as wide as the look says and as high as its panels need.

    The Figure belongs to no window and no pyplot; matplotlib's settings are neither changed nor
    heard. Raises nothing, whatever the values and texts of the picture are.
    """
    look = look or Look()
    plans = list(_plans(picture, look))
    frame = _frame(picture.axis, plans, look)
    title = _Title(picture, frame)
    tops, bottom = [], _PAD + title.height
    for plan in plans:
        tops.append(bottom)
        bottom += plan.height(frame) + _BETWEEN_PANELS
        if plan is _last_on_axis(plans):
            bottom += _TICK_ROW
    sheet = Sheet(look, bottom + _PAD - _BETWEEN_PANELS)
    title.draw(sheet, _PAD)
    shared: Axes | None = None
    for plan, top in zip(plans, tops, strict=True):
        axes = plan.draw(sheet, frame, top, shared)
        shared = axes or shared
        if axes is not None and plan is _last_on_axis(plans):
            _draw_axis(sheet, axes, picture.axis, frame, top + plan.height(frame))
    return sheet.figure


def _plans(picture: Picture, look: Look) -> Iterator[Plan]:
    half = _half(picture.axis)
    is_named = False
    maps: list[Heatmap] = []
    for panel in picture.panels:
        is_map = isinstance(panel, Heatmap) and panel.rows and panel.columns
        if maps and not (is_map and _shape(panel) == _shape(maps[0])):
            yield MapsPlan(tuple(maps), look)
            maps = []
        if isinstance(panel, Heatmap) and is_map:
            maps.append(panel)
        elif isinstance(panel, Chart):
            yield ChartPlan(panel, look, half, is_top=not is_named)
            is_named = is_named or bool(panel.shades)
        elif isinstance(panel, Heatmap) and panel.rows:
            yield HeatmapPlan(panel, look, half)
        else:
            reason = panel.reason if isinstance(panel, Blank) else "there are no rows"
            yield BlankPlan(Blank(panel.title, reason))
    if maps:
        yield MapsPlan(tuple(maps), look)


def _shape(panel: Panel) -> tuple[int, int] | None:
    """Rows and columns of a heatmap; those of one shape stand side by side."""
    return (len(panel.rows), len(panel.columns)) if isinstance(panel, Heatmap) else None


def _half(axis: Axis) -> float:
    return 0.5 if axis.is_epochs else 0.0


def _last_on_axis(plans: Sequence[Plan]) -> Plan | None:
    """The lowest panel on the shared axis, which shows its ticks."""
    on_axis = [plan for plan in plans if isinstance(plan, ChartPlan | HeatmapPlan)]
    return on_axis[-1] if on_axis else None


def _x_scale(axis: Axis) -> Scale:
    """Epochs have half a place of room at both ends, other axes a hundredth."""
    ends = np.array([axis.low, axis.high], dtype=np.float64)
    if axis.is_epochs and np.isfinite(ends).all() and abs(ends).max() < 1e15:
        return Scale(float(ends.min()) - 0.5, float(ends.max()) + 0.5)
    return spanning(ends, padding=0.01)


def _frame(axis: Axis, plans: Sequence[Plan], look: Look) -> Frame:
    """One frame for all panels, so that their axes stand under each other."""
    widest = look.width_in * _WIDEST_MARGIN
    left = max([_LEAST_MARGIN, *(plan.margins[0] for plan in plans)])
    named = width(safe(axis.label), look.small_pt) + _BESIDE_TICKS
    right = max([named, *(plan.margins[1] for plan in plans)])
    return Frame(
        _PAD, _PAD + min(left, widest), look.width_in - _PAD - min(right, widest),
        look.width_in - _PAD, _x_scale(axis), look,
    )  # fmt: skip


class _Title:
    """The picture's name and facts about it."""

    def __init__(self, picture: Picture, frame: Frame) -> None:
        self._frame = frame
        look = frame.look
        room = frame.page_right - frame.page_left
        self._title = clipped(safe(picture.title), room, look.title_pt, is_bold=True, head=_HEAD)
        self._facts = wrapped([safe(picture.subtitle)], room, look.text_pt, 1)

    @property
    def height(self) -> float:
        look = self._frame.look
        rows = line_height(look.title_pt) * bool(self._title)
        rows += line_height(look.text_pt) * bool(self._facts[0])
        return rows + _BETWEEN_PANELS * bool(rows)

    def draw(self, sheet: Sheet, top: float) -> None:
        look, left = self._frame.look, self._frame.page_left
        if self._title:
            top += line_height(look.title_pt)
            y = top - line_height(look.title_pt) * 0.25
            sheet.words(left, y, self._title, points=look.title_pt, is_bold=True)
        y = top + line_height(look.text_pt) * 0.8
        sheet.words(left, y, self._facts[0], role="muted")


def _draw_axis(sheet: Sheet, axes: Axes, axis: Axis, frame: Frame, bottom: float) -> None:
    """Ticks and the name of the shared axis, `bottom` inches from the top."""
    most = max(int((frame.right - frame.left) / _TICK_APART), 1)
    points = frame.look.small_pt
    if axis.is_epochs:
        show_ticks(
            axes.xaxis, lambda low, high: epoch_ticks(low, high, most), epoch_labels,
        )  # fmt: skip
        last = epoch_labels(epoch_ticks(frame.x.low, frame.x.high, most))[-1]
    else:
        show_ticks(
            axes.xaxis, lambda low, high: Scale(low, high).ticks(most), place_labels,
        )  # fmt: skip
        last = place_labels(frame.x.ticks(most))[-1]
    left = frame.right + width(last, points) / 2 + 0.08
    name, below = safe(axis.label), bottom + 0.15
    if left + width(name, points) > frame.page_right:
        left, below = max(frame.page_right - width(name, points), frame.left), bottom + 0.32
    name = clipped(name, frame.page_right - left + 0.02, points)
    sheet.words(left, below, name, role="muted", points=points)
