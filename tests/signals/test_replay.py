"""What made a scheduler cut and a run stop, replayed from the metric."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from logparse.signals import Signals
from logparse.signals.rate.replay import Replay
from logparse.signals.rate.stopping import StopReplay
from tests.runs import Array, cosine_lr, make_run, noisy, power_law

N = 40
METRIC = noisy(power_law(N, rate=0.3), level=0.02, phi=0.0, seed=5)


def driven(
    metric: Array, *, patience: int, keras: bool = False, cooldown: int = 0, threshold: float = 1e-4
) -> Array:
    """The LR that each epoch runs with under a plateau scheduler, written anew from its manual."""
    lr, best, bad, cool, shown = 1.0, np.inf, 0, 0, []
    for value in metric:
        shown.append(lr)
        wanted = best - threshold if keras else best * (1 - threshold)
        best, bad = (value, 0) if value < wanted else (best, bad + 1)
        if cool > 0:
            cool, bad = cool - 1, 0
        if bad >= patience + (not keras):
            lr, bad, cool = lr / 2, 0, cooldown
    return np.array(shown)


def replayed(lr: Array, metric: Array = METRIC, **settings: Any) -> Replay | None:
    settings = {"SCHEDULER": "plateau", "MAX_EPOCHS": N, **settings}
    return Signals(make_run(lr=lr, val_rmse=metric, settings=settings)).rate.replay


@pytest.mark.parametrize("patience", [0, 1, 2])
def test_a_torch_scheduler_cuts_at_patience_plus_one(patience: int) -> None:
    found = replayed(driven(METRIC, patience=patience), LR_PATIENCE=patience)
    assert found is not None
    assert (found.counting, found.patience, found.bad_epochs) == ("torch", patience, patience + 1)
    assert (found.column, found.power, found.lag) == ("val_rmse", 1, 1)


@pytest.mark.parametrize("patience", [2, 3])
def test_a_keras_callback_cuts_at_patience(patience: int) -> None:
    found = replayed(driven(METRIC, patience=patience, keras=True), LR_PATIENCE=patience)
    assert found is not None
    assert (found.counting, found.patience, found.bad_epochs) == ("keras", patience, patience)


def test_an_undeclared_patience_is_found() -> None:
    found = replayed(driven(METRIC, patience=2))
    assert found is not None
    assert (found.counting, found.patience) == ("torch", 2)


def test_declared_threshold_and_cooldown_are_kept() -> None:
    lr = driven(METRIC, patience=1, cooldown=3, threshold=0.02)
    found = replayed(lr, LR_PATIENCE=1, PLATEAU_COOLDOWN=3, PLATEAU_THRESHOLD=0.02)
    assert found is not None
    assert (found.threshold, found.cooldown) == (0.02, 3)
    assert replayed(lr, LR_PATIENCE=1) is None


def test_the_square_of_the_metric_is_tried() -> None:
    lr = driven(METRIC**2, patience=0, threshold=0.03)
    assert not np.array_equal(lr, driven(METRIC, patience=0, threshold=0.03))
    found = replayed(lr, LR_PATIENCE=0, PLATEAU_THRESHOLD=0.03)
    assert found is not None
    assert found.name == "the square of val_rmse"


def test_a_rate_that_is_logged_after_the_cut_has_no_lag() -> None:
    lr = driven(METRIC, patience=1)
    found = replayed(np.append(lr[1:], lr[-1]), LR_PATIENCE=1)
    assert found is not None
    assert found.lag == 0


def test_cuts_that_no_metric_explains_are_not_replayed() -> None:
    lr = np.where(np.arange(N) < 7, 1.0, np.where(np.arange(N) < 9, 0.5, 0.25))
    assert replayed(lr, power_law(N), LR_PATIENCE=3) is None


def test_a_planned_schedule_is_not_replayed() -> None:
    run = make_run(lr=cosine_lr(N), val_rmse=METRIC, settings={"MAX_EPOCHS": N})
    assert Signals(run).rate.replay is None


def test_the_trigger_tells_count_threshold_and_noise_in_one_unit() -> None:
    values = np.array([0.120, 0.110, 0.101, 0.094, 0.089, 0.0895, 0.0892, *[0.08] * 13])
    lr = np.array([1e-3] * 7 + [1e-4] * 13)
    settings = {"LR_PATIENCE": 1, "PLATEAU_THRESHOLD": 1e-3}
    signals = Signals(make_run(lr=lr, val_rmse=values, settings=settings))
    trigger = signals.rate.cut_effect(signals.rate.cuts[0], "val_rmse", 5).trigger or ""
    assert trigger.startswith(
        "cut after E07 because 2 epochs in a row brought less than 0.001 of the best "
        "(torch patience 1, on val_rmse); noise is 0.0"
    )
    assert trigger.endswith(" of the best")


def stopped(values: list[float], **settings: Any) -> StopReplay | None:
    settings = {"MAX_EPOCHS": 70, "EARLY_STOP_PATIENCE": 3, **settings}
    return Signals(make_run(val_rmse=values, settings=settings)).rate.stop_replay


FALL = [1.0, 0.9, 0.8]


def test_a_stop_is_replayed_with_its_best_epoch() -> None:
    found = stopped([*FALL, 0.85, 0.83, 0.81])
    assert found is not None
    assert (found.best_epoch, found.waited) == (3, 3)
    assert found.words == "3 epochs without a better val_rmse, EARLY_STOP_PATIENCE 3"


def test_programs_that_stop_one_epoch_later_are_known() -> None:
    assert stopped([*FALL, *[0.9] * 4]) is not None
    assert stopped([*FALL, *[0.9] * 5]) is None
    assert stopped([*FALL, *[0.9] * 2]) is None


def test_a_declared_min_delta_is_what_a_best_must_bring() -> None:
    creeping = [*FALL, 0.799, 0.798, 0.797]
    assert stopped(creeping) is None
    found = stopped(creeping, EARLY_STOP_MIN_DELTA=0.01)
    assert found is not None
    assert "by 0.01" in found.words


def test_a_metric_on_which_it_would_have_stopped_before_is_not_the_one() -> None:
    values = [1.0, 1.1, 1.1, 1.1, *FALL[1:], 0.9, 0.9, 0.9]
    assert stopped(values) is None
    assert stopped(values, START_FROM_EPOCH=5) is not None


def test_a_stop_counts_in_validations() -> None:
    nan = float("nan")
    values = [1.0, nan, 0.9, nan, 0.95, nan, 0.95]
    settings = {"EARLY_STOP_PATIENCE": 2, "VAL_EVERY": 2}
    assert stopped(values, **settings) is not None
    assert stopped(values[:5], **settings) is None


def test_a_stop_on_the_loss_is_found_where_the_main_metric_went_on() -> None:
    run = make_run(
        val_rmse=[1.0, 0.9, 0.8, 0.7, 0.6, 0.5],
        val_loss=[1.0, 0.9, 0.8, 0.9, 0.9, 0.9],
        settings={"MAX_EPOCHS": 70, "EARLY_STOP_PATIENCE": 3},
    )
    found = Signals(run).rate.stop_replay
    assert found is not None
    assert found.column == "val_loss"
