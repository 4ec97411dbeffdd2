"""LOG005 stale-or-quantised-metric."""

from __future__ import annotations

import numpy as np
import pytest

from logparse.records import Resolution
from tests.rules.asking import ask, fires, is_silent
from tests.runs import Array, constant_lr, cosine_lr, make_run, noisy, power_law, stepped_lr

FOUR = {"val_rmse": Resolution(decimals=4), "train_rmse": Resolution(decimals=4)}
TENTH = {"elapsed_s": Resolution(decimals=1)}
CURVE = noisy(power_law(40, start=1.2, floor=0.2), level=0.01)
TRAIN = noisy(power_law(40, start=1.1, floor=0.2), level=0.01, seed=1)


def held(values: Array, every: int) -> Array:
    """Measured every few epochs and printed again in between."""
    return np.asarray(np.repeat(values[::every], every)[: len(values)])


@pytest.mark.parametrize("every", [2, 4, 5])
def test_rows_that_repeat_in_between_are_stale_and_the_interval_is_named(every: int) -> None:
    run = make_run(val_rmse=held(CURVE, every).round(4), train_rmse=TRAIN, resolution=FOUR)
    finding = fires("LOG005", run)
    assert (finding.severity, finding.confidence) == ("note", "high")
    assert finding.measured["interval"] == every
    assert finding.measured["repeated_rows"] == 40 - len(CURVE[::every])
    assert any("patience" in remedy for remedy in finding.remedies)


def test_irregular_repeats_are_stale_with_less_confidence() -> None:
    values = CURVE.copy()
    for epoch in (7, 8, 15, 29):
        values[epoch] = values[epoch - 1]
    run = make_run(val_rmse=values.round(4), train_rmse=TRAIN, resolution=FOUR)
    finding = fires("LOG005", run)
    assert finding.confidence == "medium"
    assert "interval" not in finding.measured


def test_near_miss_a_single_repeat_is_chance() -> None:
    values = CURVE.copy()
    values[7] = values[6]
    is_silent("LOG005", make_run(val_rmse=values, train_rmse=TRAIN, resolution=FOUR))


def test_near_miss_a_few_repeats_of_a_single_rounded_column_are_chance() -> None:
    values = CURVE.copy()
    values[7], values[22] = values[6], values[21]
    coarse = {"val_accuracy": Resolution(decimals=4), "train_accuracy": Resolution(decimals=4)}
    run = make_run(
        val_accuracy=(1 - values / 2).round(4), train_accuracy=1 - TRAIN / 2, resolution=coarse
    )
    is_silent("LOG005", run)
    fine = {"val_accuracy": Resolution(decimals=6), "train_accuracy": Resolution(decimals=6)}
    run = make_run(val_accuracy=1 - values / 2, train_accuracy=1 - TRAIN / 2, resolution=fine)
    assert "repeat" in fires("LOG005", run).reading


def test_near_miss_one_column_that_moves_makes_a_row_new() -> None:
    run = make_run(val_rmse=held(CURVE, 5), val_mae=CURVE, train_rmse=TRAIN, resolution=FOUR)
    findings, _ = ask("LOG005", run)
    assert not any("repeat" in finding.reading for finding in findings)


def test_false_alarm_a_curve_that_comes_to_rest_at_the_end_of_an_anneal() -> None:
    rate = cosine_lr(60)
    level = 0.2 + 0.8 * np.cumsum(rate[::-1])[::-1] / np.sum(rate)
    values = (level + 0.02 * rate / rate.max() * noisy(np.ones(60), level=1.0)).round(3)
    assert (np.diff(values)[-6:] == 0).sum() >= 2
    steps = {"val_rmse": Resolution(decimals=3)}
    is_silent("LOG005", make_run(val_rmse=values, train_rmse=level, resolution=steps))


def test_false_alarm_a_curve_that_a_cut_brings_to_rest_at_once() -> None:
    values = np.concatenate([CURVE[:25], np.full(15, CURVE[24])]).round(4)
    train = np.concatenate([TRAIN[:25], TRAIN[24] - 1e-4 * np.arange(15)])
    run = make_run(lr=stepped_lr(40, [26]), val_rmse=values, train_rmse=train, resolution=FOUR)
    is_silent("LOG005", run)


def test_validation_that_never_changes_is_said_to_be_constant() -> None:
    finding = fires("LOG005", make_run(val_rmse=np.full(40, 0.5), train_rmse=TRAIN))
    assert "no value of it ever changes" in finding.reading
    assert finding.causes[0] == "the model puts out a constant"
    assert "outputs" in finding.remedies[0]
    assert not any("patience" in remedy for remedy in finding.remedies)


def test_a_metric_of_zero_throughout_is_dead_and_no_constant_of_the_model() -> None:
    run = make_run(val_rmse=np.zeros(12), train_loss=power_law(12))
    assert fires("LOG005", run).reading == "0 in every epoch: val_rmse."


def test_false_alarm_training_that_stands_still_as_well() -> None:
    is_silent("LOG005", make_run(val_rmse=np.full(40, 0.5), train_rmse=np.full(40, 0.4)))


def test_two_decimals_are_too_coarse_for_a_slow_curve() -> None:
    curve = np.linspace(0.5, 0.4, 40).round(2)
    run = make_run(
        lr=constant_lr(40), val_rmse=curve, resolution={"val_rmse": Resolution(decimals=2)}
    )
    finding = fires("LOG005", run)
    assert finding.measured["step"] == pytest.approx(0.01)
    assert finding.remedies == ("print val_rmse with two more digits",)


def test_near_miss_four_decimals_are_fine_for_the_same_curve() -> None:
    curve = noisy(np.linspace(0.5, 0.4, 40), level=0.005).round(4)
    is_silent("LOG005", make_run(val_rmse=curve, resolution=FOUR))


def test_a_metric_of_zero_in_every_epoch_is_dead() -> None:
    finding = fires("LOG005", make_run(val_rmse=CURVE, more={"val_accuracy": np.zeros(40)}))
    assert (finding.measured["dead"], finding.confidence) == ("val_accuracy", "high")


def test_false_alarm_slip_hub_and_memory_are_zero_by_design() -> None:
    none = np.zeros(40)
    run = make_run(val_rmse=CURVE, slip=none, hub_max=none, gpu_gib=none)
    assert is_silent("LOG005", run).startswith("0 in every epoch, as is normal: slip")


def test_false_alarm_epochs_shorter_than_the_print_step() -> None:
    run = make_run(
        val_rmse=CURVE,
        elapsed_s=np.zeros(40),
        throughput=np.full(40, 40_000.0),
        settings={"TRAIN_WINDOWS": 1536},
        resolution=TENTH,
    )
    assert "elapsed_s" in is_silent("LOG005", run)


def test_a_time_of_zero_for_long_epochs_is_dead() -> None:
    run = make_run(
        val_rmse=CURVE,
        elapsed_s=np.zeros(40),
        throughput=np.full(40, 100.0),
        settings={"TRAIN_WINDOWS": 1536},
        resolution=TENTH,
    )
    assert fires("LOG005", run).measured["dead"] == "elapsed_s"


def test_two_epochs_are_too_short() -> None:
    assert ask("LOG005", make_run(val_rmse=[0.5, 0.5]))[1].outcome == "too-short"
