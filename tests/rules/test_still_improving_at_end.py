"""LOSS004 still-improving-at-end."""

from __future__ import annotations

import numpy as np
import pytest

from tests.rules.asking import ask, fires, is_silent
from tests.runs import constant_lr, cosine_lr, make_run, noisy, power_law

SLOW = noisy(power_law(30, start=1.0, floor=0.1, rate=0.3), level=0.002)


def test_fires_where_the_best_is_the_newest_and_progress_goes_on() -> None:
    run = make_run(val_rmse=SLOW, lr=constant_lr(30), settings={"MAX_EPOCHS": 30})
    finding = fires("LOSS004", run)
    assert (finding.severity, finding.confidence) == ("note", "medium")
    assert finding.measured["z_progress"] >= finding.measured["z_threshold"]  # type: ignore[operator]
    assert finding.remedies[0] == "MAX_EPOCHS 30 -> 60, the schedule with it"


def test_the_forecast_is_near_what_the_curve_would_have_reached() -> None:
    measured = fires("LOSS004", make_run(val_rmse=SLOW)).measured
    truth = power_law(60, start=1.0, floor=0.1, rate=0.3)[-1]
    assert measured["forecast_epoch"] == 60
    assert measured["forecast"] == pytest.approx(truth, rel=0.05)
    low, high = measured["forecast_low"], measured["forecast_high"]
    assert low <= measured["forecast"] <= high  # type: ignore[operator]


def test_a_metric_that_is_better_when_higher_still_rises() -> None:
    finding = fires("LOSS004", make_run(val_r2=1 - SLOW))
    assert finding.measured["forecast"] > finding.measured["end"]  # type: ignore[operator]


def test_before_an_anneal_only_steady_progress_counts_and_confidence_is_low() -> None:
    line = noisy(np.linspace(1.0, 0.5, 40), level=0.001)
    assert fires("LOSS004", make_run(val_rmse=line, lr=cosine_lr(40))).confidence == "low"


def test_false_alarm_what_annealing_brings_by_itself() -> None:
    curve = noisy(power_law(40, rate=1.5), level=0.005)
    curve *= np.concatenate([np.ones(20), np.linspace(1, 0.9, 20)])
    assert "annealed" in is_silent("LOSS004", make_run(val_rmse=curve, lr=cosine_lr(40)))


def test_near_miss_silent_on_a_curve_that_is_flat() -> None:
    is_silent("LOSS004", make_run(val_rmse=noisy(np.full(30, 0.3), level=0.01), lr=constant_lr(30)))


def test_a_run_that_was_stopped_is_not_asked_for_more() -> None:
    values = [*np.linspace(1, 0.5, 29), 0.6]
    settings = {"EARLY_STOP_PATIENCE": 1, "MAX_EPOCHS": 90}
    assert "stopped" in is_silent("LOSS004", make_run(val_rmse=values, settings=settings))


def test_a_run_that_broke_is_not_asked_for_more() -> None:
    values = [*SLOW, float("nan"), float("nan")]
    is_silent("LOSS004", make_run(val_rmse=values, nonfinite={"val_rmse": (31, 32)}))


def test_needs_a_metric_and_ten_values_of_it() -> None:
    assert ask("LOSS004", make_run(lr=constant_lr(10)))[1].outcome == "not-applicable"
    assert ask("LOSS004", make_run(val_rmse=SLOW[:9]))[1].outcome == "too-short"


def test_a_log_that_ends_before_its_plan_says_nothing_of_the_end() -> None:
    run = make_run(val_rmse=SLOW, lr=constant_lr(30), settings={"MAX_EPOCHS": 100})
    assert "E30 of 100 planned epochs" in is_silent("LOSS004", run)


def test_a_run_without_a_plan_may_still_be_going_on() -> None:
    assert "in the last epochs logged" in fires("LOSS004", make_run(val_rmse=SLOW)).reading


def test_a_higher_rate_is_proposed_where_the_whole_run_was_slow_and_smooth() -> None:
    settings = {"MAX_EPOCHS": 30, "LEARNING_RATE": 1e-3}
    line = noisy(np.linspace(1.0, 0.5, 30), level=0.001)
    slow = fires("LOSS004", make_run(val_rmse=line, settings=settings))
    assert "LEARNING_RATE 0.001 -> 0.003" in slow.remedies
    bends = noisy(power_law(30, start=1.0, floor=0.1, rate=1.0), level=0.005, phi=0.0, seed=1)
    assert fires("LOSS004", make_run(val_rmse=bends, settings=settings)).remedies == (
        "MAX_EPOCHS 30 -> 60, the schedule with it",
    )
    large = make_run(val_rmse=line, settings={**settings, "LEARNING_RATE": 0.5})
    assert not any("LEARNING_RATE" in edit for edit in fires("LOSS004", large).remedies)


def test_the_forecast_is_for_the_epochs_that_are_proposed() -> None:
    """Also of a log that begins in mid-run."""
    run = make_run(val_rmse=SLOW[10:], epochs=range(11, 31), settings={"MAX_EPOCHS": 30})
    finding = fires("LOSS004", run)
    assert finding.measured["forecast_epoch"] == 60
    assert finding.remedies[0].startswith("MAX_EPOCHS 30 -> 60")


def test_falling_after_a_jump_to_thrice_the_best_is_no_improvement_at_the_end() -> None:
    curve = noisy(power_law(40, start=1.0, floor=0.3), level=0.002)
    curve[25:] *= np.linspace(3.0, 2.5, 15)
    is_silent("LOSS004", make_run(train_rmse=curve, val_rmse=1.1 * curve, lr=constant_lr(40)))
