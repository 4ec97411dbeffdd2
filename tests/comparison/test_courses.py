"""Where a run's epochs stand on each axis, and what was known there."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from logparse.comparison.courses import Course
from logparse.comparison.model import Axis
from logparse.run import Run
from tests.runs import make_run


def timed(**more: object) -> Run:
    return make_run(
        settings={"TRAIN_WINDOWS": 1000, "TRAIN_BATCH": 96, "MAX_EPOCHS": 4},
        val_rmse=[0.4, 0.3, 0.2, 0.25],
        elapsed_s=[10.0, 20.0, 10.0, 10.0],
        throughput=[100.0, 50.0, 100.0, 100.0],
        **more,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    ("axis", "ends"),
    [
        ("epoch", [1, 2, 3, 4]),
        ("time", [10, 30, 40, 50]),
        ("samples", [1000, 2000, 3000, 4000]),
        ("step", [11, 22, 33, 44]),
    ],
)
def test_every_axis_says_where_an_epoch_ends(axis: Axis, ends: list[float]) -> None:
    found = Course(timed()).ends(axis)
    assert found is not None and found.tolist() == ends


def test_epochs_counted_from_zero_have_been_one_more() -> None:
    found = Course(timed(epochs=[0, 1, 2, 3])).ends("samples")
    assert found is not None and found.tolist() == [1000, 2000, 3000, 4000]


def test_the_steps_of_the_schedule_beat_those_worked_out() -> None:
    run = replace(timed(), optimizer={"total_steps": 400})
    found = Course(run).ends("step")
    assert found is not None and found.tolist() == [100, 200, 300, 400]


@pytest.mark.parametrize(
    ("axis", "place", "epoch"),
    [
        ("epoch", 2, 2),
        ("time", 39.9, 2),
        ("time", 40.0, 3),
        ("samples", 1e9, 4),
        ("epoch", 0.5, None),
    ],
)
def test_the_value_at_a_place_is_the_last_one_known(
    axis: Axis, place: float, epoch: int | None
) -> None:
    found = Course(timed()).value_at("val_rmse", axis, place)
    assert (found.epoch if found else None) == epoch


def test_a_metric_that_is_not_logged_in_every_epoch_stands_where_it_was() -> None:
    run = make_run(val_rmse=[0.4, math.nan, 0.3, math.nan], elapsed_s=[1, 2, 3, 4])
    course = Course(run)
    assert course.reach("val_rmse", "time") == (1.0, 6.0)
    found = course.value_at("val_rmse", "time", 5.9)
    assert found is not None and found.epoch == 1


def test_time_is_unknown_where_epochs_are_missing() -> None:
    course = Course(make_run(val_rmse=[3, 2, 1], elapsed_s=[5, 5, 5], epochs=[1, 2, 5]))
    assert course.ends("time") is None and course.seconds_until(5) is None
    assert course.why_not("time") == "it does not time every epoch"


def test_without_sizes_there_are_neither_samples_nor_steps() -> None:
    course = Course(make_run(val_rmse=[3, 2, 1]))
    for axis in ("samples", "step", "time"):
        assert course.ends(axis) is None and course.why_not(axis)  # type: ignore[arg-type]


def test_a_run_without_epochs_has_no_course() -> None:
    course = Course(make_run())
    assert course.ends("epoch") is None
    assert course.why_not("epoch") == "it has no epochs"
    assert course.value_at("val_rmse", "epoch", 3) is None


def test_a_target_is_reached_in_the_direction_of_the_metric() -> None:
    course = Course(make_run(val_rmse=[0.4, 0.3, 0.2], val_r2=[0.1, 0.5, 0.9]))
    assert course.reaching("val_rmse", 0.3) == 2
    assert course.reaching("val_r2", 0.6) == 3
    assert course.reaching("val_rmse", 0.1) is None
    assert course.reaching("val_r2", 0.95) is None


def test_the_way_to_an_epoch_takes_the_time_of_all_before() -> None:
    assert Course(timed()).seconds_until(2) == 30.0
