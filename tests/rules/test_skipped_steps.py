"""Norms of all steps of an epoch, some of them skipped by a loss scaler or a guard."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from logparse.run import Run
from tests.rules.asking import fires, is_silent
from tests.runs import make_run, power_law

LENGTH = 40
EVERY_THIRD = tuple(range(3, LENGTH + 1, 3))
NORMS = ("grad_norm", "grad_norm_step_max")


def overflowing(*epochs: int, **columns: Any) -> Run:
    """A run that declares no precision; mean and largest norm are infinite at these epochs."""
    norms = np.ones(LENGTH)
    norms[np.array(epochs) - 1] = np.inf
    return make_run(
        train_loss=power_law(LENGTH),
        grad_norm=norms,
        grad_norm_step_max=norms,
        nonfinite=dict.fromkeys(NORMS, epochs),
        **columns,
    )


def skipped(*epochs: int, count: int = 1) -> list[float]:
    return [float(count if epoch in epochs else 0) for epoch in range(1, LENGTH + 1)]


@pytest.mark.parametrize(
    "told",
    [
        {"grad_norm_step_min": [0.5] * LENGTH},
        {"skipped_batches": skipped(*EVERY_THIRD)},
        {"skipped_batches": skipped(*EVERY_THIRD), "num_batches": [20] * LENGTH},
    ],
    ids=["the least norm is finite", "skipped steps are counted", "so are all"],
)
def test_num001_false_alarm_steps_of_which_the_log_tells_that_they_were_skipped(
    told: dict[str, Any],
) -> None:
    assert "scaler or a guard" in is_silent("NUM001", overflowing(*EVERY_THIRD, **told))


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"grad_norm_step_min": [np.inf] * LENGTH},
        {"skipped_batches": [0.0] * LENGTH, "grad_norm_step_min": [0.5] * LENGTH},
        {"skipped_batches": [20.0] * LENGTH, "num_batches": [20] * LENGTH},
    ],
    ids=["nothing is told", "no step was finite", "none was skipped", "all were skipped"],
)
def test_num001_warns_of_norms_that_skipped_steps_do_not_explain(told: dict[str, Any]) -> None:
    assert fires("NUM001", overflowing(*EVERY_THIRD, **told)).severity == "warning"


def test_num001_near_miss_a_loss_that_is_lost_as_well() -> None:
    run = overflowing(*EVERY_THIRD, grad_norm_step_min=[0.5] * LENGTH)
    broken = make_run(
        train_loss=[1.0] * (LENGTH - 1) + [np.nan],
        grad_norm=run.epochs["grad_norm"].to_numpy(),
        grad_norm_step_min=[0.5] * LENGTH,
        nonfinite={"grad_norm": EVERY_THIRD, "train_loss": (LENGTH,)},
    )
    assert fires("NUM001", broken).severity == "error"


def test_num003_false_alarm_few_skipped_steps_of_many() -> None:
    few = {"skipped_batches": [2.0] * LENGTH, "loss_scale": [1024.0] * LENGTH}
    is_silent("NUM003", make_run(train_loss=power_law(LENGTH), num_batches=[2000] * LENGTH, **few))
    assert "38 epochs" in fires("NUM003", make_run(train_loss=power_law(LENGTH), **few)).reading


def test_num003_false_alarm_steps_that_are_skipped_because_the_loss_is_lost() -> None:
    lost = tuple(range(20, LENGTH + 1))
    loss = [1.0] * 19 + [np.nan] * len(lost)
    counts = {"skipped_batches": skipped(*lost)}
    is_silent("NUM003", make_run(train_loss=loss, nonfinite={"train_loss": lost}, **counts))


def test_num003_knows_no_overflow_of_fp16_where_nothing_speaks_of_fp16() -> None:
    is_silent("NUM003", overflowing(*EVERY_THIRD, skipped_batches=[0.0] * LENGTH))
    scaled = overflowing(*EVERY_THIRD, skipped_batches=[0.0] * LENGTH, loss_scale=[8.0] * LENGTH)
    assert "keep overflowing" in fires("NUM003", scaled).reading
