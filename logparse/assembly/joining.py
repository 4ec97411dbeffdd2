"""Training and validation, or a file for each metric, as one run."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from logparse.assembly.merging import (
    PLACES,
    axis_of,
    counted_on,
    interval,
    merged,
    metrics_of,
    numbers,
    points_of,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from logparse.numerals import Floats
    from logparse.run import Run

_SHARED = ("lr", "opt_lr", "grad_norm", "grad_norm_step_max")
"""Columns that both files may have: those of the first count."""


def as_validation(run: Run) -> Run:
    """The run of a file that is called so: its names are those of validation.

    A file of validation need not say so in each name: its `loss` would else be that of training.
    """
    columns = metrics_of(run)
    if any(name.startswith("val_") for name in columns):
        return run
    names = {
        name: f"val_{name.removeprefix('train_')}"
        for name in columns
        if name.partition("/")[0] not in _SHARED
    }
    points = run.points
    return replace(
        run,
        epochs=run.epochs.rename(columns=names),
        points=None if points is None else points.rename(columns=names),
        resolution=MappingProxyType({names.get(k, k): v for k, v in run.resolution.items()}),
        nonfinite=MappingProxyType({names.get(k, k): v for k, v in run.nonfinite.items()}),
    )


def why_apart(runs: Sequence[Run]) -> str:
    """Why the runs are not parts of one; '' where they are."""
    if any(len(run.parameters) for run in runs[1:]):
        return "both are logs of whole runs"
    known: set[str] = set()
    for run in runs:
        columns = {name for name in metrics_of(run) if name.partition("/")[0] not in _SHARED}
        if common := sorted(known & columns):
            return f"each has its own {common[0]}"
        known |= columns
    if _is_counted(runs):
        lengths = [len(run.epochs) for run in runs]
        is_even = max(lengths) - min(lengths) <= 1
        return "" if is_even else "their epochs are counted, and they have not as many"
    axis = axis_of(runs)
    if not axis:
        return "they have no axis in common"
    first = numbers(points_of(runs[0]), axis)
    slack = interval(first)
    for run in runs[1:]:
        theirs = numbers(points_of(run), axis)
        inside = (theirs >= first.min() - slack) & (theirs <= first.max() + slack)
        if inside.mean() < 0.5 and not _covers(theirs, first):
            return f"they are at other places: each {axis} is only in one"
    return ""


def joined(runs: Sequence[Run]) -> Run:
    """One run of parts that tell of it side by side, for which `why_apart` knows no reason.

    Lines are those of the first part: what another tells has the line of the last point of the
    first before it. Only coverage, and what was not understood, speaks of lines of the others,
    counted on after those of the first.
    """
    axis = "epoch" if _is_counted(runs) else axis_of(runs)
    frames: list[pd.DataFrame] = []
    for at, run in enumerate(runs):
        points = points_of(run).copy()
        if _is_counted(runs):
            points["epoch"] = _as_counted(runs[0], len(points))
        points[axis] = numbers(points, axis)
        if at:
            points["line"] = np.nan
            known = {name for frame in frames for name in frame} - {"line", axis}
            points = points.drop(columns=[name for name in points if name in known - PLACES])
        frames.append(points)
    if all(frame[axis].is_unique for frame in frames):
        table = pd.concat(frames).groupby(axis, sort=True, as_index=False).first()
    else:
        table = pd.concat(frames, ignore_index=True).sort_values(axis, kind="stable")
    table = table.reset_index(drop=True)
    table["line"] = table["line"].ffill().bfill().astype(np.int64)
    if all(run.points is None for run in runs):
        table["epoch"] = table["epoch"].astype(np.int64)
    after, parts = 0, []
    for run in runs:
        parts.append(counted_on(run, after))
        after += run.coverage.lines
    return merged(table, parts)


def _is_counted(runs: Sequence[Run]) -> bool:
    """True where the log of a run repeats a number, and its lines were counted."""
    return any(run.counted_from is not None for run in runs)


def _as_counted(first: Run, count: int) -> list[int]:
    """The epochs of so many lines, as the first part counts them."""
    known = first.epochs["epoch"].tolist()[:count]
    return known + [known[-1] + 1] * (count - len(known))


def end_to_end(runs: Sequence[Run]) -> Run:
    """The runs of one file as one, where its lines were taken for runs of an epoch each.

    So they are where all of them print the same number from the first on.
    """
    frame = pd.concat([run.epochs for run in runs], ignore_index=True)
    frame["epoch"] = np.arange(1, len(frame) + 1, dtype=np.int64)
    return replace(merged(frame, runs), counted_from=1, nonfinite=MappingProxyType({}))


def _covers(theirs: Floats, first: Floats) -> bool:
    """True where the places of the first lie among theirs."""
    return bool(((first >= theirs.min()) & (first <= theirs.max())).mean() >= 0.5)
