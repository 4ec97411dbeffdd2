"""Points to the rows of `Run.epochs`: one a whole epoch, or one a logged step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd

from logparse.metrics import ordered
from logparse.readers.points.meanings import AXES
from logparse.run import MAX_EPOCH

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    Mask: TypeAlias = NDArray[np.bool_]

FEW_EPOCHS = 3
"""With fewer, epochs tell less than the steps within them."""
MAX_ROWS = 20_000
"""A longer run is judged by stretches of points, one a row."""
_LAST = (
    "lr",
    "opt_lr",
    "tokens",
    "samples",
    "since_start_s",
    "clock_s",
    "step",
    "line",
    "grad_norm",
)
"""Columns of which a row of several points shows the last; of others their mean."""


@dataclass(frozen=True, slots=True)
class Rows:
    """`frame` as `Run.epochs`; `axis` as `Run.axis`; `row_of`: the row of each point.

    `counted` where the log prints no number that rises: rows were counted from 1.
    """

    frame: pd.DataFrame
    axis: str
    row_of: NDArray[np.int64]
    counted: bool = False


def rows_of(points: pd.DataFrame) -> Rows:
    """The rows of one run, whose points are in order.

    Whole epochs are rows where the log validates at most once in each; else each training point
    is a row, and a validation belongs to the row of the training point before it.
    """
    epochs = _whole(points.get("epoch"))
    if epochs is not None and _is_by_epochs(points, epochs):
        numbers = pd.Series(epochs).ffill().bfill().to_numpy()
        return _grouped(points, _dense(numbers), "epoch", numbers)
    for axis in ("step", "tokens", "samples", "epoch", "since_start_s"):
        if axis in points and points[axis].notna().mean() >= 0.5:
            numbers = points[axis].ffill().bfill().to_numpy(dtype=np.float64)
            return _grouped(points, _by_training(points, numbers), axis, numbers)
    numbers = np.arange(1.0, len(points) + 1)
    axis = "epoch" if _has_both_splits(points) else "record"
    return _grouped(points, np.arange(len(points)), axis, numbers, counted=True)


def _is_by_epochs(points: pd.DataFrame, epochs: NDArray[np.float64]) -> bool:
    known = epochs[np.isfinite(epochs)]
    distinct = len(np.unique(known))
    if distinct < FEW_EPOCHS and len(known) > distinct:
        return False
    numbers = pd.Series(epochs).ffill().bfill()
    val = points[[name for name in points if _split(name) == "val"]].notna()
    return not len(val.columns) or bool(val.groupby(numbers.to_numpy()).sum().max().max() <= 1)


def _by_training(points: pd.DataFrame, numbers: NDArray[np.float64]) -> NDArray[np.int64]:
    """The row of each point: those of one number share one, validation joins the row before it."""
    training = points[[name for name in points if _split(name) != "val" and name not in AXES]]
    training = training.drop(columns=["line"], errors="ignore")
    is_new = np.diff(numbers, prepend=-np.inf) > 0
    starts = np.flatnonzero(is_new)
    if not len(starts) or training.empty:
        return np.asarray(np.cumsum(is_new) - 1, dtype=np.int64)
    trains = np.logical_or.reduceat(training.notna().any(axis=1).to_numpy(), starts)
    # A validation between two training points: it closes the row of the first of them.
    joins = ~trains & np.concatenate([[False], trains[:-1]])
    is_new[starts[joins]] = False
    return np.asarray(np.cumsum(is_new) - 1, dtype=np.int64)


def _grouped(
    points: pd.DataFrame,
    row_of: NDArray[np.int64],
    axis: str,
    numbers: NDArray[np.float64],
    *,
    counted: bool = False,
) -> Rows:
    count = int(row_of[-1]) + 1 if len(row_of) else 0
    share = -(-count // MAX_ROWS)
    if share > 1:
        row_of = row_of // share
    groups = points.drop(columns=["epoch"], errors="ignore").groupby(row_of, sort=False)
    last = groups.last()
    is_mean = axis == "epoch" or share > 1
    averaged = [name for name in last if is_mean and name.partition("/")[0] not in _LAST]
    if averaged and len(last) < len(points):
        last[averaged] = groups[averaged].mean()
    if is_mean and "grad_norm" in last and len(last) < len(points):
        last["grad_norm_step_max"] = groups["grad_norm"].max()
    numbers = pd.Series(numbers).groupby(row_of, sort=False).last().to_numpy()
    if axis == "epoch" and not counted and (numbers == np.floor(numbers)).all():
        last["epoch"] = np.minimum(numbers, MAX_EPOCH).astype(np.int64)
    else:
        last["epoch"] = np.arange(1, len(last) + 1, dtype=np.int64)
        if not counted:
            last[axis if axis != "epoch" else "epoch_printed"] = numbers
    last["line"] = _rising(last["line"].to_numpy(dtype=np.int64))
    frame = last.reset_index(drop=True)
    frame = frame[ordered(map(str, frame.columns))]
    return Rows(frame, axis, row_of, counted)


def _rising(lines: NDArray[np.int64]) -> NDArray[np.int64]:
    """Line numbers, which several rows of one line share, as they are: never falling."""
    return np.maximum.accumulate(lines)


def _whole(epochs: pd.Series[float] | None) -> NDArray[np.float64] | None:
    """Epoch numbers, where all that are printed are whole and from 0."""
    if epochs is None or not epochs.notna().any():
        return None
    known = epochs.dropna()
    is_whole = bool(((known == known.round()) & (known >= 0) & (known <= MAX_EPOCH)).all())
    return epochs.to_numpy(dtype=np.float64) if is_whole else None


def _dense(numbers: NDArray[np.float64]) -> NDArray[np.int64]:
    return np.asarray(np.cumsum(np.diff(numbers, prepend=numbers[:1]) > 0), dtype=np.int64)


def _has_both_splits(points: pd.DataFrame) -> bool:
    splits = {_split(name) for name in points}
    return {"train", "val"} <= splits


def _split(column: object) -> str:
    head = str(column).partition("_")[0]
    return head if head in ("train", "val") else ""


def nonfinite_rows(
    rows: Rows, points: pd.DataFrame, nan_at: Mapping[str, Mask], columns: Iterable[str]
) -> dict[str, NDArray[np.int64]]:
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
