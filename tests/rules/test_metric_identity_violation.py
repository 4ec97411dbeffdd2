"""BASE003 metric-identity-violation, and the intervals it computes with."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from logparse.records import Resolution
from logparse.run import Run
from logparse.signals import Signals
from logparse.signals.consistency.intervals import Between, declared, printed
from tests.rules.asking import ask, fires, is_silent
from tests.runs import Array, make_run, power_law

SD = 0.10862
FOUR = Resolution(decimals=4)
BASELINES = {"train_mean_rmse": SD, "val_mean_rmse": SD}


def honest(length: int = 12, *, digits: int = 4, **more: Any) -> Run:
    """RMSE, MAE and R2 of both splits as one program would print them, rounded."""
    rmse = power_law(length, start=0.1, floor=0.04)
    columns: dict[str, Array] = {}
    for split, factor in (("train", 0.95), ("val", 1.0)):
        columns[f"{split}_rmse"] = factor * rmse
        columns[f"{split}_mae"] = 0.8 * factor * rmse
        columns[f"{split}_r2"] = 1 - (factor * rmse / SD) ** 2
    shown = {name: np.round(values, digits) for name, values in columns.items()}
    resolution = dict.fromkeys(shown, Resolution(decimals=digits))
    return make_run(**{"baselines": BASELINES, "resolution": resolution, **shown, **more})


@pytest.mark.parametrize("digits", [2, 3, 4, 6])
def test_honest_figures_hold_however_they_are_rounded(digits: int) -> None:
    assert "identities hold" in is_silent("BASE003", honest(digits=digits))


def test_fires_on_an_r2_of_other_targets_than_the_baseline() -> None:
    finding = fires("BASE003", honest(baselines={"val_mean_rmse": 0.06583}))
    assert (finding.severity, finding.confidence) == ("error", "high")
    assert finding.measured["right"] == pytest.approx(0.06583)
    assert finding.measured["epochs_affected"] == 12
    assert "baseline" in finding.causes[0]


def test_fires_on_an_r2_that_belongs_to_no_fixed_targets() -> None:
    r2 = honest().epochs["val_r2"].to_numpy().copy()
    r2[7] += 0.1
    finding = fires("BASE003", honest(val_r2=r2, baselines={}))
    assert finding.epochs == (8, 8)
    assert finding.severity == "error"


def test_fires_on_an_rmse_below_its_mae() -> None:
    finding = fires("BASE003", honest(val_mae=[0.2] * 12))
    assert finding.measured["identity"] == "val_rmse >= val_mae"


def test_fires_on_impossible_values() -> None:
    assert "negative" in fires("BASE003", make_run(val_rmse=[0.1, -0.1])).reading
    assert "above 1" in fires("BASE003", make_run(val_r2=[0.1, 1.2])).reading
    run = make_run(more={"val_accuracy": [0.5, -0.1, 0.7]})
    assert "negative" in fires("BASE003", run).reading


def test_an_accuracy_in_per_cent_ends_at_100() -> None:
    is_silent("BASE003", make_run(more={"val_accuracy": [55.0, 70.0, 100.0]}))
    fires("BASE003", make_run(more={"val_accuracy": [55.0, 70.0, 100.5]}))


def test_what_is_printed_twice_must_be_alike() -> None:
    run = make_run(train_base_rmse=[0.1, 0.09], base_rmse=[0.1, 0.05])
    assert "printed twice" in fires("BASE003", run).reading
    resolution = {"train_base_rmse": FOUR, "base_rmse": Resolution(decimals=5)}
    alike = make_run(train_base_rmse=[0.1], base_rmse=[0.10004], resolution=resolution)
    is_silent("BASE003", alike)


def test_a_loss_that_is_not_the_square_is_a_note() -> None:
    squares = honest().epochs["train_rmse"].to_numpy() ** 2
    setting = {"USE_HUBER": False}
    is_silent("BASE003", honest(train_loss=squares, settings=setting))
    finding = fires("BASE003", honest(train_loss=squares / 2, settings=setting))
    assert (finding.severity, finding.confidence) == ("note", "low")


def test_hubers_loss_has_bounds() -> None:
    setting = {"USE_HUBER": True, "HUBER_DELTA": 1.0}
    squares = honest().epochs["train_rmse"].to_numpy() ** 2
    is_silent("BASE003", honest(train_loss=squares / 2, settings=setting))
    assert fires("BASE003", honest(train_loss=squares, settings=setting)).severity == "note"


def test_false_alarm_a_mean_of_the_training_targets() -> None:
    """Validation is measured against the training mean: its RMSE exceeds the spread."""
    is_silent("BASE003", honest(baselines={"val_mean_rmse": 1.3 * SD}))


def test_false_alarm_losses_of_other_targets_than_the_rmse() -> None:
    squares = honest().epochs["train_rmse"].to_numpy() ** 2
    for other in ({"ALPHA_SMOOTH": 0.3}, {"USE_DELTA": True}):
        run = honest(train_loss=squares / 4, settings={"USE_HUBER": False, **other})
        is_silent("BASE003", run)


def test_false_alarm_training_figures_of_augmented_targets_are_a_note_at_most() -> None:
    is_silent("BASE003", honest(baselines={"train_mean_rmse": 1.3 * SD}))
    finding = fires("BASE003", honest(baselines={"train_mean_rmse": SD / 3}))
    assert (finding.severity, finding.confidence) == ("note", "low")


def test_false_alarm_a_loss_below_zero_without_its_kind_declared() -> None:
    is_silent("BASE003", make_run(train_loss=[0.1, -0.5], val_rmse=[0.1, 0.1]))


def of_norms(total: list[float], **more: list[float]) -> Run:
    """Two modules of norms 3 and 4, printed with three digits."""
    modules = {"grad_norm/a": [3.0, 3.0], "grad_norm/b": [4.0, 4.0], **more}
    printed = {"grad_norm": Resolution(3, False)}
    return make_run(grad_norm=total, more=modules, resolution=printed)


def test_modules_that_come_to_more_than_the_total_norm_are_a_note() -> None:
    finding = fires("BASE003", of_norms([5.0, 4.2]))
    assert (finding.severity, finding.epochs) == ("note", (2, 2))
    assert float(str(finding.measured["left"])) == pytest.approx(5.0, abs=0.01)
    assert "before clipping" in finding.causes[0]
    fires("BASE003", make_run(grad_norm=[1.0, 1.0], grad_norm_max=[0.5, 1.5]))


def test_false_alarm_norms_of_parts_and_roundings() -> None:
    is_silent("BASE003", of_norms([5.0, 4.998]))
    is_silent("BASE003", of_norms([6.0, 6.0]))  # not all modules are listed
    is_silent("BASE003", of_norms([5.0, 5.0], **{"grad_norm/b.deep": [4.0, 4.0]}))
    is_silent("BASE003", of_norms([5.0, float("nan")]))


def test_a_quantile_of_norms_above_a_higher_one_is_an_error() -> None:
    run = make_run(grad_norm_median=[0.2, 0.5], grad_norm_p90=[0.3, 0.3])
    assert fires("BASE003", run).severity == "error"


def test_needs_two_figures_that_are_bound() -> None:
    assert ask("BASE003", make_run(lr=[0.1, 0.1]))[1].outcome == "not-applicable"


def test_every_identity_that_was_tested_is_named() -> None:
    held = Signals(honest()).consistency.identities.held
    assert {"val_rmse >= val_mae", "val_r2 <= 1", "train_rmse >= train_mae"} <= set(held)


# Intervals


def test_a_printed_number_is_known_to_a_step() -> None:
    between = printed(np.array([0.5, np.nan]), FOUR)
    assert between.low[0] == pytest.approx(0.4999, abs=1e-5)
    assert between.high[0] == pytest.approx(0.5001, abs=1e-5)
    assert np.isnan(between.low[1])


def test_the_step_of_a_scientific_number_goes_with_its_size() -> None:
    between = printed(np.array([3.2e-5, 3.2e5]), Resolution(decimals=1, scientific=True))
    assert between.high - between.low == pytest.approx([2e-6, 2e4], rel=1e-3)


def test_a_declared_number_is_known_to_half_its_last_digit() -> None:
    between = declared(Between(np.zeros(2), np.zeros(2)), 0.10862)
    assert float(between.high[1] - between.low[1]) == pytest.approx(1e-5, rel=0.3)


def test_the_point_that_most_intervals_share() -> None:
    between = Between(np.array([0.0, 1, 1.5, 9]), np.array([2.0, 2, 3, 10]))
    assert 1.5 <= between.most_shared() <= 2
    assert np.isnan(Between(np.array([np.nan]), np.array([np.nan])).most_shared())
