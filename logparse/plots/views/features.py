"""Scores of the input features, where the log ranks them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from logparse.plots.content import PARTS, Blank, Chart, Line, part
from logparse.plots.grids import Grid, heatmap
from logparse.plots.parts import left_out
from logparse.plots.subject import thinned

if TYPE_CHECKING:
    from logparse.plots.content import Panel
    from logparse.plots.subject import Subject


def panels(subject: Subject) -> list[Panel]:
    """The scores of the foremost features as lines, and of all as colours if there are more."""
    grid = _scores(subject)
    if not len(grid):
        return [Blank("feature scores", "the log has no feature scores")]
    lines = tuple(_line(grid, at) for at in range(min(len(grid.names), PARTS)))
    is_log = subject.is_log(lines)
    rest = len(grid.names) - len(lines)
    chart = Chart(
        title="feature scores",
        is_log=is_log,
        lines=lines,
        shades=subject.shades,
        notes=((f"{rest} lower not drawn",) if rest else ()) + left_out(lines, is_log=is_log),
    )
    if not rest:
        return [chart]
    return [chart, heatmap("scores of all features", grid, subject, row_axis="feature")]


def _scores(subject: Subject) -> Grid:
    """Scores within the window, foremost features first: by the sum of all their scores.

    The sum, and not the mean, because a feature that made it into one list only is not foremost.
    """
    first, last = subject.window
    listed = subject.run.features
    listed = listed[listed["epoch"].between(first, last) & np.isfinite(listed["score"])]
    names = tuple(map(str, pd.unique(listed["name"])))
    epochs = np.unique(listed["epoch"].to_numpy(dtype=np.int64))
    values = np.full((len(epochs), len(names)), np.nan)
    place = {name: at for at, name in enumerate(names)}
    rows = np.searchsorted(epochs, listed["epoch"].to_numpy(dtype=np.int64))
    columns = np.array([place[str(name)] for name in listed["name"]], dtype=np.int64)
    # A list without the feature is a gap in its line.
    np.fmax.at(values, (rows, columns), listed["score"].to_numpy(dtype=np.float64))
    with np.errstate(over="ignore"):
        sums = np.nansum(values, axis=0)
    return Grid(names, epochs, values).only(np.argsort(-sums, kind="stable").tolist())


def _line(grid: Grid, at: int) -> Line:
    x = grid.epochs.astype(np.float64)
    return thinned(Line(grid.names[at], x, grid.values[:, at], part(at), is_thin=True))
