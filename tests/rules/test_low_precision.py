"""NUM002 loss-collapsed-to-zero, NUM003, NUM004 and NUM005: what 16 bits do to a run."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from logparse.records import Resolution
from logparse.run import Run
from tests.rules.asking import ask, fires, is_silent
from tests.runs import Column, make_run, noisy, power_law

NAN = float("nan")
FP16 = {"PRECISION": "fp16", "CLIPNORM": 1.0}
PRINTED = {"grad_norm_median": Resolution(decimals=1, scientific=True)}
FOUR = Resolution(decimals=4)


# NUM002


def collapsed(**more: Any) -> Run:
    return make_run(train_loss=[0.9, 0.7, 0.6, 0.0, 0.0, 0.0], **more)


def test_num002_fires_where_the_loss_is_0_and_the_norm_too() -> None:
    finding = fires("NUM002", collapsed(grad_norm=[1.0, 1, 1, 0, 0, 0]))
    assert (finding.severity, finding.confidence) == ("error", "high")
    assert finding.epochs == (4, 6)
    assert finding.measured["value_before"] == 0.6


def test_num002_does_not_blame_fp16_where_another_type_is_declared() -> None:
    for precision, blamed in (("fp32", False), ("fp16", True)):
        finding = fires("NUM002", collapsed(settings={"PRECISION": precision}))
        assert any("fp16" in text for text in (*finding.causes, *finding.remedies)) is blamed


def test_num002_is_less_sure_without_a_norm() -> None:
    assert fires("NUM002", collapsed()).confidence == "medium"


def test_num002_counts_a_norm_of_nan() -> None:
    run = collapsed(grad_norm=[1.0, 1, 1, NAN, NAN, NAN], nonfinite={"grad_norm": (4, 5, 6)})
    assert fires("NUM002", run).confidence == "high"


def test_num002_near_miss_a_single_zero() -> None:
    is_silent("NUM002", make_run(train_loss=[0.9, 0.7, 0.0, 0.6, 0.5]))


def test_num002_near_miss_a_loss_that_fell_below_the_print_step() -> None:
    values = [0.005, 0.003, 0.001, 0.0, 0.0]
    run = make_run(train_loss=values, resolution={"train_loss": Resolution(decimals=3)})
    is_silent("NUM002", run)


def test_num002_false_alarm_a_tiny_set_learned_by_heart() -> None:
    run = collapsed(more={"train_accuracy": [0.5, 0.7, 0.9, 1.0, 1.0, 1.0]})
    assert "by heart" in is_silent("NUM002", run)
    assert "by heart" in is_silent("NUM002", collapsed(train_rmse=[0.9, 0.8, 0.7, 0, 0, 0]))


def test_num002_false_alarm_gradients_still_flow() -> None:
    assert "still flow" in is_silent("NUM002", collapsed(grad_norm=[1.0] * 6))


def test_num002_false_alarm_zero_from_the_first_epoch() -> None:
    is_silent("NUM002", make_run(train_loss=[0.0] * 6))


def test_num002_false_alarm_a_validation_of_every_fifth_epoch() -> None:
    values = np.where(np.arange(30) % 5 == 4, power_law(30), 0.0)
    run = make_run(train_loss=power_law(30), val_loss=values)
    assert "between" in is_silent("NUM002", run)
    fires("NUM002", make_run(val_loss=[*values[:10], *([0.0] * 20)]))


def test_num002_needs_a_loss_and_three_epochs() -> None:
    assert ask("NUM002", make_run(val_rmse=power_law(6)))[1].outcome == "not-applicable"
    assert ask("NUM002", make_run(train_loss=[0.5, 0.0]))[1].outcome == "too-short"


# NUM003


def scaled(scales: Column, **more: Any) -> Run:
    return make_run(
        train_loss=power_law(len(scales)), more={"loss_scale": np.asarray(scales)}, **more
    )


def test_num003_fires_on_five_halvings_without_a_rise() -> None:
    finding = fires("NUM003", scaled([65536.0 / 2**k for k in range(7)]))
    assert (finding.severity, finding.confidence) == ("warning", "medium")
    assert finding.measured["halvings"] == 5.0  # the one of the second epoch left out
    assert "bf16" in finding.remedies[0]


def test_num003_is_an_error_at_the_floor() -> None:
    finding = fires("NUM003", scaled([4.0, 2, 1, 1, 1]))
    assert (finding.severity, finding.confidence) == ("error", "high")


def test_num003_false_alarm_a_scaler_that_looks_for_its_scale_in_two_epochs() -> None:
    is_silent("NUM003", scaled([2.0**24, 2.0**15, *([2.0**15] * 6)]))
    is_silent("NUM003", scaled([2.0**15, *([2.0**14] * 6)], settings=FP16))


@pytest.mark.parametrize("scales", [[1.0] * 8, [1.0, 2, 4, 8, 16, 32, 64, 128]])
def test_num003_false_alarm_a_scale_that_never_fell(scales: list[float]) -> None:
    """A scaler that is switched off says 1; one that starts at 1 has only risen."""
    is_silent("NUM003", scaled(scales))


def test_num003_false_alarm_steps_that_a_guard_against_nan_skips() -> None:
    skips = {"skipped_batches": [0.0] * 8 + [3.0] * 32}
    run = make_run(train_loss=power_law(40), more=skips, settings={"PRECISION": "fp32"})
    assert ask("NUM003", run)[1].outcome == "not-applicable"


def test_num003_near_miss_four_halvings() -> None:
    is_silent("NUM003", scaled([65536.0, 32768, 16384, 8192, 4096, 4096]))


def test_num003_near_miss_a_scale_that_falls_and_rises() -> None:
    is_silent("NUM003", scaled([1024.0, 512, 256, 512, 256, 128, 256, 128, 64, 128, 64, 32]))


def test_num003_fires_on_steps_skipped_in_most_epochs() -> None:
    run = make_run(train_loss=power_law(40), more={"skipped_batches": [0.0] * 8 + [3.0] * 32})
    finding = fires("NUM003", run)
    assert finding.measured["share_of_epochs"] == pytest.approx(32 / 38)


def test_num003_false_alarm_steps_skipped_at_the_start_and_now_and_then() -> None:
    skips = np.zeros(40)
    skips[[0, 1, 12, 30]] = [3, 1, 1, 1]
    is_silent("NUM003", make_run(train_loss=power_law(40), more={"skipped_batches": skips}))


def flushed(median: Column, largest: Column, **more: Any) -> Run:
    more = {"settings": FP16, "resolution": PRINTED, **more}
    return make_run(train_loss=power_law(9), grad_norm_median=median, grad_norm_max=largest, **more)


def test_num003_fires_where_gradients_are_flushed_to_zero() -> None:
    finding = fires("NUM003", flushed([0.1] * 5 + [0.0] * 4, [1.0] * 7 + [0.0] * 2))
    assert finding.severity == "error"
    assert finding.epochs == (6, 9)
    assert fires("NUM003", flushed([0.1] * 5 + [0.0] * 4, [1.0] * 9)).severity == "warning"


def test_num003_near_miss_zeros_that_end_and_zeros_from_the_start() -> None:
    is_silent("NUM003", flushed([0.1] * 5 + [0.0] * 3 + [0.1], [1.0] * 9))
    is_silent("NUM003", flushed([0.0] * 9, [1.0] * 9))


def test_num003_false_alarm_zeros_of_three_decimals_are_merely_small() -> None:
    rounded = {"grad_norm_median": Resolution(decimals=3)}
    is_silent("NUM003", flushed([0.1] * 5 + [0.0] * 4, [1.0] * 9, resolution=rounded))


def overflowing(*epochs: int, length: int = 40) -> Run:
    norms = np.ones(length)
    norms[np.array(epochs) - 1] = np.inf
    loss = power_law(length)
    return make_run(
        train_loss=loss, grad_norm=norms, nonfinite={"grad_norm": epochs}, settings=FP16
    )


def test_num003_fires_where_norms_keep_overflowing() -> None:
    fires("NUM003", overflowing(20, 21, 22))
    fires("NUM003", overflowing(*range(10, 40, 2)))


def test_num003_false_alarm_one_overflow_now_and_then() -> None:
    is_silent("NUM003", overflowing(1, 2, 17, 33))


def test_num003_false_alarm_a_run_that_diverged_to_nan() -> None:
    """The weights are lost and every figure with them: no matter of the scale."""
    broken = [*power_law(8), *([NAN] * 8)]
    columns = ("train_loss", "val_rmse", "grad_norm")
    run = make_run(
        **dict.fromkeys(columns, broken),
        nonfinite=dict.fromkeys(columns, tuple(range(9, 17))),
        settings=FP16,
    )
    is_silent("NUM003", run)


def test_num003_does_not_judge_other_precisions() -> None:
    for setting in ("bf16", "fp32", "float32"):
        run = make_run(train_loss=power_law(9), settings={"PRECISION": setting})
        assert ask("NUM003", run)[1].outcome == "not-applicable"
    assert ask("NUM003", make_run(train_loss=[1.0]))[1].outcome in ("too-short", "not-applicable")


# NUM004


def clipped(norms: Column, **more: Any) -> Run:
    more = {"settings": FP16, "train_rmse": power_law(len(norms)), **more}
    return make_run(grad_norm=norms, **more)


def test_num004_fires_where_norms_move_with_the_scale() -> None:
    scales = np.repeat([65536.0, 32768, 16384, 8192, 16384], 3)
    norms = noisy(scales * 1e-3, level=0.1, phi=0.0)
    finding = fires("NUM004", clipped(norms, more={"loss_scale": scales}))
    assert (finding.severity, finding.confidence) == ("warning", "medium")
    assert float(finding.measured["correlation"]) > 0.9


def test_num004_near_miss_norms_that_do_not_follow_the_scale() -> None:
    scales = np.repeat([65536.0, 32768, 16384, 8192, 16384], 3)
    norms = noisy(np.full(15, 5e4), level=0.3, phi=0.0)
    is_silent("NUM004", clipped(norms, more={"loss_scale": scales}))


def test_num004_false_alarm_norms_that_drift_as_the_scale_rises() -> None:
    """The scale doubles every third epoch, and the norm grows by a third in the whole run."""
    scales = np.repeat(65536.0 * 2.0 ** np.arange(5), 3)
    run = clipped(np.linspace(3e4, 4e4, 15), more={"loss_scale": scales})
    is_silent("NUM004", run)


def test_num004_knows_a_limit_of_another_name() -> None:
    settings = {"PRECISION": "fp16", "CLIP_GRAD_NORM": 1.0}
    assert fires("NUM004", clipped([3e3] * 10, settings=settings)).measured["clip_norm"] == 1.0


def test_num004_fires_on_norms_far_above_clip_and_error() -> None:
    finding = fires("NUM004", clipped([3e3] * 10))
    assert finding.measured["norm_over_clip"] == 3e3
    assert "unscale_" in finding.remedies[0]


def test_num004_near_miss_norms_a_hundred_times_the_clip() -> None:
    is_silent("NUM004", clipped([100.0] * 10))


def test_num004_false_alarm_large_targets() -> None:
    is_silent("NUM004", clipped([3e3] * 10, train_rmse=np.full(10, 900.0)))


def test_num004_false_alarm_gradients_that_explode() -> None:
    broken = [*power_law(8), NAN, NAN]
    run = clipped([3e3] * 10, train_rmse=broken, nonfinite={"train_rmse": (9, 10)})
    is_silent("NUM004", run)


@pytest.mark.parametrize(
    "settings", [{"PRECISION": "bf16", "CLIPNORM": 1.0}, {"PRECISION": "fp16", "CLIPNORM": 0.0}]
)
def test_num004_needs_fp16_and_clipping(settings: dict[str, Any]) -> None:
    run = clipped([3e3] * 10, settings=settings)
    assert ask("NUM004", run)[1].outcome == "not-applicable"


# NUM005


def to_bf16(values: Column) -> Column:
    """The eight leading bits of each value."""
    exponent = np.floor(np.log2(values))
    spacing = 2.0 ** (exponent - 7)
    return np.round(np.asarray(values) / spacing) * spacing


def rounded(values: Column, **more: Any) -> Run:
    more = {"resolution": {"val_rmse": FOUR}, **more}
    return make_run(val_rmse=np.round(values, 4), **more)


def test_num005_fires_on_a_metric_of_bf16_numbers() -> None:
    values = noisy(power_law(40, start=0.9, floor=0.4), level=0.02)
    finding = fires("NUM005", rounded(to_bf16(values)))
    assert (finding.severity, finding.measured["grid"]) == ("note", "bf16")
    assert float(finding.measured["odds_by_chance"]) < 1e-6


def test_num005_near_miss_one_value_between_two_such_numbers() -> None:
    values = np.asarray(to_bf16(noisy(power_law(40, start=0.9, floor=0.4), level=0.02)))
    values[20] += 0.00012
    is_silent("NUM005", rounded(values))


def test_num005_near_miss_seven_different_values() -> None:
    values = np.repeat(to_bf16(np.linspace(0.9, 0.5, 7)), 4)
    is_silent("NUM005", rounded(values))


def test_num005_false_alarm_too_few_digits_to_tell() -> None:
    values = np.round(noisy(power_law(40, start=0.9, floor=0.4), level=0.02), 2)
    run = make_run(val_rmse=values, resolution={"val_rmse": Resolution(decimals=2)})
    is_silent("NUM005", run)


def test_num005_false_alarm_an_accuracy_of_few_samples() -> None:
    shares = np.arange(130, 170) / 256
    run = make_run(more={"val_accuracy": np.round(shares, 4)}, resolution={"val_accuracy": FOUR})
    is_silent("NUM005", run)


def test_num005_names_the_metric_that_no_count_explains() -> None:
    """The accuracy over 256 samples is the better match, and by nature."""
    values = np.round(to_bf16(noisy(power_law(40, start=0.9, floor=0.4), level=0.02)), 4)
    shares = np.round(np.arange(130, 170) / 256, 8)
    steps = {"val_rmse": FOUR, "val_accuracy": Resolution(decimals=8)}
    run = make_run(val_rmse=values, more={"val_accuracy": shares}, resolution=steps)
    finding = fires("NUM005", run)
    assert finding.measured["metric"] == "val_rmse"
    assert finding.measured["others"] == "val_accuracy"


def test_num005_needs_a_metric_and_eight_epochs() -> None:
    assert ask("NUM005", make_run(lr=power_law(9)))[1].outcome == "not-applicable"
    assert ask("NUM005", rounded(np.linspace(0.5, 0.9, 7)))[1].outcome == "too-short"
