"""LR002 lr-floor-too-soon."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.rules.asking import ask, fires, is_silent
from tests.runs import Array, constant_lr, cosine_lr, linear_lr, make_run, power_law, stepped_lr

N = 40
FALLING = power_law(N, rate=0.2)
FROZEN = np.concatenate([FALLING[:9], FALLING[8] * (1 + 1e-3 * np.sin(2.4 * np.arange(N - 9)))])
DESCENT = [8, 9, 10]


def run_with(lr: Array, values: Array = FROZEN, **settings: Any) -> Any:
    return make_run(lr=lr, val_rmse=values, settings={"MAX_EPOCHS": len(lr), **settings})


def test_fires_when_three_quarters_of_the_run_lie_at_a_thousandth_of_the_peak() -> None:
    finding = fires("LR002", run_with(stepped_lr(N, DESCENT)))
    assert (finding.severity, finding.confidence) == ("warning", "medium")
    assert finding.epochs == (10, 40)
    assert finding.lines == (127, 217)
    assert finding.measured["epochs_at_floor"] == 31
    assert finding.measured["share_of_run"] == pytest.approx(31 / 40)
    assert finding.remedies[-1] == "or end the run at E10"


def test_a_declared_minimum_is_a_floor_too_and_is_raised() -> None:
    """Two cuts lead to a hundredth only, but the scheduler can go no lower."""
    lr = stepped_lr(N, DESCENT[:2])
    assert not ask("LR002", run_with(lr))[0]
    assert not any("MIN_LR" in edit for edit in fires("LR002", run_with(lr, MIN_LR=1e-5)).remedies)
    assert (
        "MIN_LR 1e-07 -> 1e-05"
        in fires(
            "LR002", run_with(np.maximum(stepped_lr(N, [*DESCENT, 11]), 1e-7), MIN_LR=1e-7)
        ).remedies
    )


def test_a_plateau_scheduler_is_given_more_patience() -> None:
    lr = stepped_lr(N, DESCENT)
    finding = fires("LR002", run_with(lr, LR_PATIENCE=2, LR_FACTOR=0.1))
    assert finding.remedies[:2] == ("LR_PATIENCE 2 -> 4", "LR_FACTOR 0.1 -> 0.5")


def test_near_miss_silent_when_the_metric_goes_on_at_the_floor() -> None:
    is_silent("LR002", run_with(stepped_lr(N, DESCENT), FALLING))


def test_near_miss_silent_at_a_hundredth_of_the_peak() -> None:
    is_silent("LR002", run_with(stepped_lr(N, DESCENT[:2])))


@pytest.mark.parametrize("name", ["cosine", "linear", "constant"])
def test_false_alarm_the_tail_of_a_planned_schedule(name: str) -> None:
    lr = {"cosine": cosine_lr(N), "linear": linear_lr(N), "constant": constant_lr(N)}[name]
    is_silent("LR002", run_with(lr))


def test_false_alarm_a_metric_that_had_settled_before_the_descent() -> None:
    settled = 0.05 + 0.07 * np.exp(-np.arange(N)) + 1e-3 * np.sin(2.4 * np.arange(N))
    reason = is_silent("LR002", run_with(stepped_lr(N, [15, 16, 17]), settled))
    assert reason == "val_rmse had settled before the learning rate fell"


def test_an_early_cut_hides_the_floor_that_follows_from_it() -> None:
    from logparse.judging import judge
    from logparse.rules import select_rules

    run = run_with(stepped_lr(N, [5, 6, 7]), np.where(np.arange(N) < 4, FALLING, FALLING[3]))
    report = judge(run, select_rules(["LR001", "LR002"]))
    assert [finding.code for finding in report.findings] == ["LR001"]
    assert fires("LR002", run)


def test_needs_ten_epochs_and_a_learning_rate() -> None:
    assert ask("LR002", run_with(stepped_lr(9, [3]), FROZEN[:9]))[1].outcome == "too-short"
    assert ask("LR002", make_run(val_rmse=FROZEN))[1].outcome == "not-applicable"
    assert ask("LR002", make_run(lr=constant_lr(N)))[1].outcome == "not-applicable"


def test_the_remedy_fits_the_schedule_that_led_to_the_floor() -> None:
    steps = run_with(stepped_lr(N, DESCENT), MILESTONES="[7, 8, 9]", LR_GAMMA=0.1)
    later = ("MILESTONES [7, 8, 9] -> [24, 32]", "LR_GAMMA 0.1 -> 0.5")
    assert fires("LR002", steps).remedies[:2] == later
    lr = np.concatenate([cosine_lr(13, total=12), np.zeros(N - 13)])
    short = run_with(lr, SCHEDULER="cosine", T_MAX=12, LEARNING_RATE=1e-3)
    assert fires("LR002", short).remedies[0] == "T_MAX 12 -> 40"


def test_a_minimum_under_another_name_is_raised_too() -> None:
    lr = np.maximum(stepped_lr(N, [*DESCENT, 11]), 1e-7)
    assert "ETA_MIN 1e-07 -> 1e-05" in fires("LR002", run_with(lr, ETA_MIN=1e-7)).remedies
