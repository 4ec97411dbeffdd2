"""What the views of metrics and of the learning rate promise."""

from __future__ import annotations

import numpy as np
import pytest

from logparse.plots.content import Blank
from tests.plots.subjects import finding, line, panel, panels, subject
from tests.runs import SEED_BASELINES, constant_lr, cosine_lr, make_run, power_law

FALLING = [0.5, 0.3, 0.2, 0.25]


def test_the_metric_by_which_the_run_is_judged_is_drawn() -> None:
    run = make_run(train_rmse=FALLING, val_rmse=FALLING[::-1], train_mae=FALLING)
    (chart,) = panels("loss", subject(run))
    assert chart.title == "rmse"
    assert line(chart, "train").y.tolist() == FALLING
    assert line(chart, "val").y.tolist() == FALLING[::-1]


def test_the_best_epoch_is_marked() -> None:
    chart = panel("loss", subject(make_run(val_rmse=FALLING)))
    assert [(dot.x, dot.y, dot.kind) for dot in chart.dots] == [(3.0, 0.2, "best")]
    assert chart.notes == ("best val 0.2 at E03",)


def test_the_best_of_a_plateau_is_its_first_and_the_others_are_counted() -> None:
    chart = panel("loss", subject(make_run(val_rmse=[0.5, 0.2, 0.3, 0.2, 0.2])))
    assert [dot.x for dot in chart.dots] == [2.0]
    assert chart.notes == ("best val 0.2 at E02 and 2 later epochs",)


def test_a_best_before_the_window_is_told_and_not_drawn() -> None:
    chart = panel("loss", subject(make_run(val_rmse=[0.1, 0.5, 0.4]), last=2))
    assert chart.dots == () and chart.notes == ("best val 0.1 at E01",)
    assert chart.lines[0].x.tolist() == [2, 3]


def test_the_best_of_an_accuracy_is_the_highest() -> None:
    chart = panel("loss", subject(make_run(val_accuracy=[0.5, 0.9, 0.7])))
    assert [(dot.x, dot.y) for dot in chart.dots] == [(2.0, 0.9)]


def test_baselines_of_the_log_are_levels() -> None:
    chart = panel("loss", subject(make_run(val_rmse=FALLING, baselines=SEED_BASELINES)))
    assert {level.label: level.value for level in chart.levels} == {
        "mean": SEED_BASELINES["val_mean_rmse"],
        "persistence": SEED_BASELINES["val_persistence_rmse"],
    }


def test_chance_is_a_level_where_classes_are_declared() -> None:
    chart = panel("loss", subject(make_run(val_accuracy=[0.3, 0.5], settings={"CLASSES": 4})))
    assert [(level.label, level.value) for level in chart.levels] == [("chance", 0.25)]


def test_a_baseline_that_is_no_number_is_none() -> None:
    drawn = subject(make_run(val_rmse=FALLING, baselines={"val_mean_rmse": np.nan}))
    assert panel("loss", drawn).levels == ()


@pytest.mark.parametrize("name", ["rmse", "val_rmse", "train_rmse", "RMSE", "val rmse", "val-rmse"])
def test_a_metric_may_be_asked_for_by_column_or_stem(name: str) -> None:
    run = make_run(train_rmse=FALLING, val_rmse=FALLING, val_loss=FALLING)
    (chart,) = panels("loss", subject(run, metrics=(name,)))
    assert chart.title == "rmse"
    assert [one.label for one in chart.lines] == ["train", "val"]


def test_metrics_are_drawn_in_the_order_asked_for_and_once() -> None:
    run = make_run(val_rmse=FALLING, val_mae=FALLING)
    asked = subject(run, metrics=("mae", "val_rmse", "rmse"))
    assert [chart.title for chart in panels("loss", asked)] == ["mae", "rmse"]


def test_any_column_may_be_asked_for() -> None:
    run = make_run(val_rmse=FALLING, grad_norm=FALLING, more={"grad_norm/Head": FALLING})
    total, head = panels("loss", subject(run, metrics=("grad_norm", "grad_norm/head")))
    assert [one.label for one in total.lines] == [""] and total.dots == ()
    assert head.lines[0].y.tolist() == FALLING


def test_an_unknown_metric_gets_the_nearest_known_name() -> None:
    run = make_run(val_rmse=FALLING)
    blank, chart = panels("loss", subject(run, metrics=("val_rmsee", "rmse")))
    assert isinstance(blank, Blank) and "did you mean rmse?" in blank.reason
    assert chart.title == "rmse"


def test_a_metric_without_a_finite_value_says_so() -> None:
    nan = make_run(val_rmse=FALLING, val_mae=[np.nan] * 4, nonfinite={"val_mae": (1, 2, 3, 4)})
    assert panel("loss", subject(nan, metrics=("mae",))).reason == "no finite value in E01-E04"
    lost = make_run(val_rmse=[np.nan] * 4, nonfinite={"val_rmse": (1, 2, 3, 4)})
    assert panel("loss", subject(lost)).reason.startswith("no finite training or validation")


def test_values_over_two_decades_are_drawn_on_a_log_scale() -> None:
    wide, narrow = make_run(val_rmse=[1.0, 0.01]), make_run(val_rmse=[1.0, 0.5])
    assert panel("loss", subject(wide)).is_log
    assert not panel("loss", subject(narrow)).is_log
    assert panel("loss", subject(narrow, scale="log")).is_log
    assert not panel("loss", subject(wide, scale="linear")).is_log


def test_a_long_curve_keeps_its_lowest_and_highest_point() -> None:
    curve = power_law(5000)
    curve[[1111, 3333]] = 7.0, 1e-5
    drawn = panel("loss", subject(make_run(val_rmse=curve))).lines[0]
    assert len(drawn.x) < 1500
    assert drawn.y[drawn.x == 1112].tolist() == [7.0]
    assert drawn.y[drawn.x == 3334].tolist() == [1e-5]


def test_findings_on_metrics_are_marked() -> None:
    found = [finding(code, (2, 3)) for code in ("LOSS005", "GEN001", "LR003")]
    marks = panel("loss", subject(make_run(val_rmse=FALLING), *found)).marks
    assert [mark.code for mark in marks] == ["LOSS005", "GEN001"]


def test_the_learning_rate_is_drawn_with_its_findings() -> None:
    rates = cosine_lr(20, floor=1e-4)
    chart = panel("lr", subject(make_run(lr=rates), finding("LR001", (3, 9))))
    assert chart.lines[0].y.tolist() == rates.tolist()
    assert [mark.code for mark in chart.marks] == ["LR001"]


def test_groups_with_equal_rates_are_one_line() -> None:
    rates = constant_lr(4)
    groups = {"opt_lr/0": rates, "opt_lr/1": rates / 10, "opt_lr/2": rates}
    chart = panel("lr", subject(make_run(lr=rates, more=groups)))
    assert [one.label for one in chart.lines] == ["groups 0, 2", "group 1"]
    assert line(chart, "group 1").y.tolist() == (rates / 10).tolist()


def test_groups_that_do_not_differ_are_the_one_rate() -> None:
    rates = constant_lr(4)
    run = make_run(lr=rates, more={"opt_lr/0": rates, "opt_lr/1": rates})
    assert [one.label for one in panel("lr", subject(run)).lines] == [""]
    alone = make_run(val_rmse=rates, more={"opt_lr/0": rates})
    assert panel("lr", subject(alone)).lines[0].y.tolist() == rates.tolist()


def test_more_rates_than_can_be_told_apart_are_counted() -> None:
    groups = {f"opt_lr/{k}": constant_lr(3, 1e-3 / (k + 1)) for k in range(9)}
    chart = panel("lr", subject(make_run(val_rmse=[1] * 3, more=groups)))
    assert len(chart.lines) == 7 and "2 more rates not drawn" in chart.notes


def test_without_a_rate_there_is_a_reason() -> None:
    assert panel("lr", subject(make_run(val_rmse=FALLING))).reason == (
        "the log has no learning rate"
    )
