"""A run with everything that a rule may ask for, and runs that lack or distort some of it.

The run is read from a simulated log, and is given the columns, settings and baselines that this
log has not: those of `logparse.metrics`, and whatever any rule names in its `needs`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from fixtures.dialects import simulate, write
from logparse.metrics import METRICS
from logparse.rules import all_rules
from logparse.run import Run
from tests.reading import runs_of
from tests.runs import make_settings, no_parameters, noisy, power_law

Array: TypeAlias = np.ndarray[Any, np.dtype[np.float64]]

LENGTH = 70
LONG = 10_000
OTHER_COLUMNS = ("val_loss", "val_accuracy", "train_accuracy", "loss_scale", "skipped_steps")
OTHER_SETTINGS = {"OPTIMIZER": "SGD", "PRECISION": "fp16", "GPU_MEMORY_GIB": 8, "SEED": 0}
"""What other programs print, and rules look for without needing it."""
GRADIENTS = ("grad_norm", "layer_grad", "update_ratio", "zero_grad")
LISTED = ["grad_norm", "update_ratio"]
HEADER = ("baselines", "model", "batch", "optimizer", "micro")


@cache
def whole(length: int = LENGTH) -> Run:
    """The second of two runs in a file."""
    log = write(simulate("F2", epochs=length))
    first = log if length == LENGTH else ""
    run = runs_of(first + log)[-1]
    named = {need for rule in all_rules() for need in rule.needs}
    columns = {need for need in named if ":" not in need} - {"epochs", "parameters"}
    wanted = sorted({*METRICS, *OTHER_COLUMNS, *columns} - set(run.epochs))
    curves = {name: noisy(power_law(length), seed=seed) for seed, name in enumerate(wanted)}
    settings = dict.fromkeys(_named(named, "setting"), 1) | OTHER_SETTINGS | dict(run.settings)
    baselines = dict.fromkeys(_named(named, "baseline"), 0.1) | dict(run.baselines)
    return with_columns(replace(run, settings=make_settings(settings), baselines=baselines), curves)


def _named(needs: set[str], kind: str) -> list[str]:
    return sorted(need.partition(":")[2] for need in needs if need.startswith(f"{kind}:"))


def metrics(run: Run, *starts: str) -> list[str]:
    """The columns of numbers; with `starts`, those that begin with one of them."""
    names = [str(name) for name in run.epochs if name not in ("epoch", "line")]
    return [name for name in names if name.startswith(starts or "")]


def with_columns(run: Run, columns: Mapping[str, Array]) -> Run:
    """The run with some columns replaced or added."""
    return replace(run, epochs=run.epochs.assign(**columns))


def declared(run: Run, **settings: object) -> Run:
    """The run with some settings replaced or added."""
    return replace(run, settings=make_settings({**run.settings, **settings}))


def without(run: Run, *starts: str) -> Run:
    """The run without the columns that begin with one of these."""
    names = metrics(run, *starts)
    return replace(
        run,
        epochs=run.epochs.drop(columns=names),
        resolution={key: step for key, step in run.resolution.items() if key not in names},
        nonfinite={key: found for key, found in run.nonfinite.items() if key not in names},
    )


def changed(run: Run, change: Callable[[Array], Array], *starts: str) -> Run:
    """The run with every column changed that begins with one of these, without them all."""
    names = metrics(run, *starts)
    return with_columns(run, {name: change(_values(run.epochs, name)) for name in names})


def _values(frame: pd.DataFrame, name: str) -> Array:
    return frame[name].to_numpy(dtype=np.float64, copy=True)


def first_epochs(count: int, run: Run) -> Run:
    """What was logged when the run had come this far."""
    last = run.epochs["epoch"].iloc[count - 1]
    return replace(
        run,
        epochs=run.epochs.head(count),
        parameters=run.parameters[run.parameters["epoch"] <= last].reset_index(drop=True),
        features=run.features[run.features["epoch"] <= last].reset_index(drop=True),
        nonfinite={key: epochs[epochs <= last] for key, epochs in run.nonfinite.items()},
    )


def filled(value: float, run: Run) -> Run:
    """Every metric, and every entry of the parameter lists, is this value."""
    lists = run.parameters.assign(**dict.fromkeys(LISTED, value))
    return changed(replace(run, parameters=lists), lambda values: np.full_like(values, value))


def all_nan(run: Run, *, is_printed: bool) -> Run:
    """No number at all: `nan` was printed, or nothing."""
    epochs = run.epochs["epoch"].to_numpy()
    names = [*metrics(run), *(f"parameters/{name}" for name in set(run.parameters["name"]))]
    return replace(
        filled(np.nan, run),
        baselines=dict.fromkeys(run.baselines, np.nan),
        nonfinite=dict.fromkeys(names, epochs) if is_printed else {},
    )


def constant(run: Run) -> Run:
    """Every metric stays at its first value, and the lists of the first epoch are repeated."""
    lists = run.parameters.copy()
    for name in LISTED:
        lists[name] = lists.groupby("position")[name].transform("first")
    return changed(replace(run, parameters=lists), lambda values: np.full_like(values, values[0]))


def late(run: Run, *starts: str, last: int | None = None) -> Run:
    """Nothing is printed of the columns but in the last third, or in the `last` epochs."""
    kept = len(run.epochs) // 3 if last is None else last
    return changed(run, lambda values: _only(values, slice(len(values) - kept, None)), *starts)


def late_gradients(run: Run) -> Run:
    """Norms and parameter lists are printed in the last third only."""
    lists = run.parameters
    start = run.epochs["epoch"].iloc[-(len(run.epochs) // 3)]
    found = replace(run, parameters=lists[lists["epoch"] >= start].reset_index(drop=True))
    return late(found, *GRADIENTS)


def every(step: int, run: Run, *, is_repeated: bool = False) -> Run:
    """Validation in each `step`th epoch; between them nothing, or the last result again."""

    def sparse(values: Array) -> Array:
        found = _only(values, slice(step - 1, None, step))
        return pd.Series(found).ffill().to_numpy() if is_repeated else found

    return changed(run, sparse, "val_")


def _only(values: Array, kept: slice) -> Array:
    found = np.full_like(values, np.nan)
    found[kept] = values[kept]
    return found


def every_line(step: int, run: Run) -> Run:
    """Only each `step`th epoch has a line."""
    lists, features = run.parameters, run.features
    return replace(
        run,
        epochs=run.epochs.assign(epoch=run.epochs["epoch"] * step),
        parameters=lists.assign(epoch=lists["epoch"] * step),
        features=features.assign(epoch=features["epoch"] * step),
        nonfinite={key: epochs * step for key, epochs in run.nonfinite.items()},
    )


def unequal(run: Run, *, least: int = 1) -> Run:
    """Epochs of `least` to 400 steps: time, schedule, losses and list lengths go with the steps.

    With a `least` of 0 some epochs have none: no time, no samples, no list.
    """
    rng = np.random.default_rng(4)
    steps = rng.integers(least, 400, len(run.epochs)).astype(np.float64)
    steps[::7] = least
    share = np.cumsum(steps) / max(steps.sum(), 1.0)
    listed = dict(zip(run.epochs["epoch"], (steps / 10).astype(int), strict=True))
    lists = run.parameters
    lists = lists[lists["position"] < lists["epoch"].map(listed)].reset_index(drop=True)
    return with_columns(
        replace(run, parameters=lists),
        {
            "elapsed_s": 0.1 * steps,
            "throughput": np.where(steps > 0, 640.0, 0.0),
            "sched_pct": 100 * share,
            "lr": 1e-3 * (1 + np.cos(np.pi * share)) / 2,
            "skipped_steps": np.minimum(steps, 3.0),
            "train_loss": 0.01 + 0.1 / (1 + 50 * share) + 0.01 / np.sqrt(steps + 1),
        },
    )


def headless(run: Run) -> Run:
    """The tail of a log: epochs and nothing that stood above them."""
    facts: dict[str, Any] = {name: {} for name in HEADER}
    tail = replace(run, started=None, predecessor=None, settings=make_settings({}), **facts)
    return replace(tail, epochs=run.epochs.assign(epoch=run.epochs["epoch"] + 23))


def only_a_header(run: Run) -> Run:
    """A run that was stopped before its first epoch."""
    return replace(first_epochs(1, run), epochs=run.epochs.head(0), parameters=no_parameters())


CASES: dict[str, Callable[[], Run]] = {
    "everything": lambda: whole(),
    "everything, under Adam": lambda: declared(whole(), OPTIMIZER="AdamW", PRECISION="bf16"),
    "no epoch": lambda: only_a_header(whole()),
    "one epoch": lambda: first_epochs(1, whole()),
    "one epoch without a header": lambda: headless(first_epochs(1, whole())),
    "two epochs": lambda: first_epochs(2, whole()),
    "all NaN, printed": lambda: all_nan(whole(), is_printed=True),
    "all NaN, not printed": lambda: all_nan(whole(), is_printed=False),
    "constant": lambda: constant(whole()),
    "constant at zero": lambda: filled(0.0, whole()),
    "no metrics": lambda: without(whole()),
    "no validation": lambda: without(whole(), "val_"),
    "no training metrics": lambda: without(whole(), "train_", "base_", "delta_", "aux_"),
    "no learning rate": lambda: without(whole(), "lr", "opt_", "sched_"),
    "no gradients": lambda: replace(without(whole(), *GRADIENTS), parameters=no_parameters()),
    "no parameter lists": lambda: replace(whole(), parameters=no_parameters()),
    "no settings": lambda: replace(whole(), settings=make_settings({})),
    "no header": lambda: headless(whole()),
    "no print steps": lambda: replace(whole(), resolution={}, nonfinite={}),
    "every metric comes late": lambda: late(whole()),
    "validation comes late": lambda: late(whole(), "val_"),
    "gradients come late": lambda: late_gradients(whole()),
    "the learning rate comes late": lambda: late(whole(), "lr", "opt_"),
    "one value, at the end": lambda: late(whole(), last=1),
    "evaluated every 2nd epoch": lambda: every(2, whole()),
    "evaluated every 5th epoch": lambda: every(5, whole()),
    "evaluated every 30th epoch": lambda: every(30, whole()),
    "evaluated every 4th epoch, and repeated": lambda: every(4, whole(), is_repeated=True),
    "a line every 5th epoch": lambda: every_line(5, whole()),
    "epochs of unequal length": lambda: unequal(whole()),
    "epochs of unequal length, some empty": lambda: unequal(whole(), least=0),
    "ten thousand epochs": lambda: whole(LONG),
    "ten thousand epochs, evaluated every 7th": lambda: every(7, whole(LONG)),
}
