"""GRAD002 exploding-gradient."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from logparse.judging import judge
from logparse.rules import select_rules
from tests.rules.asking import ask, fires, is_silent
from tests.runs import (
    Array,
    constant_lr,
    linear_lr,
    make_parameters,
    make_run,
    noisy,
    power_law,
)

if TYPE_CHECKING:
    from logparse.run import Run

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


def overflown(norms: list[float], **more: Any) -> Run:
    """A run whose norms end in three infinities, with which the losses break."""
    count = len(norms)
    lost = tuple(range(count + 1, count + 4))
    return make_run(
        train_rmse=np.concatenate([FLAT[:count], np.full(3, np.nan)]),
        grad_norm=np.concatenate([norms, np.full(3, np.inf)]),
        nonfinite={"train_rmse": lost, "grad_norm": lost},
        **more,
    )


def test_a_norm_that_has_exploded_is_no_limit_to_clip_at() -> None:
    """One norm of 7e11, the first of the run, is not the usual size of its gradients."""
    finding = fires("GRAD002", overflown([7e11]))
    assert finding.remedies[0] == "clip gradients by norm, at 1 to begin with"
    finding = fires("GRAD002", overflown([7e11], settings={"MAX_GRAD_NORM": 6.0}))
    assert finding.remedies[0] == "divide the learning rate by 3"  # the limit binds already


def test_the_limit_comes_from_the_norms_before_they_grew() -> None:
    norms = [*CALM[:12].tolist(), *np.geomspace(10, 1e12, 8).tolist()]
    finding = fires("GRAD002", overflown(norms))
    usual = float(finding.remedies[0].removeprefix("clip gradients at ").partition(",")[0])
    assert usual < 20
    assert finding.epochs is not None and finding.epochs[0] <= 13


def test_a_declared_limit_is_not_said_to_be_missing() -> None:
    run = make_run(train_rmse=FLAT, grad_norm=grown(3), settings={"CLIP_NORM": 3.0})
    finding = fires("GRAD002", run)
    assert not any("nothing clips" in cause for cause in finding.causes)
    assert finding.remedies[0].startswith("CLIP_NORM 3.0 -> ")
    assert "nothing clips" in fires("GRAD002", make_run(grad_norm=grown(3))).causes[1]


def test_a_run_without_a_metric_is_not_said_to_have_one() -> None:
    assert "no metric is logged" in fires("GRAD002", make_run(grad_norm=grown(3))).reading


def test_a_run_with_a_warm_up_is_told_of_a_longer_one() -> None:
    facts = {"train_rmse": FLAT, "grad_norm": grown(3)}
    risen = fires("GRAD002", make_run(**facts, lr=linear_lr(30, warm_up=5)))
    assert risen.remedies[-1] == "a longer warm-up"
    steady = fires("GRAD002", make_run(**facts, lr=constant_lr(30)))
    assert steady.remedies[-1] == "a warm-up over 5 to 10% of the steps"
