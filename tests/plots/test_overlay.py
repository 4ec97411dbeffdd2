"""Sides of a comparison over one axis: whose values are drawn, where, and what is said of them."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from logparse import compare
from logparse.errors import UnknownNameError
from logparse.plots.contenders import BEST, MOST_OTHERS, WORST
from logparse.plots.content import Blank, Chart, Line
from logparse.plots.groups import MOST_PLACES, common, group, held
from logparse.plots.overlay import overlay
from logparse.plots.subject import Wanted
from tests.comparison.sides import learner
from tests.plots.overlays import compared
from tests.runs import make_run

NAN = math.nan
HOSTILE = "\x1b[31m$x_1$ <script>漢\u202e"


def chart(comparison: Any, *views: str, at: int = 0, **asked: Any) -> Chart:
    panel = overlay(comparison, *(views or ("loss",)), **asked).panels[at]
    assert isinstance(panel, Chart), panel
    return panel


def line(drawn: Chart, label: str) -> Line:
    (found,) = [one for one in drawn.lines if one.label == label]
    return found


def curve(x: list[float], y: list[float]) -> Line:
    return Line("", np.array(x), np.array(y), "")


def test_a_single_run_is_drawn_as_its_log_has_it() -> None:
    values = [0.5, 0.3, 0.4]
    drawn = chart(compared(make_run(val_rmse=values), make_run(val_rmse=[0.6, 0.2, 0.1])))
    assert line(drawn, "a").x.tolist() == [1, 2, 3] and line(drawn, "a").y.tolist() == values
    assert line(drawn, "b").y.tolist() == [0.6, 0.2, 0.1]
    assert line(drawn, "a").role != line(drawn, "b").role


def test_a_group_is_its_median_within_its_range() -> None:
    runs = [make_run(val_rmse=values) for values in ([1, 2, 9], [3, 4, 5], [8, 0, 1])]
    drawn = chart(compared(runs, make_run(val_rmse=[1.0, 1.0, 1.0])))
    (band,) = drawn.bands
    assert line(drawn, "a").y.tolist() == [3, 2, 5]
    assert (band.low.tolist(), band.high.tolist()) == ([1, 0, 1], [8, 4, 9])
    assert "shaded: range of 3 runs" in drawn.notes and band.role == line(drawn, "a").role
    members = [one for one in drawn.lines if one.is_thin and not one.is_dashed]
    assert sorted(one.y.tolist() for one in members) == [[1, 2, 9], [3, 4, 5], [8, 0, 1]]


def test_a_larger_group_is_shown_by_its_quartiles() -> None:
    runs = [make_run(val_rmse=[float(value)]) for value in (1, 2, 3, 4, 100)]
    drawn = chart(compared(runs, make_run(val_rmse=[1.0])))
    (band,) = drawn.bands
    assert (band.low.tolist(), band.high.tolist()) == ([2], [4])
    assert "shaded: middle half of 5 runs" in drawn.notes


def test_a_median_ends_where_fewer_than_half_of_the_runs_are_left() -> None:
    runs = [make_run(val_rmse=[1.0] * length) for length in (2, 4, 6, 8)]
    drawn = line(chart(compared(runs, make_run(val_rmse=[1.0]))), "a")
    told = drawn.x[np.isfinite(drawn.y)]
    assert told.tolist() == [1, 2, 3, 4, 5, 6]


def test_a_run_that_broke_is_not_held_at_its_last_value() -> None:
    broken = make_run(val_rmse=[3.0, NAN, NAN, 3.0], nonfinite={"val_rmse": (2, 3)})
    runs = [broken, make_run(val_rmse=[1.0] * 4)]
    drawn = chart(compared(runs, broken))
    assert line(drawn, "a").y.tolist() == [2, 1, 1, 2]
    assert np.isnan(line(drawn, "b").y).tolist() == [False, True, True, False]
    assert drawn.broken == (2.0, 3.0)


def test_at_each_place_counts_what_was_known_last() -> None:
    told = held(curve([1.0, 3.0, 5.0], [10.0, 30.0, 50.0]), np.array([0.5, 1, 2.9, 3, 4.9, 5, 5.1]))
    assert np.array_equal(told, [NAN, 10, 10, 30, 30, 50, NAN], equal_nan=True)


def test_runs_on_unequal_places_meet_on_all_of_them() -> None:
    joined = group([curve([1.0, 3.0], [2.0, 4.0]), curve([2.0, 3.0], [6.0, 8.0])])
    assert joined.x.tolist() == [1, 2, 3]
    assert joined.median.tolist() == [2, 4, 6]


def test_too_many_places_are_replaced_by_even_ones_to_the_very_end() -> None:
    lines = [curve([*np.arange(400) + shift], [1.0] * 400) for shift in (0.0, 0.3, 0.6)]
    places = common(lines)
    assert len(places) == MOST_PLACES and (places[0], places[-1]) == (0.0, 399.6)


def test_huge_values_have_a_median() -> None:
    joined = group([curve([1.0], [1.7e308]), curve([1.0], [1.6e308])])
    assert joined.median[0] == pytest.approx(1.65e308)


def test_time_is_told_in_the_unit_that_fits() -> None:
    def timed(seconds: float) -> Any:
        return compared(
            *(make_run(val_rmse=[2.0, 1.0], elapsed_s=[seconds, 2 * seconds]) for _ in "ab")
        )

    for seconds, label, last in ((10, "seconds", 30), (600, "minutes", 30), (36_000, "hours", 30)):
        picture = overlay(timed(seconds), "loss", axis="time")
        assert (picture.axis.label, picture.axis.is_epochs) == (label, False)
        assert picture.axis.high == pytest.approx(last)


def test_steps_and_samples_come_from_what_the_log_declares() -> None:
    settings = {"STEPS_PER_EPOCH": 50}
    both = [make_run(settings=settings, val_rmse=[3.0, 2.0, last]) for last in (1.0, 0.5)]
    picture = overlay(compared(*both), "loss", axis="step")
    assert (picture.axis.low, picture.axis.high) == (50, 150)
    assert line(chart(compared(*both), axis="step"), "a").x.tolist() == [50, 100, 150]


def test_the_axis_is_that_of_the_comparison_unless_told() -> None:
    both = [make_run(val_rmse=[2.0, 1.0], elapsed_s=[10.0, 10.0]) for _ in "ab"]
    assert overlay(compared(*both, align="time")).axis.label == "seconds"
    assert overlay(compared(*both, align="time"), axis="epoch").axis.is_epochs


def test_a_run_without_the_axis_is_left_out_and_named() -> None:
    told = compared(
        make_run(val_rmse=[2.0, 1.0], elapsed_s=[10.0, 10.0]), make_run(val_rmse=[2.0, 1.0])
    )
    drawn = chart(told, axis="time")
    assert [one.label for one in drawn.lines if one.label] == ["a"]
    assert any("b is left out: it does not time every epoch" in note for note in drawn.notes)


def test_where_no_run_has_the_axis_every_panel_says_so() -> None:
    told = compared(make_run(val_rmse=[2.0]), make_run(val_rmse=[1.0]))
    picture = overlay(told, "loss", "lr", axis="time")
    assert picture.is_blank and len(picture.panels) == 2
    assert all(isinstance(one, Blank) and "time" in one.reason for one in picture.panels)


def test_two_sides_have_their_difference_below() -> None:
    told = compared(make_run(val_rmse=[0.5, 0.4, 0.3]), make_run(val_rmse=[0.6, 0.3]))
    drawn = chart(told, at=1)
    (one,) = drawn.lines
    assert one.x[np.isfinite(one.y)].tolist() == [1, 2]
    assert one.y[:2] == pytest.approx([0.1, -0.1])
    assert drawn.levels[0].value == 0 and not drawn.bands
    assert drawn.notes == ("b less a", "below 0 it is better")


def test_the_band_of_a_difference_is_the_range_of_all_pairs_and_called_no_test() -> None:
    first = [make_run(val_rmse=[value]) for value in (1.0, 2.0)]
    second = [make_run(val_rmse=[value]) for value in (5.0, 9.0)]
    drawn = chart(compared(first, second), at=1)
    (band,) = drawn.bands
    pairs = [other - one for one in (1.0, 2.0) for other in (5.0, 9.0)]
    assert (band.low[0], band.high[0]) == (min(pairs), max(pairs))
    assert drawn.lines[0].y[0] == 7.0 - 1.5
    assert any("4 pairs of runs" in note and "not a test" in note for note in drawn.notes)


@pytest.mark.parametrize("lengths", [(2, 3), (3, 2)])
def test_sides_that_never_meet_have_no_difference(lengths: tuple[int, int]) -> None:
    first = make_run(val_rmse=[1.0] * lengths[0], epochs=range(1, 1 + lengths[0]))
    second = make_run(val_rmse=[1.0] * lengths[1], epochs=range(9, 9 + lengths[1]))
    panels = overlay(compared(first, second), "loss").panels
    assert len(panels) == 1


def test_three_sides_have_no_difference() -> None:
    assert len(overlay(compared(*(learner(at) for at in range(3))), "loss").panels) == 1


def test_the_best_of_each_side_is_marked_where_it_stands() -> None:
    drawn = chart(compared(make_run(val_r2=[0.1, 0.9, 0.5]), make_run(val_r2=[0.2, 0.3, 0.8])))
    assert [(dot.x, dot.y) for dot in drawn.dots] == [(2, 0.9), (3, 0.8)]
    assert drawn.notes[:2] == ("best of a 0.9 at E02", "best of b 0.8 at E03")


def test_baselines_that_all_runs_share_are_levels_and_others_are_not() -> None:
    def run(mean: float, persistence: float) -> Any:
        known = {"val_mean_rmse": mean, "val_persistence_rmse": persistence}
        return make_run(val_rmse=[1.0, 0.5], baselines=known)

    drawn = chart(compared(run(0.9, 0.7), run(0.9, 0.6)))
    assert [(level.label, level.value) for level in drawn.levels] == [("mean", 0.9)]


def test_a_target_is_drawn_only_where_it_was_given() -> None:
    both = (learner(0), learner(1))
    assert "target" not in [level.label for level in chart(compared(*both)).levels]
    given = chart(compared(*both, target="val_rmse=0.2")).levels
    assert [(level.label, level.value) for level in given] == [("target", 0.2)]


def test_training_is_shown_beside_few_single_runs_only() -> None:
    def dashed(drawn: Chart) -> int:
        return sum(one.is_dashed for one in drawn.lines)

    assert dashed(chart(compared(learner(0), learner(1)))) == 2
    assert dashed(chart(compared(*map(learner, range(4))))) == 0
    assert dashed(chart(compared([learner(0), learner(1)], [learner(2), learner(3)]))) == 0


def test_schedules_that_are_the_same_become_one_line() -> None:
    drawn = chart(compared(learner(0, lr=[1e-3] * 20), learner(1, lr=[1e-3] * 20)), "lr")
    assert [one.label for one in drawn.lines] == ["all sides"]


def test_of_many_sides_the_best_and_the_worst_are_named() -> None:
    told = compared(*(learner(at, floor=0.1 + 0.01 * ((7 * at) % 12)) for at in range(12)))
    drawn = chart(told)
    order = sorted(range(12), key=lambda at: (7 * at) % 12)
    named = {"abcdefghijkl"[at] for at in [0, *order[:BEST], *order[-WORST:]]}
    assert {one.label for one in drawn.lines if one.label} == named
    others = [one for one in drawn.lines if not one.label]
    assert len(others) == 12 - len(named)
    assert all(one.role == "muted" and one.is_thin for one in others)
    assert any(note.startswith("of 12 sides") for note in drawn.notes)


def test_of_very_many_sides_some_are_left_out_and_counted() -> None:
    told = compared(*(learner(at, floor=0.1 + at / 1000) for at in range(120)))
    drawn = chart(told)
    others = [one for one in drawn.lines if not one.label]
    assert len(others) == MOST_OTHERS
    assert any(note.startswith(f"{MOST_OTHERS} of the 115 others") for note in drawn.notes)


def test_a_side_without_a_result_is_neither_best_nor_worst() -> None:
    runs = [learner(at, floor=0.1 + at / 1000) for at in range(9)]
    runs[4] = make_run(lr=[1.0, 1.0])
    drawn = chart(compared(*runs), "lr", "loss")
    assert {one.label for one in drawn.lines if one.label} == set("abchi")


def test_views_for_one_run_are_blank_with_the_reason() -> None:
    picture = overlay(compared(learner(0), learner(1)), "layers", "attention")
    assert picture.is_blank and len(picture.panels) == 2


def test_what_no_log_has_is_blank_when_asked_for_and_left_out_of_the_overview() -> None:
    told = compared(learner(0), learner(1))
    (panel,) = overlay(told, "memory").panels
    assert isinstance(panel, Blank) and "gpu gib" in panel.reason
    assert not any(isinstance(one, Blank) for one in overlay(told).panels)


def test_an_unknown_view_is_refused_by_name() -> None:
    with pytest.raises(UnknownNameError, match="los"):
        overlay(compared(learner(0), learner(1)), "los")


def test_metrics_are_drawn_as_asked() -> None:
    told = compared(learner(0), learner(1))
    picture = overlay(told, "loss", wanted=Wanted(metrics=("mae", "train_rmse", "nothing")))
    titles = [panel.title for panel in picture.panels]
    assert titles == [
        *("val mae", "difference in val mae"),
        *("train rmse", "difference in train rmse", "nothing"),
    ]
    assert isinstance(picture.panels[-1], Blank)


def test_only_the_last_epochs_are_drawn_where_asked() -> None:
    picture = overlay(compared(learner(0), learner(1)), "loss", wanted=Wanted(last=5))
    assert (picture.axis.low, picture.axis.high) == (16, 20)


def test_scales_are_as_asked() -> None:
    told = compared(learner(0, grad_norm=[1.0] * 20), learner(1, grad_norm=[2.0] * 20))
    assert chart(told, "grad-norms").is_log
    assert not chart(told, "grad-norms", wanted=Wanted(scale="linear")).is_log
    assert chart(told, wanted=Wanted(scale="log")).is_log


@pytest.mark.parametrize("axis", ["epoch", "time", "step", "samples"])
@pytest.mark.parametrize(
    "columns",
    [
        {"val_rmse": [NAN] * 3, "lr": [NAN] * 3},
        {"val_rmse": [1.0], "lr": [1e-3], "elapsed_s": [0.0]},
        {"val_rmse": [1e308, -1e308, 5e-324], "grad_norm": [1e308] * 3, "elapsed_s": [1e307] * 3},
        {"val_rmse": [math.inf, 1.0, -math.inf], "elapsed_s": [-5.0, 1.0, 0.0]},
        {"val_rmse": [0.0, 0.0], "throughput": [0.0, 0.0], "gpu_gib": [0.0, 0.0]},
    ],
)
def test_nothing_raises_on_odd_runs(columns: dict[str, list[float]], axis: Any) -> None:
    odd = replace(make_run(**columns), source=HOSTILE)
    empty = make_run()
    sides = (odd, [odd, learner(1), empty], learner(2), empty)
    views = ("loss", "lr", "grad-norms", "throughput", "memory", "update-ratios", "layers")
    for told in (compared(odd, odd), compared(*sides), compared(empty, odd)):
        for panel in overlay(told, *views, axis=axis).panels:
            if isinstance(panel, Chart):
                assert all(len(one.x) == len(one.y) for one in panel.lines)
                assert all((np.diff(one.x) >= 0).all() for one in panel.lines)


def test_logs_of_the_corpus_are_drawn_with_their_values() -> None:
    logs = ("fixtures/early_lr_drop.log", "fixtures/vanishing_gradient.log")
    told = compare(*logs)
    drawn = chart(told)
    for side in told.sides:
        values = side.entrants[0].run.epochs["val_rmse"].tolist()
        assert line(drawn, side.label).y.tolist() == values
