"""GRAD005 clipping-saturated and HYP001 clipnorm-inert: a limit that always or never binds."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from logparse.records import Resolution
from tests.rules.asking import ask, fires, is_silent
from tests.runs import Array, constant_lr, linear_lr, make_parameters, make_run, power_law

if TYPE_CHECKING:
    from logparse.run import Run

N = 20
SPREAD = np.exp(0.3 * np.random.default_rng(1).standard_normal(N))


def run_with(norms: Array, limit: float | None = 1.0, lr: Array | None = None, **more: Any) -> Run:
    settings = {"LEARNING_RATE": 0.01, **({} if limit is None else {"CLIPNORM": limit}), **more}
    return make_run(
        val_rmse=power_law(len(norms)),
        grad_norm=norms,
        lr=constant_lr(len(norms)) if lr is None else lr,
        settings=settings,
        resolution={"grad_norm": Resolution(3)},
    )


def test_fires_when_most_norms_are_above_the_limit() -> None:
    finding = fires("GRAD005", run_with(5 * SPREAD))
    assert (finding.severity, finding.confidence) == ("warning", "high")
    assert finding.measured["share_clipped"] == 1.0
    assert finding.remedies[0].startswith("CLIPNORM 1.0 -> ")


def test_the_limit_tried_next_is_the_90_per_cent_quantile_of_the_norms() -> None:
    finding = fires("GRAD005", run_with(5 * SPREAD))
    assert finding.remedies[0] == f"CLIPNORM 1.0 -> {np.quantile(5 * SPREAD, 0.9):.2g}"


def test_norms_after_clipping_stand_at_the_limit() -> None:
    finding = fires("GRAD005", run_with(np.minimum(5 * SPREAD, 1.0)))
    assert finding.confidence == "medium" and finding.measured["norms"] == "after clipping"


def test_norms_far_above_the_limit_may_carry_a_loss_scale() -> None:
    finding = fires("GRAD005", run_with(1e4 * SPREAD))
    assert "loss scale" in finding.causes[0] and "unscale_" in finding.remedies[0]


def test_norms_with_a_loss_scale_are_no_measure_of_a_limit() -> None:
    assert not any("CLIPNORM" in edit for edit in fires("GRAD005", run_with(1e4 * SPREAD)).remedies)


def test_large_targets_explain_large_norms() -> None:
    """Losses of a million: gradients of that size need no loss scale."""
    run = run_with(1e6 * SPREAD, PRECISION="fp16")
    large = replace(run, epochs=run.epochs.assign(train_loss=1e6 * power_law(N)))
    finding = fires("GRAD005", large)
    assert not any("scale" in text for text in (*finding.causes, *finding.remedies))


def test_a_run_that_is_lost_is_not_told_to_clip_less() -> None:
    run = run_with(np.geomspace(2, 1e9, N))
    lost = np.append(power_law(N - 1), np.nan)
    lost_run = replace(
        run,
        epochs=run.epochs.assign(val_rmse=lost),
        nonfinite={"val_rmse": np.array([N])},
    )
    finding = fires("GRAD005", lost_run)
    assert finding.remedies[0] == "LEARNING_RATE 0.01 -> 0.005"
    assert not any("->" in edit for edit in finding.remedies[1:])


def test_a_limit_in_the_middle_of_the_norms_is_raised_all_the_same() -> None:
    norms = np.where(np.arange(N) % 2 == 0, 1.004, 0.9)
    norms[0] = 1.3
    assert fires("GRAD005", run_with(norms)).remedies[0] == "CLIPNORM 1.0 -> 1.1"


def test_what_confirms_it_speaks_of_the_norms_that_the_log_has() -> None:
    assert "above the limit" in fires("GRAD005", run_with(5 * SPREAD)).confirm
    assert "at the limit" in fires("GRAD005", run_with(np.minimum(5 * SPREAD, 1.0))).confirm


def test_without_a_loss_scale_large_norms_are_large() -> None:
    for norms, precision in ((1e4 * SPREAD, "bf16"), (60 * SPREAD, "fp16")):
        finding = fires("GRAD005", run_with(norms, PRECISION=precision))
        assert "loss scale" not in finding.causes[0]


def test_under_adam_it_is_less_certain() -> None:
    run = make_run(
        val_rmse=power_law(N),
        grad_norm=5 * SPREAD,
        settings={"CLIPNORM": 1.0, "OPTIMIZER": "adamw"},
        parameters=make_parameters({"a.weight": SPREAD}),
    )
    assert fires("GRAD005", run).confidence == "medium"


def test_near_miss_silent_when_less_than_half_is_clipped() -> None:
    norms = np.where(np.arange(N) % 5 < 2, 2.0, 0.5)
    assert "40%" in is_silent("GRAD005", run_with(norms))


def test_false_alarm_large_norms_during_the_warm_up() -> None:
    lr = linear_lr(N, warm_up=11)
    norms = np.where(np.arange(N) < 11, 5.0, 0.5)
    is_silent("GRAD005", run_with(norms, lr=lr))


def test_norms_near_the_limit_by_chance_are_not_clipped() -> None:
    norms = np.linspace(0.5, 1.0, N)
    is_silent("GRAD005", run_with(norms))


def test_four_epochs_are_too_short_for_saturation() -> None:
    assert ask("GRAD005", run_with(np.full(4, 5.0)))[1].outcome == "too-short"


def test_without_a_limit_neither_is_applicable() -> None:
    for limit in (None, 0.0):
        run = run_with(5 * SPREAD, limit)
        assert ask("GRAD005", run)[1].outcome == "not-applicable"
        assert ask("HYP001", run)[1].outcome == "not-applicable"


def test_a_limit_far_above_all_norms_is_inert() -> None:
    finding = fires("HYP001", run_with(0.03 * SPREAD, 3.0))
    assert (finding.severity, finding.confidence) == ("note", "high")
    assert float(str(finding.measured["ratio"])) == 3.0 / (0.03 * SPREAD).max()
    assert finding.remedies[0].startswith("CLIPNORM 3.0 -> 0.0")


def test_one_epoch_is_enough_for_a_faint_note() -> None:
    finding = fires("HYP001", run_with(np.array([0.035]), 3.0))
    assert finding.confidence == "low" and "86 times" in finding.reading


def test_near_miss_silent_at_nine_times_the_largest_norm() -> None:
    assert "largest norm" in is_silent("HYP001", run_with(np.full(N, 0.1), 0.9))


def test_norms_that_were_only_logged_during_the_warm_up_are_enough_for_a_note() -> None:
    norms = np.where(np.arange(N) < 6, 0.03, np.nan)
    run = run_with(norms, 3.0, linear_lr(N, warm_up=8))
    assert fires("HYP001", run).remedies[0].startswith("CLIPNORM 3.0 -> 0.03")
    assert ask("GRAD005", run)[1].outcome == "too-short"


def test_one_large_norm_shows_what_the_limit_is_for() -> None:
    norms = np.full(N, 0.03)
    norms[7] = 0.5
    is_silent("HYP001", run_with(norms, 3.0))


def test_the_norms_of_a_warm_up_are_no_measure_of_the_limit_and_it_is_said() -> None:
    norms = np.concatenate([np.linspace(1.0, 0.5, 10), np.full(10, 0.01)])
    lr = np.concatenate([np.linspace(1e-4, 1e-3, 10), np.full(10, 1e-3)])
    run = make_run(grad_norm=norms, lr=lr, settings={"CLIPNORM": 30})
    finding = fires("HYP001", run)
    edit = "CLIPNORM 30 -> 0.01 (the 99% quantile of the norms after the warm-up)"
    assert finding.remedies[0] == edit
    assert finding.confirm.startswith("Some of the norms after the warm-up, but fewer")


def test_false_alarm_a_run_with_a_norm_that_is_not_finite() -> None:
    norms = np.where(np.arange(N) == 5, np.inf, 0.1)
    run = make_run(grad_norm=norms, settings={"CLIPNORM": 3.0}, nonfinite={"grad_norm": (6,)})
    assert is_silent("HYP001", run) == "some norms are not finite"
