"""LR003 schedule-mismatch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from logparse.run import Predecessor
from logparse.signals.rate.schedule import onecycle
from tests.rules.asking import ask, fires, is_silent
from tests.runs import (
    LR_PRINTED,
    SEED_SETTINGS,
    Array,
    constant_lr,
    cosine_lr,
    linear_lr,
    make_run,
    make_settings,
    printed,
    stepped_lr,
)

COSINE = {"SCHEDULER": "cosine", "LEARNING_RATE": 1e-3, "MAX_EPOCHS": 40}
STEPS = 20


def cycle(times: Array) -> Array:
    lr = onecycle(make_settings(SEED_SETTINGS), times)
    assert lr is not None
    return lr


def run_with(lr: Array, settings: dict[str, Any] = SEED_SETTINGS, **facts: Any) -> Any:
    return make_run(lr=printed(lr), resolution=LR_PRINTED, settings=settings, **facts)


def test_fires_on_a_onecycle_stepped_once_an_epoch() -> None:
    settings = {**SEED_SETTINGS, "STEPS_PER_EPOCH": STEPS}
    finding = fires("LR003", run_with(cycle(np.arange(1.0, 71) / STEPS), settings))
    assert (finding.severity, finding.confidence) == ("warning", "high")
    assert finding.measured["fits"] == "stepped once an epoch"
    assert finding.measured["time_scale"] == pytest.approx(1 / STEPS)
    assert finding.causes[0] == "scheduler.step() stands in the wrong loop"
    assert str(finding.measured["logged"]).startswith("E01 5.0e-05")
    assert "E24 4.2e-04" in str(finding.measured["predicted"])


def test_fires_on_a_plan_by_epochs_that_is_stepped_every_batch() -> None:
    share = np.minimum(np.arange(1, 41) * STEPS / 40, 1.0)
    lr = 1e-3 * (1 + np.cos(np.pi * share)) / 2
    finding = fires("LR003", run_with(lr, {**COSINE, "STEPS_PER_EPOCH": STEPS}))
    assert finding.measured["fits"] == "stepped every batch"


def test_an_error_when_the_rate_never_moves() -> None:
    finding = fires("LR003", run_with(constant_lr(40), COSINE))
    assert finding.severity == "error"
    assert finding.measured["fits"] == "never stepped"
    assert "it stays constant" in finding.reading


def test_a_schedule_that_starts_again_at_a_resume_names_the_state_to_load() -> None:
    lr = cosine_lr(40)[:20]
    finding = fires("LR003", run_with(lr, COSINE, epochs=range(21, 41)))
    assert finding.measured["fits"] == "started again"
    assert finding.reading.endswith("it began again at E21.")
    assert "scheduler's state" in finding.remedies[0]


def test_a_schedule_made_for_other_epochs_is_told_their_number() -> None:
    finding = fires("LR003", run_with(cosine_lr(40, total=100), COSINE))
    assert finding.measured["fits"] == "another length"
    assert finding.measured["time_scale"] == pytest.approx(0.4, rel=0.03)
    assert any(remedy.startswith("give the scheduler 40 epochs") for remedy in finding.remedies)


def test_another_schedule_than_declared_is_found_with_less_confidence() -> None:
    finding = fires("LR003", run_with(stepped_lr(40, [11, 21, 31]), COSINE))
    assert finding.confidence == "medium"
    assert finding.reading.endswith("it follows step.")


def test_near_miss_silent_on_one_stray_epoch() -> None:
    lr = cycle(np.arange(1.0, 41))
    lr[7] *= 1.3
    assert "follows the declared onecycle" in is_silent("LR003", run_with(lr))


IN_STEPS: dict[str, Any] = {
    "a length": (cosine_lr(40), {**COSINE, "T_MAX": 800}),
    "milestones": (
        stepped_lr(40, [21, 31]),
        {**COSINE, "SCHEDULER": "multistep", "MILESTONES": "[400, 600]"},
    ),
    "equal steps": (
        stepped_lr(40, [11, 21, 31]),
        {**COSINE, "SCHEDULER": "step", "STEP_SIZE": 200},
    ),
    "restarts": (
        np.concatenate([cosine_lr(20)] * 2),
        {**COSINE, "SCHEDULER": "warm restarts", "T_0": 400},
    ),
    "a factor": (
        1e-3 * 0.999 ** (STEPS * np.arange(40)),
        {**COSINE, "SCHEDULER": "exponential", "GAMMA": 0.999},
    ),
}


@pytest.mark.parametrize("name", IN_STEPS)
def test_false_alarm_what_is_declared_in_steps(name: str) -> None:
    lr, settings = IN_STEPS[name]
    run = run_with(lr, {**settings, "STEPS_PER_EPOCH": STEPS})
    assert "follows the declared" in is_silent("LR003", run)


def test_false_alarm_steps_of_which_an_epoch_has_unknown_many() -> None:
    is_silent("LR003", run_with(cosine_lr(40), {**COSINE, "T_MAX": 800}))
    settings = {**COSINE, "SCHEDULER": "step", "STEP_SIZE": 200}
    run = run_with(stepped_lr(40, [11, 21, 31]), settings)
    assert ask("LR003", run)[1].outcome == "not-applicable"


def test_false_alarm_steps_down_to_a_minimum() -> None:
    lr = np.maximum(stepped_lr(40, [11, 21, 31]), 1e-5)
    settings = {**COSINE, "SCHEDULER": "step", "STEP_SIZE": 10, "MIN_LR": 1e-5}
    assert "follows the declared" in is_silent("LR003", run_with(lr, settings))


def test_the_length_to_give_is_the_declared_one() -> None:
    settings = {**COSINE, "MAX_EPOCHS": 60, "T_MAX": 40}
    finding = fires("LR003", run_with(cosine_lr(60, total=100), settings))
    assert finding.remedies[1].startswith("give the scheduler 40 epochs, not about 10")


def test_the_remedy_says_where_to_step() -> None:
    slow = run_with(cycle(np.arange(1.0, 71) / STEPS), {**SEED_SETTINGS, "STEPS_PER_EPOCH": STEPS})
    assert fires("LR003", slow).remedies == ("call scheduler.step() after every batch",)
    share = np.minimum(np.arange(1, 41) * STEPS / 40, 1.0)
    fast = run_with(1e-3 * (1 + np.cos(np.pi * share)) / 2, {**COSINE, "STEPS_PER_EPOCH": STEPS})
    assert fires("LR003", fast).remedies == ("call scheduler.step() once an epoch",)


def test_another_schedule_of_the_declared_kind_is_called_so() -> None:
    settings = {**COSINE, "SCHEDULER": "step", "STEP_SIZE": 5}
    finding = fires("LR003", run_with(stepped_lr(40, [11, 21, 31]), settings))
    assert finding.reading.endswith("it follows another step.")


CONVENTIONS = {
    "onecycle after the step": (cycle(np.arange(1.0, 41)), SEED_SETTINGS),
    "onecycle before the step": (cycle(np.arange(40.0)), SEED_SETTINGS),
    "cosine before the step": (cosine_lr(40), COSINE),
    "cosine after the step": (cosine_lr(41)[1:], {**COSINE, "MAX_EPOCHS": 41}),
    "linear of N - 1 steps": (
        1e-3 * (1 - np.arange(40) / 39),
        {**COSINE, "SCHEDULER": "linear"},
    ),
    "linear of N + 1 steps after a warm-up": (
        linear_lr(40, warm_up=4),
        {**COSINE, "SCHEDULER": "linear", "WARMUP_EPOCHS": 4},
    ),
    "cosine of all N steps after a warm-up": (
        np.concatenate([np.linspace(2.5e-4, 1e-3, 4), cosine_lr(40)[:36]]),
        {**COSINE, "WARMUP_EPOCHS": 4},
    ),
    "milestones": (
        stepped_lr(40, [11, 21]),
        {**COSINE, "SCHEDULER": "multistep", "MILESTONES": "[10, 20]"},
    ),
    "exponential": (
        1e-3 * 0.9 ** np.arange(40),
        {**COSINE, "SCHEDULER": "exponential", "GAMMA": 0.9},
    ),
}


@pytest.mark.parametrize("name", CONVENTIONS)
def test_false_alarm_small_print(name: str) -> None:
    assert "follows the declared" in is_silent("LR003", run_with(*CONVENTIONS[name]))


def test_false_alarm_a_group_with_its_own_rate() -> None:
    assert "times as high" in is_silent("LR003", run_with(0.1 * cosine_lr(40), COSINE))


def test_false_alarm_a_warm_up_layered_on_the_schedule() -> None:
    lr = linear_lr(40, warm_up=4)
    settings = {**COSINE, "SCHEDULER": "linear", "WARMUP_EPOCHS": 4}
    is_silent("LR003", run_with(lr, settings))


def test_false_alarm_a_run_whose_scaler_skipped_steps() -> None:
    lr = cycle(np.arange(1.0, 71) * 0.985)
    is_silent("LR003", run_with(lr))


def test_false_alarm_a_clean_resume_that_counts_from_one_again() -> None:
    before = Predecessor(last_epoch=20, last_line=90)
    lr = cosine_lr(40)[20:]
    is_silent("LR003", run_with(lr, COSINE, predecessor=before))


def test_false_alarm_rates_that_no_known_schedule_explains() -> None:
    wild = 1e-3 * (1.2 + np.sin(1.7 * np.arange(40)))
    assert "not judged" in is_silent("LR003", run_with(wild, COSINE))


def test_needs_a_declared_schedule_and_two_rates() -> None:
    check = ask("LR003", run_with(cosine_lr(40), {"MAX_EPOCHS": 40}))[1]
    assert (check.outcome, check.reason) == (
        "not-applicable",
        "the settings declare no schedule with a closed form",
    )
    assert ask("LR003", run_with(cycle(np.arange(1.0, 2))))[1].outcome == "too-short"
    one_rate = make_run(
        lr=[1e-3, *[np.nan] * 5], val_rmse=[0.1] * 6, settings=COSINE, resolution=LR_PRINTED
    )
    assert ask("LR003", one_rate)[1].outcome in ("too-short", "not-applicable")
