"""LR004 schedule-cut-short."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from logparse.signals.rate.schedule import onecycle
from tests.rules.asking import ask, fires, is_silent
from tests.runs import (
    SEED_SETTINGS,
    Array,
    constant_lr,
    cosine_lr,
    make_run,
    make_settings,
    power_law,
    stepped_lr,
)

STOPPED = np.concatenate([power_law(13), np.full(7, 0.1)])


def cycle(epochs: int) -> Array:
    lr = onecycle(make_settings(SEED_SETTINGS), np.arange(1.0, epochs + 1))
    assert lr is not None
    return lr


def run_with(lr: Array, values: Array, settings: dict[str, Any] = SEED_SETTINGS) -> Any:
    return make_run(lr=lr, val_rmse=values, settings=settings)


def test_a_warning_when_an_early_stop_ended_the_run_at_a_high_rate() -> None:
    finding = fires("LR004", run_with(cycle(20), STOPPED))
    assert (finding.severity, finding.confidence) == ("warning", "high")
    assert finding.epochs == (20, 20)
    assert finding.lines == (157,)
    assert finding.measured["share_run"] == pytest.approx(20 / 70)
    assert finding.remedies[0] == "EARLY_STOP_PATIENCE 7 -> 18"
    assert finding.causes[0].startswith(
        "an early stop with too short a patience: stopped after E20 because of 7 epochs without "
        "a better val_rmse, EARLY_STOP_PATIENCE 7; noise is "
    )


def test_a_patience_in_validations_is_changed_in_validations() -> None:
    settings = {**SEED_SETTINGS, "EARLY_STOP_PATIENCE": 3, "VAL_EVERY": 2}
    values = np.where(np.arange(1, 21) % 2 == 0, np.nan, np.nan)
    values[1::2] = [*power_law(7), 0.1, 0.1, 0.1]
    finding = fires("LR004", run_with(cycle(20), values, settings))
    assert finding.remedies[0] == "EARLY_STOP_PATIENCE 3 -> 9"


def test_a_note_when_the_schedule_was_made_for_more_epochs_than_the_run_has() -> None:
    settings = {"SCHEDULER": "cosine", "LEARNING_RATE": 1e-3, "MAX_EPOCHS": 30, "T_MAX": 100}
    finding = fires("LR004", run_with(cosine_lr(30, total=100), power_law(30), settings))
    assert finding.severity == "note"
    assert finding.causes == ("the schedule was made for more epochs than the run has",)
    assert finding.remedies == ("a schedule of 30 epochs, or a run of 100",)


def test_near_miss_silent_when_the_rate_had_come_down() -> None:
    is_silent("LR004", run_with(cycle(61), np.append(power_law(54), [0.1] * 7)))


def test_near_miss_silent_when_nine_tenths_are_done() -> None:
    lr = np.maximum(cycle(64), 1e-4)
    is_silent("LR004", run_with(lr, np.append(power_law(57), [0.1] * 7)))


def test_false_alarm_a_run_still_in_progress() -> None:
    reason = is_silent("LR004", run_with(cycle(20), power_law(20)))
    assert reason == "E20 of 70: the run may go on, here or resumed"


def test_false_alarm_a_run_that_the_next_one_of_the_file_resumes() -> None:
    run = make_run(lr=cycle(20), val_rmse=power_law(20), settings=SEED_SETTINGS, count=2)
    assert "resumed" in is_silent("LR004", run)


@pytest.mark.parametrize("lr", [constant_lr(20), stepped_lr(20, [11])])
def test_a_rate_that_follows_no_smooth_anneal_is_not_judged(lr: Array) -> None:
    settings = {"MAX_EPOCHS": 70, "EARLY_STOP_PATIENCE": 7}
    check = ask("LR004", run_with(lr, STOPPED, settings))[1]
    assert check.outcome == "not-applicable"


def test_needs_five_epochs() -> None:
    assert ask("LR004", run_with(cycle(4), STOPPED[:4]))[1].outcome == "too-short"


def cosine_stopped(last: int, best: int, **settings: Any) -> Any:
    values = np.concatenate([power_law(best, rate=1.2), np.full(last - best, 0.11)])
    declared = {"SCHEDULER": "cosine", "LEARNING_RATE": 1e-3, "MAX_EPOCHS": 100}
    total = settings.get("T_MAX", 100)
    return make_run(lr=cosine_lr(last, total=total), val_rmse=values, settings=declared | settings)


def test_a_patience_that_is_long_is_neither_blamed_nor_shortened() -> None:
    for patience in (25, 30):
        finding = fires("LR004", cosine_stopped(45, 45 - patience, EARLY_STOP_PATIENCE=patience))
        assert finding.causes[0].startswith("an early stop: stopped after E45")
        assert finding.remedies == (
            "no early stop, and keep the best checkpoint",
            "MAX_EPOCHS 100 -> 45",
        )


def test_a_schedule_with_a_length_of_its_own_is_shortened_there() -> None:
    run = cosine_stopped(60, 50, T_MAX=200, EARLY_STOP_PATIENCE=10)
    edits = fires("LR004", run).remedies
    assert (edits[0], edits[2]) == ("EARLY_STOP_PATIENCE 10 -> 25", "T_MAX 200 -> 60")
