"""Numbers by name and epoch, cut to what can be looked at, as a heatmap."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from logparse.findings import plural
from logparse.plots.content import Heatmap

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt
    import pandas as pd

    from logparse.plots.content import Mark
    from logparse.plots.subject import Subject
    from logparse.signals.series import FloatArray, IntArray

MOST_ROWS = 600
"""With more, a row is thinner than a line of print can tell apart."""
MOST_COLUMNS = 300
"""With more, a column is narrower than a pixel of a usual screen."""


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """One row for each epoch, one column for each name; NaN where there is no number.

    `every` is k where only every k-th list of the log is looked at.
    """

    names: tuple[str, ...]
    epochs: IntArray
    values: FloatArray
    every: int = 1

    def __len__(self) -> int:
        return int(np.isfinite(self.values).sum())

    def within(self, first: int, last: int) -> Grid:
        """The epochs from first to last, inclusive."""
        return self.rows((self.epochs >= first) & (self.epochs <= last))

    def rows(self, keep: npt.NDArray[np.bool_] | slice) -> Grid:
        """Some of the epochs."""
        return replace(self, epochs=self.epochs[keep], values=self.values[keep])

    def only(self, keep: Sequence[int]) -> Grid:
        """Some of the names, in the order given."""
        at = list(keep)
        names = tuple(self.names[i] for i in at)
        return replace(self, names=names, values=self.values[:, at])

    def thinned(self, most: int = MOST_COLUMNS) -> Grid:
        """Every k-th epoch, the newest among them, so that at most so many are left."""
        k = max(-(-len(self.epochs) // most), 1)
        return replace(
            self.rows(slice(None, None, -k)).rows(slice(None, None, -1)), every=k * self.every
        )

    def largest(self, most: int = MOST_ROWS) -> Grid:
        """The names with the largest medians, at most so many, in the order they have."""
        if len(self.names) <= most:
            return self
        top = np.argsort(-self.typical, kind="stable")[:most]
        return self.only(np.sort(top).tolist())

    @property
    def typical(self) -> FloatArray:
        """The median of each name, -inf for one without a number."""
        return np.array([_median(column) for column in self.values.T])


def grid_of(run_epochs: pd.DataFrame, columns: Sequence[str]) -> Grid:
    """Columns of the epochs, named by what follows their first slash; infinities are left out."""
    values = run_epochs[list(columns)].to_numpy(dtype=np.float64)
    values = np.where(np.isfinite(values), values, np.nan)
    names = tuple(column.partition("/")[2] or column for column in columns)
    return Grid(names, run_epochs["epoch"].to_numpy(dtype=np.int64), values)


def heatmap(
    title: str,
    grid: Grid,
    subject: Subject,
    *,
    row_axis: str,
    auto: bool | None = None,
    marks: tuple[Mark, ...] = (),
    notes: tuple[str, ...] = (),
) -> Heatmap:
    """The grid within the subject's window, cut to what can be drawn, and said so.

    `auto` says whether colours follow the logarithm where nothing else is asked for; None asks
    the numbers themselves.
    """
    shown = grid.within(*subject.window)
    cut = shown.thinned().largest()
    values = cut.values.T
    is_log = subject.is_log([values.ravel()], auto=auto)
    return Heatmap(
        title=title,
        rows=cut.names,
        x=cut.epochs.astype(np.float64),
        values=values,
        is_log=is_log,
        row_axis=row_axis,
        marks=marks,
        notes=(*_cuts(shown, cut, row_axis), *_zeros(values, is_log=is_log), *notes),
    )


def _cuts(whole: Grid, cut: Grid, row_axis: str) -> list[str]:
    told = []
    if len(cut.names) < len(whole.names):
        told.append(f"the {len(cut.names)} largest of {plural(len(whole.names), row_axis)}")
    if cut.every > 1:
        told.append(f"one epoch in {cut.every}")
    return told


def _zeros(values: FloatArray, *, is_log: bool) -> list[str]:
    return ["0 as the lowest colour"] if is_log and bool((values <= 0).any()) else []


def _median(column: FloatArray) -> float:
    known = column[np.isfinite(column)]
    return 2 * float(np.median(known / 2)) if len(known) else -np.inf
