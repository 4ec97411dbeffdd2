"""UPD001 update-too-small, UPD002 update-too-large and UPD003 layer-imbalance."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from logparse.judging import judge
from logparse.rules import select_rules
from tests.rules.asking import ask, fires, is_silent
from tests.runs import (
    SEED_BASELINES,
    Array,
    constant_lr,
    cosine_lr,
    linear_lr,
    make_parameters,
    make_run,
    noisy,
    power_law,
)

if TYPE_CHECKING:
    from logparse.run import Run

N, LAYERS, WIDTH = 20, 6, 100
OPTIMIZERS = ("sgd", "adamw")
SLOW = noisy(power_law(N, floor=0.09, rate=0.5), level=0.005)
ROUGH = noisy(power_law(N, floor=0.06), level=0.1, phi=0.0, seed=4)
QUIET = noisy(power_law(N), level=0.001)


def run_with(
    ratio: Any = 1e-3,
    *,
    optimizer: str | None = "sgd",
    lr: Array | None = None,
    values: Array = SLOW,
    settings: dict[str, Any] | None = None,
    steps: float = 20,
    **columns: Any,
) -> Run:
    """Six matrices of 100 weights each with size 1, whose printed ratio is as given."""
    lr = constant_lr(N) if lr is None else lr
    ratios = np.broadcast_to(np.asarray(ratio, dtype=float), (LAYERS,))
    norms = {f"blocks.{k}.weight": ratios[k] / lr for k in range(LAYERS)}
    parameters = make_parameters(norms)
    rates = lr[parameters["epoch"].to_numpy() - 1]
    parameters["update_ratio"] = rates * parameters["grad_norm"].to_numpy()
    declared = {"TRAIN_BATCH": 10, "LEARNING_RATE": float(lr.max()), **(settings or {})}
    run = make_run(
        val_rmse=values,
        train_rmse=values,
        lr=lr,
        elapsed_s=np.full(N, 2.0),
        throughput=np.full(N, 5.0 * steps),
        parameters=parameters,
        settings=declared if optimizer is None else {**declared, "OPTIMIZER": optimizer},
        baselines=SEED_BASELINES,
        **columns,
    )
    facts = {"trainable_params": LAYERS * WIDTH}
    return replace(run, model=facts, optimizer={"counts": (LAYERS,)})


def adam(lr: float, *, steps: float = 20, values: Array = SLOW, **more: Any) -> Run:
    """The same under Adam: each weight has size 0.1, whatever the printed ratios say."""
    rates = constant_lr(N, lr)
    return run_with(1e-7, optimizer="adamw", lr=rates, steps=steps, values=values, **more)


def test_tiny_ratios_under_sgd_are_too_small() -> None:
    finding = fires("UPD001", run_with(1e-6))
    assert (finding.severity, finding.confidence) == ("warning", "medium")
    assert finding.measured["epochs_below"] == N
    assert finding.remedies[0] == "LEARNING_RATE 0.001 -> 0.01"


def test_near_miss_silent_just_above_the_threshold() -> None:
    is_silent("UPD001", run_with(2e-5))


def test_clipping_makes_a_ratio_smaller_than_it_is_printed() -> None:
    run = run_with(1e-3, settings={"CLIPNORM": 0.02}, grad_norm=np.full(N, 5.0))
    assert float(str(fires("UPD001", run).measured["median_ratio"])) == pytest.approx(4e-6)


@pytest.mark.parametrize("code", ["UPD001", "UPD002"])
def test_norms_that_may_carry_a_loss_scale_tell_no_step(code: str) -> None:
    """Clipped with its scale and unscaled afterwards, a step is far smaller than it seems."""
    ratio = {"UPD001": 1e-3, "UPD002": 3e3}[code]
    scaled = {"CLIPNORM": 3.0, "PRECISION": "fp16"}
    run = run_with(ratio, values=ROUGH, settings=scaled, grad_norm=np.full(N, 3e4))
    assert "size of" in ask(code, run)[1].reason and not ask(code, run)[0]
    plain = run_with(ratio, values=ROUGH, settings={**scaled, "PRECISION": "fp32"})
    plain = replace(plain, epochs=run.epochs)
    assert fires(code, plain).code == code


def test_norms_that_end_with_the_warm_up_do_no_harm() -> None:
    lr = np.concatenate([np.geomspace(1e-4, 1e-3, 8), constant_lr(N - 8)])
    norms = np.where(np.arange(N) < 6, 5.0, np.nan)
    run = run_with(1e-6, lr=lr, settings={"CLIPNORM": 1.0}, grad_norm=norms)
    assert fires("UPD001", run).code == "UPD001"


def test_steps_under_adam_that_cannot_add_up_are_too_small() -> None:
    finding = fires(
        "UPD001", adam(1e-5, settings={"MAX_EPOCHS": N})
    )  # 20 epochs of 20 steps of 1e-5 on weights of 0.1
    assert float(str(finding.measured["travel"])) == pytest.approx(0.04, rel=0.01)


def test_near_miss_silent_when_steps_under_adam_add_up() -> None:
    assert "all steps together" in is_silent("UPD001", adam(1e-4))


def test_a_run_that_may_go_on_for_ever_has_not_made_all_its_steps() -> None:
    assert "MAX_EPOCHS" in ask("UPD001", adam(1e-5))[1].reason
    over = replace(adam(1e-5), index=1, count=2)
    assert fires("UPD001", over).reading.startswith("All steps, also")


def test_a_limit_that_clips_everything_is_raised_before_the_learning_rate() -> None:
    run = run_with(1e-3, settings={"CLIPNORM": 0.02}, grad_norm=np.full(N, 5.0))
    finding = fires("UPD001", run)
    assert finding.remedies[0] == "CLIPNORM 0.02 -> 5"
    assert not any("LEARNING_RATE" in edit for edit in finding.remedies)
    assert "clips most" in finding.causes[0]


def test_one_matrix_that_lags_is_no_reason_to_raise_all_rates() -> None:
    finding = fires("UPD001", run_with([1e-3] * 5 + [1e-7], optimizer=None))
    assert not any("->" in edit for edit in finding.remedies)
    assert "blocks.5.weight" in finding.remedies[0] and "blocks.5.weight" in finding.confirm


def test_planned_epochs_still_to_come_count() -> None:
    is_silent("UPD001", adam(1e-5, settings={"MAX_EPOCHS": 200}))


def test_false_alarm_small_printed_ratios_under_adam() -> None:
    """The seed: ratios of 3e-8 under an optimizer that scales every step."""
    is_silent("UPD001", adam(1e-3))


def test_false_alarm_an_unknown_optimizer_has_no_scale() -> None:
    is_silent("UPD001", run_with(1e-8, optimizer=None))


def test_an_unknown_optimizer_still_shows_a_layer_that_lags() -> None:
    finding = fires("UPD001", run_with([1e-3] * 5 + [1e-7], optimizer=None))
    assert (finding.severity, finding.confidence) == ("note", "low")
    assert "blocks.5.weight moves 4.0 decades less" in finding.reading


def test_ratios_that_are_printed_as_zero_are_no_lag() -> None:
    is_silent("UPD001", run_with([1e-3] * 5 + [0.0], optimizer=None))
    run = run_with(1e-3, optimizer=None)
    zeros = run.parameters.assign(update_ratio=0.0)
    is_silent("UPD001", replace(run, parameters=zeros))


def test_false_alarm_the_end_of_an_anneal() -> None:
    """Four epochs of 20 are below the threshold, all of them at less than a tenth of the peak."""
    lr = cosine_lr(N, peak=0.1)
    ratios = run_with(1e-4, lr=lr, values=SLOW)
    shrunk = ratios.parameters.assign(
        update_ratio=1e-3 * lr[ratios.parameters["epoch"].to_numpy() - 1]
    )
    assert (shrunk["update_ratio"] < 1e-5).sum() == 4 * LAYERS
    is_silent("UPD001", replace(ratios, parameters=shrunk))


def test_false_alarm_a_run_that_has_converged() -> None:
    flat = np.concatenate([power_law(8), np.full(N - 8, power_law(8)[-1])])
    run = run_with(1e-6, lr=cosine_lr(N, floor=1e-6), values=flat)
    assert "converged" in is_silent("UPD001", run)


def test_a_run_that_lies_flat_at_the_mean_has_not_converged() -> None:
    run = run_with(1e-6, lr=cosine_lr(N, floor=1e-6), values=np.full(N, 0.10862))
    assert fires("UPD001", run).code == "UPD001"


def test_adam_without_the_steps_of_an_epoch_is_not_applicable() -> None:
    run = adam(1e-5)
    bare = replace(run, epochs=run.epochs.drop(columns=["throughput"]))
    assert ask("UPD001", bare)[1].outcome == "not-applicable"


def test_steps_of_a_third_of_the_weights_are_too_large() -> None:
    finding = fires("UPD002", run_with(0.3, values=ROUGH))
    assert (finding.severity, finding.confidence) == ("warning", "medium")
    assert finding.measured["epochs_above"] == N
    assert finding.remedies[0] == "LEARNING_RATE 0.001 -> 0.000333"


def test_a_learning_rate_near_the_size_of_the_weights_is_too_large_under_adam() -> None:
    finding = fires("UPD002", adam(0.02, values=ROUGH))
    assert float(str(finding.measured["largest_step"])) == pytest.approx(0.2, rel=0.01)


def test_a_very_strong_weight_decay_comes_before_the_learning_rate() -> None:
    decay = {"WEIGHT_DECAY": 2.0}
    finding = fires("UPD002", adam(0.02, values=ROUGH, settings=decay))
    assert finding.causes[0].startswith("weights that have shrunk, by weight decay")
    assert finding.remedies[0] == "WEIGHT_DECAY 2.0 -> 0.2"
    mild = fires("UPD002", adam(0.02, values=ROUGH, settings={"WEIGHT_DECAY": 0.1}))
    assert mild.causes[0].startswith("the learning rate")
    assert mild.remedies[0].startswith("LEARNING_RATE 0.02 -> ")


def test_clipping_is_proposed_only_where_the_run_does_not_clip() -> None:
    norms = np.full(N, 0.1)
    free = fires("UPD002", run_with(0.3, values=ROUGH, grad_norm=norms))
    assert any(edit.startswith("clip gradients at 0.1") for edit in free.remedies)
    tight = run_with(0.3, values=ROUGH, settings={"CLIPNORM": 0.1}, grad_norm=norms)
    assert not any("clip" in edit.casefold() for edit in fires("UPD002", tight).remedies)


def test_a_run_with_a_warm_up_is_not_said_to_have_none() -> None:
    lr = linear_lr(N, peak=0.02, warm_up=6)
    warm = fires("UPD002", run_with(1e-7, optimizer="adamw", lr=lr, values=ROUGH))
    assert "too short a warm-up" in warm.causes and "a longer warm-up" in warm.remedies
    assert "no warm-up" in fires("UPD002", adam(0.02, values=ROUGH)).causes


def test_roughness_is_told_only_where_it_is_known() -> None:
    """A metric that gained nothing is infinitely rough; seven values of one tell nothing."""
    worse = fires("UPD002", run_with(0.3, values=np.linspace(0.1, 0.9, N)))
    assert worse.measured["noise_over_gain"] == np.inf
    few = np.where(np.arange(N) < N - 5, np.nan, SLOW)
    assert "no metric tells" in is_silent("UPD002", run_with(0.3, values=few))


def test_near_miss_silent_below_a_tenth() -> None:
    is_silent("UPD002", run_with(0.09, values=ROUGH))
    is_silent("UPD002", adam(0.009, values=ROUGH))


def test_false_alarm_large_steps_of_a_quiet_run() -> None:
    assert "noise" in is_silent("UPD002", run_with(0.3, values=QUIET))


def test_false_alarm_one_matrix_that_starts_near_zero() -> None:
    is_silent("UPD002", run_with([0.9] + [1e-3] * 5, values=ROUGH))


def test_false_alarm_the_first_two_epochs() -> None:
    rates = np.concatenate([[0.05, 0.05], np.full(N - 2, 1e-3)])
    is_silent("UPD002", run_with(1e-7, optimizer="adam", lr=rates, values=ROUGH))


def test_without_an_optimizer_too_large_is_not_applicable() -> None:
    outcome = ask("UPD002", run_with(0.3, optimizer=None, values=ROUGH))[1].outcome
    assert outcome == "not-applicable"


def test_ratios_over_five_decades_are_out_of_balance() -> None:
    finding = fires("UPD003", run_with(np.geomspace(1e-2, 1e-7, LAYERS)))
    assert (finding.severity, finding.confidence) == ("note", "medium")
    assert (finding.measured["slowest"], finding.measured["fastest"]) == (
        "blocks.5.weight",
        "blocks.0.weight",
    )


def test_out_of_balance_under_adam_is_of_low_confidence() -> None:
    run = run_with(np.geomspace(1e-2, 1e-7, LAYERS), optimizer="adamw")
    assert fires("UPD003", run).confidence == "low"


def test_under_sgd_the_printed_ratio_is_no_cause() -> None:
    ratios = np.geomspace(1e-2, 1e-7, LAYERS)
    causes = {name: fires("UPD003", run_with(ratios, optimizer=name)).causes for name in OPTIMIZERS}
    assert not any("printed ratio" in cause for cause in causes["sgd"])
    assert any("printed ratio" in cause for cause in causes["adamw"])


def test_near_miss_silent_over_three_decades() -> None:
    is_silent("UPD003", run_with(np.geomspace(1e-2, 1e-5, LAYERS)))


def test_false_alarm_exact_zeros_are_another_rules_matter() -> None:
    is_silent("UPD003", run_with([1e-3] * 5 + [0.0]))


def test_a_fall_along_the_depth_hides_the_imbalance_it_brings() -> None:
    run = run_with(np.geomspace(1e-8, 1e-2, LAYERS), values=np.full(N, 0.12))
    report = judge(run, select_rules(["GRAD001", "UPD001", "UPD003"]))
    assert [finding.code for finding in report.findings] == ["GRAD001"]


@pytest.mark.parametrize("code", ["UPD001", "UPD002", "UPD003"])
def test_two_epochs_are_too_short(code: str) -> None:
    run = run_with(1e-6)
    short = replace(
        run, epochs=run.epochs.iloc[:2], parameters=run.parameters[run.parameters["epoch"] < 3]
    )
    assert ask(code, short)[1].outcome == "too-short"


@pytest.mark.parametrize("code", ["UPD001", "UPD002", "UPD003"])
def test_without_lists_they_are_not_applicable(code: str) -> None:
    assert ask(code, make_run(val_rmse=SLOW, lr=constant_lr(N)))[1].outcome == "not-applicable"
