"""Values that are printed but were not measured anew: repeated rows, coarse steps, dead fields."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from logparse.signals.machine.timing import timing
from logparse.signals.noise import MAD_TO_SD
from logparse.signals.series import series_of

if TYPE_CHECKING:
    import numpy.typing as npt

    from logparse.run import Run
    from logparse.signals.series import FloatArray, Series


NEAR = 3
ROOM = 0.25
NORMAL_ZEROS = ("slip", "hub_max", "beats_base_share", "gpu_gib", "aux_loss", "aux_ratio")
JUDGED = ("elapsed_s", "throughput", "grad_norm", "slope_rmse")
SPLITS = ("train_", "val_")
STANDING_STILL = 0.27
"""How often a normal move of a median size of one print step is printed as none, over its size."""


@dataclass(frozen=True, slots=True)
class StaleRows:
    """Validation rows that repeat the row before them in every column.

    epochs      those that repeat, `runs` the stretches of them
    rows        validation rows that could have repeated: all but the first
    move        by how much the row usually moves where it moves, in print steps
    every       the interval at which it is really measured, None when irregular
    constant    True where no row of the whole run differs from the first
    chance      how likely so many moves are below the print step by coincidence; 0.0 for what is
                none: an interval, or a constant
    """

    epochs: tuple[int, ...]
    runs: tuple[tuple[int, int], ...]
    rows: int
    move: float
    every: int | None
    constant: bool
    chance: float


@dataclass(frozen=True, slots=True)
class Quantised:
    """How coarse a column is printed against how it moves.

    zeros   share of successive values that are equal, in the half of the run with less
    step    the print step, 0.0 if unknown
    sigma   SD of the noise, rounding included, in the half of the run with more
    """

    column: str
    zeros: float
    step: float
    sigma: float


def stale_rows(run: Run) -> StaleRows | None:
    """Repeated validation rows between which training moved; None without validation.

    A column that is 0 in every epoch is not looked at: it is dead, or below its print step.

    Rows count only where their neighbours move: a curve that has come to rest, as at the end
    of an anneal, moves less and less before it stands still. After a cut of the rate it stands
    still at once, but does not move again: at least one stretch must end before the run does.
    """
    whole = [one for one in _whole(run, "val_") if one.values.any()]
    if not whole or len(run.epochs) < 3:
        return None
    epochs = run.epochs["epoch"].to_numpy(dtype=np.int64)
    same = np.all([np.diff(one.values) == 0 for one in whole], axis=0)
    same &= _moves(_whole(run, "train_"), len(epochs))
    steps = np.max([_steps(one) for one in whole], axis=0)
    spans = _spans(same)
    runs = [span for span in spans if _is_abrupt(span, same, steps)]
    if not any(last + 1 < len(same) for _, last in runs) and not same.all():
        runs = []
    every = _interval(spans, len(same)) if runs else None
    runs = runs if every is None else spans
    found = [at for first, last in runs for at in range(first, last + 1)]
    moving = steps[~same]
    return StaleRows(
        epochs=tuple(int(epochs[at + 1]) for at in found),
        runs=tuple((int(epochs[first + 1]), int(epochs[last + 1])) for first, last in runs),
        rows=len(same),
        move=float(np.median(moving)) if len(moving) else 0.0,
        every=every,
        constant=bool(same.all()),
        chance=0.0 if every is not None or same.all() else _chance(len(found), same, steps),
    )


def _chance(count: int, same: npt.NDArray[np.bool_], steps: FloatArray) -> float:
    """Poisson's tail at the count, by how little the calmer half of the run usually moves."""
    halves = zip(np.array_split(same, 2), np.array_split(steps, 2), strict=True)
    usual = [float(np.median(half[~still])) for still, half in halves if not still.all()]
    expected = len(same) * STANDING_STILL / max(min(usual), 1.0)
    fewer, term = 0.0, math.exp(-expected)
    for k in range(count):
        fewer, term = fewer + term, term * expected / (k + 1)
    return max(1.0 - fewer, 0.0)


def quantised(series: Series) -> Quantised | None:
    """How the print step of a column compares with its noise; None with fewer than six values.

    The livelier half counts: a curve that comes to rest is not coarse for that.
    """
    if len(series) < 6:
        return None
    differences = np.diff(series.values)
    halves = np.array_split(differences, 2)
    spreads = [float(np.median(np.abs(half - np.median(half)))) for half in halves]
    return Quantised(
        series.column,
        min(float(np.mean(half == 0)) for half in halves),
        series.print_step,
        MAD_TO_SD * max(spreads) / float(np.sqrt(2)),
    )


def dead_columns(run: Run) -> tuple[str, ...]:
    """Metrics that are 0 in every epoch and mean something else when they are measured."""
    zeros = (name for name in _zeros(run) if name in JUDGED or name.startswith(SPLITS))
    return tuple(name for name in zeros if not _is_below_print_step(run, name))


def normal_zeros(run: Run) -> tuple[str, ...]:
    """Fields that are 0 in every epoch where a model or machine has no such thing, and times
    of epochs that are shorter than the print step."""
    return tuple(
        name for name in _zeros(run) if name in NORMAL_ZEROS or _is_below_print_step(run, name)
    )


def _is_below_print_step(run: Run, name: str) -> bool:
    """True for times of 0.0 s where a throughput shows that they are measured but short."""
    if name != "elapsed_s":
        return False
    if not (series_of(run, "throughput").values > 0).any():
        return False
    epoch_s, step = timing(run).epoch_s, series_of(run, name).print_step
    return epoch_s is None or epoch_s <= (1 + ROOM) * step / 2


def _zeros(run: Run) -> list[str]:
    frame = run.epochs
    at_first = frame.columns[frame.iloc[:1].eq(0).all()]
    return [str(name) for name in at_first if bool((frame[name].to_numpy() == 0).all())]


def _whole(run: Run, prefix: str) -> list[Series]:
    """The columns of a split that have a number in every epoch."""
    columns = [str(name) for name in run.epochs.columns if str(name).startswith(prefix)]
    series = [series_of(run, column) for column in columns]
    return [one for one in series if len(one) == len(run.epochs)]


def _moves(train: list[Series], count: int) -> npt.NDArray[np.bool_]:
    """Where training moved from one epoch to the next; everywhere if it is not logged whole."""
    if not train:
        return np.ones(count - 1, dtype=np.bool_)
    return np.asarray(np.any([np.diff(one.values) != 0 for one in train], axis=0))


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
    gaps = {b[0] - a[0] for a, b in pairwise(runs)}
    if len(runs) < 2 or len(lengths) != 1 or len(gaps) != 1:
        return None
    interval = lengths.pop() + 1
    return interval if gaps == {interval} else None
