"""The numbers by which a run is compared, taken from its log."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from logparse.axis import place
from logparse.comparison.model import Measure, Value
from logparse.metrics import MAIN_METRICS, Better, direction, metric, ordered

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from logparse.comparison.courses import Course
    from logparse.run import Run

PREDICTORS = ("mean", "persistence")
LARGEST = 1e100
"""A larger number is as good as infinite: it is no result, and its square is no number."""
# The parts of another metric repeat its curve.
_PARTS = ("base_rmse", "delta_rmse")
_EPOCHS, _PARAMETERS = "epochs", "parameters"

EPOCHS_TO_TARGET = Measure("epochs_to_target", "epochs to target", "epochs", Better.LOWER, "cost")
TIME_TO_TARGET = Measure("time_to_target", "time to target", "s", Better.LOWER, "cost")
STEPS_TO_TARGET = Measure("steps_to_target", "steps to target", "steps", Better.LOWER, "cost")
TO_TARGET = (EPOCHS_TO_TARGET, STEPS_TO_TARGET, TIME_TO_TARGET)
EPOCH_S = Measure("epoch_s", "time per epoch", "s", Better.LOWER, "cost", "elapsed_s")
TOTAL_S = Measure("total_s", "time in all", "s", Better.LOWER, "cost", "elapsed_s")
THROUGHPUT = Measure("throughput", "throughput", "samples/s", Better.HIGHER, "cost", "throughput")
MEMORY = Measure("gpu_gib", "GPU memory", "GiB", Better.LOWER, "cost", "gpu_gib")
SIZE = Measure("total_params", "parameters", _PARAMETERS, Better.LOWER, "cost")
LENGTH = Measure("epochs", "epochs run", _EPOCHS, Better.NEITHER, "cost")

STEPS = Measure("steps", "steps run", "steps", Better.NEITHER, "cost")
LENGTHS = (LENGTH, STEPS)


def words(column: str) -> str:
    """A column as people say it: `val rmse`."""
    return column.replace("_", " ")


def best(column: str) -> Measure:
    """The best value of a column."""
    return _quality(f"best_{column}", f"best {words(column)}", column)


def last(column: str) -> Measure:
    """The last value of a column."""
    return _quality(f"last_{column}", f"last {words(column)}", column)


def over_baseline(predictor: str) -> Measure:
    """The best val_rmse over that of a naive predictor: below 1 it is beaten."""
    name, label = f"val_rmse/{predictor}", f"best / val {predictor}"
    return Measure(name, label, "x", Better.LOWER, "quality", "val_rmse")


def quality_columns(runs: Sequence[Run]) -> list[str]:
    """The metrics with a direction that runs have: validation, the training twin of the main one.

    In the order of importance; the first that a run has is the one to judge it by.
    """
    known = [one for one in directed_columns(runs) if "/" not in one]
    val = [
        one for one in known if one.startswith("val_") and one.removeprefix("val_") not in _PARTS
    ]
    ranked = sorted(val, key=_rank)
    twin = ranked[0].replace("val_", "train_", 1) if ranked else ""
    train = [one for one in MAIN_METRICS if one.startswith("train_") and one in known]
    return [*ranked, *([twin] if twin in known else [] if ranked else train)]


def directed_columns(runs: Sequence[Run]) -> list[str]:
    """The known metrics that any run has and of which it is known which way is better."""
    names = {str(column) for run in runs for column in run.epochs.columns}
    directed = (name for name in ordered(names) if _better(name) is not Better.NEITHER)
    return [name for name in directed if any(run.has(name) for run in runs)]


def _better(column: str) -> Better:
    is_told = metric(column) is not None or column.startswith(("train_", "val_"))
    return direction(column) if is_told else Better.NEITHER


def measured(course: Course, columns: Sequence[str]) -> dict[Measure, Value]:
    """Everything that a run has, in the order in which it is shown."""
    found = _measured(course, columns)
    return {measure: course.placed(one) for measure, one in found if abs(one.number) < LARGEST}


def _measured(course: Course, columns: Sequence[str]) -> Iterator[tuple[Measure, Value]]:
    for column in columns:
        series = course.series(column)
        if len(series):
            yield best(column), Value(series.best.value, series.best.epoch)
            yield last(column), Value(series.last.value, series.last.epoch)
    yield from _against_baselines(course)
    yield from _costs(course)
    yield from _flow(course)


def _against_baselines(course: Course) -> Iterator[tuple[Measure, Value]]:
    rmse = course.series("val_rmse")
    for predictor in PREDICTORS:
        baseline = course.run.baselines.get(f"val_{predictor}_rmse", math.nan)
        if len(rmse) and baseline > 0 and math.isfinite(baseline):
            yield over_baseline(predictor), Value(rmse.best.value / baseline, rmse.best.epoch)


def _costs(course: Course) -> Iterator[tuple[Measure, Value]]:
    run, rates, memory = course.run, course.series("throughput"), course.series("gpu_gib")
    if run.last_epoch is not None and run.axis == "step":
        yield STEPS, Value(place(run, run.last_epoch))
    elif len(run.epochs):
        yield LENGTH, Value(len(run.epochs))
    if course.timing.epoch_s is not None:
        yield EPOCH_S, Value(course.timing.epoch_s)
    if course.seconds is not None:
        yield TOTAL_S, Value(float(course.seconds[-1]))
    if len(rates):
        yield THROUGHPUT, Value(rates.level(None, None))
    if len(memory) and memory.values.max() > 0:
        yield MEMORY, Value(float(memory.values.max()))
    if (size := size_of(run)) is not None:
        yield SIZE, Value(size)


def size_of(run: Run) -> float | None:
    """The number of parameters that the log declares."""
    for key in ("total_params", "trainable_params"):
        count = run.model.get(key)
        if isinstance(count, int) and count > 0:
            return float(count)
    return None


def _flow(course: Course) -> Iterator[tuple[Measure, Value]]:
    """Medians over the epochs: gradient norm in all and by module, update ratio by module."""
    run = course.run
    modules = [str(name) for name in run.epochs.columns if str(name).startswith("grad_norm/")]
    for column in ("grad_norm", *modules):
        series = course.series(column)
        if len(series):
            label = column.replace("grad_norm/", "grad norm ").replace("_norm", " norm")
            yield (
                Measure(column, label, "", Better.NEITHER, "flow", column),
                Value(series.level(None, None)),
            )
    listed = {name.removeprefix("grad_norm/") for name in modules}
    for module, ratio in _update_ratios(run):
        if not listed or module in listed:
            name, label = f"update_ratio/{module}", f"update {module}"
            yield Measure(name, label, "", Better.NEITHER, "flow"), Value(ratio)


def _update_ratios(run: Run) -> Iterator[tuple[str, float]]:
    """Each module and the median of its listed update ratios above 0."""
    names = run.parameters["name"].astype("category").cat
    modules = [str(name).partition(".")[0] for name in names.categories]
    if not modules:
        return
    number = {module: at for at, module in enumerate(dict.fromkeys(modules))}
    of_entry = np.array([number[module] for module in modules])[names.codes.to_numpy()]
    ratios = run.parameters["update_ratio"].to_numpy()
    is_told = (ratios > 0) & np.isfinite(ratios)
    for module, at in number.items():
        mine = ratios[is_told & (of_entry == at)]
        if len(mine):
            yield module, float(np.median(mine))


def _quality(name: str, label: str, column: str) -> Measure:
    known = metric(column)
    return Measure(name, label, known.unit if known else "", _better(column), "quality", column)


def _rank(column: str) -> int:
    return MAIN_METRICS.index(column) if column in MAIN_METRICS else len(MAIN_METRICS)
