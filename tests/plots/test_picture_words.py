"""Pictures in words: what is told of each panel, and that it is plain text."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from logparse import analyze
from logparse.findings import Severity
from logparse.plots.content import (
    Axis,
    Band,
    Blank,
    Chart,
    Dot,
    Heatmap,
    Level,
    Line,
    Mark,
    Picture,
    Shade,
)
from logparse.plots.picturing import picture
from logparse.plots.words import MOST_TOLD, describe, describe_picture
from logparse.renderers.spans import escape

HOURS = Axis("hours", 0.0, 2.0, is_epochs=False)


def line(label: str, *values: float) -> Line:
    return Line(label, np.arange(1.0, 1 + len(values)), np.array(values), "val")


def test_a_curve_is_told_by_its_ends_and_its_extremes() -> None:
    told = describe(Chart(title="rmse", unit="K", lines=(line("val", 0.5, 0.2, 0.9, 0.3),)))
    assert told == (
        "rmse (K): val from 0.5 at E01 to 0.3 at E04, lowest 0.2 at E02, highest 0.9 at E03."
    )


def test_an_extreme_at_an_end_is_not_told_twice() -> None:
    assert describe(Chart(title="rmse", lines=(line("val", 3.0, 2.0, 1.0),))) == (
        "rmse: val from 3 at E01 to 1 at E03."
    )


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ((7.0,), "val 7 at E01"),
        ((7.0, 7.0), "val 7 from E01 to E02"),
        ((math.nan,), "val without a finite value"),
        ((math.nan, 2.0, math.nan), "val 2 at E02"),
        ((), "val without a finite value"),
    ],
)
def test_short_flat_and_broken_curves_are_told_as_such(
    values: tuple[float, ...], told: str
) -> None:
    assert describe(Chart(title="rmse", lines=(line("val", *values),))) == f"rmse: {told}."


def test_what_stands_out_and_what_is_lacking_are_told() -> None:
    chart = Chart(
        title="rmse",
        is_log=True,
        lines=(line("val", 2.0, 1.0), line("", 1.0, 1.0)),
        bands=(Band("range of 3 runs", np.array([1.0]), np.array([1.0]), np.array([2.0]), "val"),),
        levels=(Level("mean", 0.11),),
        dots=(Dot("best val 1", 2.0, 1.0, "val"),),
        marks=(
            Mark("LOSS005", "loss-spike", Severity.WARNING, 1, 1),
            Mark("LOSS005", "loss-spike", Severity.WARNING, 2, 4),
        ),
        shades=(Shade("warmup", 1, 1), Shade("cosine", 2, 4)),
        broken=(3.0,),
        notes=("best val 1 at E02", "2 runs left out"),
    )
    assert describe(chart) == (
        "rmse (log scale): val from 2 at E01 to 1 at E02; 1 more line; shaded: range of 3 runs. "
        "best val 1 at E02, level mean 0.11, LOSS005 loss-spike at E01, from E02 to E04; "
        "learning rate: warmup at E01, cosine from E02 to E04. "
        "nan or an infinity at E03; 2 runs left out."
    )


def test_a_level_whose_label_holds_its_value_is_told_once() -> None:
    told = describe(Chart(title="norm", levels=(Level("CLIPNORM 3", 3.0),)))
    assert told == "norm: nothing to draw. level CLIPNORM 3."


def test_places_are_told_as_the_axis_has_them() -> None:
    told = describe(Chart(title="rmse", lines=(line("a", 2.0, 1.0),)), HOURS)
    assert told == "rmse: a from 2 at 1 hours to 1 at 2 hours."


def test_a_heatmap_is_told_by_its_range_and_its_extreme_rows() -> None:
    values = np.array([[1.0, 2.0, 3.0], [10.0, math.nan, 30.0], [math.nan] * 3])
    told = describe(
        Heatmap(title="norm", rows=("a", "b", "c"), x=np.arange(3.0), values=values, is_log=True,
                row_axis="parameter", notes=("1 row is empty",))
    )  # fmt: skip
    assert told == (
        "norm (log scale): 3 x 3 values by parameter and epoch, from 1 to 30, median 3; "
        "highest is b with a median of 20, lowest a with 2. 1 row is empty."
    )


def test_a_heatmap_without_values_says_so() -> None:
    empty = Heatmap(title="norm", rows=(), x=np.empty(0), values=np.empty((0, 0)))
    assert describe(empty) == "norm: 0 x 0 values by row and epoch, without a finite value."


def test_a_blank_panel_gives_its_reason() -> None:
    assert describe(Blank("memory", "the log has none")) == "memory is not drawn: the log has none."


def test_of_many_curves_the_first_are_told_and_the_rest_counted() -> None:
    many = tuple(line(f"run-{at}", 1.0, 2.0) for at in range(MOST_TOLD + 5))
    told = describe(Chart(title="rmse", lines=many))
    assert f"run-{MOST_TOLD - 1} " in told and f"run-{MOST_TOLD} " not in told
    assert "5 more lines" in told


def test_a_picture_is_told_panel_by_panel_and_its_phases_once() -> None:
    shaded = Chart(title="lr", lines=(line("", 1.0),), shades=(Shade("warmup", 1, 2),))
    told = describe_picture(
        Picture(title="a.log", subtitle="E01-E02", axis=Axis("epoch", 1, 2), panels=(shaded,) * 2)
    ).split("\n")
    assert told[0] == "a.log, E01-E02." and len(told) == 3
    assert "warmup" in told[1] and "warmup" not in told[2]


@given(st.text(max_size=12), st.lists(st.floats(), max_size=5))
def test_no_text_of_a_log_and_no_number_breaks_out(text: str, values: list[float]) -> None:
    label = f"\x1b[2J\n{text}\u202e"
    chart = Chart(
        title=label, unit=label, lines=(line(label, *values),), levels=(Level(label, math.inf),),
        marks=(Mark(label, label, Severity.NOTE, 1, 2),), notes=(label,), broken=(1.0,),
        dots=(Dot(label, 1.0, math.nan, "val"),), shades=(Shade(label, 1, 2),),
    )  # fmt: skip
    heatmap = Heatmap(
        title=label, rows=(label,), x=np.arange(float(len(values))), values=np.array([values]),
        columns=(label,) * len(values), row_axis=label, column_axis=label,
    )  # fmt: skip
    panels = (chart, heatmap, Blank(label, label))
    told = describe_picture(Picture(title=label, subtitle=label, axis=HOURS, panels=panels))
    assert told.count("\n") == len(panels)
    assert all(escape(told_line) == told_line for told_line in told.split("\n"))


def test_the_picture_of_a_log_is_told_with_its_numbers() -> None:
    report = analyze("fixtures/early_lr_drop.log").runs[0]
    told = describe_picture(picture(report, "loss", "lr"))
    best = report.run.epochs["val_rmse"].min()
    assert f"best val {best:.4f}" in told
    assert any(f"{found.code} {found.name} at" in told or f"{found.code} {found.name} from" in told
               for found in report.findings)  # fmt: skip
    assert told == describe_picture(picture(report, "loss", "lr"))
