"""What joining and stitching share: the numbers of several runs as the rows of one."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from logparse.readers.points.rows import rows_of
from logparse.records import Unparsed
from logparse.run import Coverage, Truncation
from logparse.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from logparse.numerals import Floats
    from logparse.run import Run

AXES = ("step", "epoch", "tokens", "samples", "since_start_s")
"""Columns along which runs are put together; the first that all of them have."""
PLACES = frozenset((*AXES, "clock_s", "line", "epoch_printed", "record"))
"""Columns that say where, of which every file has its own."""


def points_of(run: Run) -> pd.DataFrame:
    """The numbers as logged: of formats that log a line an epoch, the epochs."""
    return run.epochs if run.points is None else run.points


def axis_of(runs: Iterable[Run]) -> str:
    """The axis that all runs have, '' for none."""
    frames = [points_of(run) for run in runs]
    return next(
        (
            axis
            for axis in AXES
            if all(axis in one and one[axis].notna().mean() >= 0.5 for one in frames)
        ),
        "",
    )


def numbers(points: pd.DataFrame, axis: str) -> Floats:
    """Where each point stands on the axis; points that do not say are where the last one is."""
    return points[axis].ffill().bfill().to_numpy(dtype=np.float64)


def interval(places: Floats) -> float:
    """How far it is, mostly, from one place to the next; 1 where there is only one."""
    steps = np.diff(np.unique(places[np.isfinite(places)]))
    return float(np.median(steps)) if len(steps) else 1.0


def metrics_of(run: Run) -> set[str]:
    """The columns that say how the run does."""
    points = points_of(run)
    return {
        str(name) for name in points if str(name) not in PLACES and bool(points[name].notna().any())
    }


def merged(points: pd.DataFrame, runs: Sequence[Run]) -> Run:
    """The first run with the points of all in the order of time, and rows made of them.

    Lines of the later runs are counted on after those of the earlier. What only one can tell,
    as when it began, is the first's that tells it.
    """
    first = runs[0]
    rows = rows_of(points)
    has_points = any(run.points is not None for run in runs)
    declared = {key: run for run in reversed(runs) for key in run.settings}
    began = next((run for run in runs if run.started is not None), first)
    counted = [run.counted_from for run in runs if run.counted_from is not None]
    return replace(
        first,
        epochs=rows.frame,
        axis=rows.axis,
        points=points if has_points else None,
        started=began.started,
        start_text=began.start_text,
        settings=Settings(
            {key: run.settings[key] for key, run in declared.items()},
            {key: run.settings.raw[key] for key, run in declared.items()},
            {key: run.settings.lines[key] for key, run in declared.items()},
        ),
        model=MappingProxyType({k: v for run in reversed(runs) for k, v in run.model.items()}),
        coverage=_summed([run.coverage for run in runs]),
        resolution=MappingProxyType(
            {name: digits for run in reversed(runs) for name, digits in run.resolution.items()}
        ),
        nonfinite=MappingProxyType(_nonfinite(rows.frame, rows.axis, runs)),
        unparsed=tuple(one for run in runs for one in run.unparsed),
        truncation=next((run.truncation for run in reversed(runs) if run.truncation), None),
        counted_from=min(counted) if counted else None,
    )


def _summed(parts: Sequence[Coverage]) -> Coverage:
    return Coverage(
        sum(one.lines for one in parts),
        sum(one.parsed for one in parts),
        sum(one.legend for one in parts),
        sum(one.blank for one in parts),
        tuple(span for one in parts for span in one.unparsed_ranges),
    )


def counted_on(run: Run, after: int) -> Run:
    """The run with its lines counted on, after so many of the files before it."""
    if not after:
        return run
    spans = tuple((a + after, b + after) for a, b in run.coverage.unparsed_ranges)
    cut = run.truncation
    epochs = run.epochs.assign(line=run.epochs["line"] + after)
    points = run.points
    return replace(
        run,
        epochs=epochs,
        points=None if points is None else points.assign(line=points["line"] + after),
        coverage=replace(run.coverage, unparsed_ranges=spans),
        unparsed=tuple(
            Unparsed(one.line + after, one.text, one.column, one.expected) for one in run.unparsed
        ),
        truncation=Truncation(cut.line + after, cut.epoch, cut.missing) if cut else None,
        seams=tuple(replace(seam, line=seam.line + after) for seam in run.seams),
    )


def _nonfinite(frame: pd.DataFrame, axis: str, runs: Sequence[Run]) -> dict[str, NDArray[np.int64]]:
    """Per column the rows where one of the runs has a NaN or an infinity."""
    places = _places(frame, axis)
    epochs = frame["epoch"].to_numpy(dtype=np.int64)
    found: dict[str, set[int]] = {}
    for run in runs:
        theirs = run.epochs["epoch"].to_numpy(dtype=np.int64)
        at = _places(run.epochs, axis if axis in run.epochs else "epoch")
        for name, bad in run.nonfinite.items():
            if name not in frame:
                continue
            rows = np.searchsorted(places, at[np.isin(theirs, bad)])
            found.setdefault(name, set()).update(epochs[rows[rows < len(epochs)]].tolist())
    return {name: np.array(sorted(rows), dtype=np.int64) for name, rows in found.items()}


def _places(frame: pd.DataFrame, axis: str) -> Floats:
    return frame[axis if axis in frame else "epoch"].to_numpy(dtype=np.float64)
