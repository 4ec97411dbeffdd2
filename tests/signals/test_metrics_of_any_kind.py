"""Which metric a run is judged by, which way it improves, and logs of many points."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from logparse.judging import judge
from logparse.metrics import Better, direction, without_direction
from logparse.records import Resolution
from logparse.rules import all_rules
from logparse.signals import Signals
from tests.rules.asking import ask, fires
from tests.runs import constant_lr, make_run, noisy, power_law

if TYPE_CHECKING:
    from logparse.run import Run

FALLING = noisy(power_law(30))
RISING = noisy(1 - power_law(30, start=0.8), level=0.002)
LIMIT_S = 3.0


def by_steps(run: Run, stride: int = 10) -> Run:
    return replace(run, axis="step", epochs=run.epochs.assign(step=run.epochs["epoch"] * stride))


@pytest.mark.parametrize(
    ("column", "better"),
    [
        ("val_loss", Better.LOWER),
        ("val_box_loss", Better.LOWER),
        ("val_dice_loss", Better.LOWER),
        ("val_dice", Better.HIGHER),
        ("val_wer", Better.LOWER),
        ("val_bleu4", Better.HIGHER),
        ("val_ndcg@10", Better.HIGHER),
        ("val_rouge_l", Better.HIGHER),
        ("val_map50", Better.HIGHER),
        ("val_perplexity", Better.LOWER),
        ("val_reward", Better.HIGHER),
        ("val_balancedaccuracy", Better.HIGHER),
        ("val_foo", Better.NEITHER),
        ("grad_norm", Better.NEITHER),
    ],
)
def test_directions_by_name(column: str, better: Better) -> None:
    assert direction(column) is better
    assert direction(column, {column: Better.LOWER}) is Better.LOWER


def test_only_metrics_are_asked_for() -> None:
    columns = ("val_loss", "val_foo", "val_runtime", "val_samples_per_second", "foo", "lr")
    assert without_direction(columns) == ("val_foo",)
    assert without_direction(columns, {"val_foo": Better.HIGHER}) == ()


@pytest.mark.parametrize(
    ("columns", "main"),
    [
        (("train_loss", "val_loss", "val_map"), "val_loss"),
        (("train_loss", "val_map", "val_box_loss"), "val_map"),
        (("train_loss", "val_bpb"), "val_bpb"),
        (("train_loss", "train_reward"), "train_reward"),
        (("train_cls_loss", "val_cls_loss", "val_dice"), "val_cls_loss"),
        (("val_foo", "val_dice"), "val_dice"),
        (("val_foo",), None),
    ],
)
def test_the_metric_of_a_run(columns: tuple[str, ...], main: str | None) -> None:
    run = make_run(more=dict.fromkeys(columns, FALLING))
    assert Signals(run).main_metric == main


def test_the_user_knows_better() -> None:
    run = replace(make_run(more={"val_foo": RISING}), better={"val_foo": Better.HIGHER})
    signals = Signals(run)
    assert signals.main_metric == "val_foo"
    assert signals.progress("val_foo").gain > 0


def test_a_log_by_steps_with_few_validations_is_judged_by_training() -> None:
    sparse = np.full(30, np.nan)
    sparse[[9, 19, 29]] = 1.0
    run = make_run(train_loss=FALLING, val_loss=sparse)
    assert Signals(run).main_metric == "val_loss"
    assert Signals(by_steps(run)).main_metric == "train_loss"


@pytest.mark.parametrize("offset", [-500.0, -100.0, 0.0, 3.0])
def test_a_reward_may_pass_zero(offset: float) -> None:
    reward = noisy(200 * (1 - np.exp(-np.arange(40) / 10)), level=0.02) + offset
    run = make_run(train_reward=reward, val_reward=reward - 3)
    assert not [one for one in judge(run, all_rules()).findings if one.severity != "note"]
    assert Signals(run).series("train_reward").perfect == 0


def test_the_part_that_overfits_speaks_for_the_parts() -> None:
    turned = 0.6 + 0.01 * np.abs(np.arange(30) - 10)
    run = make_run(
        more={
            "train_box_loss": FALLING,
            "val_box_loss": 1.1 * FALLING,
            "train_cls_loss": noisy(power_law(30, start=1.0, floor=0.05), seed=1),
            "val_cls_loss": noisy(turned, level=0.002),
        }
    )
    assert fires("GEN001", run).measured["metric"] == "val_cls_loss"


def many(count: int) -> Run:
    """A log by steps with a loss and a norm of single batches, some of them far out."""
    rng = np.random.default_rng(0)
    loss = 2 + 8 * np.exp(-np.arange(count) / (count / 5)) + rng.normal(0, 0.1, count)
    norm = np.exp(rng.normal(0, 0.2, count))
    norm[rng.integers(count // 2, count, 20)] *= 30
    loss[count // 2] *= 4
    val = np.where(np.arange(count) % 50 == 0, loss, np.nan)
    return by_steps(
        make_run(train_loss=loss, val_loss=val, grad_norm=norm, lr=np.linspace(1e-3, 1e-5, count))
    )


def test_a_log_of_the_most_rows_is_judged_at_once() -> None:
    run = many(20_000)
    started = time.process_time()
    judged = judge(run, all_rules())
    assert time.process_time() - started < LIMIT_S
    assert {one.severity for one in judged.findings} <= {"note"}, judged.findings


def test_a_spike_of_ten_points_is_fast_among_many() -> None:
    loss = noisy(power_law(400, start=2.0, floor=0.5), level=0.01)
    loss[200:208] += 3
    found = fires("LOSS005", by_steps(make_run(train_loss=loss)))
    assert (found.severity, found.measured["recovery"]) == ("note", "fast")


def test_a_step_that_a_scaler_skips_is_a_note() -> None:
    norm = noisy(np.full(100, 0.5))
    norm[[3, 60]] = np.nan
    run = make_run(
        train_loss=noisy(power_law(100)), grad_norm=norm, nonfinite={"grad_norm": (4, 61)}
    )
    assert fires("NUM001", by_steps(run)).severity == "note"
    assert fires("NUM001", run).severity == "warning"


def test_rounding_makes_no_cut_of_a_rate() -> None:
    rate = np.round(np.tile(np.linspace(0, 1e-7, 14), 3), 8)
    run = make_run(
        train_loss=noisy(power_law(42)), lr=rate, resolution={"lr": Resolution(decimals=8)}
    )
    findings, _ = ask("LR001", by_steps(run))
    assert findings == ()


def test_a_rate_printed_as_zero_is_no_floor() -> None:
    rate = np.concatenate([constant_lr(10, 1e-5), np.zeros(30)])
    run = make_run(
        val_loss=np.concatenate([np.linspace(1.0, 0.5, 10), np.full(30, 0.5)]),
        lr=rate,
        resolution={"lr": Resolution(decimals=5), "val_loss": Resolution(decimals=4)},
    )
    findings, _ = ask("LR002", run)
    assert findings == ()
    exact = replace(run, resolution={"val_loss": Resolution(decimals=4)})
    assert fires("LR002", exact).code == "LR002"
