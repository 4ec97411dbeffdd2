"""What became of a run, and how it ended."""

from __future__ import annotations

import numpy as np
import pytest

from logparse.signals import Signals
from tests.runs import (
    SEED_BASELINES,
    constant_lr,
    cosine_lr,
    make_run,
    noisy,
    power_law,
    stepped_lr,
)


def test_a_falling_metric_is_improving() -> None:
    assert Signals(make_run(val_rmse=power_law(20, rate=0.5))).state.kind == "improving"


def test_a_flat_metric_never_learned() -> None:
    run = make_run(val_rmse=noisy(np.full(20, 0.1), level=0.01))
    assert Signals(run).state.kind == "never-learned"


def test_flat_after_annealing_is_converged() -> None:
    values = np.concatenate([power_law(20), np.full(20, power_law(20)[-1])])
    run = make_run(lr=cosine_lr(40), val_rmse=noisy(values, level=0.001))
    assert Signals(run).state.kind == "converged"


@pytest.mark.parametrize("column", ["val_rmse", "val_r2"])
def test_a_metric_that_gets_worse_after_annealing_has_not_converged(column: str) -> None:
    values = np.concatenate([power_law(20), power_law(20)[-1] + np.linspace(0, 0.005, 20)])
    values = noisy(values, level=0.001)
    more = {column: 1 - values if column == "val_r2" else values}
    state = Signals(make_run(lr=cosine_lr(40), more=more)).state
    assert state.kind == "plateaued"
    assert state.because.startswith(f"{column} is 0.00")
    assert state.because.endswith("worse than its best level")


def test_noise_about_the_best_level_is_no_rise() -> None:
    kinds = set()
    for seed in range(20):
        values = np.concatenate([power_law(30), np.full(70, power_law(30)[-1])])
        run = make_run(lr=cosine_lr(100), val_rmse=noisy(values, level=0.01, phi=0.6, seed=seed))
        kinds.add(Signals(run).state.kind)
    assert kinds <= {"converged", "improving"}


def test_flat_after_an_early_cut_is_plateaued() -> None:
    values = np.concatenate([power_law(5), np.full(35, power_law(5)[-1])])
    run = make_run(lr=stepped_lr(40, [5]), val_rmse=noisy(values, level=0.001))
    assert Signals(run).state.kind == "plateaued"


def test_flat_below_every_baseline_is_converged() -> None:
    values = np.concatenate([np.linspace(0.1, 0.005, 10), np.full(30, 0.005)])
    run = make_run(lr=constant_lr(40), val_rmse=values, baselines=SEED_BASELINES)
    assert Signals(run).state.kind == "converged"


def test_a_newest_nan_has_failed() -> None:
    values = [*power_law(10), np.nan]
    run = make_run(val_rmse=values, nonfinite={"val_rmse": (11,)})
    assert Signals(run).state.kind == "failed"


def test_a_training_loss_above_its_best_has_failed() -> None:
    run = make_run(train_loss=[*power_law(12), 0.2, 0.3, 0.5])
    assert Signals(run).state.kind == "failed"


def test_a_few_values_are_unknown() -> None:
    assert Signals(make_run(val_rmse=[1.0, 0.9])).state.kind == "unknown"


def test_the_last_planned_epoch_completes() -> None:
    run = make_run(val_rmse=power_law(10), settings={"MAX_EPOCHS": 10})
    assert Signals(run).ending.kind == "completed"


@pytest.mark.parametrize(("first", "kind"), [(0, "completed"), (1, "completed"), (-1, "open")])
def test_epochs_counted_from_zero_complete_one_number_earlier(first: int, kind: str) -> None:
    epochs = list(range(first, first + 10))
    run = make_run(epochs=epochs, val_rmse=power_law(10), settings={"MAX_EPOCHS": 10})
    assert Signals(run).ending.kind == kind


def test_early_stopping_is_replayed() -> None:
    values = [*power_law(10), *([1.0] * 7)]
    settings = {"MAX_EPOCHS": 70, "EARLY_STOP_PATIENCE": 7}
    assert Signals(make_run(val_rmse=values, settings=settings)).ending.kind == "stopped-early"


def test_patience_long_overrun_is_no_early_stop() -> None:
    values = [*power_law(10), *([1.0] * 20)]
    settings = {"MAX_EPOCHS": 70, "EARLY_STOP_PATIENCE": 7}
    assert Signals(make_run(val_rmse=values, settings=settings)).ending.kind == "open"


def test_a_run_that_another_follows_is_superseded() -> None:
    assert Signals(make_run(val_rmse=power_law(5), count=2)).ending.kind == "superseded"


def test_an_unfinished_last_run_is_open() -> None:
    ending = Signals(make_run(val_rmse=power_law(5), settings={"MAX_EPOCHS": 70})).ending
    assert (ending.kind, ending.epoch, ending.is_over) == ("open", 5, False)


@pytest.mark.parametrize(
    ("columns", "main"),
    [
        ({"val_rmse": [1.0] * 5, "train_rmse": [1.0] * 5}, "val_rmse"),
        ({"train_rmse": [1.0] * 5, "train_loss": [1.0] * 5}, "train_rmse"),
        ({"train_loss": [1.0] * 5}, "train_loss"),
        ({"val_rmse": [np.nan] * 4 + [1.0], "train_loss": [1.0] * 5}, "train_loss"),
        ({"lr": [1.0] * 5}, None),
    ],
)
def test_the_main_metric_is_the_best_known(
    columns: dict[str, list[float]], main: str | None
) -> None:
    assert Signals(make_run(more=columns)).main_metric == main
