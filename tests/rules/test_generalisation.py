"""GEN001 overfitting, GEN002 best-epoch-very-early, GEN003 and GEN004."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from logparse.findings import Severity
from logparse.judging import judge
from logparse.records import Resolution
from logparse.rules import select_rules
from tests.rules.asking import ask, fires, is_silent
from tests.rules.populations import healthy
from tests.runs import constant_lr, make_run, noisy, power_law

if TYPE_CHECKING:
    from logparse.run import Run

NAN = float("nan")
CODES = ("GEN001", "GEN002", "GEN003", "GEN004")


def turned(
    length: int = 40,
    *,
    noise: float = 0.005,
    rise: float = 0.2,
    floor: float = 0.005,
    seed: int = 0,
    **more: Any,
) -> Run:
    """Validation falls for a third of the run and then rises, while training goes on falling."""
    epoch = np.arange(1, length + 1)
    best = length // 3
    val = 0.05 + 0.07 * epoch**-1.0
    val = val * (1 + rise * np.maximum(epoch - best, 0) / (length - best))
    train = power_law(length, start=0.12, floor=floor, rate=0.8)
    return make_run(
        val_rmse=noisy(val, level=noise, seed=seed),
        train_rmse=noisy(train, level=noise, seed=seed + 1),
        **more,
    )


def parted(length: int = 40, **more: Any) -> Run:
    """Validation stands still at four times the training error, which falls on."""
    val = 0.1 + 0.05 * np.exp(-np.arange(length) / 2)
    train = 0.12 * 0.96 ** np.arange(length)
    return make_run(
        val_rmse=noisy(val, level=0.005, seed=3), train_rmse=noisy(train, level=0.005), **more
    )


def spent(length: int = 60, *, best: int = 2, after: float = 0.11, **more: Any) -> Run:
    """The best value, 0.1, comes early; all later ones are about `after`."""
    values = np.full(length, after)
    values[:best] = np.linspace(0.15, 0.1, best)
    train = noisy(power_law(length, floor=0.08), seed=1)
    columns = {"val_rmse": noisy(values, level=0.003, phi=0.0), "train_rmse": train}
    return make_run(**{**columns, **more})


def ahead(late: float, early: float = 1.0, length: int = 40, **more: Any) -> Run:
    """Validation's error over training's goes from `early` to `late`."""
    train = power_law(length, floor=0.04)
    ratio = np.linspace(early, late, length)
    val = noisy(train * ratio, level=0.003, seed=2)
    return make_run(val_rmse=val, train_rmse=noisy(train, level=0.003), **more)


# GEN001


def test_gen001_fires_where_validation_turned_and_training_went_on() -> None:
    finding = fires("GEN001", turned(settings={"WEIGHT_DECAY": 1e-4, "EARLY_STOP_PATIENCE": 0}))
    assert (finding.severity, finding.confidence) == ("warning", "high")
    assert 11 <= int(finding.measured["best_epoch"]) <= 15
    assert float(finding.measured["generalisation_loss"]) > 0.1
    assert "WEIGHT_DECAY 0.0001 -> 0.0003" in finding.remedies
    assert f"use the best checkpoint (about E{finding.measured['best_epoch']})" in finding.remedies


def test_gen001_is_less_sure_where_validation_only_stood_still() -> None:
    finding = fires("GEN001", parted())
    assert finding.confidence == "medium"
    assert "hardly followed" in finding.reading


def test_gen001_asks_for_more_dropout_where_there_is_some() -> None:
    run = turned(settings={"DROPOUT_TRANS": 0.1, "EARLY_STOP_PATIENCE": 40})
    remedies = fires("GEN001", run).remedies
    assert "DROPOUT_TRANS 0.1 -> 0.2" in remedies
    assert "EARLY_STOP_PATIENCE 40 -> 5" in remedies


def test_gen001_reads_accuracies_as_errors() -> None:
    run = turned()
    val, train = (run.epochs[name].to_numpy() for name in ("val_rmse", "train_rmse"))
    finding = fires("GEN001", make_run(val_accuracy=1 - 4 * val, train_accuracy=1 - 4 * train))
    assert "has got worse" in finding.reading
    assert finding.measured["best_level"] == pytest.approx(1 - 4 * val.min(), abs=0.01)
    assert f"above {finding.measured['best_level']:.4g}" in finding.confirm


def test_gen001_takes_shares_of_a_loss_that_passes_zero_from_its_gain() -> None:
    epoch, fall = np.arange(1, 41), 4 * np.arange(1, 41) ** -0.8
    shift = {"val_loss": 0.03 * np.random.default_rng(1).standard_normal(40)}
    train = -3.2 + fall - 0.02 * epoch + 0.3 * shift["val_loss"]
    rising = -2.5 + fall + 0.03 * np.maximum(epoch - 12, 0) + shift["val_loss"]
    found = fires("GEN001", make_run(val_loss=rising, train_loss=train)).measured
    assert 0.05 < float(found["generalisation_loss"]) < 1
    assert 0.05 < float(found["train_fall"]) < 1
    crossing = make_run(val_loss=-0.1 + fall / 2 + shift["val_loss"], train_loss=train + 2.9)
    is_silent("GEN001", crossing)
    assert "passes zero" in ask("GEN004", crossing)[1].reason


def test_gen001_counts_epochs_and_not_validations() -> None:
    """Validated every fifth epoch: a best that is three validations old is not old."""
    val = np.full(100, NAN)
    val[4::5] = 0.05 + 0.1 * 0.8 ** np.arange(20)
    val[94::5] = 0.08
    train = noisy(0.08 * 0.994 ** np.arange(100), level=0.001)
    assert ask("GEN001", make_run(val_rmse=val, train_rmse=train))[0] == ()
    val[64::5] = np.linspace(0.06, 0.2, 8)
    fires("GEN001", make_run(val_rmse=val, train_rmse=train))


def test_gen001_proposes_no_early_stop_that_is_declared_already() -> None:
    for patience in (3, 5):
        remedies = fires("GEN001", turned(settings={"EARLY_STOP_PATIENCE": patience})).remedies
        assert not any("EARLY_STOP" in edit or "patience" in edit for edit in remedies)


def test_gen001_hides_the_plateau_that_is_its_echo() -> None:
    report = judge(turned(60, lr=constant_lr(60)), select_rules(["GEN001", "LOSS002"]))
    assert [finding.code for finding in report.findings] == ["GEN001"]
    assert [one.finding.code for one in report.suppressed] == ["LOSS002"]


def test_gen001_near_miss_a_rise_of_three_per_cent() -> None:
    is_silent("GEN001", turned(rise=0.03, floor=0.03))


def test_gen001_near_miss_validation_is_worse_and_still_follows() -> None:
    train = power_law(40, floor=0.01)
    is_silent("GEN001", make_run(val_rmse=noisy(2.5 * train), train_rmse=noisy(train, seed=1)))


def test_gen001_false_alarm_accuracy_rises_with_the_loss() -> None:
    loss, train = turned(), power_law(40, floor=0.005)
    run = make_run(
        val_loss=loss.epochs["val_rmse"].to_numpy(),
        train_loss=noisy(train),
        val_accuracy=noisy(1 - 0.4 * np.arange(1, 41) ** -0.5, level=0.002),
    )
    (found,), _ = ask("GEN001", run)
    assert found.severity is Severity.NOTE and "calibration" in found.reading


def test_gen001_another_metric_still_improves() -> None:
    run = turned(more={"val_mae": 0.1 - 0.001 * np.arange(40)})
    (found,), _ = ask("GEN001", run)
    assert found.severity is Severity.NOTE and "val_mae still improves" in found.reading


def test_gen001_a_mild_rise_far_above_noise_is_a_note() -> None:
    (found,), _ = ask("GEN001", turned(rise=0.09, noise=0.002, floor=0.03))
    assert found.severity is Severity.NOTE
    assert 0.02 <= found.measured["generalisation_loss"] < 0.05


def test_gen001_false_alarm_warm_up() -> None:
    assert "warming up" in is_silent("GEN001", turned(lr=np.linspace(1e-5, 1e-3, 40)))


def test_gen001_false_alarm_noisy_validation() -> None:
    train = power_law(40, floor=0.03)
    for seed in range(20):
        val = noisy(1.2 * train, level=0.1, seed=seed)
        is_silent("GEN001", make_run(val_rmse=val, train_rmse=noisy(train, seed=seed + 1)))


def test_gen001_false_alarm_augmentation_switched_off() -> None:
    """Training falls at once and validation does not follow: nothing is learned by heart."""
    train = power_law(40, floor=0.06)
    train[32:] *= 0.6
    run = make_run(val_rmse=noisy(power_law(40, floor=0.05)), train_rmse=noisy(train, seed=1))
    is_silent("GEN001", run)


def test_gen001_hides_what_follows_from_it() -> None:
    codes = {finding.code for finding in judge(turned(80), select_rules(CODES)).findings}
    assert codes == {"GEN001"}


def test_gen001_needs_a_metric_of_both_splits_and_ten_epochs() -> None:
    assert ask("GEN001", make_run(val_rmse=power_law(20)))[1].outcome == "not-applicable"
    assert ask("GEN001", turned(9))[1].outcome == "too-short"
    few = make_run(val_rmse=power_law(20), train_rmse=[*([NAN] * 14), *power_law(6)])
    assert ask("GEN001", few)[1].outcome == "too-short"


@pytest.mark.parametrize("length", [20, 40, 100])
def test_gen001_finds_simulated_overfitting(length: int) -> None:
    """Measured on 900 such runs with noise of 0.5, 1 and 2%: 898 found."""
    for noise in (0.005, 0.01):
        runs = [turned(length, noise=noise, seed=seed) for seed in range(0, 60, 3)]
        assert sum(bool(ask("GEN001", run)[0]) for run in runs) >= 18


def test_no_rule_of_the_family_warns_of_a_healthy_run() -> None:
    """Measured: 0 warnings in 840 healthy runs, and 11 notes of GEN003, all at 2% noise."""
    rules = select_rules(CODES)
    for trial in healthy(1, first=50):
        found = [f for f in judge(trial.run, rules).findings if f.severity != "note"]
        assert found == []


# GEN002


def test_gen002_fires_where_nothing_after_the_first_epochs_was_as_good() -> None:
    finding = fires("GEN002", spent())
    assert (finding.severity, finding.confidence) == ("warning", "medium")
    assert finding.measured["best_epoch"] == 2
    assert finding.measured["epochs_since_best"] == 58


def test_gen002_near_miss_the_best_epoch_is_after_a_tenth() -> None:
    is_silent("GEN002", spent(best=8))


def test_gen002_near_miss_fewer_than_twenty_epochs_follow() -> None:
    is_silent("GEN002", spent(21, best=2))


def test_gen002_false_alarm_a_lucky_first_validation() -> None:
    values = noisy(np.full(60, 0.11), level=0.05, phi=0.0, seed=1)
    values[1] = values[2:].min() * 0.999
    is_silent("GEN002", make_run(val_rmse=values))


def test_gen002_false_alarm_training_broke_down_as_well() -> None:
    rising = noisy(np.linspace(0.1, 0.3, 60))
    assert "something else" in is_silent("GEN002", spent(after=0.2, train_rmse=rising))


def test_gen002_false_alarm_a_run_that_learned_nothing() -> None:
    same = spent(baselines={"val_mean_rmse": 0.09})
    assert "something else" in is_silent("GEN002", same)


def test_gen002_needs_validation_and_twenty_epochs() -> None:
    assert ask("GEN002", make_run(train_rmse=power_law(30)))[1].outcome == "not-applicable"
    assert ask("GEN002", spent(19))[1].outcome == "too-short"


# GEN003


def jumping(level: float, seed: int = 0, **more: Any) -> Run:
    """A run that still improves, slowly, under noise."""
    curve = np.concatenate([np.linspace(0.3, 0.11, 8), np.linspace(0.11, 0.1, 32)])
    return make_run(
        lr=constant_lr(40), val_rmse=noisy(curve, level=level, phi=0.0, seed=seed), **more
    )


def test_gen003_fires_where_noise_is_as_large_as_the_gain() -> None:
    finding = fires("GEN003", jumping(0.08, settings={"EARLY_STOP_PATIENCE": 5}))
    assert (finding.severity, finding.confidence) == ("note", "high")
    assert float(finding.measured["noise_share"]) >= 0.5
    assert "EARLY_STOP_PATIENCE 5 -> 10" in finding.remedies
    assert any("2 sigma" in remedy for remedy in finding.remedies)


def test_gen003_near_miss_a_quiet_curve() -> None:
    is_silent("GEN003", jumping(0.005))


def test_gen003_false_alarm_a_run_that_has_settled() -> None:
    curve = power_law(40, rate=2.5)
    lr = np.geomspace(1e-3, 1e-6, 40)
    assert "converged" in is_silent(
        "GEN003", make_run(lr=lr, val_rmse=noisy(curve, level=0.04, phi=0.0))
    )


def test_gen003_false_alarm_a_run_that_stands_still_without_noise() -> None:
    """A cut too early: it gains nothing any more, and scatters by a thousandth."""
    curve = np.concatenate([np.linspace(0.3, 0.1, 8), np.full(32, 0.1)])
    run = make_run(lr=constant_lr(40), val_rmse=noisy(curve, level=0.001, phi=0.0))
    assert "less than" in is_silent("GEN003", run)


def test_gen003_false_alarm_rounding_as_coarse_as_the_noise() -> None:
    values = np.round(jumping(0.02).epochs["val_rmse"].to_numpy(), 2)
    run = make_run(val_rmse=values, resolution={"val_rmse": Resolution(decimals=2)})
    assert ask("GEN003", run)[0] == ()


def test_gen003_false_alarm_a_run_that_learned_nothing() -> None:
    run = jumping(0.08, baselines={"val_mean_rmse": 0.05})
    assert ask("GEN003", run)[0] == ()


def test_gen003_needs_validation_from_the_first_epoch_on() -> None:
    assert ask("GEN003", make_run(train_rmse=power_law(30)))[1].outcome == "not-applicable"
    late = make_run(val_rmse=power_law(30), epochs=range(5, 35))
    assert "mid-run" in ask("GEN003", late)[1].reason
    assert ask("GEN003", make_run(val_rmse=power_law(9)))[1].outcome == "too-short"
    sparse = np.full(200, NAN)
    sparse[4::5] = jumping(0.08).epochs["val_rmse"].to_numpy()
    fires("GEN003", make_run(val_rmse=sparse, lr=constant_lr(200)))


def test_gen003_asks_for_no_smaller_improvement_than_is_declared() -> None:
    strict = fires("GEN003", jumping(0.08, settings={"MIN_DELTA": 0.5})).remedies
    loose = fires("GEN003", jumping(0.08, settings={"MIN_DELTA": 0})).remedies
    assert not any("MIN_DELTA" in edit or "2 sigma" in edit for edit in strict)
    assert any(edit.startswith("MIN_DELTA 0 -> 0.0") for edit in loose)


# GEN004


def test_gen004_fires_where_validation_runs_ahead_of_training() -> None:
    finding = fires("GEN004", ahead(0.5))
    assert (finding.severity, finding.confidence) == ("warning", "low")
    assert float(finding.measured["late_ratio"]) < 0.6
    assert "training set" in finding.causes[0]


def test_gen004_near_miss_a_lead_that_does_not_grow() -> None:
    assert "train mode" in is_silent("GEN004", ahead(0.6, early=0.6))


def test_gen004_false_alarm_dropout_whose_share_settles() -> None:
    assert "train mode" in is_silent("GEN004", ahead(0.75, early=0.9))


def test_gen004_false_alarm_dropout_beside_wrong_answers_that_vanish() -> None:
    run = ahead(0.5)
    errors = {name: 1 - run.epochs[name].to_numpy() for name in ("val_rmse", "train_rmse")}
    accuracies = {name.replace("rmse", "accuracy"): errors[name] for name in errors}
    fires("GEN004", make_run(**accuracies, settings={"DROPOUT": 0.0}))
    with_dropout = make_run(**accuracies, settings={"dropout": 0.1})
    assert "with dropout" in is_silent("GEN004", with_dropout)


def test_gen004_false_alarm_an_easier_validation_split() -> None:
    run = ahead(0.6, early=0.62, baselines={"val_mean_rmse": 0.06, "train_mean_rmse": 0.1})
    is_silent("GEN004", run)


def test_gen004_false_alarm_training_figures_of_other_targets() -> None:
    targets = {"val_mean_rmse": 0.03, "train_mean_rmse": 0.03}
    assert "other targets" in is_silent("GEN004", ahead(0.5, baselines=targets))


def test_gen004_is_silent_where_training_is_better() -> None:
    is_silent("GEN004", ahead(1.5))


def test_gen004_needs_both_splits_and_ten_epochs() -> None:
    assert ask("GEN004", make_run(val_rmse=power_law(30)))[1].outcome == "not-applicable"
    assert ask("GEN004", ahead(0.5, length=9))[1].outcome == "too-short"
