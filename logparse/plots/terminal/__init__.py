"""Pictures in a terminal, as lines of spans: for people on a machine without a screen."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from logparse.plots.content import Blank, Chart, Heatmap
from logparse.plots.terminal.charts import Drawing, label_cells
from logparse.plots.terminal.frame import Frame
from logparse.plots.terminal.heatmaps import heatmap_lines
from logparse.renderers.layout import spaced
from logparse.renderers.spans import cells

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from logparse.plots.content import Panel, Picture
    from logparse.renderers.layout import Page
    from logparse.renderers.spans import Line, Span

_LEAST_ROWS = 3
_WIDEST_NUMBERS = 10
# Of the page, for labels at the right: what is left must show the curves.
_SHARE_OF_LABELS = 0.25


def lines(picture: Picture, page: Page, *, height: int = 10) -> Iterator[Line]:
    """The picture as wide as the page, a usual panel `height` rows high without title and axis.

    Curves are told apart by their dashes and by the labels at their ends, in the order of the
    ends, so that they can be read without colour. `page.ascii_only` draws with ASCII signs.
    """
    charts = {
        index: Drawing(panel, max(round(height * panel.height), _LEAST_ROWS), page)
        for index, panel in enumerate(picture.panels)
        if isinstance(panel, Chart)
    }
    frame = _frame(picture, page, [*charts.values()])
    # The phases are the same everywhere: they are named once, above the last axis.
    shaded = [index for index, drawing in charts.items() if drawing.chart.shades][-1:]
    blocks = [
        _chart(charts[index], frame, is_phased=index in shaded)
        if index in charts
        else _other(panel, frame)
        for index, panel in enumerate(picture.panels)
    ]
    yield from spaced([_heading(picture, page), *blocks])


def _frame(picture: Picture, page: Page, drawings: Sequence[Drawing]) -> Frame:
    """Margins that hold the numbers, the codes and the labels of all panels."""
    left = [cells(text) for drawing in drawings for text in drawing.ticks.values()]
    for drawing in drawings:
        left += [cells(page.span(mark.code)[0]) for mark in drawing.chart.marks]
        left += [len("nan/inf")] if drawing.chart.broken else []
        left += [len("phase")] if drawing.chart.shades else []
    room = int(_SHARE_OF_LABELS * page.width)
    right = max((label_cells(drawing, room) for drawing in drawings), default=0)
    return Frame(
        page,
        picture.axis,
        left=min(max(left, default=0), _WIDEST_NUMBERS) + 2,
        right=right + 1 if right else 0,
    )


def _heading(picture: Picture, page: Page) -> Iterator[Line]:
    told = [(picture.title, "title"), (picture.subtitle, "dim")]
    yield from page.flow([(_fitting(text, style, page),) for text, style in told if text])


def _title(panel: Panel, page: Page, notes: Sequence[str] = ()) -> Iterator[Line]:
    """The panel's title with unit and scale, and the remarks on it."""
    facts = []
    if not isinstance(panel, Blank):
        facts = [panel.unit, "log scale" if panel.is_log else ""]
    told = [(panel.title, "title"), *((text, "dim") for text in (*facts, *notes))]
    yield from page.flow([(_fitting(text, style, page),) for text, style in told if text], hang=2)


def _fitting(text: str, style: str, page: Page) -> Span:
    # Two less than the page, for where it is broken.
    return (page.clip(text, page.width - 2), style)


def _chart(drawing: Drawing, frame: Frame, *, is_phased: bool) -> Iterator[Line]:
    chart = drawing.chart
    yield from _title(chart, frame.page, chart.notes)
    yield from frame.lanes(chart.marks)
    yield from drawing.lines(frame)
    yield from frame.broken(chart.broken)
    yield from frame.phases(chart.shades) if is_phased else ()
    yield from frame.bottom()


def _other(panel: Panel, frame: Frame) -> Iterator[Line]:
    if isinstance(panel, Heatmap):
        yield from _title(panel, frame.page, panel.notes)
        yield from heatmap_lines(panel, replace(frame, right=0))
    elif isinstance(panel, Blank):
        yield from _title(panel, frame.page, [f"not drawn: {panel.reason}"])
