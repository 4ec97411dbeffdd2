"""Values that are printed but were not measured anew: repeated rows, coarse steps, dead fields."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from logparse.signals.noise import MAD_TO_SD
from logparse.signals.series import series_of

if TYPE_CHECKING:
    import numpy.typing as npt

    from logparse.run import Run
    from logparse.signals.series import FloatArray, Series


NEAR = 3
NORMAL_ZEROS = ("slip", "hub_max", "beats_base_share", "gpu_gib", "aux_loss", "aux_ratio")
JUDGED = ("elapsed_s", "throughput", "grad_norm", "slope_rmse")
SPLITS = ("train_", "val_")


@dataclass(frozen=True, slots=True)
class StaleRows:
    """Validation rows that repeat the row before them in every column.

    epochs      those that repeat, `runs` the stretches of them
    rows        validation rows that could have repeated: all but the first
    move        by how much the row usually moves where it moves, in print steps
    every       the interval at which it is really measured, None when irregular
    """

    epochs: tuple[int, ...]
    runs: tuple[tuple[int, int], ...]
    rows: int
    move: float
    every: int | None


@dataclass(frozen=True, slots=True)
class Quantised:
    """How coarse a column is printed against how it moves.

    zeros   share of successive values that are equal
    step    the print step, 0.0 if unknown
    sigma   SD of the noise, rounding included
    """

    column: str
    zeros: float
    step: float
    sigma: float


def stale_rows(run: Run, train: Series) -> StaleRows | None:
    """Repeated validation rows between which training moved; None without validation.

    Rows count only where their neighbours move: a curve that has come to rest, as at the end
    of an anneal, moves less and less before it stands still.
    """
    columns = [str(name) for name in run.epochs.columns if str(name).startswith("val_")]
    series = [series_of(run, column) for column in columns]
    whole = [one for one in series if len(one) == len(run.epochs)]
    if not whole or len(run.epochs) < 3:
        return None
    epochs = run.epochs["epoch"].to_numpy(dtype=np.int64)
    same = np.all([np.diff(one.values) == 0 for one in whole], axis=0)
    same &= _moves(train, len(epochs))
    steps = np.max([_steps(one) for one in whole], axis=0)
    runs = [span for span in _spans(same) if _is_abrupt(span, same, steps)]
    found = [at for first, last in runs for at in range(first, last + 1)]
    moving = steps[~same]
    return StaleRows(
        epochs=tuple(int(epochs[at + 1]) for at in found),
        runs=tuple((int(epochs[first + 1]), int(epochs[last + 1])) for first, last in runs),
        rows=len(same),
        move=float(np.median(moving)) if len(moving) else 0.0,
        every=_interval(runs, len(same)),
    )


def quantised(series: Series) -> Quantised | None:
    """How the print step of a column compares with its noise; None with fewer than six values."""
    if len(series) < 6:
        return None
    differences = np.diff(series.values)
    centred = np.abs(differences - np.median(differences))
    return Quantised(
        series.column,
        float(np.mean(differences == 0)),
        series.print_step,
        MAD_TO_SD * float(np.median(centred)) / float(np.sqrt(2)),
    )


def dead_columns(run: Run) -> tuple[str, ...]:
    """Metrics that are 0 in every epoch and mean something else when they are measured."""
    return tuple(name for name in _zeros(run) if name in JUDGED or name.startswith(SPLITS))


def normal_zeros(run: Run) -> tuple[str, ...]:
    """Fields that are 0 in every epoch where a model or machine has no such thing."""
    return tuple(name for name in _zeros(run) if name in NORMAL_ZEROS)


def _zeros(run: Run) -> list[str]:
    frame = run.epochs
    return [
        str(name)
        for name in frame.columns
        if name not in ("epoch", "line") and bool((frame[name].to_numpy() == 0).all())
    ]


def _moves(train: Series, count: int) -> npt.NDArray[np.bool_]:
    """Where training moved from one epoch to the next; everywhere if it is not logged whole."""
    if len(train) != count:
        return np.ones(count - 1, dtype=np.bool_)
    return np.asarray(np.diff(train.values) != 0)


@np.errstate(all="ignore")
def _steps(series: Series) -> FloatArray:
    """Absolute moves in print steps; in units of the least move where the step is unknown."""
    moves = np.abs(np.diff(series.values))
    unit = series.print_step or float(np.min(moves[moves > 0], initial=np.inf))
    return np.nan_to_num(moves / unit, nan=0.0, posinf=0.0)


def _spans(same: npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
    """First and last index of each stretch of True."""
    edges = np.diff(np.concatenate([[False], same, [False]]).astype(np.int8))
    starts, stops = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1) - 1
    return list(zip(starts.tolist(), stops.tolist(), strict=True))


LEAST_MOVE = 8.0


def _is_abrupt(span: tuple[int, int], same: npt.NDArray[np.bool_], steps: FloatArray) -> bool:
    """True when the row moved by many print steps just before it stood still, and just after."""
    sides = (np.arange(span[0]), np.arange(span[1] + 1, len(same)))
    before, after = (steps[side[~same[side]]] for side in sides)
    near = [part for part in (before[-NEAR:], after[:NEAR]) if len(part)]
    if not near:
        return span == (0, len(same) - 1)
    return all(float(np.median(part)) >= LEAST_MOVE for part in near)


def _interval(runs: list[tuple[int, int]], count: int) -> int | None:
    """The interval of real measurements if all whole stretches are equally long."""
    lengths = {last - first + 1 for first, last in runs if last + 1 < count}
    gaps = {b[0] - a[0] for a, b in zip(runs, runs[1:], strict=False)}
    if len(runs) < 2 or len(lengths) != 1 or len(gaps) != 1:
        return None
    interval = lengths.pop() + 1
    return interval if gaps == {interval} else None
