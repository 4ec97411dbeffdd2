"""Pictures in a terminal: they keep to the page, and can be read without colour."""

from __future__ import annotations

import math
import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logdiag.console import Styling, styled
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
    Panel,
    Picture,
    Shade,
    part,
)
from logparse.plots.picturing import picture
from logparse.plots.terminal import lines
from logparse.plots.terminal.heatmaps import MOST_ROWS
from logparse.plots.terminal.scales import Scale, spanning, steps
from logparse.renderers.layout import Page
from logparse.renderers.spans import escape, line_cells, plain

ASCII = Page(80, ascii_only=True)


def pictured(*panels: Panel, last: float = 11.0, title: str = "a.log") -> Picture:
    return Picture(title=title, axis=Axis("epoch", 1.0, last), panels=panels)


def curve(label: str, *values: float, role: str = "val") -> Line:
    return Line(label, np.arange(1.0, 1 + len(values)), np.array(values), role)


def shown(*panels: Panel, page: Page = ASCII, height: int = 10, last: float = 11.0) -> list[str]:
    return [plain(line) for line in lines(pictured(*panels, last=last), page, height=height)]


def drawn(told: list[str]) -> list[str]:
    """The rows of the chart, without margins."""
    return [row.split("|", 1)[1] for row in told if re.match(r" *[-\d.e]* ?\|", row)]


def test_a_rising_curve_rises_from_corner_to_corner() -> None:
    told = drawn(shown(Chart(title="x", lines=(curve("", *range(11)),)), page=Page(26, True)))
    assert len(told) == 10
    assert told[0].rstrip().endswith("*") and told[-1].startswith("*")
    firsts = [row.index("*") for row in told]
    assert firsts == sorted(firsts, reverse=True)


def test_numbers_stand_at_the_rows_of_their_values() -> None:
    told = shown(Chart(title="x", lines=(curve("", *range(11)),)))
    (row,) = [row for row in told if row.startswith(("  0 |", " 0 |"))]
    assert row.split("|")[1].startswith("*")
    (top,) = [row for row in told if row.lstrip().startswith("10 |")]
    assert top.endswith("*")


def test_a_log_scale_gives_each_power_the_same_height() -> None:
    powers = [10.0**at for at in range(11)]
    told = drawn(shown(Chart(title="x", is_log=True, lines=(curve("", *powers),)), height=11))
    stars = [row.count("*") for row in told]
    assert len(stars) == 11 and max(stars[1:-1]) - min(stars[1:-1]) <= 1


def test_curves_are_named_in_the_order_of_their_ends() -> None:
    told = shown(Chart(title="x", lines=(curve("low", 1.0, 1.0), curve("high", 1.0, 2.0))))
    (high,) = [at for at, row in enumerate(told) if row.endswith("o high")]
    (low,) = [at for at, row in enumerate(told) if row.endswith("* low")]
    assert high < low


def test_curves_that_coincide_are_named_one_below_the_other() -> None:
    same = [curve(f"run-{at}", 1.0, 2.0, 1.5, role=part(at)) for at in range(5)]
    told = shown(Chart(title="x", lines=tuple(same)))
    rows = [at for at in range(5) for row in told if row.endswith(f" run-{at}")]
    assert rows == [0, 1, 2, 3, 4]


def test_curves_differ_without_colour() -> None:
    chart = Chart(title="x", lines=(curve("a", *[1.0] * 11), curve("b", *[2.0] * 11)))
    rows = [
        row
        for row in shown(chart, page=Page(80))
        if any("\u2800" <= sign <= "\u28ff" for sign in row)
    ]
    inks = [{sign for sign in row if "\u2800" <= sign <= "\u28ff"} for row in rows]
    assert len(inks) == 2 and inks[0].isdisjoint(inks[1])


def test_broken_curves_have_gaps_and_a_line_that_says_where() -> None:
    values = [1.0] * 4 + [math.nan] * 3 + [2.0] * 4
    told = shown(Chart(title="x", lines=(curve("", *values),), broken=(5.0, 6.0, 7.0)))
    (below,) = [row for row in told if row.startswith("nan/inf")]
    assert below.count("!") == 3
    assert all("*" not in row[below.index("!") : below.rindex("!")] for row in told)


def test_findings_have_lanes_above_the_chart_the_worst_first() -> None:
    marks = (
        Mark("GEN001", "overfitting", Severity.WARNING, 6, 11),
        Mark("NUM001", "non-finite", Severity.ERROR, 1, 1),
    )
    told = shown(Chart(title="x", lines=(curve("", *range(11)),), marks=marks))
    lanes = [row for row in told if row.lstrip().startswith(("GEN001", "NUM001"))]
    assert lanes[0].split() == ["NUM001", "*"] and lanes[1].split()[0] == "GEN001"
    assert lanes[1].endswith("-|") and lanes[1].index("|") > 40 > lanes[0].index("*")


def test_more_findings_than_lanes_are_counted() -> None:
    marks = tuple(Mark(f"X{at:03}", "x", Severity.NOTE, 1, 5) for at in range(20))
    told = shown(Chart(title="x", lines=(curve("", 1.0, 2.0),), marks=marks))
    assert any("and 12 more findings" in row for row in told)


def test_levels_are_rows_with_their_value_and_far_ones_are_named_at_the_edge() -> None:
    levels = (Level("near", 5.0), Level("far", 900.0), Level("deep", -900.0))
    told = shown(Chart(title="x", lines=(curve("", *range(11)),), levels=levels))
    (near,) = [row for row in told if row.endswith(" near 5")]
    assert near.count("-") > 30
    rows = drawn(told)
    assert rows[0].endswith("^ far 900") and rows[-1].endswith("v deep -900")


def test_the_best_is_marked() -> None:
    chart = Chart(
        title="x",
        lines=(curve("", 3.0, 1.0, 2.0),),
        dots=(Dot("best", 2.0, 1.0, "val"), Dot("", 1.0, 3.0, "val", "spike")),
    )
    told = drawn(shown(chart, last=3.0))
    assert "@" in told[-1] and "^" in told[0]


def test_phases_are_named_once_at_the_last_chart_that_has_them() -> None:
    shades = (Shade("warmup", 1, 4), Shade("cosine", 5, 11))
    chart = Chart(title="x", lines=(curve("", *range(11)),), shades=shades)
    told = shown(chart, chart)
    (phases,) = [row for row in told if row.lstrip().startswith("phase")]
    assert "warmup" in phases and phases.index("warmup") < phases.index("cosine")
    assert told.index(phases) > len(told) // 2


def test_bands_are_shaded_between_their_edges() -> None:
    band = Band("range", np.array([1.0, 11.0]), np.array([0.0, 0.0]), np.array([4.0, 4.0]), "val")
    told = drawn(shown(Chart(title="x", lines=(curve("", *[10.0] * 11),), bands=(band,))))
    assert not any(":" in row for row in told[:5])
    assert all(row.count(":") > 60 for row in told[5:])


def test_one_epoch_is_a_visible_point() -> None:
    told = shown(Chart(title="x", lines=(curve("val", 0.1),)), page=Page(80), last=1.0)
    assert sum(row.count("•") for row in told) == 1
    assert any("E01" in row for row in told)


def test_other_axes_are_labelled_with_their_unit() -> None:
    hours = replace(
        pictured(Chart(title="x", lines=(curve("", 1.0, 2.0),))),
        axis=Axis("hours", 1.0, 2.0, is_epochs=False),
    )
    told = [plain(line) for line in lines(hours, ASCII)]
    assert told[-1].endswith("hours") and "E01" not in "".join(told)


def test_a_heatmap_has_a_row_for_each_name_and_says_what_its_shades_are() -> None:
    values = np.array([np.full(11, 1e-6), np.full(11, 1.0), np.full(11, math.nan), np.zeros(11)])
    rows = ("low", "high", "none", "zero")
    told = shown(
        Heatmap(title="x", rows=rows, x=np.arange(1.0, 12), values=values, is_log=True, unit="u")
    )
    row = {name: next(line for line in told if line.lstrip().startswith(name)) for name in rows}
    assert set(row["low"][6:]) == {"."} and set(row["high"][6:]) == {"#"}
    assert row["none"].strip() == "none" and set(row["zero"][6:]) == {"."}
    assert told[-1].strip() == ". from 1e-6 | - from 3.2e-5 | + from 0.001 | # from 0.032 to 1"


def test_rows_of_a_heatmap_that_are_left_out_are_counted() -> None:
    names = tuple(f"layer.{at}" for at in range(400))
    told = shown(Heatmap(title="x", rows=names, x=np.arange(1.0, 12), values=np.ones((400, 11))))
    assert sum("layer." in row for row in told) == MOST_ROWS
    assert any(f"and {400 - MOST_ROWS} rows between them" in row for row in told)
    assert any("layer.0 " in row for row in told) and any("layer.399 " in row for row in told)


def test_long_names_of_parameters_lose_what_they_share() -> None:
    names = tuple(f"transformer.encoder.layers.{at}.linear1.weight" for at in range(3))
    told = shown(Heatmap(title="x", rows=names, x=np.arange(1.0, 12), values=np.ones((3, 11))))
    assert sum("...1.linear1.weight" in row for row in told) == 1


def test_a_heatmap_with_columns_of_its_own_names_them() -> None:
    heatmap = Heatmap(
        title="x", rows=("q0", "q1"), x=np.arange(2.0), values=np.eye(2), columns=("the", "cat"),
        column_axis="key",
    )  # fmt: skip
    told = shown(heatmap)
    assert any(row.strip() == "key: the cat" for row in told)
    assert any(row.split() == ["q0", "####...."] for row in told)


def test_a_blank_panel_is_one_line() -> None:
    told = shown(Blank("memory", "the log has none"))
    assert told[-1] == "memory | not drawn: the log has none" and len(told) == 3


def test_a_flat_curve_takes_few_rows() -> None:
    flat = shown(Chart(title="x", lines=(curve("", 5.0, 5.0),)))
    assert len(drawn(flat)) == 3 and any(row.strip().startswith("5 |") for row in flat)


def test_every_style_of_a_role_has_a_colour() -> None:
    for role in [part(at) for at in range(7)]:
        assert styled("x", role, Styling.COLOUR) != "x"


@pytest.mark.parametrize("width", [40, 80, 120])
def test_a_log_is_drawn_at_any_width(width: int) -> None:
    report = analyze("fixtures/vanishing_gradient.log").runs[0]
    told = [*lines(picture(report, "loss", "lr"), Page(width))]
    assert max(map(line_cells, told)) in range(width - 4, width + 1)
    text = "\n".join(map(plain, told))
    assert "E01" in text and "E20" in text and "train" in text


FLOATS = st.floats() | st.floats(-1e3, 1e3) | st.just(math.nan)
TEXTS = st.text(max_size=30) | st.sampled_from(
    ["", "$x_1$", "<script>", "漢" * 20, "\x1b[2J\n", "a/b" * 90]
)
ROLES = st.sampled_from(["val", "train", "total", "muted", "reference", "part0", "part6"])


@st.composite
def charts(draw: st.DrawFn) -> Chart:
    count = draw(st.integers(0, 12))
    x = np.arange(count, dtype=np.float64)
    values = st.lists(FLOATS, min_size=count, max_size=count).map(np.array)
    places = st.tuples(st.integers(-3, 15), st.integers(-3, 15)).map(sorted)
    line = st.builds(Line, TEXTS, st.just(x), values, ROLES, st.booleans(), st.booleans())
    band = st.builds(Band, TEXTS, st.just(x), values, values, ROLES)
    mark = st.builds(
        lambda at, code, how: Mark(code, code, how, *at), places, TEXTS, st.sampled_from(Severity)
    )
    dot = st.builds(Dot, TEXTS, FLOATS, FLOATS, ROLES, st.sampled_from(["best", "spike"]))
    shade = st.builds(lambda at, kind: Shade(kind, *at), places, TEXTS)
    level = st.builds(Level, TEXTS, FLOATS)
    several = {"lines": line, "bands": band, "levels": level, "dots": dot, "marks": mark,
               "shades": shade, "broken": FLOATS, "notes": TEXTS}  # fmt: skip
    made = {name: tuple(draw(st.lists(one, max_size=4))) for name, one in several.items()}
    return Chart(title=draw(TEXTS), unit=draw(TEXTS), is_log=draw(st.booleans()), **made)


@st.composite
def heatmaps(draw: st.DrawFn) -> Heatmap:
    rows, columns = draw(st.integers(0, 5)), draw(st.integers(0, 12))
    values = draw(st.lists(FLOATS, min_size=rows * columns, max_size=rows * columns))
    names = st.lists(TEXTS, min_size=columns, max_size=columns).map(tuple) | st.just(())
    return Heatmap(
        title=draw(TEXTS), rows=tuple(draw(TEXTS) for _ in range(rows)), columns=draw(names),
        x=np.arange(columns, dtype=np.float64), values=np.array(values).reshape(rows, columns),
        is_log=draw(st.booleans()), row_axis=draw(TEXTS), column_axis=draw(TEXTS),
    )  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(
    st.lists(charts() | heatmaps() | st.builds(Blank, TEXTS, TEXTS), max_size=3),
    TEXTS,
    st.integers(10, 130),
    st.booleans(),
    st.sampled_from(
        [(0.0, 11.0, True), (3.0, 3.0, True), (-1e308, 1e308, False), (0.0, 0.5, False)]
    ),
)
def test_any_picture_keeps_to_the_page(
    panels: list[Panel], text: str, width: int, ascii_only: bool, axis: tuple[float, float, bool]
) -> None:
    page = Page(width, ascii_only)
    shown = Picture(title=text, subtitle=text, axis=Axis(text, *axis), panels=tuple(panels))
    for line in lines(shown, page, height=6):
        assert line_cells(line) <= page.width
        told = "".join(text for text, _ in line)
        assert escape(told) == told and (told.isascii() or not ascii_only)


@given(st.floats(allow_nan=False, allow_infinity=False), st.floats(1e-300, 1e300), st.booleans())
def test_ticks_are_few_and_within_the_scale(low: float, more: float, is_log: bool) -> None:
    scale = spanning([np.array([low, low + more])], is_log=is_log)
    if scale is not None:
        ticks = scale.ticks(5)
        assert 1 <= len(ticks) <= 20 and ticks == sorted(ticks)
        assert all(scale.low <= tick <= scale.high for tick in ticks)


def test_steps_between_epochs_are_whole() -> None:
    assert steps(1.0, 3.0, 20, least=1.0) == [1.0, 2.0, 3.0]


def test_a_scale_places_its_ends() -> None:
    assert Scale(1.0, 100.0, True).shares(np.array([1.0, 10.0, 100.0, 0.0])).tolist()[:3] == [
        0,
        0.5,
        1,
    ]
    assert Scale(0.0, 10.0).share(11.0) is None
