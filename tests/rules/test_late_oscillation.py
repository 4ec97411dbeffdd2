"""LOSS006 late-oscillation."""

from __future__ import annotations

import numpy as np
import pytest

from tests.rules.asking import ask, fires, is_silent
from tests.runs import Array, constant_lr, cosine_lr, make_run, noisy, power_law


def bouncing(level: float, seed: int = 0, length: int = 40) -> Array:
    """A curve that falls from 1 to 0.4 and scatters by a share of its level."""
    return noisy(power_law(length, start=1.0, floor=0.4), level=level, phi=0.0, seed=seed)


def test_fires_where_steps_are_a_good_part_of_the_gain() -> None:
    run = make_run(val_rmse=bouncing(0.15, seed=1), lr=constant_lr(40), settings={"BATCH_SIZE": 32})
    finding = fires("LOSS006", run)
    assert (finding.severity, finding.confidence) == ("warning", "medium")
    assert finding.measured["swing_share"] >= finding.measured["share_threshold"]  # type: ignore[operator]
    assert finding.epochs == (21, 40)
    assert "BATCH_SIZE 32 -> 64" in finding.remedies


def test_training_that_bounces_too_makes_smaller_steps_a_note() -> None:
    val, lr = bouncing(0.04, seed=3), constant_lr(40)
    run = make_run(val_rmse=val, train_rmse=bouncing(0.04, seed=1), lr=lr)
    assert fires("LOSS006", run).severity == "note"


def test_false_alarm_a_noisy_validation_set_where_training_is_calm() -> None:
    val, lr = bouncing(0.04, seed=3), constant_lr(40)
    is_silent("LOSS006", make_run(val_rmse=val, train_rmse=bouncing(0.005, seed=1), lr=lr))


def test_false_alarm_little_gain_and_little_noise() -> None:
    curve = noisy(np.linspace(0.55, 0.50, 40), level=0.012, phi=0.0)
    is_silent("LOSS006", make_run(val_rmse=curve, lr=constant_lr(40)))


@pytest.mark.parametrize("seed", range(5))
def test_near_miss_silent_on_the_noise_of_a_healthy_run(seed: int) -> None:
    is_silent("LOSS006", make_run(val_rmse=bouncing(0.02, seed), lr=constant_lr(40)))


def test_silent_on_a_drift_in_one_direction() -> None:
    is_silent("LOSS006", make_run(val_rmse=np.geomspace(1.0, 0.01, 40), lr=constant_lr(40)))


def test_an_annealed_rate_a_cyclic_one_and_a_run_that_gained_nothing_are_excused() -> None:
    loud = bouncing(0.15, seed=1)
    assert "annealed" in is_silent("LOSS006", make_run(val_rmse=loud, lr=cosine_lr(40)))
    cycles = np.concatenate([cosine_lr(40, floor=2e-4)] * 2)
    twice = make_run(val_rmse=np.concatenate([loud, loud]), lr=cycles)
    assert "again and again" in is_silent("LOSS006", twice)
    flat = noisy(np.full(40, 0.5), level=0.1, phi=0.0)
    flat[0] = 0.7
    run = make_run(val_rmse=flat, train_rmse=np.full(40, 0.5), lr=constant_lr(40))
    assert not ask("LOSS006", run)[0]


def test_needs_a_metric_and_twelve_values_of_it() -> None:
    assert ask("LOSS006", make_run(lr=constant_lr(12)))[1].outcome == "not-applicable"
    assert ask("LOSS006", make_run(val_rmse=bouncing(0.1)[:11]))[1].outcome == "too-short"


def test_false_alarm_a_schedule_that_has_still_to_fall() -> None:
    settings = {"MAX_EPOCHS": 80}
    middle = make_run(
        val_rmse=bouncing(0.15, seed=1), lr=cosine_lr(40, total=80), settings=settings
    )
    assert "still to fall" in is_silent("LOSS006", middle)
    constant = make_run(val_rmse=bouncing(0.15, seed=1), lr=constant_lr(40), settings=settings)
    assert fires("LOSS006", constant).severity == "warning"
