"""Training and validation side by side, and what a log tells of 16-bit numbers."""

from __future__ import annotations

import numpy as np
import pytest

from logparse.records import Resolution
from logparse.signals import Signals
from tests.runs import make_run, noisy, power_law


def test_twins_are_of_the_main_metric_at_the_epochs_of_both() -> None:
    train = np.where(np.arange(20) % 2 == 0, 0.1, np.nan)
    both = Signals(make_run(val_rmse=power_law(20), train_rmse=train)).generalisation
    assert both is not None
    assert (both.twins.val_column, both.twins.train_column) == ("val_rmse", "train_rmse")
    assert both.twins.epochs.tolist() == list(range(1, 20, 2))


def test_twins_are_of_another_metric_where_the_main_one_has_no_partner() -> None:
    run = make_run(val_rmse=power_law(9), val_mae=power_law(9), train_mae=power_law(9))
    both = Signals(run).generalisation
    assert both is not None and both.twins.val_column == "val_mae"


def test_no_twins_without_a_metric_of_both_splits() -> None:
    assert Signals(make_run(val_rmse=power_law(9), train_loss=power_law(9))).generalisation is None
    assert Signals(make_run()).generalisation is None


@pytest.mark.parametrize(("top", "scale"), [(1.0, 1.0), (100.0, 100.0)])
def test_an_accuracy_is_read_as_its_distance_from_perfect(top: float, scale: float) -> None:
    shares = np.linspace(0.5, 0.9, 9) * scale
    both = Signals(make_run(more={"val_accuracy": shares, "train_accuracy": shares})).generalisation
    assert both is not None
    assert both.twins.val[-1] == pytest.approx(0.1 * top)


def test_overfit_measures_from_the_best_level_of_three() -> None:
    val = np.concatenate([np.linspace(0.2, 0.1, 11), np.linspace(0.101, 0.12, 20)])
    both = Signals(make_run(val_rmse=val, train_rmse=np.linspace(0.2, 0.05, 31))).generalisation
    assert both is not None
    assert 10 <= both.overfit.best_epoch <= 12
    assert both.overfit.loss == pytest.approx(0.17, abs=0.03)
    assert both.overfit.gap > 0
    assert both.overfit.train_gain > 0.5


def test_the_late_half_tells_what_validation_had_of_it() -> None:
    train = np.linspace(0.2, 0.1, 41)
    both = Signals(make_run(val_rmse=0.1 + 0.5 * train, train_rmse=train)).generalisation
    assert both is not None
    assert both.late_half.passed_on == pytest.approx(0.5, abs=1e-6)
    assert both.late_half.train_fall == pytest.approx(0.327, abs=0.02)


def test_a_lead_is_counted_against_each_splits_own_mean() -> None:
    baselines = {"val_mean_rmse": 0.05, "train_mean_rmse": 0.1}
    val = noisy(power_law(20), seed=1)
    run = make_run(val_rmse=val, train_rmse=2 * val, baselines=baselines)
    both = Signals(run).generalisation
    assert both is not None
    lead = both.lead(3.0)
    assert lead.share == 1.0
    assert lead.early == lead.late == pytest.approx(1.0)


def test_noise_share_is_sigma_over_the_later_gain() -> None:
    falling = Signals(make_run(val_rmse=noisy(np.linspace(1.0, 0.1, 40), level=0.001)))
    flat = Signals(make_run(val_rmse=noisy(np.full(40, 0.1), level=0.05)))
    assert falling.noise_share("val_rmse") < 0.01
    assert flat.noise_share("val_rmse") > 0.3
    assert Signals(make_run(val_rmse=np.full(40, 0.1))).noise_share("val_rmse") == 0.0


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"PRECISION": "fp16"}, True),
        ({"PRECISION": "16-mixed"}, True),
        ({"AMP_DTYPE": "torch.float16"}, True),
        ({"FP16": True}, True),
        ({"PRECISION": "bf16"}, False),
        ({"PRECISION": "bf16-mixed"}, False),
        ({"DTYPE": "bfloat16"}, False),
        ({"FP16": False}, False),
        ({}, False),
    ],
)
def test_half_precision_is_told_by_the_settings(
    settings: dict[str, object], expected: bool
) -> None:
    assert Signals(make_run(val_rmse=[0.1], settings=settings)).precision.is_fp16 is expected


def test_halvings_are_counted_over_the_largest_fall() -> None:
    scales = [8.0, 4, 8, 4, 2, 2, 1, 2]
    scale = Signals(make_run(more={"loss_scale": scales})).precision.scale
    assert scale.halvings == (2, 3.0)


def test_a_scaler_explains_norms_alone_and_only_under_fp16() -> None:
    broken = {"grad_norm": (1, 9), "update_ratio_max": (9,)}
    norms = [np.nan, *([1.0] * 7), np.nan, 1.0]
    for name, expected in (("fp16", True), ("fp32", False)):
        run = make_run(grad_norm=norms, nonfinite=broken, settings={"PRECISION": name})
        precision = Signals(run).precision
        assert precision.explains(broken) is expected
        assert not precision.explains({**broken, "train_loss": (9,)})


def test_a_scaler_does_not_explain_a_run_of_broken_epochs_only() -> None:
    run = make_run(grad_norm=[np.nan] * 2, nonfinite={"grad_norm": (1, 2)})
    assert not Signals(run).precision.scale.overflows_rarely


def test_numbers_of_a_coarse_grid_are_unlikely_by_chance() -> None:
    values = np.round(np.arange(65, 105) / 128, 5)
    printed = {"val_rmse": Resolution(decimals=5)}
    odds = Signals(make_run(val_rmse=values, resolution=printed)).precision.grid_odds("val_rmse")
    assert odds["bf16"] < odds["fp16"] < 1e-6
    odd = Signals(make_run(val_rmse=values + 0.00031, resolution=printed)).precision
    assert "bf16" not in odd.grid_odds("val_rmse")
