"""The recogniser: which plan, if any, lies behind two-digit learning rates."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from logparse.signals import Signals
from logparse.signals.rate.schedule import Schedule, onecycle
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


def warmed_up(lr: Array, epochs: int = 6) -> Array:
    """The rates after a linear warm-up."""
    return np.concatenate([lr[0] * np.arange(1, epochs + 1) / epochs, lr])


def recognised(lr: Array, *, digits: bool = True, **settings: Any) -> Schedule:
    shown = printed(lr) if digits else lr
    run = make_run(lr=shown, resolution=LR_PRINTED if digits else {}, settings=settings)
    schedule = Signals(run).rate.schedule
    assert schedule is not None
    return schedule


def cycle(epochs: int, **changes: object) -> Array:
    lr = onecycle(make_settings({**SEED_SETTINGS, **changes}), np.arange(1.0, epochs + 1))
    assert lr is not None
    return lr


PLANNED = {
    "constant": constant_lr(20),
    "cosine": cosine_lr(30),
    "cosine with a floor": cosine_lr(40, floor=1e-5),
    "cosine cut short": cosine_lr(12, total=50),
    "cosine of a hundred epochs, flat at the top": cosine_lr(100),
    "linear": linear_lr(30),
    "linear after a warm-up": linear_lr(60, warm_up=6),
    "exponential": 1e-3 * 0.9 ** np.arange(30),
    "halved every epoch": 1e-3 * 0.5 ** np.arange(10),
    "polynomial": 1e-3 * (1 - np.arange(30) / 30) ** 0.9,
    "step": stepped_lr(30, [11, 21]),
    "cosine-restarts": np.concatenate([cosine_lr(10), cosine_lr(20), cosine_lr(12, total=40)]),
    "onecycle": cycle(70),
    "onecycle of ten epochs": cycle(10, MAX_EPOCHS=10),
    "onecycle cut short": cycle(10),
    "constant after a warm-up": warmed_up(constant_lr(30)),
    "cosine after a warm-up": warmed_up(cosine_lr(54)),
    "exponential after a warm-up": warmed_up(1e-3 * 0.9 ** np.arange(40)),
    "polynomial after a warm-up": warmed_up(1e-3 * (1 - np.arange(40) / 40) ** 2),
    "step after a warm-up": warmed_up(stepped_lr(54, [21, 41])),
    "cosine-restarts after a warm-up": warmed_up(np.tile(cosine_lr(18), 3)),
    "warm-up-stable-decay": np.concatenate(
        [np.linspace(1e-4, 1e-3, 5), np.full(30, 1e-3), np.linspace(1e-3, 0, 11)[1:]]
    ),
}


@pytest.mark.parametrize("digits", [True, False], ids=["two digits", "all digits"])
@pytest.mark.parametrize("name", PLANNED)
def test_a_plan_is_recognised(name: str, digits: bool) -> None:
    found = recognised(PLANNED[name], digits=digits)
    assert found.is_planned
    kind = name.partition(" after ")[0]
    if " " not in kind:
        assert found.kind == kind


@pytest.mark.parametrize("digits", [True, False], ids=["two digits", "all digits"])
def test_cuts_at_irregular_gaps_are_plateau_driven(digits: bool) -> None:
    assert recognised(stepped_lr(30, [5, 12, 22]), digits=digits).kind == "plateau-driven"


def test_a_single_cut_is_unexplained_unless_the_run_declares_its_scheduler() -> None:
    lr = stepped_lr(30, [5])
    assert recognised(lr).kind == "unexplained"
    assert recognised(lr, LR_PATIENCE=3).kind == "plateau-driven"
    assert recognised(lr, SCHEDULER="MultiStepLR", MILESTONES="[5, 20]").kind == "step"


def test_noise_is_no_schedule() -> None:
    lr = np.random.default_rng(1).uniform(1e-4, 1e-3, 20)
    assert recognised(lr, digits=False).kind == "unexplained"


def test_the_seeds_onecycle_gives_its_first_printed_value() -> None:
    assert cycle(1)[0] == pytest.approx(7.228e-05, rel=1e-4)


def test_a_declared_onecycle_is_met_from_one_epoch() -> None:
    found = recognised(cycle(1), **SEED_SETTINGS)
    assert (found.kind, found.source) == ("onecycle", "declared")


def test_a_declared_onecycle_that_is_not_followed_keeps_its_deviation() -> None:
    found = recognised(constant_lr(20, 5e-4), **SEED_SETTINGS)
    assert found.kind == "constant"
    assert found.declared_error is not None and found.declared_error > 1
    assert len(found.predicted) == 20


def test_the_length_of_a_cosine_is_found() -> None:
    found = recognised(cosine_lr(25, total=100), digits=False)
    assert found.parameters["length"] == pytest.approx(100, rel=0.02)


def test_a_cut_reports_both_rates_and_how_long_the_first_was_held() -> None:
    signals = Signals(make_run(lr=stepped_lr(12, [5])))
    cut = signals.rate.cuts[0]
    assert (cut.epoch, cut.line, cut.held) == (5, 112, 3)
    assert cut.ratio == pytest.approx(0.1)


def test_the_tail_of_a_cosine_is_an_anneal_and_no_cut() -> None:
    assert Signals(make_run(lr=cosine_lr(10))).rate.cuts == ()


def test_phases_of_a_onecycle() -> None:
    kinds = [phase.kind for phase in Signals(make_run(lr=cycle(70))).rate.phases]
    assert kinds == ["warm-up", "anneal"]


def test_a_bias_group_warming_up_from_above_is_passed_over() -> None:
    rise, fall = np.linspace(1e-3, 1e-2, 4), np.linspace(7e-2, 1e-2, 4)
    columns = {"opt_lr/0": fall, "opt_lr/1": rise}
    sizes = {"opt_params/0": np.full(4, 90.0), "opt_params/1": np.full(4, 30.0)}
    run = make_run(lr=fall, more={**columns, **sizes})
    assert Signals(run).lr.column == "opt_lr/1"


def test_ten_thousand_epochs_are_recognised() -> None:
    assert recognised(cosine_lr(10_000)).kind == "cosine"


def test_a_learning_rate_from_end_to_end_of_the_range_is_no_fault() -> None:
    lr = [1e308, 3e-4, 2.5e-4, 2e-4, 1e-4, 2.8e-5, 1e-5, 4e-7]
    assert Signals(make_run(lr=lr, val_rmse=[1.0] * 8)).rate.schedule is not None
