"""LOSS001 never-learned."""

from __future__ import annotations

import numpy as np
import pytest

from logparse.judging import judge
from logparse.rules import select_rules
from logparse.run import Run
from tests.rules.asking import ask, fires, is_silent
from tests.runs import Array, constant_lr, make_run, noisy, power_law

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


def shuffled() -> tuple[Array, Array]:
    """Training that learns its targets by heart, validation that is no better for it."""
    train = noisy(np.linspace(1.0, 0.75, 30), level=0.003)
    return train, noisy(np.linspace(0.97, 1.05, 30), level=0.01, seed=1)


def test_fires_where_training_memorises_and_validation_never_beats_the_mean() -> None:
    train, val = shuffled()
    baselines = {"train_mean_rmse": 1.0, "val_mean_rmse": 0.95}
    finding = fires("LOSS001", make_run(train_rmse=train, val_rmse=val, baselines=baselines))
    assert (finding.measured["metric"], finding.confidence) == ("val_rmse", "high")
    is_silent("LOSS001", make_run(train_rmse=train, val_rmse=val))
    better = {**baselines, "val_mean_rmse": 1.2}
    is_silent("LOSS001", make_run(train_rmse=train, val_rmse=val, baselines=better))


def test_false_alarm_outliers_among_training_targets() -> None:
    run = make_run(
        train_rmse=noisy(np.full(30, 12.0), level=0.05),
        val_rmse=noisy(power_law(30, start=1.0, floor=0.4), level=0.01),
        baselines={"train_mean_rmse": 1.0, "val_mean_rmse": 0.95},
    )
    assert "val_rmse shows that it learned" in is_silent("LOSS001", run)


@pytest.mark.parametrize(("level", "is_found"), [(0.5, False), (0.84, False), (0.88, True)])
def test_a_level_of_validation_a_tenth_better_than_the_mean_was_learned(
    level: float, *, is_found: bool
) -> None:
    """Both stand still in the epochs so far: the training metric among outliers, its twin not."""
    run = make_run(
        train_rmse=noisy(np.full(8, 12.0), level=0.05),
        val_rmse=noisy(np.full(8, level), level=0.01),
        baselines={"train_mean_rmse": 1.0, "val_mean_rmse": 0.95},
    )
    judged = fires if is_found else is_silent
    judged("LOSS001", run)


def test_a_run_that_was_better_than_chance_and_lost_it_has_diverged() -> None:
    values = np.concatenate([[0.8, 5.0, 1.2], noisy(np.full(37, 1.0), level=0.002)])
    run = make_run(train_rmse=values, baselines={"train_mean_rmse": 1.0})
    is_silent("LOSS001", run)
    assert fires("LOSS003", run).severity == "error"


GUESSES = noisy(np.full(20, 4.605), level=0.001)


@pytest.mark.parametrize("scale", [1.0, 100.0])
def test_fires_at_the_loss_and_the_accuracy_of_guessing_among_a_hundred_classes(
    scale: float,
) -> None:
    accuracy = scale * noisy(np.full(20, 0.0101), level=0.05, phi=0.0)
    settings = {"NUM_CLASSES": 100}
    both = make_run(train_loss=GUESSES, more={"train_accuracy": accuracy}, settings=settings)
    assert fires("LOSS001", both).confidence == "high"
    falls = np.concatenate([[9.0, 5.2], GUESSES])
    alone = make_run(train_loss=falls, settings=settings)
    assert fires("LOSS001", alone).measured["chance_level"] == pytest.approx(4.605, abs=1e-3)
    accurate = np.concatenate([[0.01 * scale] * 2, accuracy])
    one = make_run(more={"train_accuracy": accurate}, settings=settings)
    assert fires("LOSS001", one).measured["chance_level"] == pytest.approx(0.01 * scale)


def test_an_accuracy_above_chance_speaks_against_a_loss_at_it() -> None:
    falls = np.concatenate([[9.0, 5.2], GUESSES])
    learned = {"train_accuracy": np.linspace(0.01, 0.2, 22)}
    run = make_run(train_loss=falls, more=learned, settings={"NUM_CLASSES": 100})
    is_silent("LOSS001", run)


def test_an_accuracy_that_starts_high_beats_its_baseline() -> None:
    flat = {"val_accuracy": noisy(np.full(20, 0.9), level=0.005)}
    run = make_run(more=flat, settings={"NUM_CLASSES": 10})
    assert "good from the start" in is_silent("LOSS001", run)


def blown_up(baseline: float = 0.9) -> Run:
    """Two thirds of the error are gone by epoch 10; from there on it is of size 1e8."""
    curve = power_law(40, start=1.0, floor=0.2)
    curve[10:] = 1e8 * np.exp(np.random.default_rng(1).normal(0, 2, 30))
    baselines = {"train_mean_rmse": baseline, "val_mean_rmse": baseline}
    return make_run(train_rmse=curve, val_rmse=1.1 * curve, baselines=baselines)


def test_a_run_that_learned_and_blew_up_is_one_that_diverged() -> None:
    """Its noise of 1e8 hides neither what it had gained nor that this is lost."""
    is_silent("LOSS001", blown_up())
    is_silent("BASE001", blown_up())
    finding = fires("LOSS003", blown_up())
    assert (finding.confidence, finding.measured["best_epoch"]) == ("high", 10)


@pytest.mark.parametrize("length", [8, 12, 20])
def test_a_short_run_that_halved_its_error_and_lost_it_did_learn(length: int) -> None:
    fall = 0.3 + 0.7 * np.exp(-np.arange(length // 2))
    values = np.concatenate([fall, fall[-1] * 1.3 ** np.arange(1, length - length // 2 + 1)])
    is_silent("LOSS001", make_run(train_rmse=noisy(values)))


def test_the_sweep_leaves_out_rates_that_make_no_sense() -> None:
    def rates(values: Array, rate: float) -> list[str]:
        finding = fires("LOSS001", make_run(train_rmse=values, settings={"LEARNING_RATE": rate}))
        return [edit.rpartition(" ")[2] for edit in finding.remedies if "LEARNING_RATE" in edit]

    assert rates(FLAT, 0.001) == ["0.01", "0.0001"]
    assert rates(FLAT, 2.0) == ["0.2"]
    assert rates(noisy(np.linspace(1.0, 1.5, 20), level=0.005), 0.001) == ["0.0001"]


@pytest.mark.parametrize("top", [1.0, 100.0])
def test_false_alarm_an_accuracy_that_was_perfect_from_the_start(top: float) -> None:
    run = make_run(more={"train_accuracy": np.full(20, top)})
    assert "perfect" in is_silent("LOSS001", run)


@pytest.mark.parametrize("scale", [1.0, 100.0])
def test_a_share_in_per_cent_is_judged_like_any_other(scale: float) -> None:
    """From 24% to 25% in the first epoch, and flat since: not a tenth, in either unit."""
    flat = np.concatenate([[0.24], noisy(np.full(30, 0.25), level=0.004, phi=0.0)])
    assert fires("LOSS001", make_run(more={"train_accuracy": scale * flat})).severity == "error"
