"""GRAD002 exploding-gradient."""

from __future__ import annotations

import numpy as np

from logparse.judging import judge
from logparse.rules import select_rules
from tests.rules.asking import ask, fires, is_silent
from tests.runs import Array, constant_lr, make_parameters, make_run, noisy, power_law

FLAT = noisy(np.full(30, 0.5), level=0.01)
CALM = np.exp(0.2 * np.random.default_rng(1).standard_normal(30))


def grown(decades: float) -> Array:
    """Norms that grow over the last ten epochs."""
    return np.asarray(CALM * 10 ** np.concatenate([np.zeros(20), np.linspace(0, decades, 10)]))


def test_fires_on_a_norm_that_grows_without_an_improvement() -> None:
    finding = fires("GRAD002", make_run(train_rmse=FLAT, grad_norm=grown(3)))
    assert (finding.severity, finding.confidence) == ("warning", "medium")
    assert finding.measured["decades"] >= finding.measured["threshold_decades"]  # type: ignore[operator]


def test_fires_on_a_jump_that_stays() -> None:
    norms = CALM.copy()
    norms[20:] *= 40
    finding = fires("GRAD002", make_run(train_rmse=FLAT, grad_norm=norms))
    assert finding.epochs is not None and finding.epochs[0] <= 21 <= finding.epochs[1]
    assert finding.measured["norm_after"] > 10 * finding.measured["norm_before"]  # type: ignore[operator]


def test_an_overflow_after_which_losses_break_is_an_error() -> None:
    losses = np.concatenate([FLAT[:25], np.full(5, np.nan)])
    norms = np.concatenate([grown(1)[:25], np.full(5, np.inf)])
    broken = {"train_rmse": tuple(range(26, 31)), "grad_norm": tuple(range(26, 31))}
    finding = fires("GRAD002", make_run(train_rmse=losses, grad_norm=norms, nonfinite=broken))
    assert (finding.severity, finding.confidence) == ("error", "high")
    assert finding.measured["overflow_epoch"] == 26


def test_near_miss_half_a_decade() -> None:
    is_silent("GRAD002", make_run(train_rmse=FLAT, grad_norm=grown(0.5)))


def test_false_alarm_norms_that_grow_while_the_loss_falls() -> None:
    falls = noisy(np.linspace(1.0, 0.2, 30), level=0.005)
    assert "improved" in is_silent("GRAD002", make_run(train_rmse=falls, grad_norm=grown(3)))


def test_false_alarm_a_loss_spike_that_raised_the_norm() -> None:
    losses, norms = noisy(power_law(30, start=1, floor=0.4), level=0.005), CALM.copy()
    losses[15:20] += (2.0, 1.0, 0.5, 0.3, 0.1)
    norms[15:18] *= 50
    assert "raised the norm" in is_silent("GRAD002", make_run(train_rmse=losses, grad_norm=norms))


def test_false_alarm_a_single_high_batch_is_left_to_the_spike_rule() -> None:
    norms = CALM.copy()
    norms[20] *= 100
    run = make_run(train_rmse=FLAT, grad_norm=norms)
    is_silent("GRAD002", run)
    assert fires("GRAD003", run).epochs == (21, 21)


def test_hides_the_spikes_of_the_same_norm() -> None:
    norms = CALM.copy()
    norms[20:] *= 40
    report = judge(make_run(grad_norm=norms), select_rules(["GRAD002", "GRAD003"]))
    assert [finding.code for finding in report.findings] == ["GRAD002"]


def by_depth(ratio: float) -> dict[str, Array]:
    """Norms of twelve layers: the shallow ones grow up to so many times the deep ones."""
    size = np.linspace(0, np.log10(ratio) * 1.5, 30)
    return {f"blocks.{k}.weight": 10 ** (size * (11 - k) / 11) for k in range(12)}


def test_shallow_layers_that_outgrow_the_deep_ones() -> None:
    facts = {"train_rmse": FLAT, "lr": constant_lr(30)}
    high = make_run(**facts, parameters=make_parameters(by_depth(1000)))
    finding = fires("GRAD002", high)
    assert "shallow layers" in finding.reading
    is_silent("GRAD002", make_run(**facts, parameters=make_parameters(by_depth(10))))


def test_gradient_norms_are_needed_and_five_of_them() -> None:
    assert ask("GRAD002", make_run(train_rmse=FLAT))[1].outcome == "not-applicable"
    assert ask("GRAD002", make_run(grad_norm=CALM[:4]))[1].outcome == "too-short"
