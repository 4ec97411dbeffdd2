"""Remedies edit in the right direction, by a sane value, and never propose what is there."""

from __future__ import annotations

from typing import Any

import pytest

from logparse.rules import clip_edits, edits, schedule_edits
from logparse.rules.plateau_context import pointed
from logparse.signals import Signals
from tests.runs import constant_lr, make_run, power_law, stepped_lr


def run_of(**settings: Any) -> Any:
    return make_run(epochs=range(1, 41), settings=settings)


def test_a_larger_learning_rate_stays_within_the_usual_range() -> None:
    adam = {"OPTIMIZER": "adamw"}
    assert edits.learning_rate(run_of(LEARNING_RATE=1e-4), 10) == "LEARNING_RATE 0.0001 -> 0.001"
    assert edits.learning_rate(run_of(LR=5e-3, **adam), 10) == "LR 0.005 -> 0.01"
    assert edits.learning_rate(run_of(LR=2.0, **adam), 3) == "LR 2.0 -> 0.01"
    assert edits.learning_rate(run_of(LR=0.3), 10) == "LR 0.3 -> 1"
    assert edits.learning_rate(run_of(LR=2.0, **adam), 0.1) == "LR 2.0 -> 0.2"
    assert edits.learning_rate(run_of(LR=1e-2, **adam), 3).startswith("a sweep of smaller rates")
    assert edits.learning_rate(run_of(), 3) == "multiply the learning rate by 3"


def test_of_several_rates_the_one_that_was_used_is_edited() -> None:
    settings = {"ONECYCLE_MAX_LR": 0.05, "LEARNING_RATE": 1e-3}
    used = make_run(lr=constant_lr(9), settings=settings)
    assert edits.learning_rate(used, 0.5) == "LEARNING_RATE 0.001 -> 0.0005"
    assert edits.learning_rate(run_of(**settings), 0.5) == "ONECYCLE_MAX_LR 0.05 -> 0.025"


def test_settings_are_found_in_any_case_and_named_as_the_log_has_them() -> None:
    assert edits.scaled(run_of(batch_size=33), edits.BATCH_KEYS, 0.5) == "batch_size 33 -> 16"
    assert clip_edits.clip_limit(run_of(max_grad_norm=2.0)) == ("max_grad_norm", 2.0)


def test_what_is_counted_stays_whole_and_an_edit_changes_something() -> None:
    assert edits.scaled(run_of(BATCH_SIZE=33), edits.BATCH_KEYS, 0.5) == "BATCH_SIZE 33 -> 16"
    assert edits.scaled(run_of(BATCH_SIZE=1), edits.BATCH_KEYS, 0.5, "less") == "less"
    assert edits.scaled(run_of(NUM_WORKERS=3), edits.WORKER_KEYS, 0.5) == "NUM_WORKERS 3 -> 1"


def test_regularisation_is_not_driven_out_of_its_range() -> None:
    grown = edits.more_regularisation(run_of(WEIGHT_DECAY=0.3, DROPOUT=0.2, DROPOUT_SEED=42))
    assert grown == ("DROPOUT 0.2 -> 0.3",)
    assert edits.less_regularisation(run_of(DROPOUT=0.2, DROPOUT_SEED=42)) == (
        "DROPOUT 0.2 -> 0.1",
    )


def test_stopping_earlier_is_never_later() -> None:
    assert edits.stop_earlier(run_of(EARLY_STOP_PATIENCE=20)) == "EARLY_STOP_PATIENCE 20 -> 5"
    assert edits.stop_earlier(run_of(EARLY_STOP_PATIENCE=0)) == "EARLY_STOP_PATIENCE 0 -> 5"
    for patience in (3, 5):
        kept = edits.stop_earlier(run_of(EARLY_STOP_PATIENCE=patience))
        assert kept == "keep the best checkpoint, not the last"


@pytest.mark.parametrize(
    ("norms", "edit"),
    [
        ([1.0, 2.0, 1.5, 1.2], "CLIPNORM 3 -> 1.5"),
        ([5.0, 6.0, 7.0], None),
        ([2.0], "CLIPNORM 3 -> 1"),
        ([7e11], None),
        ([1.0, 1.1, 1.2, 1e6, 1e9], "CLIPNORM 3 -> 1"),
    ],
)
def test_clipping_at_norms_that_are_usual(norms: list[float], edit: str | None) -> None:
    assert clip_edits.clipped(make_run(grad_norm=norms, settings={"CLIPNORM": 3})) == edit


def test_a_limit_under_another_name_is_edited_too() -> None:
    assert (
        clip_edits.clipped(make_run(grad_norm=[7e11]))
        == "clip gradients by norm, at 1 to begin with"
    )
    run = make_run(grad_norm=[1.0, 2.0, 1.5], settings={"MAX_GRAD_NORM": 5.0})
    assert clip_edits.clipped(run) == "MAX_GRAD_NORM 5.0 -> 1.5"


def test_a_factor_is_softened_only_where_it_is_harsh() -> None:
    assert schedule_edits.gentler_factor(run_of(GAMMA=0.1), 0.1) == "GAMMA 0.1 -> 0.5"
    assert schedule_edits.gentler_factor(run_of(LR_FACTOR=0.5), 0.5) is None
    assert schedule_edits.gentler_factor(run_of(), 0.5) is None
    words = "cut by a factor of 0.5 instead of 0.2"
    assert schedule_edits.gentler_factor(run_of(LR_DECAY=1e-6), 0.2) == words


def test_a_plateau_threshold_is_only_lowered() -> None:
    """The more a new best must bring, the sooner the scheduler cuts."""
    run = run_of(PLATEAU_THRESHOLD=1e-3)
    assert schedule_edits.plateau_threshold(run, 1e-4) == "PLATEAU_THRESHOLD 0.001 -> 0.0001"
    assert schedule_edits.plateau_threshold(run, 0.05) is None
    assert schedule_edits.plateau_threshold(run, None) is None


def test_steps_come_later_under_either_name() -> None:
    assert schedule_edits.later_milestones(run_of(STEP_SIZE=5)) == "STEP_SIZE 5 -> 24"
    assert schedule_edits.later_milestones(run_of(MILESTONES="[3, 5]")) == (
        "MILESTONES [3, 5] -> [24, 32]"
    )
    assert schedule_edits.later_milestones(run_of()) == "the first step at E24 or later"


def test_a_plateau_after_a_planned_step_is_no_matter_of_patience() -> None:
    lr = stepped_lr(40, [10, 20, 30])
    stepped = make_run(lr=lr, val_rmse=power_law(40), settings={"STEP_SIZE": 10})
    assert pointed(11, stepped, Signals(stepped)) == ("STEP_SIZE 10 -> 24",)
    plateau = make_run(lr=lr, val_rmse=power_law(40), settings={"LR_PATIENCE": 2})
    assert pointed(11, plateau, Signals(plateau)) == ("LR_PATIENCE 2 -> 4",)
