"""GRAD001 vanishing-gradient."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tests.rules.asking import ask, fires, is_silent
from tests.runs import (
    SEED_BASELINES,
    Array,
    constant_lr,
    cosine_lr,
    make_parameters,
    make_run,
    noisy,
    power_law,
)

if TYPE_CHECKING:
    from logparse.run import Run

N, LAYERS = 12, 9
SLOW = noisy(power_law(N, floor=0.09, rate=0.5), level=0.005)


def stack(per_layer: float, fade: Array | None = None) -> dict[str, Array]:
    """Norms that change by `per_layer` decades per layer, times `fade` in the shallow half."""
    fade = np.ones(N) if fade is None else fade
    return {
        f"blocks.{k}.weight": 10.0 ** (per_layer * (k - LAYERS))
        * (fade if k < LAYERS // 2 else np.ones(N))
        for k in range(LAYERS)
    }


def run_with(norms: dict[str, Array], values: Array = SLOW) -> Run:
    parameters = make_parameters(norms, is_sorted=True)
    return make_run(val_rmse=values, lr=constant_lr(N), parameters=parameters)


def test_fires_when_shallow_norms_fade() -> None:
    finding = fires("GRAD001", run_with(stack(0.4, fade=np.geomspace(1, 1e-2, N))))
    assert (finding.severity, finding.confidence) == ("warning", "high")
    assert finding.measured["decades"] <= -3  # type: ignore[operator]
    assert finding.epochs is not None and finding.epochs[1] == N
    assert len(str(finding.measured["profile_last"]).split()) == 8


def test_exact_zeros_are_an_error() -> None:
    fade = np.concatenate([np.geomspace(1, 1e-7, N - 2), [0.0, 0.0]])
    assert fires("GRAD001", run_with(stack(0.4, fade=fade))).severity == "error"


def test_near_miss_silent_at_two_decades() -> None:
    is_silent("GRAD001", run_with(stack(0.3)))


def test_near_miss_silent_when_steep_but_learning() -> None:
    is_silent("GRAD001", run_with(stack(0.6), noisy(power_law(N, rate=0.5), level=0.002)))


def test_two_epochs_are_too_short() -> None:
    assert ask("GRAD001", make_run(val_rmse=[1.0, 0.9]))[1].outcome == "too-short"


def test_without_any_norm_it_is_not_applicable() -> None:
    assert ask("GRAD001", make_run(val_rmse=SLOW))[1].outcome == "not-applicable"


def test_false_alarm_small_everywhere_while_converging() -> None:
    """The seed: all norms below 1e-2, all update ratios far below 1e-6, and nothing wrong."""
    shrink = np.geomspace(1, 1e-2, N)
    norms = {name: 1e-4 * shrink * norm / norm for name, norm in stack(0.0).items()}
    is_silent("GRAD001", run_with(norms, noisy(power_law(N), level=0.003)))


def test_false_alarm_converged() -> None:
    values = np.concatenate([power_law(6), np.full(N - 6, power_law(6)[-1])])
    parameters = make_parameters(stack(0.6), is_sorted=True)
    run = make_run(val_rmse=values, lr=cosine_lr(N), parameters=parameters)
    assert "converged" in is_silent("GRAD001", run)


def test_a_run_that_lies_flat_at_the_mean_baseline_has_not_converged() -> None:
    parameters = make_parameters(stack(0.6), is_sorted=True)
    values = np.concatenate([[0.12, 0.11], np.full(N - 2, 0.10862)])
    run = make_run(
        val_rmse=values, lr=cosine_lr(N), parameters=parameters, baselines=SEED_BASELINES
    )
    assert fires("GRAD001", run).severity == "warning"


def test_a_stack_that_dies_after_its_gradients_vanished_is_an_error() -> None:
    """Every hidden unit dies at once; the last living epochs show how it came to that."""
    dies = np.where(np.arange(N) < 3, 1.0, 0.0)
    norms = {name: norm * dies for name, norm in stack(0.6).items()}
    norms["head.bias"] = np.ones(N)
    finding = fires("GRAD001", run_with(norms, np.full(N, 0.12)))
    assert finding.severity == "error" and finding.epochs == (1, N)


def test_false_alarm_a_sound_stack_whose_last_batches_were_skipped() -> None:
    dies = np.where(np.arange(N) < N - 2, 1.0, 0.0)
    is_silent("GRAD001", run_with({name: norm * dies for name, norm in stack(0.1).items()}))


def test_false_alarm_frozen_backbone() -> None:
    norms = stack(0.1)
    for k in range(3):
        norms[f"blocks.{k}.weight"] = np.zeros(N)
    is_silent("GRAD001", run_with(norms))


def test_false_alarm_frozen_from_one_epoch_on() -> None:
    norms = stack(0.1)
    for k in range(3):
        norms[f"blocks.{k}.weight"][N // 2 :] = 0.0
    is_silent("GRAD001", run_with(norms))


def test_false_alarm_softmax_shift_invariant_biases() -> None:
    norms = stack(0.1)
    norms.update({f"blocks.{k}.attn_pool.bias": np.full(N, 1e-8) for k in range(3)})
    is_silent("GRAD001", run_with(norms))


def test_false_alarm_the_count_of_zeros() -> None:
    is_silent("GRAD001", run_with({**stack(0.1), "zero": np.zeros(N)}))


def test_a_total_that_dies_without_learning_is_a_faint_finding() -> None:
    run = make_run(
        val_rmse=noisy(np.full(N, 0.12), level=0.002),
        grad_norm=np.geomspace(1, 1e-5, N),
        baselines=SEED_BASELINES,
    )
    finding = fires("GRAD001", run)
    assert finding.confidence == "low"
    assert "profile" not in finding.confirm  # the log has none


def test_false_alarm_a_total_that_shrinks_while_learning() -> None:
    run = make_run(
        val_rmse=power_law(N), grad_norm=np.geomspace(1, 1e-5, N), baselines=SEED_BASELINES
    )
    is_silent("GRAD001", run)


def test_totals_near_the_end_of_the_range_warn_of_nothing() -> None:
    run = make_run(val_rmse=np.full(20, 0.12), grad_norm=np.full(20, 1.7e308))
    is_silent("GRAD001", run)
