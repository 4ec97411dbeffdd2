"""A run as views see it: its window, its scale, its findings and phases."""

from __future__ import annotations

import numpy as np
import pytest

from logparse.plots.content import Axis, Line
from logparse.plots.subject import MOST_POINTS, thinned
from tests.plots.subjects import finding, subject
from tests.runs import cosine_lr, linear_lr, make_run

CURVE = [0.4, 0.3, 0.2, 0.1]


@pytest.mark.parametrize(
    ("last", "window"),
    [(None, (3, 9)), (1, (9, 9)), (2, (7, 9)), (99, (3, 9)), (0, (9, 9)), (-3, (9, 9))],
)
def test_the_window_is_the_last_epochs_that_were_logged(
    last: int | None, window: tuple[int, int]
) -> None:
    run = make_run(val_rmse=CURVE, epochs=[3, 5, 7, 9])
    drawn = subject(run, last=last)
    assert drawn.window == window
    assert drawn.axis == Axis("epoch", *map(float, window))


def test_a_run_without_epochs_has_an_empty_window() -> None:
    drawn = subject(make_run())
    assert drawn.window == (0, 0) and drawn.told == "run-log, no epochs"


def test_the_subtitle_says_which_run_and_which_epochs() -> None:
    run = make_run(val_rmse=CURVE, index=2, count=3)
    assert subject(run).told == "run-log F2 · run 2 of 3 · E01-E04"
    assert subject(run, last=2).told == "run-log F2 · run 2 of 3 · E03-E04 shown"


def test_a_curve_has_a_gap_where_nan_was_printed_and_none_where_nothing_was() -> None:
    run = make_run(val_rmse=[1.0, np.nan, np.nan, 2.0], nonfinite={"val_rmse": (2,)})
    drawn = subject(run).line("val_rmse", "val", "val")
    assert drawn is not None
    assert drawn.x.tolist() == [1, 2, 4]
    assert np.array_equal(drawn.y, [1.0, np.nan, 2.0], equal_nan=True)


def test_a_column_without_a_number_is_no_curve() -> None:
    run = make_run(val_rmse=[np.nan, 1.0])
    assert subject(run).line("no_such", "", "val") is None
    assert subject(run).line("val_rmse", "", "val") is not None
    assert subject(make_run(val_rmse=[1.0, np.nan]), last=1).line("val_rmse", "", "val") is None


def scaled(values: list[float], scale: str = "auto", auto: bool | None = None) -> bool:
    drawn = subject(make_run(val_rmse=[1.0]), scale=scale)
    return drawn.is_log([np.array(values)], auto=auto)


def test_the_scale_goes_by_the_span_where_nothing_is_asked_for() -> None:
    assert scaled([1.0, 100.0]) and not scaled([1.0, 99.0])
    assert not scaled([0.0, 1.0, 1000.0]), "a zero would be lost"
    assert scaled([0.0, 1.0], auto=True), "the view knows better"
    assert not scaled([1.0, 1000.0], auto=False)


def test_the_scale_is_as_asked_where_it_can_be() -> None:
    assert scaled([1.0, 2.0], "log") and not scaled([1.0, 1e6], "linear", auto=True)
    assert not scaled([0.0, -1.0], "log") and not scaled([], "log") and not scaled([np.nan], "log")


def test_marks_are_the_findings_of_the_families_within_the_window() -> None:
    found = (
        finding("GRAD001", (1, 2)),
        finding("GRAD003", (2, 9)),
        finding("LR001", (3, 4)),
        finding("GRAD004"),
    )
    drawn = subject(make_run(val_rmse=CURVE), *found, last=2)
    assert [(mark.code, mark.first, mark.last) for mark in drawn.marks("GRAD")] == [
        ("GRAD003", 3, 4)
    ]
    assert [mark.code for mark in drawn.marks(codes=["LR001"])] == ["LR001"]
    assert drawn.unplaced("GRAD") == ("GRAD004 name-of-it",)
    assert drawn.unplaced("LR") == () and drawn.marks() == ()


def test_a_finding_can_be_asked_for() -> None:
    drawn = subject(make_run(val_rmse=CURVE), finding("GRAD001"))
    assert drawn.found("GRAD001") is not None and drawn.found("GRAD002") is None


def test_phases_of_the_schedule_cover_the_window() -> None:
    shades = subject(make_run(lr=linear_lr(20, warm_up=5))).shades
    assert [shade.kind for shade in shades] == ["warm-up", "anneal"]
    assert (shades[0].first, shades[-1].last) == (1, 20)
    late = subject(make_run(lr=linear_lr(20, warm_up=5)), last=17).shades
    assert (late[0].first, late[-1].last) == (4, 20)


def test_a_schedule_of_one_phase_is_not_shaded() -> None:
    assert subject(make_run(lr=cosine_lr(20))).shades == ()


def test_the_lack_of_something_is_told_from_its_not_being_finite() -> None:
    run = make_run(val_rmse=[1.0, 2.0], nonfinite={"grad_norm": (1, 2)})
    assert subject(run).lack("norm", "grad_norm") == "no finite norm in E01-E02"
    assert subject(run).lack("memory", "gpu_gib") == "the log has no memory"


def test_a_short_curve_is_drawn_as_it_is() -> None:
    short = Line("", np.arange(MOST_POINTS) * 1.0, np.arange(MOST_POINTS) * 1.0, "val")
    assert thinned(short) is short


def test_a_thinned_curve_keeps_its_ends_gaps_and_extremes() -> None:
    rng = np.random.default_rng(0)
    y = rng.normal(size=20_000)
    y[777], y[7_000], y[15_000:15_003] = 50.0, -50.0, np.nan
    drawn = thinned(Line("it", np.arange(20_000) * 1.0, y, "val", is_thin=True))
    assert len(drawn.x) <= 1.5 * MOST_POINTS + 2
    assert drawn.x[0] == 0 and drawn.x[-1] == 19_999
    assert {50.0, -50.0} <= {*drawn.y.tolist()}
    assert np.isnan(drawn.y[(drawn.x >= 15_000) & (drawn.x < 15_003)]).any()
    assert np.array_equal(drawn.y, y[drawn.x.astype(int)], equal_nan=True)
    assert (drawn.label, drawn.role, drawn.is_thin) == ("it", "val", True)


def test_that_curves_are_thinned_is_told() -> None:
    long = subject(make_run(val_rmse=[1.0] * (MOST_POINTS + 1)))
    assert f"thinned to some {MOST_POINTS:,} of {MOST_POINTS + 1:,} points" in long.told
    assert not subject(make_run(val_rmse=[1.0] * (MOST_POINTS + 1)), last=50).thinning
