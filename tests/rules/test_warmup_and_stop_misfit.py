"""HYP003 warmup-and-stop-misfit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.rules.asking import ask, fires, is_silent
from tests.runs import SEED_SETTINGS, cosine_lr, make_run

COSINE = {"SCHEDULER": "cosine", "LEARNING_RATE": 1e-3, "MAX_EPOCHS": 100}


def run_with(**settings: Any) -> Any:
    return make_run(settings={"MAX_EPOCHS": 100, **settings}, epochs=range(1, 3))


@pytest.mark.parametrize(
    ("epochs", "severity", "limit"),
    [(100, "warning", 0.3), (40, "warning", 0.3), (20, "note", 0.1)],
)
def test_fires_on_a_long_warm_up(epochs: int, severity: str, limit: float) -> None:
    finding = fires("HYP003", run_with(WARMUP_EPOCHS=epochs))
    assert (finding.severity, finding.confidence) == (severity, "high")
    assert finding.measured["share_threshold"] == limit
    assert finding.remedies == (f"WARMUP_EPOCHS {epochs} -> 5",)
    assert finding.lines == (11,)


def test_near_miss_silent_on_a_tenth_of_the_run() -> None:
    is_silent("HYP003", run_with(WARMUP_EPOCHS=10))


def test_a_share_stays_a_share_and_steps_stay_steps() -> None:
    assert fires("HYP003", run_with(WARMUP_RATIO=0.5)).remedies == ("WARMUP_RATIO 0.5 -> 0.05",)
    steps = fires("HYP003", run_with(WARMUP_STEPS=1000, STEPS_PER_EPOCH=20))
    assert steps.remedies == ("WARMUP_STEPS 1000 -> 100",)


def test_false_alarm_a_warm_up_in_steps_of_which_an_epoch_has_unknown_many() -> None:
    assert ask("HYP003", run_with(WARMUP_STEPS=1000))[1].outcome == "not-applicable"


def test_a_warm_up_before_a_onecycle_is_stacked() -> None:
    lr = np.concatenate([np.linspace(1e-6, 4e-5, 5), cosine_lr(20, peak=5e-4, total=65)])
    run = make_run(lr=lr, settings={**SEED_SETTINGS, "WARMUP_EPOCHS": 5})
    found = fires("HYP003", run)
    assert "stacked on OneCycle" in found.reading
    assert found.remedies == ("WARMUP_EPOCHS 5 -> 0",)


def test_false_alarm_the_rise_of_onecycle_itself() -> None:
    settings = {**SEED_SETTINGS, "ONECYCLE_PCT_START": 0.45}
    is_silent("HYP003", make_run(epochs=range(1, 3), settings=settings))


def test_a_patience_that_the_run_never_reaches_is_a_note() -> None:
    finding = fires("HYP003", run_with(EARLY_STOP_PATIENCE=100))
    assert finding.severity == "note"
    assert "it can never act" in finding.reading
    assert finding.remedies == ("EARLY_STOP_PATIENCE 100 -> 25",)
    is_silent("HYP003", run_with(EARLY_STOP_PATIENCE=99))


def test_false_alarm_a_trial_of_a_few_epochs() -> None:
    is_silent("HYP003", run_with(MAX_EPOCHS=3, EARLY_STOP_PATIENCE=8, WARMUP_EPOCHS=1))
    assert fires("HYP003", run_with(MAX_EPOCHS=3, WARMUP_EPOCHS=3)).severity == "warning"


def test_a_stop_before_the_scheduler_can_act_is_a_warning() -> None:
    plateau = {"SCHEDULER": "plateau", "LR_PATIENCE": 5, "PLATEAU_COOLDOWN": 2}
    finding = fires("HYP003", run_with(EARLY_STOP_PATIENCE=8, **plateau))
    assert finding.severity == "warning"
    assert finding.measured["plateau_and_cooldown"] == 7
    assert finding.remedies == ("EARLY_STOP_PATIENCE 8 -> 16",)
    is_silent("HYP003", run_with(EARLY_STOP_PATIENCE=9, **plateau))


def test_a_patience_far_below_the_anneal_is_a_warning() -> None:
    finding = fires("HYP003", run_with(**COSINE, EARLY_STOP_PATIENCE=9))
    assert finding.measured["anneal_epochs"] == pytest.approx(100)
    assert finding.remedies == ("EARLY_STOP_PATIENCE 9 -> 25",)
    is_silent("HYP003", run_with(**COSINE, EARLY_STOP_PATIENCE=10))


def test_a_patience_counts_in_validations() -> None:
    finding = fires("HYP003", run_with(EARLY_STOP_PATIENCE=20, VAL_EVERY=5))
    assert finding.measured["patience_epochs"] == 100
    assert finding.remedies == ("EARLY_STOP_PATIENCE 20 -> 5",)


def test_false_alarm_the_seeds_patience_of_seven_in_seventy_epochs() -> None:
    is_silent("HYP003", make_run(epochs=range(1, 3), settings=SEED_SETTINGS))


def test_a_patience_of_zero_is_no_early_stop() -> None:
    assert ask("HYP003", run_with(EARLY_STOP_PATIENCE=0))[1].outcome == "not-applicable"


def test_needs_the_planned_epochs() -> None:
    run = make_run(epochs=range(1, 3), settings={"WARMUP_EPOCHS": 50})
    check = ask("HYP003", run)[1]
    assert check.reason == "needs MAX_EPOCHS and a declared warm-up or early stop"


def test_an_edit_changes_something() -> None:
    assert fires("HYP003", run_with(WARMUP_RATIO=1.0)).remedies == ("WARMUP_RATIO 1.0 -> 0.05",)
    whole = run_with(MAX_EPOCHS=1, WARMUP_EPOCHS=1)
    assert fires("HYP003", whole).remedies == ("WARMUP_EPOCHS 1 -> 0",)


def test_a_remedy_does_not_lead_into_the_next_misfit() -> None:
    late = run_with(EARLY_STOP_PATIENCE=100, LR_PATIENCE=30)
    assert fires("HYP003", late).remedies == ("EARLY_STOP_PATIENCE 100 -> 62",)
    short = run_with(MAX_EPOCHS=20, EARLY_STOP_PATIENCE=8, LR_PATIENCE=10)
    assert fires("HYP003", short).remedies == ("LR_PATIENCE 10 -> 3",)
    cool = run_with(MAX_EPOCHS=20, EARLY_STOP_PATIENCE=8, LR_PATIENCE=2, PLATEAU_COOLDOWN=10)
    assert fires("HYP003", cool).remedies == ("EARLY_STOP_PATIENCE 8 -> 26",)


def test_an_anneal_counts_as_far_as_the_run_is_planned() -> None:
    """T_MAX may count steps."""
    is_silent("HYP003", run_with(**COSINE, T_MAX=20_000, EARLY_STOP_PATIENCE=20))
    found = fires("HYP003", run_with(**COSINE, T_MAX=20_000, EARLY_STOP_PATIENCE=5))
    assert found.remedies == ("EARLY_STOP_PATIENCE 5 -> 25",)


def test_the_patience_to_try_is_that_of_a_schedule_cut_short() -> None:
    run = make_run(epochs=range(1, 3), settings={**SEED_SETTINGS, "EARLY_STOP_PATIENCE": 2})
    assert fires("HYP003", run).remedies == ("EARLY_STOP_PATIENCE 2 -> 18",)
