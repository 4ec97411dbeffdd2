"""Every parameter over the epochs: gradient norms and update ratios as colours, by depth."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from logparse.plots.content import Blank
from logparse.plots.depth_order import by_depth
from logparse.plots.grids import Grid, grid_of, heatmap
from logparse.plots.parts import part_columns
from logparse.signals.gradients.depth import is_sorted_by_norm

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logparse.plots.content import Heatmap, Panel
    from logparse.plots.subject import Subject

_NORM_CODES = ("GRAD001", "GRAD002", "GRAD004")
_RATIO_CODES = ("UPD001", "UPD002", "UPD003")

_WHERE = ("grad_norm/", "layer_grad_norm/", "update_ratio/", "parameters/")


def panels(subject: Subject) -> list[Panel]:
    """A heatmap of norms and one of ratios: of parameters, else of modules or layers."""
    drawn: list[Panel] = [*_by_parameter(subject)]
    drawn = drawn or [*_by_part(subject)]
    why = subject.lack("gradient norms of parameters or modules", *_WHERE)
    return drawn or [Blank("layers", why)]


def _by_parameter(subject: Subject) -> Iterator[Heatmap]:
    table = subject.signals.gradients.tensors
    if table is None:
        return
    order = by_depth(table.names, keep_order=not is_sorted_by_norm(subject.run))
    rare = subject.run.parameters["name"].nunique() - len(table.names)
    notes = (f"{rare} rarely listed not drawn",) if rare > 0 else ()
    for title, values, codes in (
        ("gradient norm by parameter", table.norms, _NORM_CODES),
        ("update ratio by parameter", table.ratios, _RATIO_CODES),
    ):
        grid = Grid(table.names, table.epochs, values, table.every).only(order)
        yield from _drawn(subject, title, grid, "parameter", codes, notes)


def _by_part(subject: Subject) -> Iterator[Heatmap]:
    for metric, row_axis, codes in (
        ("grad_norm", "module", _NORM_CODES),
        ("layer_grad_norm", "layer", _NORM_CODES),
        ("update_ratio", "module", _RATIO_CODES),
    ):
        columns = part_columns(subject, metric)
        grid = grid_of(subject.run.epochs, columns)
        title = "update ratio" if metric == "update_ratio" else "gradient norm"
        ordered = grid.only(by_depth(grid.names, keep_order=False))
        yield from _drawn(subject, f"{title} by {row_axis}", ordered, row_axis, codes, ())


def _drawn(
    subject: Subject,
    title: str,
    grid: Grid,
    row_axis: str,
    codes: tuple[str, ...],
    notes: tuple[str, ...],
) -> Iterator[Heatmap]:
    if np.isfinite(grid.within(*subject.window).values).any():
        marks = subject.marks("NUM", codes=codes)
        yield heatmap(title, grid, subject, row_axis=row_axis, auto=True, marks=marks, notes=notes)
