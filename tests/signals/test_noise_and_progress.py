"""Noise and progress: how far a curve moves, measured in its own scatter."""

from __future__ import annotations

import math

import numpy as np
import pytest

from logparse.records import Resolution
from logparse.signals import Signals
from logparse.signals.progress import theil_sen
from tests.runs import make_run, noisy, power_law

FLAT = np.full(60, 0.1)


@pytest.mark.parametrize("phi", [0.0, 0.3, 0.6])
def test_sigma_of_ar1_noise_is_right_within_half(phi: float) -> None:
    """The median over seeds; measured 1.1 to 1.3 times the true SD at n = 60."""
    found = [
        Signals(make_run(val_rmse=noisy(FLAT, level=0.01, phi=phi, seed=seed))).sigma("val_rmse")
        for seed in range(60)
    ]
    assert 0.9 < float(np.median(found)) / 0.001 < 1.5


def test_sigma_ignores_a_smooth_trend() -> None:
    assert Signals(make_run(val_rmse=np.linspace(1, 0, 50))).sigma("val_rmse") < 1e-9


@pytest.mark.parametrize("length", [8, 12, 20, 40])
def test_the_bend_of_a_steep_fall_is_no_noise(length: int) -> None:
    """First differences alone read 8 to 18 times the noise; the median over seeds."""
    fall = 0.2 + 0.8 * np.exp(-4 * np.arange(length) / length)
    truth = 0.005 * float(np.median(fall[length // 3 :]))
    found = [
        Signals(make_run(val_rmse=noisy(fall, seed=seed))).sigma("val_rmse") for seed in range(60)
    ]
    assert 0.7 < float(np.median(found)) / truth < 6


def test_a_calm_straight_fall_keeps_its_noise() -> None:
    """Nearly all of its steps go one way, and they do not bend."""
    line = np.linspace(1, 0.4, 20)
    found = [
        Signals(make_run(val_rmse=noisy(line, phi=0.0, seed=seed))).sigma("val_rmse")
        for seed in range(60)
    ]
    assert 0.9 < float(np.median(found)) / (0.005 * 0.6) < 1.5


def test_sigma_is_never_below_the_rounding() -> None:
    run = make_run(val_rmse=[0.094] * 30, resolution={"val_rmse": Resolution(decimals=3)})
    assert Signals(run).sigma("val_rmse") == pytest.approx(0.001 / math.sqrt(12))


def test_repeated_rows_do_not_shrink_sigma() -> None:
    values = np.repeat(noisy(np.full(30, 0.1), level=0.01), 2)
    assert Signals(make_run(val_rmse=values)).sigma("val_rmse") > 0.0004


def test_theil_sen_is_the_slope_with_and_without_blocks() -> None:
    for count in (5, 5000):
        x = np.arange(count, dtype=np.float64)
        assert theil_sen(x, 3 * x) == pytest.approx(3)


def test_theil_sen_shrugs_off_an_outlier() -> None:
    x = np.arange(20, dtype=np.float64)
    y = -x
    y[3] = 1e6
    assert theil_sen(x, y) == pytest.approx(-1, abs=0.1)


def test_progress_is_positive_for_better_in_either_direction() -> None:
    falling = Signals(make_run(val_rmse=np.linspace(1, 0.5, 12))).progress("val_rmse")
    rising = Signals(make_run(val_r2=np.linspace(0.5, 1, 12))).progress("val_r2")
    assert falling.slope > 0 < rising.slope
    assert falling.is_resolvable and rising.is_resolvable


def test_a_flat_curve_makes_no_progress_by_the_share_of_the_gain() -> None:
    values = np.concatenate([power_law(10), np.full(30, power_law(10)[-1])])
    progress = Signals(make_run(val_rmse=values)).progress("val_rmse")
    assert (progress.z, progress.gain_share) == (0.0, 0.0)


def test_two_points_are_no_progress() -> None:
    assert Signals(make_run(val_rmse=[1.0, 0.5])).progress("val_rmse").z == 0.0


def test_a_power_law_is_projected_to_its_crossing() -> None:
    run = make_run(val_rmse=np.arange(1, 31) ** -0.5, settings={"MAX_EPOCHS": 200})
    assert Signals(run).projected_crossing("val_rmse", 0.1) == "E100"


def test_a_crossing_after_the_plan_is_not_on_course() -> None:
    run = make_run(val_rmse=np.arange(1, 31) ** -0.5, settings={"MAX_EPOCHS": 70})
    assert Signals(run).projected_crossing("val_rmse", 0.1) == "not on course"


def test_plateau_start_is_where_the_final_level_was_reached() -> None:
    values = np.concatenate([np.linspace(1, 0.1, 10), np.full(30, 0.1)])
    start = Signals(make_run(val_rmse=values)).plateau_start("val_rmse")
    assert start is not None and 8 <= start <= 10


def test_a_metric_that_got_worse_again_stood_still_from_its_best_level_on() -> None:
    values = np.concatenate([np.linspace(1, 0.1, 20), np.linspace(0.12, 0.5, 20)])
    start = Signals(make_run(val_rmse=noisy(values, level=0.002))).plateau_start("val_rmse")
    assert start is not None and 17 <= start <= 21


def test_statistics_do_not_cross_a_level_shift() -> None:
    """Augmentation switched off: the loss steps up once, and falls on from there."""
    curve = power_law(40)
    curve[25:] += 0.03
    signals = Signals(make_run(train_loss=noisy(curve, level=0.003)))
    assert [regime.began_by for regime in signals.regimes] == ["start", "level-shift"]
    assert signals.progress("train_loss").first_epoch >= 26


def test_statistics_do_not_cross_a_warm_restart() -> None:
    lr = np.concatenate([np.linspace(1e-3, 1e-5, 10), np.linspace(1e-3, 1e-5, 10)])
    signals = Signals(make_run(lr=lr, val_rmse=power_law(20)))
    assert [(r.first_epoch, r.last_epoch) for r in signals.regimes] == [(1, 10), (11, 20)]


def test_a_late_metric_has_only_its_own_points() -> None:
    values = np.concatenate([np.full(15, np.nan), power_law(10)])
    series = Signals(make_run(val_rmse=values)).series("val_rmse")
    assert (len(series), series.first.epoch, series.first.line) == (10, 16, 145)
