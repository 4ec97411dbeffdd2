"""A comparison as frames: every number with what it is made of."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from logparse.comparison.comparing import compare_sides
from logparse.comparison.model import Side
from logparse.comparison.options import options
from logparse.comparison.tables import METRICS
from tests.comparison.sides import entrant, learner, side


def groups() -> list[Side]:
    return [
        side(name, *(learner(at, floor=floor * (1 + at / 50)) for at in range(5)))
        for name, floor in (("base", 0.1), ("wide", 0.08))
    ]


def test_the_frame_of_metrics_has_a_row_for_each_measure_and_side() -> None:
    found = compare_sides(groups(), options())
    frame = found.metrics
    assert tuple(frame.columns) == METRICS
    assert len(frame) == 2 * len(found.rows)
    best = frame[frame["measure"] == "best_val_rmse"].set_index("side")
    assert best.loc["base", ["n", "lacking"]].tolist() == [5, 0]
    assert pd.isna(best.loc["base", "difference"]) and pd.isna(best.loc["base", "reference"])
    wide = best.loc["wide"]
    assert wide["reference"] == "base" and wide["verdict"] == "better"
    assert wide["difference"] == pytest.approx(wide["mean"] - best.loc["base", "mean"])
    assert wide["low"] <= wide["difference"] <= wide["high"]


def test_the_frame_of_runs_holds_the_data_behind_every_number() -> None:
    found = compare_sides(groups(), options())
    runs, metrics = found.runs, found.metrics
    assert len(runs) == 10 and runs["run"].is_unique
    for _, row in metrics[metrics["n"] > 0].iterrows():
        values = runs.loc[runs["side"] == row["side"], row["measure"]].dropna()
        assert len(values) == row["n"] and values.median() == pytest.approx(row["median"])
    assert runs["SEED"].tolist() == ["0", "1", "2", "3", "4"] * 2


def test_a_setting_called_like_a_measure_or_a_column_keeps_its_own_place() -> None:
    first = learner(0, settings={"side": "left", "throughput": 1}, throughput=[100.0] * 20)
    second = learner(1, settings={"side": "right", "throughput": 2}, throughput=[90.0] * 20)
    frame = compare_sides([side("a", first), side("b", second)], options()).runs
    assert frame["side"].tolist() == ["a", "b"]
    assert frame["throughput"].tolist() == [100.0, 90.0]
    assert frame["hyperparameters.throughput"].tolist() == ["1", "2"]
    assert frame["hyperparameters.side"].tolist() == ["left", "right"]


def test_settings_and_findings_have_a_column_for_each_side() -> None:
    first = Side("a", (entrant(learner(0), "a", None, "LR001"),))
    found = compare_sides([first, side("b", learner(1, settings={"LR": 2}))], options())
    assert found.settings.to_dict("records") == [
        {"block": "hyperparameters", "key": "SEED", "a": "0", "b": "1"},
        {"block": "hyperparameters", "key": "LR", "a": "", "b": "2"},
    ]
    assert found.findings.to_dict("records") == [
        {"code": "LR001", "name": "name-of-lr001", "severity": "warning", "a": 1, "b": 0}
    ]


def test_a_notebook_shows_the_frames_and_runs_no_script() -> None:
    evil = "<script>alert(1)</script>"
    first = replace(learner(0, settings={evil: evil}), source=evil)
    found = compare_sides([side(evil, first), side("b", learner(1))], options())
    html = found._repr_html_()
    assert "<script" not in html and "&lt;script&gt;" in html
    assert html.count("<table") == 2 and "best_val_rmse" in html
