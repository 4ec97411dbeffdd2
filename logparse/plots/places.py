"""Pictures of runs by steps: from the numbers of rows to where the rows stand."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from logparse.axis import is_by_epochs, noun, places
from logparse.plots.content import Axis, Blank, Heatmap, Picture

if TYPE_CHECKING:
    from logparse.plots.content import Chart, Panel
    from logparse.run import Run
    from logparse.signals.series import FloatArray


def placed(made: Picture, run: Run) -> Picture:
    """The picture over the run's own axis; that of a run by epochs as it is."""
    if is_by_epochs(run) or run.first_epoch is None:
        return made
    moved = _Moved(run)
    axis = Axis(noun(run), moved.one(made.axis.low), moved.one(made.axis.high), is_epochs=False)
    return replace(made, axis=axis, panels=tuple(map(moved.panel, made.panels)))


class _Moved:
    """Panels whose places are numbers of a run's rows, moved to where the rows stand."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def all(self, rows: FloatArray) -> FloatArray:
        return places(self._run, rows)

    def one(self, row: float) -> float:
        return float(self.all(np.array([row], dtype=np.float64))[0])

    def panel(self, panel: Panel) -> Panel:
        if isinstance(panel, Blank):
            return panel
        if isinstance(panel, Heatmap):
            return self._heatmap(panel)
        return self._chart(panel)

    def _heatmap(self, map_: Heatmap) -> Heatmap:
        marks = tuple(
            replace(one, first=self.one(one.first), last=self.one(one.last)) for one in map_.marks
        )
        return map_ if map_.columns else replace(map_, x=self.all(map_.x), marks=marks)

    def _chart(self, chart: Chart) -> Chart:
        return replace(
            chart,
            lines=tuple(replace(one, x=self.all(one.x)) for one in chart.lines),
            bands=tuple(replace(one, x=self.all(one.x)) for one in chart.bands),
            dots=tuple(replace(one, x=self.one(one.x)) for one in chart.dots),
            marks=tuple(
                replace(one, first=self.one(one.first), last=self.one(one.last))
                for one in chart.marks
            ),
            shades=tuple(
                replace(one, first=self.one(one.first), last=self.one(one.last))
                for one in chart.shades
            ),
            broken=tuple(map(self.one, chart.broken)),
        )
