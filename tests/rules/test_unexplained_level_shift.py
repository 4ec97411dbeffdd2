"""LOSS007 unexplained-level-shift."""

from __future__ import annotations

import numpy as np
import pytest

from tests.rules.asking import ask, fires, is_silent
from tests.runs import Array, constant_lr, cosine_lr, make_run, noisy, power_law, stepped_lr


def stepped(change: float, at: int = 30, level: float = 0.01, seed: int = 0) -> Array:
    """A falling curve whose level changes by a factor from a row on."""
    curve = noisy(power_law(50, start=1.0, floor=0.4), level=level, seed=seed)
    curve[at:] *= change
    return curve


def test_fires_on_a_step_down_in_training_alone() -> None:
    run = make_run(train_rmse=stepped(0.7), val_rmse=stepped(1.0, seed=1), lr=constant_lr(50))
    finding = fires("LOSS007", run)
    assert (finding.severity, finding.epochs) == ("note", (31, 31))
    assert finding.measured["metric"] == "train_rmse"
    assert finding.measured["in_both_metrics"] is False
    assert finding.measured["sigmas"] >= finding.measured["threshold"]  # type: ignore[operator]


def test_fires_on_a_step_up_and_says_when_both_metrics_took_it() -> None:
    finding = fires("LOSS007", make_run(train_rmse=stepped(1.3), val_rmse=stepped(1.3, seed=1)))
    assert "rose" in finding.reading
    assert finding.measured["in_both_metrics"] is True


def test_a_step_of_ten_sigma_is_more_than_a_guess() -> None:
    assert fires("LOSS007", make_run(train_rmse=stepped(0.5))).confidence == "medium"
    assert fires("LOSS007", make_run(train_rmse=stepped(0.91))).confidence == "low"


@pytest.mark.parametrize("seed", range(10))
def test_near_miss_silent_on_a_curve_without_a_step(seed: int) -> None:
    is_silent("LOSS007", make_run(train_rmse=stepped(1.0, level=0.02, seed=seed)))


def test_silent_on_a_steep_start_and_on_a_single_high_value() -> None:
    curve = stepped(1.0)
    curve[25] *= 1.5
    is_silent("LOSS007", make_run(train_rmse=curve))


def test_a_cut_or_a_restart_of_the_rate_explains_it() -> None:
    is_silent("LOSS007", make_run(train_rmse=stepped(0.7), lr=stepped_lr(50, [31])))
    assert fires("LOSS007", make_run(train_rmse=stepped(0.7), lr=stepped_lr(50, [20])))
    cycles = np.concatenate([cosine_lr(30, floor=1e-5), cosine_lr(20, floor=1e-5)])
    is_silent("LOSS007", make_run(train_rmse=stepped(1.3), lr=cycles))


def test_a_step_across_missing_epochs_is_none() -> None:
    epochs = [*range(1, 31), *range(36, 56)]
    is_silent("LOSS007", make_run(train_rmse=stepped(0.7), epochs=epochs))


def test_needs_a_metric_and_twenty_values_of_it() -> None:
    assert ask("LOSS007", make_run(lr=constant_lr(20)))[1].outcome == "not-applicable"
    assert ask("LOSS007", make_run(train_rmse=stepped(0.7)[:19]))[1].outcome == "too-short"
