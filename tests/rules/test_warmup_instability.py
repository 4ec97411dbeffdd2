"""LR005 warmup-instability."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.rules.asking import ask, fires, is_silent
from tests.runs import SEED_SETTINGS, constant_lr, linear_lr, make_run

N = 30
WARM = 6
DOWN = np.array([0.9, 0.8, 0.7, 0.65, 0.6, 0.58])
WILD = np.array([0.9, 0.8, 0.75, 0.9, 1.2, 1.6])


def run_with(first: Any, later: float = 1.6, **columns: Any) -> Any:
    rest = later * (1 + 1e-3 * np.sin(2.4 * np.arange(N - len(first))))
    return make_run(
        lr=linear_lr(N, warm_up=WARM),
        train_rmse=np.concatenate([first, rest]),
        settings={**SEED_SETTINGS, "MAX_EPOCHS": N, "WARMUP_EPOCHS": WARM},
        **columns,
    )


def test_fires_when_the_loss_ends_the_warm_up_above_its_best() -> None:
    finding = fires("LR005", run_with(WILD))
    assert (finding.severity, finding.confidence) == ("warning", "medium")
    assert finding.epochs == (1, WARM)
    assert finding.lines == (100, 115)
    assert finding.measured["excess"] == pytest.approx(0.85)
    assert finding.reading.startswith("train_rmse got worse while the learning rate rose: 0.75")
    assert finding.remedies == ("ONECYCLE_MAX_LR 0.0005 -> 0.000167", "CLIPNORM 3 -> 1")


def test_fires_when_the_loss_rises_all_through_the_warm_up() -> None:
    finding = fires("LR005", run_with(np.linspace(0.50, 0.53, WARM), later=0.53))
    assert finding.measured["z_progress"] <= finding.measured["z_threshold"]  # type: ignore[operator]


def test_fires_when_gradients_grow_tenfold_and_the_loss_is_a_little_worse() -> None:
    flat = np.array([0.620, 0.599, 0.621, 0.600, 0.599, 0.615])
    norms = np.concatenate([np.geomspace(1, 40, WARM), np.full(N - WARM, 40.0)])
    assert fires("LR005", run_with(flat, later=0.6, grad_norm=norms)).measured[
        "norm_growth"
    ] == pytest.approx(40)
    is_silent("LR005", run_with(flat, later=0.6, grad_norm=norms**0.5))
    is_silent("LR005", run_with(0.6 + (flat - 0.6) / 10, later=0.6, grad_norm=norms))


def test_near_miss_silent_when_the_loss_falls() -> None:
    is_silent("LR005", run_with(DOWN, later=0.58))


def test_false_alarm_a_fine_tune_that_recovers_to_better_than_its_warm_up() -> None:
    values = np.concatenate([WILD, np.linspace(1.5, 0.4, N - WARM)])
    assert "better after it than in it" in is_silent("LR005", run_with(values))


@pytest.mark.parametrize(
    ("settings", "edit"),
    [
        ({"MAX_EPOCHS": 200, "WARMUP_EPOCHS": 6}, "WARMUP_EPOCHS 6 -> 12"),
        ({"MAX_EPOCHS": 100, "WARMUP_EPOCHS": 6}, "WARMUP_EPOCHS 6 -> 10"),
        ({"MAX_EPOCHS": 100, "WARMUP_RATIO": 0.06}, "WARMUP_RATIO 0.06 -> 0.1"),
        ({"ONECYCLE_PCT_START": 0.2}, "ONECYCLE_PCT_START 0.2 -> 0.3"),
        ({"ONECYCLE_PCT_START": 0.6}, None),
        ({"MAX_EPOCHS": 30, "WARMUP_EPOCHS": 15}, None),
    ],
)
def test_a_warm_up_is_made_longer_within_what_is_usual(
    settings: dict[str, Any], edit: str | None
) -> None:
    values = np.concatenate([WILD, [1.6] * (N - WARM)])
    run = make_run(lr=linear_lr(N, warm_up=WARM), train_rmse=values, settings=settings)
    found = fires("LR005", run).remedies
    assert [one for one in found if " -> " in one] == ([] if edit is None else [edit])


def test_a_metric_where_more_is_better_is_to_improve() -> None:
    values = np.concatenate([1 - WILD / 2, [0.2] * (N - WARM)])
    run = make_run(lr=linear_lr(N, warm_up=WARM), train_accuracy=values)
    assert fires("LR005", run).confirm == "train_accuracy improves until E06."


def test_clipping_is_proposed_at_the_norms_before_it_went_wrong() -> None:
    norms = np.concatenate([[1.0, 1.2, 1.1, 30, 40, 50], np.full(N - WARM, 50.0)])
    assert fires("LR005", run_with(WILD, grad_norm=norms)).remedies[-1] == "CLIPNORM 3 -> 1.1"
    tight = {"grad_norm": norms, "settings": {"CLIPNORM": 0.5}}
    values = np.concatenate([WILD, [1.6] * (N - WARM)])
    run = make_run(lr=linear_lr(N, warm_up=WARM), train_rmse=values, **tight)
    assert not any("clip" in edit.lower() for edit in fires("LR005", run).remedies)


def test_false_alarm_a_rise_within_noise() -> None:
    noise = 0.6 + 0.01 * np.random.default_rng(3).standard_normal(N)
    is_silent("LR005", run_with(noise))


def test_false_alarm_a_norm_that_grows_while_the_loss_falls() -> None:
    norms = np.concatenate([np.geomspace(1, 40, WARM), np.full(N - WARM, 40.0)])
    is_silent("LR005", run_with(DOWN, later=0.5, grad_norm=norms))


def test_needs_a_rise_of_four_epochs() -> None:
    flat = make_run(lr=constant_lr(N), train_rmse=[1.0] * N)
    assert ask("LR005", flat)[1].outcome == "not-applicable"
    short = make_run(lr=linear_lr(N, warm_up=2), train_rmse=np.append(WILD, [1.0] * (N - 6)))
    assert ask("LR005", short)[1].outcome == "too-short"
    assert ask("LR005", make_run(lr=linear_lr(N, warm_up=5)))[1].outcome == "not-applicable"
