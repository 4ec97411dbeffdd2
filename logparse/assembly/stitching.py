"""A run that was resumed into another file: its parts as one, with the seam."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from logparse.assembly.merging import (
    axis_of,
    counted_on,
    interval,
    merged,
    metrics_of,
    numbers,
    points_of,
)
from logparse.run import Seam

if TYPE_CHECKING:
    from logparse.run import Run

LATE = 1.5
"""A run that begins after more than so many intervals did not begin there."""
LOST = 5
"""So many intervals may be missing between the parts: what was not yet on disk at the end."""
ALIKE = 0.5
"""So much of the columns of both must be in both."""


def goes_on(before: Run, run: Run) -> bool:
    """True where the run begins late, within or just after the one before, and logs the same."""
    if len(before.parameters) or len(run.parameters):
        return False
    mine, theirs = metrics_of(run), metrics_of(before)
    axis = axis_of((before, run))
    if not axis or len(mine & theirs) < ALIKE * len(mine | theirs):
        return False
    old, new = numbers(points_of(before), axis), numbers(points_of(run), axis)
    usual = max(interval(old), interval(new))
    is_late = new[0] > LATE * usual and new[0] > old[0]
    return bool(is_late and new[0] <= old[-1] + LOST * usual and new[-1] >= new[0])


def stitched(before: Run, run: Run, after: int) -> Run:
    """Both as one run; of what both tell, the later counts, and the seam says so.

    Lines are counted through: `after` are those of the files before the later one.
    """
    axis = axis_of((before, run))
    later = counted_on(run, after)
    old, new = points_of(before), points_of(later)
    places = numbers(old, axis)
    start, reached = float(numbers(new, axis)[0]), float(places[-1])
    kept = places < start
    line = int(new["line"].iloc[0])
    seam = Seam(line, start, reached, int((~kept).sum()), run.source)
    points = pd.concat([old[kept], new], ignore_index=True)
    return replace(
        merged(points, [_until(before, axis, start), later]),
        seams=(*before.seams, seam, *later.seams),
        truncation=later.truncation,
    )


def _until(run: Run, axis: str, start: float) -> Run:
    """The run without what is not finite from there on."""
    at = run.epochs[axis if axis in run.epochs else "epoch"].to_numpy(dtype=np.float64)
    early = run.epochs["epoch"].to_numpy(dtype=np.int64)[at < start]
    kept = {name: rows[np.isin(rows, early)] for name, rows in run.nonfinite.items()}
    return replace(
        run, nonfinite=MappingProxyType({k: rows for k, rows in kept.items() if len(rows)})
    )
