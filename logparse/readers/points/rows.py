"""Points to the rows of `Run.epochs`: one a whole epoch, or one a logged step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd

from logparse.metrics import ordered
from logparse.readers.points.meanings import AXES
from logparse.run import MAX_EPOCH

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    Floats: TypeAlias = NDArray[np.float64]
    Ints: TypeAlias = NDArray[np.int64]
    Mask: TypeAlias = NDArray[np.bool_]

MANY_EPOCHS = 8
"""From so many on a run is looked at by epochs; with fewer, steps within them tell more."""
SELDOM = 0.2
"""What is told twice in no more than this share of the epochs is told once in each."""
MAX_ROWS = 20_000
"""A longer run is judged by stretches of points, one a row."""
_LAST = frozenset(("lr", "opt_lr", "grad_norm", "line", *AXES))
"""Columns of which a row of several points shows the last value; of others it shows the mean."""


@dataclass(frozen=True, slots=True)
class Rows:
    """`frame` as `Run.epochs`; `axis` as `Run.axis`; `row_of`: the row of each point.

    `is_counted` where the log prints no number that rises: rows were counted from 1.
    """

    frame: pd.DataFrame
    axis: str
    row_of: Ints
    is_counted: bool = False


def rows_of(points: pd.DataFrame) -> Rows:
    """The rows of one run, whose points are in the order of the log.

    Whole epochs are rows where the log tells each metric once in each, of several those of both
    splits; or there are many, and validation comes at most once in each. Else each training point
    is a row, and a validation belongs to the row of the training point before it.
    """
    epochs = _whole_epochs(points)
    if epochs is not None and _is_by_epochs(points, epochs):
        return _grouped(points, _dense(epochs), "epoch", epochs)
    for axis in ("step", "tokens", "samples", "epoch", "since_start_s"):
        numbers = counted_by(points, axis)
        # Whole epochs that do not make rows stand still for many points, or for all of them.
        if numbers is not None and (axis != "epoch" or (numbers % 1 != 0).any()):
            return _grouped(points, _by_training(points, numbers), axis, numbers)
    numbers = np.arange(1.0, len(points) + 1)
    axis = "epoch" if {"train", "val"} <= {split_of(name) for name in points} else "record"
    return _grouped(points, np.arange(len(points)), axis, numbers, is_counted=True)


def counted_by(points: pd.DataFrame, axis: str) -> Floats | None:
    """Numbers of an axis for every point, gaps filled from before; None where it is not told.

    An axis counts if at least half of the points have it.
    """
    if axis not in points or not points[axis].notna().mean() >= 0.5:
        return None
    return filled(points[axis].to_numpy(dtype=np.float64))


def filled(numbers: Floats) -> Floats:
    """The numbers with each gap filled by the one before it; at the beginning by the first."""
    return np.asarray(pd.Series(numbers).ffill().bfill(), dtype=np.float64)


def split_of(column: object) -> str:
    """`train` or `val` for a column of one of them, else ''."""
    head = str(column).partition("_")[0]
    return head if head in ("train", "val") else ""


def nonfinite_rows(
    rows: Rows, points: pd.DataFrame, nan_at: Mapping[str, Mask], columns: Iterable[str]
) -> dict[str, Ints]:
    """Per column the epochs of the rows where NaN or an infinity was printed."""
    epochs = rows.frame["epoch"].to_numpy(dtype=np.int64)
    found = {}
    for name in columns:
        bad = np.isinf(points[name].to_numpy(dtype=np.float64))
        if name in nan_at:
            bad = bad | nan_at[name]
        if bad.any():
            found[name] = epochs[np.unique(rows.row_of[bad])]
    return found


def _whole_epochs(points: pd.DataFrame) -> Floats | None:
    """The epoch of every point, where all that are printed are whole; None where they stand."""
    numbers = counted_by(points, "epoch")
    if numbers is None or (numbers != np.floor(numbers)).any():
        return None
    if numbers[0] < 0 or numbers.max() > MAX_EPOCH or (len(points) > 1 and not np.ptp(numbers)):
        return None
    return numbers


def _is_by_epochs(points: pd.DataFrame, epochs: Floats) -> bool:
    starts = np.flatnonzero(np.diff(epochs, prepend=-1.0) > 0)
    again = {
        str(name): (np.add.reduceat(points[name].notna().to_numpy(), starts) > 1).mean()
        for name in points
        if str(name).partition("/")[0] not in _LAST
    }
    of_both = [again[name] for name in again if f"val_{name.removeprefix('train_')}" in again]
    validation = [share for name, share in again.items() if split_of(name) == "val"]
    is_once = max(of_both or again.values(), default=0) <= SELDOM
    return is_once or (max(validation, default=0) <= SELDOM and len(starts) >= MANY_EPOCHS)


def _by_training(points: pd.DataFrame, numbers: Floats) -> Ints:
    """The row of each point: those of one number share one, validation joins the row before it."""
    names = [n for n in points if n not in AXES and n != "line" and split_of(n) != "val"]
    is_new = np.diff(numbers, prepend=-np.inf) > 0
    starts = np.flatnonzero(is_new)
    if names and len(starts):
        trains = np.logical_or.reduceat(points[names].notna().any(axis=1).to_numpy(), starts)
        # A validation right after a training point closes the row of that point.
        is_new[starts[1:][~trains[1:] & trains[:-1]]] = False
    return np.asarray(np.cumsum(is_new) - 1, dtype=np.int64)


def _dense(numbers: Floats) -> Ints:
    return np.asarray(np.cumsum(np.diff(numbers, prepend=numbers[:1]) > 0), dtype=np.int64)


def _grouped(
    points: pd.DataFrame, row_of: Ints, axis: str, numbers: Floats, *, is_counted: bool = False
) -> Rows:
    """Points of one row together: the last value of an axis or rate, the mean of a metric."""
    count = int(row_of[-1]) + 1 if len(row_of) else 0
    share = -(-count // MAX_ROWS)
    is_mean = axis == "epoch" or share > 1
    row_of = row_of // max(share, 1)
    last = points
    if len(points) and int(row_of[-1]) + 1 < len(points):
        groups = points.groupby(row_of, sort=False)
        last = groups.last()
        averaged = [n for n in map(str, last) if is_mean and n.partition("/")[0] not in _LAST]
        if averaged:
            last[averaged] = groups[averaged].mean()
        if is_mean and "grad_norm" in last:
            last["grad_norm_step_max"] = groups["grad_norm"].max()
        numbers = np.asarray(pd.Series(numbers).groupby(row_of, sort=False).last())
    told: dict[str, NDArray[Any]] = {str(name): last[name].to_numpy() for name in last}
    if axis == "epoch" and not is_counted and (numbers == np.floor(numbers)).all():
        told["epoch"] = numbers.astype(np.int64)
    else:
        told["epoch"] = np.arange(1, len(last) + 1, dtype=np.int64)
        if not is_counted:
            axis = "epoch_printed" if axis == "epoch" else axis
            told[axis] = numbers
    told["line"] = np.maximum.accumulate(told["line"].astype(np.int64))
    frame = pd.DataFrame({name: told[name] for name in ordered(told)})
    return Rows(frame, axis, row_of, is_counted)
