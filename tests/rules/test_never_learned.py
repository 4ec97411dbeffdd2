"""LOSS001 never-learned."""

from __future__ import annotations

import numpy as np
import pytest

from logparse.judging import judge
from logparse.rules import select_rules
from tests.rules.asking import ask, fires, is_silent
from tests.runs import constant_lr, make_run, noisy, power_law

FLAT = noisy(np.full(20, 0.1138), level=0.01)


def test_fires_on_a_flat_training_metric() -> None:
    finding = fires("LOSS001", make_run(train_rmse=FLAT, lr=constant_lr(20)))
    assert (finding.severity, finding.confidence) == ("error", "medium")
    assert finding.epochs == (1, 20)
    assert finding.measured["improvement"] <= finding.measured["threshold"]  # type: ignore[operator]


def test_a_known_chance_level_makes_it_certain() -> None:
    run = make_run(train_rmse=FLAT, baselines={"train_mean_rmse": 0.11379})
    finding = fires("LOSS001", run)
    assert finding.confidence == "high"
    assert finding.measured["chance_level"] == 0.11379


def test_fires_at_the_entropy_of_ten_classes() -> None:
    run = make_run(train_loss=noisy(np.full(30, 2.302), level=0.001), settings={"NUM_CLASSES": 10})
    assert fires("LOSS001", run).measured["chance_level"] == pytest.approx(2.3026, abs=1e-4)


def test_hides_the_plateau_behind_it() -> None:
    run = make_run(val_rmse=FLAT, train_rmse=FLAT)
    report = judge(run, select_rules(["LOSS001", "LOSS002"]))
    assert [finding.code for finding in report.findings] == ["LOSS001"]


def test_near_miss_silent_on_a_slow_learner() -> None:
    is_silent("LOSS001", make_run(train_rmse=noisy(power_law(20, rate=0.2), level=0.01)))


def test_seven_epochs_are_too_short() -> None:
    assert ask("LOSS001", make_run(train_rmse=FLAT[:7]))[1].reason == "needs 8 epochs, has 7"


def test_false_alarm_still_in_warm_up() -> None:
    run = make_run(train_rmse=FLAT, lr=np.linspace(1e-6, 1e-3, 20))
    assert "warming up" in is_silent("LOSS001", run)


def test_false_alarm_converged_at_the_first_epoch() -> None:
    run = make_run(
        train_rmse=noisy(np.full(20, 0.02), level=0.01), baselines={"train_mean_rmse": 0.11}
    )
    assert "good from the start" in is_silent("LOSS001", run)


def test_false_alarm_done_within_the_first_epoch() -> None:
    run = make_run(train_loss=[2.3, *noisy(np.full(20, 0.3), level=0.01)])
    is_silent("LOSS001", run)


def test_a_run_that_learned_and_was_lost_again_did_learn() -> None:
    values = np.concatenate([np.linspace(0.12, 0.05, 15), np.full(10, 0.12)])
    is_silent("LOSS001", make_run(train_rmse=noisy(values, level=0.005)))


def test_a_bad_first_epoch_before_the_mean_does_not_excuse_it() -> None:
    values = np.concatenate([[0.5], noisy(np.full(19, 0.11379), level=0.002)])
    run = make_run(train_rmse=values, baselines={"train_mean_rmse": 0.11379})
    assert fires("LOSS001", run).confidence == "high"
