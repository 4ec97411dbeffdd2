"""NUM001 non-finite."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from logparse.judging import judge
from logparse.rules import all_rules
from tests.rules.asking import fires, is_silent
from tests.runs import (
    SEED_BASELINES,
    SEED_SETTINGS,
    make_run,
    no_parameters,
    power_law,
)

if TYPE_CHECKING:
    from logparse.run import Run

NAN = float("nan")
BROKEN = [*power_law(8), NAN, NAN]


def test_fires_with_the_five_values_before() -> None:
    run = make_run(train_loss=BROKEN, nonfinite={"train_loss": (9, 10)}, settings=SEED_SETTINGS)
    finding = fires("NUM001", run)
    assert (finding.severity, finding.confidence) == ("error", "high")
    assert finding.epochs == (9, 10)
    assert finding.lines == (124,)
    assert len(str(finding.measured["values_before"]).split()) == 5
    assert "CLIPNORM 3 -> 1" in finding.remedies


def test_the_first_column_to_break_is_named_and_the_others_listed() -> None:
    run = make_run(
        train_loss=BROKEN,
        val_rmse=BROKEN,
        nonfinite={"val_rmse": (9, 10), "train_loss": (9, 10), "grad_norm": (8, 9, 10)},
        grad_norm=[1.0] * 7 + [NAN] * 3,
    )
    finding = fires("NUM001", run)
    assert finding.measured["metric"] == "grad_norm"
    assert finding.measured["others"] == "train_loss, val_rmse"


def test_an_infinite_r2_counts() -> None:
    run = make_run(val_r2=[0.1, -np.inf], nonfinite={"val_r2": (2,)})
    assert fires("NUM001", run).severity == "error"


def test_parameters_count() -> None:
    run = make_run(val_rmse=[0.3, 0.2, 0.1], nonfinite={"parameters/0.weight": (3,)})
    finding = fires("NUM001", run)
    assert finding.measured["metric"] == "parameters/0.weight"


def test_a_norm_that_recovers_is_a_warning() -> None:
    run = make_run(
        val_rmse=power_law(5), grad_norm=[1, 1, np.inf, 1, 1], nonfinite={"grad_norm": (3,)}
    )
    assert fires("NUM001", run).severity == "warning"


def test_norms_that_are_printed_no_more_have_not_recovered() -> None:
    """Norms of every fifth epoch, all broken from E10 on: E12 prints none."""
    norms = [NAN] * 4 + [1.0] + [NAN] * 7
    run = make_run(val_rmse=power_law(12), grad_norm=norms, nonfinite={"grad_norm": (10,)})
    finding = fires("NUM001", run)
    assert finding.severity == "error" and "again" not in finding.reading


def test_a_declared_precision_is_not_told_to_leave_fp16() -> None:
    for precision, told in (("fp32", False), ("bf16", False), ("fp16", True), (None, True)):
        settings = {} if precision is None else {"PRECISION": precision}
        run = make_run(train_loss=BROKEN, nonfinite={"train_loss": (9, 10)}, settings=settings)
        finding = fires("NUM001", run)
        assert any("fp16" in text for text in (*finding.causes, *finding.remedies)) is told


def test_a_first_epoch_of_many_steps_can_diverge_by_itself() -> None:
    run = make_run(train_loss=[NAN] * 3, nonfinite={"train_loss": (1, 2, 3)})
    assert "the learning rate is too high" in fires("NUM001", run).causes


def test_a_limit_of_another_name_is_lowered() -> None:
    settings = {"MAX_GRAD_NORM": 3.0}
    run = make_run(train_loss=BROKEN, nonfinite={"train_loss": (9, 10)}, settings=settings)
    assert "MAX_GRAD_NORM 3.0 -> 1" in fires("NUM001", run).remedies


def test_hides_what_starts_later_but_not_the_log_rules() -> None:
    values = np.concatenate([np.full(3, 0.2), np.full(9, NAN)])
    run = make_run(
        epochs=[1, 2, 3, *range(5, 14)],
        val_rmse=values,
        nonfinite={"val_rmse": tuple(range(1, 14))},
        baselines=SEED_BASELINES,
    )
    report = judge(run, all_rules())
    timed = [finding for finding in report.findings if finding.epochs is not None]
    left = {finding.code for finding in timed if not finding.code.startswith("LOG")}
    assert left == {"NUM001"}
    assert "LOG001" in {finding.code for finding in report.findings}
    reasons = {check.code: (check.outcome, check.reason) for check in report.checks}
    assert reasons["BASE002"] == ("suppressed", "by NUM001")


def test_what_starts_before_it_stays() -> None:
    run = make_run(val_rmse=BROKEN, nonfinite={"val_rmse": (9, 10)}, baselines=SEED_BASELINES)
    codes = {finding.code for finding in judge(run, all_rules()).findings}
    assert {"NUM001", "BASE002"} <= codes


def test_near_miss_absent_values_are_not_printed_nan() -> None:
    """A column that some lines do not print holds NaN in the frame, and nothing is wrong."""
    is_silent("NUM001", make_run(val_rmse=power_law(4), checkpoint=[NAN, 1, NAN, 1]))


def test_false_alarm_delta_head_switched_off() -> None:
    for settings in ({"USE_DELTA": False}, {}):
        run = make_run(
            val_rmse=power_law(4),
            train_delta_rmse=[NAN] * 4,
            delta_rmse=[NAN] * 4,
            nonfinite=dict.fromkeys(("train_delta_rmse", "delta_rmse"), (1, 2, 3, 4)),
            settings=settings,
        )
        assert "by design" in is_silent("NUM001", run)


def test_a_delta_head_that_is_on_has_no_excuse() -> None:
    run = make_run(
        val_rmse=power_law(2),
        train_delta_rmse=[NAN] * 2,
        nonfinite={"train_delta_rmse": (1, 2)},
        settings={"USE_DELTA": True},
    )
    fires("NUM001", run)


def test_a_delta_metric_that_breaks_later_has_no_excuse() -> None:
    run = make_run(
        val_rmse=power_law(2),
        train_delta_rmse=[0.1, NAN],
        nonfinite={"train_delta_rmse": (2,)},
        settings={"USE_DELTA": False},
    )
    fires("NUM001", run)


def test_timings_are_not_judged() -> None:
    run = make_run(throughput=[NAN], nonfinite={"throughput": (1,)}, parameters=no_parameters())
    is_silent("NUM001", run)


def overflowing(*epochs: int, length: int = 40, precision: str = "fp16") -> Run:
    norms = np.ones(length)
    norms[np.array(epochs) - 1] = np.inf
    return make_run(
        train_loss=power_law(length),
        grad_norm=norms,
        nonfinite={"grad_norm": epochs, "parameters/0.weight": epochs},
        settings={"PRECISION": precision},
    )


@pytest.mark.parametrize("epochs", [(1,), (1, 2), (2, 20), (7, 19, 33), (40,)])
def test_false_alarm_steps_that_a_loss_scaler_skips(epochs: tuple[int, ...]) -> None:
    assert "scaler" in is_silent("NUM001", overflowing(*epochs))


@pytest.mark.parametrize("epochs", [(1, 2, 3, 4), (20, 21), tuple(range(4, 40, 4))])
def test_more_than_a_loss_scaler_explains_is_a_warning(epochs: tuple[int, ...]) -> None:
    assert fires("NUM001", overflowing(*epochs)).severity == "warning"


def test_under_fp16_norms_alone_are_no_error() -> None:
    finding = fires("NUM001", overflowing(*range(20, 41)))
    assert finding.severity == "warning"
    assert "but the metrics are finite" in finding.reading


def test_other_precisions_have_no_scaler_to_explain_it() -> None:
    assert fires("NUM001", overflowing(1, precision="bf16")).severity == "warning"
    assert fires("NUM001", overflowing(40, precision="fp32")).severity == "error"


def test_a_loss_that_breaks_has_no_excuse_under_fp16() -> None:
    run = make_run(
        train_loss=[NAN, *power_law(9)],
        grad_norm=[NAN, *([1.0] * 9)],
        nonfinite={"train_loss": (1,), "grad_norm": (1,)},
        settings={"PRECISION": "fp16"},
    )
    assert fires("NUM001", run).severity == "error"


def test_false_alarm_ratios_to_a_first_norm_that_was_skipped() -> None:
    """LAYER_GN prints each norm over its first one: where that was nan, all ratios are."""
    run = make_run(
        val_rmse=power_law(4),
        more={"layer_grad_norm/a": [NAN, 1, 1, 1], "layer_grad_ratio/a": [NAN] * 4},
        nonfinite={"layer_grad_norm/a": (1,), "layer_grad_ratio/a": (1, 2, 3, 4)},
        settings={"PRECISION": "fp16"},
    )
    assert "scaler" in is_silent("NUM001", run)
