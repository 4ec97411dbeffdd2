"""What the views of time, memory and features promise."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from logparse.plots.content import Blank
from logparse.records import Resolution
from logparse.run import Run
from tests.plots.subjects import finding, line, panel, panels, subject
from tests.runs import make_run


def test_rate_and_time_are_two_panels_in_their_units() -> None:
    run = make_run(throughput=[100.0, 90.0], elapsed_s=[50.0, 70.0])
    rate, time = panels("throughput", subject(run, finding("DATA002", (2, 2))))
    assert (rate.title, rate.unit) == ("throughput", "samples/s")
    assert (time.title, time.unit) == ("time per epoch", "s")
    assert rate.lines[0].y.tolist() == [100, 90] and time.lines[0].y.tolist() == [50, 70]
    assert "2m00s in all" in time.notes
    assert [mark.code for mark in (*rate.marks, *time.marks)] == ["DATA002", "DATA002"]


def test_time_since_the_start_is_turned_into_time_per_epoch() -> None:
    run = make_run(throughput=[100.0] * 12, elapsed_s=30.0 * np.arange(1, 13))
    time = panels("throughput", subject(run, last=3))[1]
    assert time.lines[0].x.tolist() == [10, 11, 12]
    assert time.lines[0].y.tolist() == [30, 30, 30]
    assert "from the time since the start" in time.notes


def test_times_that_are_mostly_rounding_are_not_added_up() -> None:
    whole_seconds = {"elapsed_s": Resolution(decimals=0, scientific=False)}
    run = make_run(elapsed_s=[1.0, 0.0, 1.0], resolution=whole_seconds)
    assert panel("throughput", subject(run)).notes == ()


def test_a_log_with_time_alone_has_one_panel() -> None:
    assert [p.title for p in panels("throughput", subject(make_run(elapsed_s=[1.0, 2.0])))] == [
        "time per epoch"
    ]
    assert isinstance(panel("throughput", subject(make_run(val_rmse=[1.0]))), Blank)


def with_snapshot(run: Run) -> Run:
    return replace(run, micro={"gpu_reserved_mb": 2048, "gpu_peak_mb": 512, "gpu_total_mb": 8192})


def test_memory_stands_beside_what_there_is() -> None:
    chart = panel("memory", subject(with_snapshot(make_run(gpu_gib=[1.0, 1.5]))))
    assert chart.unit == "GiB" and chart.lines[0].y.tolist() == [1.0, 1.5]
    assert [(level.label, level.value) for level in chart.levels] == [
        ("capacity", 8.0),
        ("reserved", 2.0),
    ]
    assert chart.notes == ("peak 1.5 of 8 GiB (logged)",)
    assert panel("memory", subject(make_run(gpu_gib=[1.0, 1.5]))).notes == ("peak 1.5 GiB",)


def test_a_snapshot_alone_is_told_in_numbers() -> None:
    blank = panel("memory", subject(with_snapshot(make_run(val_rmse=[1.0]))))
    assert isinstance(blank, Blank)
    assert "peak 0.5 GiB, reserved 2 GiB" in blank.reason


def test_zeros_are_no_memory() -> None:
    blank = panel("memory", subject(make_run(gpu_gib=[0.0, 0.0])))
    assert isinstance(blank, Blank) and blank.reason == "no GPU memory is in use"


def test_findings_on_memory_have_no_place_and_are_told() -> None:
    found = [finding("MEM001", (1, 2)), finding("MEM002")]
    chart = panel("memory", subject(make_run(gpu_gib=[1.0, 2.0]), *found))
    assert [mark.code for mark in chart.marks] == ["MEM001"]
    assert "MEM002 name-of-it" in chart.notes


def scored(lists: list[dict[str, float]]) -> Run:
    """A run whose k-th epoch lists these features."""
    rows = [
        (epoch, position, name, score, 1)
        for epoch, scores in enumerate(lists, start=1)
        for position, (name, score) in enumerate(scores.items())
    ]
    frame = pd.DataFrame(rows, columns=["epoch", "position", "name", "score", "line"])
    return replace(make_run(val_rmse=np.ones(len(lists))), features=frame)


def test_features_that_score_highest_over_all_lists_are_lines() -> None:
    (chart,) = panels("features", subject(scored([{"a": 0.1, "b": 0.9}, {"a": 0.3, "b": 0.2}])))
    assert [one.label for one in chart.lines] == ["b", "a"]
    assert line(chart, "a").y.tolist() == [0.1, 0.3]


def test_a_list_without_a_feature_is_a_gap_in_its_line() -> None:
    (chart,) = panels("features", subject(scored([{"a": 1, "b": 2}, {"b": 2}, {"a": 3, "b": 2}])))
    assert np.array_equal(line(chart, "a").y, [1, np.nan, 3], equal_nan=True)


def test_more_features_than_lines_are_a_heatmap_of_all() -> None:
    run = scored([{f"f{k}": float(k) for k in range(10)}, {"f0": 0.5, "f9": np.nan}])
    chart, heatmap = panels("features", subject(run))
    assert [one.label for one in chart.lines] == [f"f{k}" for k in range(9, 2, -1)]
    assert "3 lower not drawn" in chart.notes
    assert heatmap.rows == tuple(f"f{k}" for k in range(9, -1, -1))
    assert heatmap.values[-1].tolist() == [0.0, 0.5] and heatmap.row_axis == "feature"


def test_features_of_the_last_epochs_only() -> None:
    drawn = subject(scored([{"a": 9.0}, {"b": 1.0}]), last=1)
    assert [one.label for one in panel("features", drawn).lines] == ["b"]


def test_a_log_without_features_has_a_reason() -> None:
    assert isinstance(panel("features", subject(make_run(val_rmse=[1.0]))), Blank)
