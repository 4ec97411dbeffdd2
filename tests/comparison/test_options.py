"""How a comparison is asked for, in words."""

from __future__ import annotations

import pytest

from logparse.comparison.options import Limit, Noise, Target, options
from logparse.errors import ComparisonError, UnknownNameError


def test_metrics_limits_and_noise_may_stand_in_one_text() -> None:
    found = options(
        metrics=["val_rmse, val_mae", "val_r2"],
        fail_if=["val_rmse:5%,gpu_gib:0.5"],
        seed_noise=["2%,val_mae=0.001"],
    )
    assert found.metrics == ("val_rmse", "val_mae", "val_r2")
    assert found.limits == (
        Limit("val_rmse", 0.05, True, "val_rmse:5%"),
        Limit("gpu_gib", 0.5, False, "gpu_gib:0.5"),
    )
    assert found.noises == (Noise("", 0.02, True), Noise("val_mae", 0.001, False))


def test_a_share_of_noise_is_one_of_the_value() -> None:
    assert Noise("", 0.02, True).sd(-5.0) == pytest.approx(0.1)
    assert Noise("", 0.02, False).sd(-5.0) == 0.02


def test_a_target_is_a_metric_and_a_value() -> None:
    assert options(target="val_loss=-1e-2").target == Target("val_loss", -0.01, is_given=True)


@pytest.mark.parametrize(
    "wrong",
    [
        *({"target": text} for text in ("val_rmse", "=3", "val_rmse=", "val_rmse=x", "a=nan")),
        *({"fail_if": [text]} for text in ("val_rmse", "a:", ":5%", "a:-1", "a:inf", "a:x%")),
        *({"seed_noise": [text]} for text in ("x", "=2%", "-1", "a=", "nan%")),
    ],
)
def test_what_cannot_be_meant_is_told_with_an_example(wrong: dict[str, object]) -> None:
    with pytest.raises(ComparisonError, match="is not of the form"):
        options(**wrong)  # type: ignore[arg-type]


def test_an_unknown_axis_is_told_with_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="did you mean samples"):
        options(align="sample")
