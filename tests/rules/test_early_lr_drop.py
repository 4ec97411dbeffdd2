"""LR001 early-lr-drop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from logparse.signals.rate.schedule import onecycle
from tests.rules.asking import ask, fires, is_silent
from tests.rules.populations import plateau_lr
from tests.runs import (
    LR_PRINTED,
    SEED_SETTINGS,
    Array,
    constant_lr,
    cosine_lr,
    linear_lr,
    make_run,
    make_settings,
    noisy,
    power_law,
    printed,
    stepped_lr,
)

if TYPE_CHECKING:
    from logparse.run import Run

N = 40
FALLING = power_law(N, rate=0.5)
STUCK = np.concatenate([FALLING[:4], np.full(N - 4, FALLING[3])])


def run_with(lr: Array, values: Array = FALLING, **settings: Any) -> Run:
    return make_run(
        lr=printed(lr),
        val_rmse=noisy(values, level=0.003),
        resolution=LR_PRINTED,
        settings={"MAX_EPOCHS": len(lr), **settings},
    )


def test_fires_on_a_cut_that_ends_fast_progress() -> None:
    finding = fires("LR001", run_with(stepped_lr(N, [5]), STUCK, LR_PATIENCE=2))
    assert finding.epochs == (5, 5)
    assert finding.lines == (112,)
    assert finding.confidence == "high"
    assert finding.measured["lr_before"] == pytest.approx(1e-3)
    assert finding.measured["lr_after"] == pytest.approx(1e-4)
    assert finding.measured["z_before"] >= finding.measured["z_threshold"]  # type: ignore[operator]
    assert finding.remedies[0] == "LR_PATIENCE 2 -> 4"


def test_confidence_is_medium_without_a_declared_patience() -> None:
    assert fires("LR001", run_with(stepped_lr(N, [5]), STUCK)).confidence == "medium"


def test_the_bad_epochs_before_the_cut_are_replayed() -> None:
    """Two epochs without a new best were noise: the next ones fall on."""
    tail = noisy(np.full(N - 5, 0.1), level=0.02)
    values = np.array([0.120, 0.112, 0.101, 0.104, 0.102, *tail])
    run = make_run(lr=stepped_lr(N, [6]), val_rmse=values, settings={"LR_PATIENCE": 1})
    finding = fires("LR001", run)
    assert finding.measured["bad_epochs"] == 2
    assert "after E05 because 2 epochs in a row brought less than 0.0001" in finding.causes[0]
    assert finding.measured["replayed"] == "torch, on val_rmse"


def test_near_miss_silent_when_the_wait_was_longer_than_noise_explains() -> None:
    values = np.array([0.120, 0.095, 0.070, 0.0705, 0.0703, *np.full(N - 5, 0.07)])
    is_silent("LR001", run_with(stepped_lr(N, [6]), values, LR_PATIENCE=1))


def test_near_miss_silent_when_the_metric_had_stalled() -> None:
    values = np.concatenate([[0.12, 0.06], np.full(N - 2, 0.05)])
    assert not ask("LR001", run_with(stepped_lr(N, [7]), values))[0]


def test_near_miss_silent_when_the_cut_comes_later() -> None:
    is_silent("LR001", run_with(stepped_lr(N, [10])))


PLANS: dict[str, Any] = {
    "cosine": cosine_lr(N),
    "cosine cut short": cosine_lr(N, total=3 * N),
    "OneCycle of ten epochs": onecycle(
        make_settings({**SEED_SETTINGS, "MAX_EPOCHS": 10}), np.arange(1.0, 11)
    ),
    "linear fine-tune decay": linear_lr(N, warm_up=3),
    "exponential": 1e-3 * 0.8 ** np.arange(N),
    "warm restarts": np.concatenate([cosine_lr(10), cosine_lr(10), cosine_lr(20)]),
    "constant": constant_lr(N),
}


@pytest.mark.parametrize("name", PLANS)
def test_false_alarm_planned_schedule(name: str) -> None:
    lr = PLANS[name]
    assert lr is not None
    assert "follows a plan" in is_silent("LR001", run_with(lr, FALLING[: len(lr)]))


def test_false_alarm_milestones_in_the_last_two_thirds() -> None:
    is_silent("LR001", run_with(stepped_lr(12, [5, 9]), FALLING[:12], MILESTONES="[4, 8]"))


def test_milestones_planned_too_early_are_the_fault_itself() -> None:
    fires("LR001", run_with(stepped_lr(N, [5, 30]), STUCK, MILESTONES="[4, 29]"))


def test_false_alarm_cut_right_after_a_warm_up_overshoot() -> None:
    lr = np.concatenate([[2e-4, 5e-4, 1e-3], np.full(N - 3, 3e-4)])
    is_silent("LR001", run_with(lr))


def test_false_alarm_bias_group_warming_up_from_above() -> None:
    fall = np.concatenate([[7.05e-2, 4.03e-2, 9.8e-3], np.full(N - 3, 9.8e-3)])
    rise = np.concatenate([[3.2e-3, 6.5e-3, 9.8e-3], np.full(N - 3, 9.8e-3)])
    groups = {"opt_lr/0": fall, "opt_lr/1": rise}
    is_silent("LR001", make_run(lr=fall, val_rmse=FALLING, more=groups))


def test_a_gentle_factor_is_not_softened_and_the_confirmation_is_within_the_plan() -> None:
    run = run_with(stepped_lr(8, [5], factor=0.5), STUCK[:8], LR_PATIENCE=2, LR_FACTOR=0.5)
    finding = fires("LR001", run)
    assert finding.remedies == ("LR_PATIENCE 2 -> 4", "or a cosine schedule over 8 epochs")
    assert finding.confirm.startswith("No cut before E08")


def test_noise_above_the_threshold_is_the_cause_and_the_threshold_is_not_raised() -> None:
    """A higher threshold would cut sooner still."""
    val = noisy(power_law(N, rate=0.3), level=0.03, phi=0, seed=2)
    run = make_run(
        lr=printed(plateau_lr(val, 1)),
        val_rmse=val,
        resolution=LR_PRINTED,
        settings={"MAX_EPOCHS": N, "LR_PATIENCE": 1, "PLATEAU_THRESHOLD": 1e-4},
    )
    finding = fires("LR001", run)
    assert finding.causes[1] == "val_rmse is noisier than the scheduler's threshold"
    assert not any("PLATEAU_THRESHOLD" in edit for edit in finding.remedies)


def test_a_gain_after_the_cut_is_told_only_where_there_are_epochs_to_take_it_from() -> None:
    assert "gain_per_epoch_after" in fires("LR001", run_with(stepped_lr(N, [5]), STUCK)).measured
    lr = stepped_lr(N, [5, 7, 9])
    assert "gain_per_epoch_after" not in fires("LR001", run_with(lr, STUCK)).measured
