"""HYP005: settings far from what is usual."""

from __future__ import annotations

from typing import Any

import pytest

from logparse.findings import Confidence, Severity
from tests.rules.asking import ask, fires, is_silent
from tests.runs import Column, cosine_lr, make_run


def run_of(lr: Column = (1e-3, 1e-4), **settings: Any) -> Any:
    return make_run(lr=lr, settings=settings)


@pytest.mark.parametrize(
    ("settings", "key", "edit"),
    [
        ({"DROPOUT": 0.8}, "dropout", "DROPOUT 0.8 -> 0.5"),
        ({"WEIGHT_DECAY": 2.0}, "weight_decay", "WEIGHT_DECAY 2.0 -> 0.5"),
        ({"ALPHA_SMOOTH": 0.5}, "alpha_smooth", "ALPHA_SMOOTH 0.5 -> 0.2"),
        ({"LABEL_SMOOTHING": 0.3}, "label_smoothing", "LABEL_SMOOTHING 0.3 -> 0.2"),
        (
            {"OPTIMIZER": "adamw", "LEARNING_RATE": 0.05},
            "learning_rate",
            "LEARNING_RATE 0.05 -> 0.01",
        ),
        ({"LEARNING_RATE": 1e-8}, "learning_rate", "LEARNING_RATE 1e-08 -> 1e-07"),
        ({"VAL_BATCH": 1, "VAL_WINDOWS": 5000}, "val_batch", "VAL_BATCH 1 -> 256"),
    ],
)
def test_a_value_outside_of_its_range_is_a_note(
    settings: dict[str, Any], key: str, edit: str
) -> None:
    found = fires("HYP005", run_of(**settings))
    assert (found.severity, found.confidence) == (Severity.NOTE, Confidence.LOW)
    assert found.remedies == (edit,)
    assert {key, f"{key}_threshold"} == set(found.measured)


@pytest.mark.parametrize(
    "settings",
    [
        {"DROPOUT": 0.5},
        {"WEIGHT_DECAY": 0.5},
        {"ALPHA_SMOOTH": 0.2},
        {"OPTIMIZER": "adamw", "LEARNING_RATE": 0.01},
        {"LEARNING_RATE": 1e-7},
        {"VAL_BATCH": 1, "VAL_WINDOWS": 255},
        {"VAL_BATCH": 2, "VAL_WINDOWS": 5000},
    ],
)
def test_a_value_at_its_bound_is_not_outside(settings: dict[str, Any]) -> None:
    assert is_silent("HYP005", run_of(**settings)) == ""


def test_several_values_are_one_finding() -> None:
    found = fires("HYP005", run_of(WEIGHT_DECAY=2.0, ALPHA_SMOOTH=0.5))
    assert found.reading == (
        "Outside of the usual range: WEIGHT_DECAY 2 (usual: at most 0.5), "
        "ALPHA_SMOOTH 0.5 (usual: at most 0.2)."
    )
    assert len(found.lines) == len(found.remedies) == 2


@pytest.mark.parametrize("optimizer", [{"OPTIMIZER": "sgd"}, {}])
def test_a_large_rate_is_ordinary_for_sgd_and_not_judged_unnamed(optimizer: dict[str, str]) -> None:
    assert is_silent("HYP005", run_of(ONECYCLE_MAX_LR=0.1, **optimizer)) == ""


def test_without_a_declared_rate_the_highest_of_the_log_is_judged() -> None:
    found = fires("HYP005", run_of(lr=cosine_lr(10, peak=0.1), OPTIMIZER="Adam"))
    assert found.measured["lr"] == pytest.approx(0.1)
    assert found.remedies == ("a peak lr of 0.01",)


def test_the_end_of_an_anneal_is_no_peak() -> None:
    assert is_silent("HYP005", run_of(lr=cosine_lr(20, floor=1e-9))) == ""


def test_a_rate_of_zero_is_rounded_not_small() -> None:
    assert is_silent("HYP005", run_of(lr=[0.0, 0.0], LEARNING_RATE=0)) == ""


def test_the_dropout_of_a_module_that_is_off_does_not_count() -> None:
    assert is_silent("HYP005", run_of(DROPOUT_LONG=0.9, USE_LONG_LSTM=False)) == ""
    assert fires("HYP005", run_of(DROPOUT_LONG=0.9, USE_LONG_LSTM=True))


def test_a_validation_set_of_unknown_size_is_not_called_large() -> None:
    assert is_silent("HYP005", run_of(VAL_BATCH=1)) == ""


def test_without_settings_and_learning_rate_the_rule_does_not_apply() -> None:
    findings, check = ask("HYP005", make_run(val_rmse=[0.1, 0.2]))
    assert findings == () and check.outcome == "not-applicable"


def test_false_alarm_a_rate_that_the_optimizer_only_scales() -> None:
    assert is_silent("HYP005", run_of(OPTIMIZER="DAdaptAdam", LEARNING_RATE=1.0)) == ""


def test_false_alarm_a_number_about_dropout_that_is_no_share() -> None:
    assert is_silent("HYP005", run_of(DROPOUT_SEED=42)) == ""


def test_false_alarm_the_first_rates_of_a_warm_up() -> None:
    assert is_silent("HYP005", make_run(lr=[0.0, 5e-8], settings={"SEED": 1})) == ""


def test_of_several_declared_rates_the_one_that_was_used_is_judged() -> None:
    run = run_of(OPTIMIZER="adamw", LEARNING_RATE=1e-3, ONECYCLE_MAX_LR=0.05)
    assert is_silent("HYP005", run) == ""
