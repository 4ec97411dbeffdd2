"""LOSS003 divergence."""

from __future__ import annotations

import numpy as np
import pytest

from logparse.judging import judge
from logparse.rules import select_rules
from tests.rules.asking import ask, fires, is_silent
from tests.runs import constant_lr, cosine_lr, make_run, noisy, power_law

FALLS = power_law(20, start=1.0, floor=0.3)
LEAVES = np.concatenate([FALLS, np.linspace(FALLS[-1], 0.6, 10)])


def test_fires_where_training_and_validation_leave_their_best() -> None:
    curve = noisy(LEAVES, level=0.005)
    finding = fires("LOSS003", make_run(train_rmse=curve, val_rmse=1.1 * curve))
    assert finding.severity == "error"
    assert finding.measured["best_epoch"] in range(15, 23)
    assert finding.measured["rise"] > finding.measured["threshold"]  # type: ignore[operator]
    assert "restore the best checkpoint" in finding.remedies[0]


def test_all_of_the_gain_lost_makes_it_certain() -> None:
    curve = noisy(LEAVES, level=0.005)
    lost = np.concatenate([curve, noisy(np.full(5, 1.2), level=0.005)])
    assert fires("LOSS003", make_run(train_rmse=curve)).confidence == "medium"
    assert fires("LOSS003", make_run(train_rmse=lost)).confidence == "high"


def test_a_metric_that_is_better_when_higher_diverges_downwards() -> None:
    assert fires("LOSS003", make_run(train_r2=1 - noisy(LEAVES, level=0.005))).severity == "error"


def test_the_first_value_may_have_been_the_best() -> None:
    curve = noisy(np.array([0.8, 5.0, 1.2, *np.full(17, 1.0)]), level=0.002)
    assert fires("LOSS003", make_run(train_rmse=curve)).measured["best_epoch"] == 1


def test_validation_that_blew_up_needs_no_help_from_training() -> None:
    val = np.concatenate([FALLS, FALLS[-1] * np.geomspace(1, 50, 10)])
    train = noisy(np.full(30, 0.5), level=0.01)
    assert (
        fires("LOSS003", make_run(train_rmse=train, val_rmse=val)).measured["metric"] == "val_rmse"
    )


def test_training_alone_above_its_best_is_a_warning() -> None:
    train, val = noisy(LEAVES, level=0.005), noisy(power_law(30, start=1.0, floor=0.3), level=0.005)
    finding = fires("LOSS003", make_run(train_rmse=train, val_rmse=val))
    assert finding.severity == "warning"


def test_a_declared_clip_is_lowered_to_the_usual_norm_and_never_raised() -> None:
    curve, norms = noisy(LEAVES, level=0.005), np.full(30, 0.4)
    loose = make_run(train_rmse=curve, grad_norm=norms, settings={"CLIPNORM": 3})
    tight = make_run(train_rmse=curve, grad_norm=norms, settings={"CLIPNORM": 0.1})
    assert "CLIPNORM 3 -> 0.4" in fires("LOSS003", loose).remedies
    assert not any("CLIPNORM" in edit for edit in fires("LOSS003", tight).remedies)


def test_near_miss_silent_where_the_end_is_within_the_noise() -> None:
    is_silent("LOSS003", make_run(train_rmse=noisy(power_law(30), level=0.02)))


def test_false_alarm_overfitting() -> None:
    train = noisy(power_law(40, start=1.0, floor=0.01), level=0.01)
    val = np.concatenate([FALLS, np.linspace(FALLS[-1], 0.8, 20)])
    is_silent("LOSS003", make_run(train_rmse=train, val_rmse=val))


def test_false_alarm_a_warm_restart() -> None:
    lr = np.concatenate([cosine_lr(15), cosine_lr(15)])
    once = np.linspace(1.0, 0.3, 15)
    is_silent("LOSS003", make_run(train_rmse=np.concatenate([once, once[:6]]), lr=lr[:21]))


def test_false_alarm_a_spike_that_is_coming_back() -> None:
    curve = noisy(power_law(40, start=1.0, floor=0.3), level=0.005)
    curve[20:] += [1.5, 1.0, 0.7, 0.5, 0.4, *np.full(15, 0.3)]
    assert "coming back from the spike at E21" in is_silent("LOSS003", make_run(train_rmse=curve))


def test_false_alarm_inputs_that_lift_training_alone_and_at_once() -> None:
    train = noisy(power_law(40, start=1.0, floor=0.3), level=0.005)
    train[25:] += 0.2
    val = noisy(power_law(40, start=1.0, floor=0.3), level=0.005, seed=1)
    reason = is_silent("LOSS003", make_run(train_rmse=train, val_rmse=val, lr=constant_lr(40)))
    assert "train_rmse alone shifted" in reason


def test_hides_the_plateau_behind_it() -> None:
    curve = np.concatenate([LEAVES, noisy(np.full(40, 0.6), level=0.005)])
    report = judge(make_run(val_rmse=curve), select_rules(["LOSS002", "LOSS003"]))
    assert [finding.code for finding in report.findings] == ["LOSS003"]


def test_needs_a_metric_and_eight_values_of_it() -> None:
    assert ask("LOSS003", make_run(lr=constant_lr(9)))[1].outcome == "not-applicable"
    assert ask("LOSS003", make_run(train_rmse=LEAVES[:7]))[1].outcome == "too-short"
    late = make_run(train_rmse=[float("nan")] * 20 + [0.1, 0.2])
    assert ask("LOSS003", late)[1].outcome == "too-short"


@pytest.mark.parametrize("seed", range(5))
def test_training_alone_above_its_best_is_no_matter_of_the_rate(seed: int) -> None:
    """Even where it ends at more than twice its best, while validation falls on."""
    train, val = (noisy(power_law(40, start=1.0, floor=0.2), seed=s) for s in (seed, seed + 9))
    train[20:] += np.linspace(0, 0.5, 20)
    settings = {"LEARNING_RATE": 1e-3}
    finding = fires("LOSS003", make_run(train_rmse=train, val_rmse=val, settings=settings))
    assert finding.severity == "warning"
    assert [edit.partition(" ")[0] for edit in finding.remedies] == ["look"]


def test_training_that_had_blown_up_is_not_alone() -> None:
    train = np.concatenate([[0.9, 5.3, 1.2], noisy(np.full(37, 1.0), level=0.002)])
    val = noisy(np.array([2.2, 1.2, *np.full(38, 0.99)]), level=0.002, seed=1)
    assert fires("LOSS003", make_run(train_rmse=train, val_rmse=val)).severity == "error"


def test_remedies_fit_where_the_best_was() -> None:
    late = fires("LOSS003", make_run(train_rmse=noisy(LEAVES))).remedies
    assert any("restore" in edit for edit in late) and not any("warm-up" in edit for edit in late)
    first = noisy(np.array([0.8, 5.0, 1.2, *np.full(17, 1.0)]), level=0.002)
    early = fires("LOSS003", make_run(train_rmse=first)).remedies
    assert (
        not any("restore" in edit for edit in early) and "a warm-up over 5% of the steps" in early
    )
