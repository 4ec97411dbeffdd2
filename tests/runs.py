"""Builds a `Run` from arrays, so that a test says only what matters to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from logparse.records import Resolution
from logparse.run import Coverage, Predecessor, Run, Truncation
from logparse.settings import Settings

Array: TypeAlias = np.ndarray[Any, np.dtype[np.float64]]
Column: TypeAlias = Sequence[float] | np.ndarray[Any, np.dtype[Any]]

FIRST_LINE = 100
SEED_BASELINES = {
    "train_mean_rmse": 0.11379,
    "train_persistence_rmse": 0.00941,
    "val_mean_rmse": 0.10862,
    "val_persistence_rmse": 0.01200,
}
SEED_SETTINGS: dict[str, Any] = {
    "MAX_EPOCHS": 70,
    "EARLY_STOP_PATIENCE": 7,
    "WEIGHT_DECAY": 1e-05,
    "CLIPNORM": 3,
    "USE_DELTA": False,
    "ONECYCLE_MAX_LR": 0.0005,
    "ONECYCLE_DIV_FACTOR": 10,
    "ONECYCLE_FINAL_DIV": 100,
    "ONECYCLE_PCT_START": 0.1,
    "ONECYCLE_STRATEGY": "cos",
}


def make_run(
    *,
    settings: Mapping[str, Any] | None = None,
    baselines: Mapping[str, float] | None = None,
    epochs: Sequence[int] | None = None,
    parameters: pd.DataFrame | None = None,
    resolution: Mapping[str, Resolution] | None = None,
    nonfinite: Mapping[str, tuple[int, ...]] | None = None,
    truncation: Truncation | None = None,
    predecessor: Predecessor | None = None,
    index: int = 1,
    count: int = 1,
    started: datetime | None = datetime(2025, 11, 3, 11, 48, tzinfo=UTC),
    more: Mapping[str, Column] | None = None,
    **columns: Column,
) -> Run:
    """A run with one row per value of the columns; line 100 + 3 k for row k.

    `more` takes columns whose names are no Python names, such as `opt_lr/0`.
    """
    columns = {**columns, **(more or {})}
    length = max((len(values) for values in columns.values()), default=len(epochs or ()))
    numbers = np.array(epochs if epochs is not None else range(1, length + 1), dtype=np.int64)
    data = {name: np.asarray(values, dtype=np.float64) for name, values in columns.items()}
    lines = FIRST_LINE + 3 * np.arange(length, dtype=np.int64)
    frame = pd.DataFrame({"epoch": numbers, **data, "line": lines})
    return Run(
        source="test.log",
        index=index,
        count=count,
        format="run-log",
        dialect="F2" if length else "",
        started=started,
        epochs=frame,
        parameters=no_parameters() if parameters is None else parameters,
        features=pd.DataFrame(
            {name: [] for name in ("epoch", "position", "name", "score", "line")}
        ),
        settings=make_settings(settings or {}),
        baselines=dict(baselines or {}),
        model={},
        batch={},
        optimizer={},
        micro={},
        coverage=Coverage(),
        resolution=dict(resolution or {}),
        nonfinite={
            name: np.array(found, dtype=np.int64) for name, found in (nonfinite or {}).items()
        },
        truncation=truncation,
        predecessor=predecessor,
    )


def make_settings(values: Mapping[str, Any]) -> Settings:
    lines = {key: 10 + order for order, key in enumerate(values)}
    return Settings(values, {key: str(value) for key, value in values.items()}, lines)


def no_parameters() -> pd.DataFrame:
    names = ("epoch", "position", "name", "grad_norm", "update_ratio", "line")
    return pd.DataFrame({name: [] for name in names})


def make_parameters(
    norms: Mapping[str, Column], *, ratio: float = 1e-8, is_sorted: bool = False
) -> pd.DataFrame:
    """Parameter lists from one series of norms per name; sorted by norm as the run log does."""
    rows = []
    for step in range(max(len(values) for values in norms.values())):
        found = [(name, values[step]) for name, values in norms.items() if step < len(values)]
        if is_sorted:
            found.sort(key=lambda entry: -entry[1])
        rows += [
            (step + 1, position, name, norm, ratio, FIRST_LINE + 3 * step + 1)
            for position, (name, norm) in enumerate(found)
        ]
    names = ["epoch", "position", "name", "grad_norm", "update_ratio", "line"]
    return pd.DataFrame(rows, columns=names)


def power_law(length: int, *, start: float = 0.12, floor: float = 0.02, rate: float = 0.8) -> Array:
    """A learning curve: floor + (start - floor) epoch^-rate."""
    return np.asarray(floor + (start - floor) * np.arange(1, length + 1) ** -rate)


def noisy(curve: Array, *, level: float = 0.005, phi: float = 0.3, seed: int = 0) -> Array:
    """The curve with multiplicative AR(1) noise of SD `level` and lag-1 correlation `phi`."""
    rng = np.random.default_rng(seed)
    shocks = rng.standard_normal(len(curve)) * level * np.sqrt(1 - phi**2)
    noise = np.empty(len(curve))
    previous = rng.standard_normal() * level
    for step, shock in enumerate(shocks):
        previous = phi * previous + shock
        noise[step] = previous
    return curve * (1 + noise)


def constant_lr(length: int, lr: float = 1e-3) -> Array:
    return np.full(length, lr, dtype=np.float64)


def cosine_lr(
    length: int, *, peak: float = 1e-3, floor: float = 0.0, total: int | None = None
) -> Array:
    """Cosine annealing; with `total` > length a run cut short."""
    share = np.arange(length) / (total or length)
    return np.asarray(floor + (peak - floor) * (1 + np.cos(np.pi * share)) / 2)


def linear_lr(length: int, *, peak: float = 1e-3, warm_up: int = 0) -> Array:
    """Linear decay to zero at the end, after a linear warm-up of `warm_up` epochs."""
    epoch = np.arange(1, length + 1)
    rise = epoch / max(warm_up, 1)
    fall = (length + 1 - epoch) / max(length + 1 - warm_up, 1)
    return np.asarray(peak * np.minimum(rise, 1.0) * np.where(epoch > warm_up, fall, 1.0))


def stepped_lr(
    length: int, cuts: Sequence[int], *, peak: float = 1e-3, factor: float = 0.1
) -> Array:
    """A constant LR multiplied by `factor` at each epoch of `cuts` (first epoch with less)."""
    epoch = np.arange(1, length + 1)
    passed = (epoch[:, None] >= np.array(list(cuts), dtype=int)[None, :]).sum(axis=1)
    return np.asarray(peak * factor**passed)


def printed(values: Array, digits: int = 1) -> Array:
    """The values as `.{digits}e` prints them."""
    return np.array([float(f"{value:.{digits}e}") for value in values])


LR_PRINTED = {"lr": Resolution(decimals=1, scientific=True)}
