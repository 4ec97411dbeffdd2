"""LOSS005 loss-spike and GRAD003 gradient-spike."""

from __future__ import annotations

import numpy as np
import pytest

from logparse.judging import judge
from logparse.rules import select_rules
from tests.rules.asking import ask, fires, is_silent
from tests.runs import Array, constant_lr, cosine_lr, make_run, noisy, power_law

CALM = noisy(power_law(40, start=1.0, floor=0.3), level=0.005)


def spiked(*heights: float, at: int = 20) -> Array:
    """A calm curve raised by the heights from a row on."""
    curve = CALM.copy()
    curve[at : at + len(heights)] += heights
    return curve


@pytest.mark.parametrize(
    ("heights", "severity", "words"),
    [
        ([1.0], "note", "at once"),
        (np.linspace(1, 0.2, 8), "warning", "slowly"),
        (np.geomspace(1, 0.1, 20), "warning", "for the most part"),
        (np.geomspace(2, 0.6, 20), "error", "never came back"),
    ],
)
def test_what_counts_is_whether_it_came_back(heights: Array, severity: str, words: str) -> None:
    finding = fires("LOSS005", make_run(train_rmse=spiked(*heights)))
    assert finding.severity == severity
    assert words in finding.reading
    assert finding.epochs is not None and finding.epochs[0] == 21


def test_a_spike_in_the_newest_epoch_is_open() -> None:
    finding = fires("LOSS005", make_run(train_rmse=spiked(1.0, at=39)))
    assert (finding.severity, finding.measured["recovery"]) == ("warning", "open")


def test_the_gradient_norm_of_that_epoch_is_shown() -> None:
    norms = np.linspace(1, 40, 40)
    finding = fires("LOSS005", make_run(train_rmse=spiked(1.0), grad_norm=norms))
    assert finding.measured["grad_norm"] == 21


def test_fewer_than_twenty_values_lower_the_confidence() -> None:
    assert fires("LOSS005", make_run(train_rmse=spiked(1.0, at=10)[:16])).confidence == "medium"
    assert fires("LOSS005", make_run(train_rmse=spiked(1.0))).confidence == "high"


def test_the_worst_of_several_is_told_and_all_are_counted() -> None:
    curve = spiked(1.0, at=10) + spiked(*np.geomspace(2, 0.6, 10), at=30) - CALM
    finding = fires("LOSS005", make_run(train_rmse=curve))
    assert (finding.severity, finding.measured["spikes"]) == ("error", 2)


def test_an_accuracy_drops_and_the_confirmation_names_its_level() -> None:
    accuracy = 1 - 0.5 * CALM
    accuracy[20] -= 0.4
    finding = fires("LOSS005", make_run(more={"train_accuracy": accuracy}))
    assert "dropped from" in finding.reading
    assert "within 10% of" in finding.confirm


def test_many_fast_spikes_ask_for_more_than_nothing() -> None:
    often = CALM.copy()
    often[[10, 18, 26, 34]] += 1.0
    run = make_run(train_rmse=often, settings={"LEARNING_RATE": 0.01})
    finding = fires("LOSS005", run)
    assert (finding.severity, finding.measured["spikes"]) == ("note", 4)
    assert "LEARNING_RATE 0.01 -> 0.0067" in finding.remedies


def test_near_miss_silent_on_a_rise_below_a_tenth_of_the_level() -> None:
    is_silent("LOSS005", make_run(train_rmse=spiked(0.03)))


def test_near_miss_silent_on_noise_as_high() -> None:
    is_silent("LOSS005", make_run(train_rmse=noisy(CALM, level=0.3)))


def test_false_alarm_a_warm_restart() -> None:
    lr = np.concatenate([cosine_lr(20), cosine_lr(20)])
    is_silent("LOSS005", make_run(train_rmse=spiked(0.5, 0.3, 0.1), lr=lr))


def test_false_alarm_a_switch_that_lifts_training_alone_for_good() -> None:
    train = spiked(*np.linspace(0.6, 0.3, 20))
    is_silent("LOSS005", make_run(train_rmse=train, val_rmse=CALM))
    assert fires("LOSS005", make_run(train_rmse=train, val_rmse=train)).severity == "error"


def test_a_step_to_a_level_that_stays_is_left_to_the_shift() -> None:
    run = make_run(train_rmse=spiked(*np.full(20, 0.3)))
    is_silent("LOSS005", run)
    assert fires("LOSS007", run).epochs == (21, 21)


def test_hides_a_shift_at_the_same_epoch_only() -> None:
    curve = spiked(*np.geomspace(2, 0.6, 20))
    report = judge(make_run(train_rmse=curve), select_rules(["LOSS005", "LOSS007"]))
    assert [finding.code for finding in report.findings] == ["LOSS005"]


def test_needs_a_metric_and_ten_values_of_it() -> None:
    assert ask("LOSS005", make_run(lr=constant_lr(30)))[1].outcome == "not-applicable"
    assert ask("LOSS005", make_run(train_rmse=CALM[:9]))[1].outcome == "too-short"


NORMS = np.exp(0.2 * np.random.default_rng(1).standard_normal(40))


def high(*rows: int) -> Array:
    """Norms that are fifty times too high in some rows."""
    norms = NORMS.copy()
    norms[list(rows)] *= 50
    return norms


def test_one_high_norm_is_a_note() -> None:
    finding = fires("GRAD003", make_run(train_rmse=CALM, grad_norm=high(20)))
    assert (finding.severity, finding.epochs) == ("note", (21, 21))
    assert finding.measured["z"] >= finding.measured["z_threshold"]  # type: ignore[operator]


def test_the_limit_to_clip_at_comes_from_the_norms_before_the_spike() -> None:
    """A step up that stays would raise the percentile of all norms to its own size."""
    norms = NORMS.copy()
    norms[30:] *= 30
    finding = fires("GRAD003", make_run(train_rmse=CALM, grad_norm=norms))
    limit = float(finding.remedies[0].removeprefix("clip gradients at ").partition(",")[0])
    assert limit < 2


def test_a_norm_that_goes_on_rising_has_not_jumped_to_its_peak() -> None:
    norms = NORMS.copy()
    norms[20:22] = (100, 130)
    reading = fires("GRAD003", make_run(train_rmse=CALM, grad_norm=norms)).reading
    assert "to 1e+02 at E21, and went on to 1.3e+02." in reading
    assert "went on" not in fires("GRAD003", make_run(grad_norm=high(20))).reading


def test_a_norm_has_no_gain_to_lose() -> None:
    finding = fires("GRAD003", make_run(train_rmse=CALM, grad_norm=high(20)))
    assert "share_of_gain_lost" not in finding.measured


def test_three_high_norms_or_one_beside_a_loss_spike_are_a_warning() -> None:
    assert fires("GRAD003", make_run(grad_norm=high(10, 20, 30))).severity == "warning"
    beside = make_run(train_rmse=spiked(1.0), grad_norm=high(19))
    assert fires("GRAD003", beside).severity == "warning"


def test_in_a_long_run_more_than_one_in_a_hundred_is_a_warning() -> None:
    norms = np.exp(0.2 * np.random.default_rng(1).standard_normal(400))
    norms[[50, 150, 250]] *= 50
    assert fires("GRAD003", make_run(grad_norm=norms)).severity == "note"
    norms[[80, 180, 280]] *= 50
    assert fires("GRAD003", make_run(grad_norm=norms)).severity == "warning"


def test_false_alarm_norms_of_single_batches_scatter() -> None:
    is_silent("GRAD003", make_run(grad_norm=np.exp(4 * np.log(NORMS))))


def test_gradient_norms_are_needed_and_twenty_of_them() -> None:
    assert ask("GRAD003", make_run(train_rmse=CALM))[1].outcome == "not-applicable"
    assert ask("GRAD003", make_run(grad_norm=NORMS[:19]))[1].outcome == "too-short"
