"""Plans that settings declare, and the misreadings of their clock."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from logparse.signals import Signals
from logparse.signals.rate.lengths import milestones, readings, steps_per_epoch, warm_up_epochs
from logparse.signals.rate.plans import plans
from tests.runs import SEED_SETTINGS, Array, cosine_lr, make_run, make_settings

N = 40
BASE = {"MAX_EPOCHS": N, "LEARNING_RATE": 1e-3}
TIME = np.arange(N, dtype=float)
DECLARED: dict[str, tuple[dict[str, Any], Array]] = {
    "constant": ({"SCHEDULER": "constant"}, np.full(N, 1e-3)),
    "step": ({"LR_SCHEDULER": "StepLR", "STEP_SIZE": 10, "GAMMA": 0.5}, 0.5 ** (TIME // 10) / 1e3),
    "exponential": ({"SCHEDULER": "exponential", "GAMMA": 0.9}, 1e-3 * 0.9**TIME),
    "linear": ({"LR_SCHEDULER_TYPE": "linear"}, 1e-3 * (1 - TIME / N)),
    "polynomial": ({"SCHEDULER": "poly", "POWER": 2}, 1e-3 * (1 - TIME / N) ** 2),
    "cosine": ({"SCHEDULER": "CosineAnnealingLR", "MIN_LR": 1e-5}, cosine_lr(N, floor=1e-5)),
    "cosine-restarts": (
        {"SCHEDULER": "cosine_warm_restarts", "T_0": 10, "T_MULT": 2},
        np.concatenate([cosine_lr(10), cosine_lr(20), cosine_lr(40)[:10]]),
    ),
}


def signals_of(lr: Array, settings: dict[str, Any], **facts: Any) -> Signals:
    return Signals(make_run(lr=lr, settings={**BASE, **settings}, **facts))


@pytest.mark.parametrize("kind", DECLARED)
def test_a_declared_schedule_is_followed(kind: str) -> None:
    settings, lr = DECLARED[kind]
    schedule = signals_of(lr, settings).rate.schedule
    assert schedule is not None
    assert (schedule.kind, schedule.source) == (kind, "declared")
    assert schedule.declared_error is not None and schedule.declared_error <= 1


@pytest.mark.parametrize("kind", [kind for kind in DECLARED if kind != "constant"])
def test_a_rate_twice_as_fast_is_no_following(kind: str) -> None:
    settings, lr = DECLARED[kind]
    schedule = signals_of(lr[::2], settings).rate.schedule
    assert schedule is not None
    assert schedule.declared_error is not None and schedule.declared_error > 1


@pytest.mark.parametrize("scale", [0.25, 0.5, 2.0, 3.0])
def test_the_scale_of_time_is_found(scale: float) -> None:
    share = np.minimum(np.arange(N) * scale / N, 1.0)
    mistake = signals_of(1e-3 * (1 + np.cos(np.pi * share)) / 2, {"SCHEDULER": "cosine"})
    found = mistake.rate.schedule_mistake
    assert found is not None
    assert found.kind == "another length"
    assert found.scale == pytest.approx(scale, rel=0.05)


def test_a_shift_is_found() -> None:
    """Noted after the step, the first rate stands for one epoch more."""
    lr = np.concatenate([np.full(6, 1e-3), cosine_lr(N)])[:N]
    found = signals_of(lr, {"SCHEDULER": "cosine"}).rate.schedule_mistake
    assert found is not None
    assert (found.kind, found.shift) == ("shifted", 7)


def test_a_schedule_that_is_followed_by_half_a_percent_less_skipped_steps() -> None:
    share = np.arange(N) * 0.98 / N
    found = signals_of(1e-3 * (1 + np.cos(np.pi * share)) / 2, {"SCHEDULER": "cosine"})
    mistake = found.rate.schedule_mistake
    assert mistake is not None
    assert mistake.kind == "skipped steps"


def test_nothing_is_planned_without_a_peak_or_a_name() -> None:
    assert plans(make_run(settings={"SCHEDULER": "cosine", "MAX_EPOCHS": N})) == ()
    assert plans(make_run(settings=BASE)) == ()
    assert plans(make_run(settings={**BASE, "SCHEDULER": "none that is known"})) == ()


def test_steps_of_an_epoch_from_samples_and_batch() -> None:
    run = make_run(settings={"TRAIN_SAMPLES": 1001, "BATCH_SIZE": 100})
    assert steps_per_epoch(run) == 11
    assert steps_per_epoch(make_run(settings={"BATCH_SIZE": 0, "TRAIN_SAMPLES": 10})) is None


def test_a_warm_up_in_epochs_in_steps_or_as_a_share() -> None:
    assert warm_up_epochs(make_run(settings={"WARMUP_EPOCHS": 3})) == 3
    assert warm_up_epochs(make_run(settings={**BASE, "WARMUP_RATIO": 0.1})) == 4
    steps = {"WARMUP_STEPS": 100, "STEPS_PER_EPOCH": 50}
    assert warm_up_epochs(make_run(settings=steps)) == 2
    assert warm_up_epochs(make_run(settings={"WARMUP_STEPS": 100})) is None
    assert warm_up_epochs(make_run()) == 0


def test_milestones_are_read_from_lists_and_their_text() -> None:
    assert milestones(make_settings({"MILESTONES": "[20, 10]"})) == (10, 20)
    assert milestones(make_settings({"LR_STEPS": "8;11"})) == (8, 11)
    assert milestones(make_settings({"MILESTONES": "late"})) == ()
    assert milestones(make_settings({})) == ()


def test_a_count_beyond_the_planned_epochs_may_be_one_of_steps() -> None:
    run = make_run(settings={"MAX_EPOCHS": 100, "STEPS_PER_EPOCH": 20})
    assert readings(run, 100) == (100,)
    assert readings(run, 2000) == (2000, 100)
    assert readings(make_run(settings={"MAX_EPOCHS": 100}), 2000) == (2000,)


def test_a_onecycle_that_is_switched_off_is_no_plan() -> None:
    run = make_run(settings={**SEED_SETTINGS, "USE_ONECYCLE": False})
    assert plans(run) == ()
