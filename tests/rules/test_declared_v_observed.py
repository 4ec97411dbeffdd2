"""HYP004: what the log states twice and differently."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from logparse.findings import Confidence, Severity
from tests.rules.asking import ask, fires, is_silent
from tests.runs import SEED_SETTINGS, make_run

if TYPE_CHECKING:
    from logparse.run import Run

SETTINGS = {
    "LOOK_BACK": 60,
    "FEATURES": 20,
    "TRAIN_BATCH": 16,
    "MAX_EPOCHS": 3,
    "ONECYCLE_MAX_LR": 0.0005,
    "ONECYCLE_DIV_FACTOR": 10,
    "ONECYCLE_PCT_START": 0.1,
}
BATCH = {"B": 7216, "groups": 1, "seq_len_full": 60, "feat": 20}
MODEL = {"total_params": 614786, "trainable_params": 610786, "frozen_params": 4000}
MICRO = {"total_params": 614786, "trainable_params": 610786}
OPTIMIZER = {"groups": 2, "lrs": (5e-05, 5e-05), "counts": (48, 2)}
COLUMNS = {"opt_groups": [2.0] * 3, "opt_params/0": [48.0] * 3, "opt_params/1": [2.0] * 3}


def run_of(
    settings: dict[str, Any] | None = None,
    *,
    epochs: list[int] | None = None,
    columns: dict[str, list[float]] | None = None,
    **facts: dict[str, Any],
) -> Run:
    """A run that agrees with itself, but for what is given; a setting of None is left out."""
    declared = {k: v for k, v in {**SETTINGS, **(settings or {})}.items() if v is not None}
    series = {"lr": [7.2e-05, 1e-4, 9e-05], **COLUMNS, **(columns or {})}
    run = make_run(epochs=epochs, settings=declared, more=series)
    known: dict[str, dict[str, Any]] = {
        "batch": BATCH,
        "model": MODEL,
        "micro": MICRO,
        "optimizer": OPTIMIZER,
    }
    return replace(run, **{key: {**known[key], **facts.get(key, {})} for key in known})


def test_a_log_that_agrees_with_itself_is_clear() -> None:
    assert is_silent("HYP004", run_of()) == "7 facts stated twice, no difference"


def test_another_window_than_declared_is_a_warning() -> None:
    found = fires("HYP004", run_of(batch={"seq_len_full": 30}))
    assert (found.severity, found.confidence) == (Severity.WARNING, Confidence.HIGH)
    assert found.reading == "LOOK_BACK is 60, but seq_len_full is 30."
    assert found.measured["declared"] == 60 and found.measured["observed"] == 30
    assert found.lines == (10,)


def test_a_window_that_is_the_number_of_features_ranks_the_wrong_axis_first() -> None:
    found = fires("HYP004", run_of(batch={"seq_len_full": 20}))
    assert "wrong axis" in found.causes[0]
    assert "wrong axis" not in fires("HYP004", run_of(batch={"seq_len_full": 30})).causes[0]


@pytest.mark.parametrize(
    ("facts", "fact"),
    [
        ({"batch": {"feat": 19}}, "features"),
        ({"batch": {"B": 20}}, "batch"),
        ({"batch": {"B": 159}}, "batch"),
        ({"micro": {"total_params": 604902, "trainable_params": 600902}}, "parameters"),
        ({"model": {"frozen_params": 40000}}, "parameters"),
        ({"settings": {"N_PARAMS": "3M"}}, "parameters"),
        ({"settings": {"N_PARAMS": 620000}}, "parameters"),
        ({"optimizer": {"lrs": (5e-04,)}}, "lr"),
        ({"optimizer": {"groups": 1}}, "groups"),
        ({"optimizer": {"counts": (48, 3)}}, "groups"),
        ({"settings": {"MAX_EPOCHS": 2}}, "epochs"),
    ],
)
def test_each_fact_is_compared(facts: dict[str, Any], fact: str) -> None:
    findings, _ = ask("HYP004", run_of(**facts))
    assert {found.measured["fact"] for found in findings} == {fact}
    assert all(found.severity is Severity.WARNING for found in findings)


def test_a_rounded_count_of_parameters_agrees() -> None:
    assert is_silent("HYP004", run_of({"N_PARAMS": "614.8K"}))
    assert is_silent("HYP004", run_of({"N_PARAMS": "0.6M"}))
    assert fires("HYP004", run_of({"N_PARAMS": "620K"})).measured["declared"] == 620_000


def test_samples_of_hundreds_of_windows_say_nothing_of_the_batch() -> None:
    assert is_silent("HYP004", run_of(batch={"B": 16 * 451}))
    assert is_silent("HYP004", run_of(batch={"B": 16 * 451 - 60}))
    assert is_silent("HYP004", run_of(batch={"B": 16}))


def test_a_small_multiple_of_the_batch_is_only_a_note() -> None:
    found = fires("HYP004", run_of(batch={"B": 32}))
    assert (found.severity, found.confidence) == (Severity.NOTE, Confidence.LOW)
    assert "several devices" in found.causes[0]


def test_a_training_set_smaller_than_a_batch_is_no_fault() -> None:
    assert is_silent("HYP004", run_of({"TRAIN_WINDOWS": 12}, batch={"B": 12}))
    found = fires("HYP004", run_of(batch={"B": 12}))
    assert (found.severity, found.confidence) == (Severity.NOTE, Confidence.LOW)
    assert "smaller than one batch" in found.causes[0]


def test_a_header_written_after_the_first_epoch_shows_its_rate() -> None:
    assert is_silent("HYP004", run_of(optimizer={"lrs": (7.2e-05,)}))


@pytest.mark.parametrize("rate", [3e-05, 6e-04])
def test_a_rate_that_the_first_epoch_cannot_lead_to_is_another_one(rate: float) -> None:
    run = run_of(columns={"lr": [rate, rate, rate]}, optimizer={"lrs": (rate,)})
    assert fires("HYP004", run).measured["observed"] == rate


@pytest.mark.parametrize(("rate", "is_clear"), [(2.9e-3, True), (1e-3, False), (9e-3, False)])
def test_a_schedule_that_falls_has_not_fallen_far_after_an_epoch(
    rate: float, is_clear: bool
) -> None:
    run = run_of(
        {"ONECYCLE_MAX_LR": None, "LEARNING_RATE": 0.003},
        columns={"lr": [rate] * 3},
        optimizer={"lrs": (rate,)},
    )
    assert (ask("HYP004", run)[0] == ()) is is_clear


def test_a_rate_of_two_digits_is_compared_as_printed() -> None:
    settings = {"ONECYCLE_MAX_LR": 0.000_545}
    assert is_silent("HYP004", run_of(settings, optimizer={"lrs": (5.4e-05,)}))


def test_a_resumed_run_may_start_at_any_rate() -> None:
    run = run_of({"MAX_EPOCHS": 40}, epochs=[21, 22, 23], optimizer={"lrs": (2.9e-04,)})
    assert is_silent("HYP004", run)


@pytest.mark.parametrize(("warm_up", "is_clear"), [(64, True), (0, False), (None, False)])
def test_a_declared_warm_up_starts_anywhere_below(warm_up: int | None, is_clear: bool) -> None:
    settings = {"ONECYCLE_MAX_LR": None, "LEARNING_RATE": 0.003, "WARMUP_STEPS": warm_up}
    findings, _ = ask("HYP004", run_of(settings, optimizer={"lrs": (0.0003,)}))
    assert (findings == ()) is is_clear


def test_a_rate_above_the_declared_one_is_no_warm_up() -> None:
    settings = {"ONECYCLE_MAX_LR": None, "LEARNING_RATE": 0.003, "WARMUP_STEPS": 64}
    assert fires("HYP004", run_of(settings, optimizer={"lrs": (0.03,)})).measured["fact"] == "lr"


def test_groups_that_change_later_are_another_matter() -> None:
    assert is_silent("HYP004", run_of(columns={"opt_params/0": [48.0, 60.0, 60.0]}))


def test_a_count_that_differs_is_told_once() -> None:
    found = fires("HYP004", run_of(micro={"total_params": 1, "trainable_params": 1}))
    assert found.measured["declared_as"] == "MICRODETAIL total_params"


def test_several_differences_are_several_findings() -> None:
    findings, _ = ask("HYP004", run_of(batch={"seq_len_full": 30, "feat": 19}))
    assert [found.measured["fact"] for found in findings] == ["window", "features"]


def test_without_a_second_statement_the_rule_does_not_apply() -> None:
    findings, check = ask("HYP004", make_run(lr=[1e-3, 1e-3], settings={"LOOK_BACK": 60}))
    assert findings == () and check.outcome == "not-applicable"


def test_false_alarm_settings_of_a_onecycle_beside_the_schedule_in_use() -> None:
    settings = {**SEED_SETTINGS, "SCHEDULER": "cosine", "LEARNING_RATE": 1e-3}
    run = replace(make_run(lr=[1e-3], settings=settings), optimizer={"lrs": (1e-3,)})
    assert not ask("HYP004", run)[0]
