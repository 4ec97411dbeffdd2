"""Simulated runs of known health, for measuring false-alarm and detection rates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from logparse.signals.rate.schedule import onecycle
from tests.runs import (
    LR_PRINTED,
    Array,
    constant_lr,
    cosine_lr,
    linear_lr,
    make_parameters,
    make_run,
    make_settings,
    noisy,
    power_law,
    printed,
    stepped_lr,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logparse.run import Run

LENGTHS = (12, 20, 40, 70, 100)
NOISES = (0.005, 0.02)
SCHEDULES = ("constant", "cosine", "linear", "exponential", "onecycle", "late-steps", "plateau")
LAYERS = 12


@dataclass(frozen=True, slots=True)
class Trial:
    """One simulated run with what it was made from."""

    run: Run
    length: int
    noise: float
    schedule: str


def healthy(per_cell: int, first: int = 0) -> Iterator[Trial]:
    """Power laws to a floor with AR(1) noise under every schedule, length and noise level.

    `first` is the first repeat of each cell: other repeats are other runs.
    """
    for length in LENGTHS:
        for noise in NOISES:
            for schedule in SCHEDULES:
                for repeat in range(first, first + per_cell):
                    seed = hash_of(length, noise, schedule, repeat)
                    yield Trial(_healthy(length, noise, schedule, seed), length, noise, schedule)


def hash_of(length: int, noise: float, schedule: str, repeat: int) -> int:
    """A seed that is the same in every process."""
    return repeat + 1000 * (length + 1000 * (int(1000 * noise) + 100 * SCHEDULES.index(schedule)))


def schedule_lr(name: str, length: int, metric: Array) -> Array:
    """The printed learning rates of a schedule over the whole run."""
    settings = {
        "ONECYCLE_MAX_LR": 1e-3,
        "ONECYCLE_DIV_FACTOR": 10,
        "ONECYCLE_FINAL_DIV": 100,
        "ONECYCLE_PCT_START": 0.2,
        "MAX_EPOCHS": length,
    }
    cycle = onecycle(make_settings(settings), np.arange(1.0, length + 1))
    assert cycle is not None
    curves = {
        "constant": constant_lr(length),
        "cosine": cosine_lr(length),
        "linear": linear_lr(length, warm_up=max(length // 10, 1)),
        "exponential": np.asarray(1e-3 * 0.95 ** np.arange(length)),
        "onecycle": cycle,
        "late-steps": stepped_lr(length, [length // 2 + 1, 3 * length // 4 + 1]),
        "plateau": plateau_lr(metric, patience=max(5, length // 10)),
    }
    return printed(curves[name])


def plateau_lr(metric: Array, patience: int, factor: float = 0.1) -> Array:
    """What ReduceLROnPlateau does with the metric: a cut after patience + 1 bad epochs."""
    lr, best, bad, printed_lr = 1e-3, np.inf, 0, []
    for value in metric:
        best, bad = (value, 0) if value < best * (1 - 1e-4) else (best, bad + 1)
        if bad > patience:
            lr, bad = lr * factor, 0
        printed_lr.append(lr)
    return np.array(printed_lr, dtype=np.float64)


def _healthy(length: int, noise: float, schedule: str, seed: int) -> Run:
    rng = np.random.default_rng(seed)
    floor, rate = rng.uniform(0.01, 0.06), rng.uniform(0.5, 1.5)
    phi = rng.choice([0.0, 0.3, 0.6])
    curve = power_law(length, start=0.12, floor=floor, rate=rate)
    val = noisy(curve, level=noise, phi=phi, seed=seed + 1)
    train = noisy(0.9 * curve, level=noise / 2, phi=phi, seed=seed + 2)
    size = 10 ** rng.uniform(-4, 0) * (curve - floor + 1e-4)
    depth = 10.0 ** np.cumsum(rng.normal(0, 0.15, LAYERS))
    norms = {f"blocks.{k}.weight": size * depth[k] * _jitter(length, rng) for k in range(LAYERS)}
    return make_run(
        lr=schedule_lr(schedule, length, val),
        val_rmse=val,
        train_rmse=train,
        grad_norm=size * _jitter(length, rng),
        parameters=make_parameters(norms, is_sorted=True),
        resolution=LR_PRINTED,
        settings={"MAX_EPOCHS": length},
    )


def _jitter(length: int, rng: np.random.Generator) -> Array:
    """Norms of single batches scatter by a third or so."""
    return np.exp(0.3 * rng.standard_normal(length))


def early_drop(length: int, noise: float, seed: int) -> Run:
    """Cut to a tenth at epoch 5 while a power law still falls; a tenth of the pace from there."""
    rng = np.random.default_rng(seed)
    curve = power_law(length, start=0.12, floor=0.02, rate=rng.uniform(0.3, 0.8))
    slow = np.concatenate([curve[:4], curve[3] + 0.1 * (curve[4:] - curve[3])])
    return make_run(
        lr=stepped_lr(length, [5]),
        val_rmse=noisy(slow, level=noise, seed=seed),
        resolution=LR_PRINTED,
        settings={"MAX_EPOCHS": length},
    )


def never_learned(length: int, noise: float, seed: int) -> Run:
    """A flat curve."""
    flat = np.full(length, 0.12)
    return make_run(
        lr=constant_lr(length),
        val_rmse=noisy(flat, level=noise, seed=seed),
        train_rmse=noisy(flat, level=noise, seed=seed + 1),
    )


def early_plateau(length: int, noise: float, seed: int) -> Run:
    """A quick fall by a third, and flat from a fifth of the run on, far above the baseline."""
    epoch = np.arange(1, length + 1)
    curve = 0.08 + 0.04 * np.maximum(1 - (epoch - 1) / (length / 5), 0.0)
    return make_run(
        lr=constant_lr(length),
        val_rmse=noisy(curve, level=noise, seed=seed),
        train_rmse=noisy(0.9 * curve, level=noise, seed=seed + 1),
        baselines={"val_mean_rmse": 0.11, "val_persistence_rmse": 0.02},
    )


def vanishing(length: int, noise: float, seed: int) -> Run:
    """Norms that fall by half a decade per layer towards the input, more so with time."""
    rng = np.random.default_rng(seed)
    fade = np.linspace(0.2, 0.6, length)
    norms = {
        f"blocks.{k}.weight": 10 ** (-fade * (LAYERS - 1 - k)) * _jitter(length, rng)
        for k in range(LAYERS)
    }
    curve = power_law(length, start=0.12, floor=0.09, rate=0.5)
    return make_run(
        lr=constant_lr(length),
        val_rmse=noisy(curve, level=noise, seed=seed),
        train_rmse=noisy(curve, level=noise, seed=seed + 1),
        parameters=make_parameters(norms, is_sorted=True),
    )


def stalled_early(length: int, noise: float, seed: int, patience: int = 3) -> Run:
    """A quick learner that is done after a few epochs and is then cut: no fault."""
    rng = np.random.default_rng(seed)
    curve = 0.05 + 0.07 * np.exp(-rng.uniform(0.4, 3) * np.arange(length))
    val = noisy(curve, level=noise, seed=seed)
    return make_run(
        lr=printed(plateau_lr(val, patience=patience)),
        val_rmse=val,
        resolution=LR_PRINTED,
        settings={"MAX_EPOCHS": length, "LR_PATIENCE": patience},
    )


def impatient(length: int, noise: float, seed: int, patience: int = 1) -> Run:
    """A slow, steady learner under a plateau scheduler that cuts on noise."""
    rng = np.random.default_rng(seed)
    curve = power_law(length, start=0.12, floor=0.02, rate=rng.uniform(0.15, 0.4))
    val = noisy(curve, level=noise, phi=0.0, seed=seed)
    return make_run(
        lr=printed(plateau_lr(val, patience=patience)),
        val_rmse=val,
        resolution=LR_PRINTED,
        settings={"MAX_EPOCHS": length, "LR_PATIENCE": patience},
    )
