"""Figures: what stands on them and where, and that nothing makes them fail."""

import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import matplotlib
import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from logparse import plots
from logparse.findings import Severity
from logparse.plots.content import (
    Axis,
    Band,
    Blank,
    Chart,
    Dot,
    Level,
    Mark,
    Picture,
    Shade,
)
from logparse.plots.drawing.figures import figure
from logparse.plots.drawing.saving import svg
from logparse.plots.look import DARK, LIGHT, Look
from tests.plots.pictures import (
    a_line,
    a_picture,
    five_panels,
    outside,
    overlapping,
    texts,
    words,
)

LOOKS = pytest.mark.parametrize("look", [Look(), Look(5.0, DARK)], ids=["wide", "narrow-dark"])
FALLING = np.linspace(0.12, 0.02, 70)


def lines(drawn: Figure) -> list[Line2D]:
    return [line for axes in drawn.axes for line in axes.lines]


def as_svg(picture: Picture) -> str:
    return svg(figure(picture), title="t", description="d")


@LOOKS
def test_an_overview_says_everything_and_no_two_texts_overlap(look: Look) -> None:
    drawn = figure(five_panels(), look)
    found = texts(drawn)
    for expected in ("run.log", "run-log F2", "rmse", "kWh", "val", "train", "persistence"):
        assert expected in found
    assert {"GEN001", "BASE002", "LOSS004", "anneal", "the log has no times"} <= {*found}
    assert overlapping(drawn) == []
    assert outside(drawn) == []


def test_epochs_are_named_once_below_the_lowest_panel_and_their_ends_are_there() -> None:
    drawn = figure(five_panels())
    epochs = [
        word for word in words(drawn) if word.text.startswith("E") and word.text[1:].isdigit()
    ]
    assert [word.text for word in epochs][:1] == ["E01"]
    assert [word.text for word in epochs][-1:] == ["E70"]
    assert len({word.text for word in epochs}) == len(epochs)
    assert len({round(word.box.y0) for word in epochs}) == 1
    assert "epoch" in texts(drawn)


def test_every_panel_has_the_same_places_above_each_other() -> None:
    drawn = figure(five_panels())
    assert len({(axes.get_xlim(), axes.get_position().x0) for axes in drawn.axes}) == 1


def test_values_have_three_to_six_labels_without_mathtext() -> None:
    drawn = figure(
        a_picture(Chart(title="a", lines=(a_line(np.geomspace(1, 1e-7, 70)),), is_log=True))
    )
    found = [label.get_text() for label in drawn.axes[0].get_yticklabels()]
    assert 3 <= len(found) <= 6
    assert all(text.startswith("1e-") or float(text) >= 0.01 for text in found)


def test_a_line_ends_in_its_name_in_its_colour() -> None:
    drawn = figure(a_picture(Chart(title="a", lines=(a_line(FALLING, "val"),))))
    word = next(word for word in words(drawn) if word.text == "val")
    last = drawn.axes[0].transData.transform((70, FALLING[-1]))
    assert word.box.x0 > last[0]
    assert abs((word.box.y0 + word.box.y1) / 2 - last[1]) < 8
    named = next(text for text in drawn.texts if text.get_text() == "val")
    assert named.get_color() == LIGHT["val"]


def test_training_is_drawn_thinner_than_validation() -> None:
    drawn = figure(
        a_picture(Chart(title="a", lines=(a_line(FALLING, "t", "train"), a_line(FALLING))))
    )
    widths = {line.get_color(): line.get_linewidth() for line in drawn.axes[0].lines}
    assert widths[LIGHT["train"]] < widths[LIGHT["val"]]


def test_names_that_would_overlap_are_moved_apart_and_keep_their_order() -> None:
    crowd = tuple(a_line(FALLING + at * 1e-5, f"part {at}", f"part{at}") for at in range(7))
    drawn = figure(a_picture(Chart(title="a", lines=crowd)))
    places = {word.text: word.box.y0 for word in words(drawn) if word.text.startswith("part ")}
    assert sorted(places, key=places.__getitem__) == [f"part {at}" for at in range(7)]
    assert overlapping(drawn) == []


def test_a_level_far_away_does_not_squeeze_the_curves_and_says_its_value() -> None:
    def limits(*levels: Level) -> tuple[float, float]:
        return (
            figure(a_picture(Chart(title="a", lines=(a_line(FALLING),), levels=levels)))
            .axes[0]
            .get_ylim()
        )

    assert limits(Level("mean", 50.0)) == limits()
    assert limits(Level("mean", 0.15))[1] > limits()[1]
    drawn = figure(
        a_picture(Chart(title="a", lines=(a_line(FALLING),), levels=(Level("mean", 50.0),)))
    )
    assert "mean 50 ↑" in texts(drawn)


def test_a_single_point_is_drawn_as_a_marker() -> None:
    drawn = figure(a_picture(Chart(title="a", lines=(a_line([0.5]),)), epochs=1))
    assert [line.get_marker() for line in drawn.axes[0].lines] == ["o"]
    between = a_line([np.nan, 0.5, np.nan, 0.4, 0.3])
    drawn = figure(a_picture(Chart(title="a", lines=(between,)), epochs=5))
    assert drawn.axes[0].lines[0].get_markevery() == [1]


def test_broken_places_and_dots_are_marked() -> None:
    chart = Chart(
        title="a", lines=(a_line(FALLING),), broken=(3.0, 9.0),
        dots=(Dot("best", 5, 0.1, "val"), Dot("spike", 7, 0.1, "val", "spike")),
    )  # fmt: skip
    marked = {str(line.get_marker()): line for line in figure(a_picture(chart)).axes[0].lines}
    assert {"x", "o", "v"} <= {*marked}
    assert list(marked["x"].get_xdata()) == [3.0, 9.0]
    assert marked["x"].get_markeredgecolor() == LIGHT["error"]


def test_more_findings_than_lanes_are_counted_the_worst_are_shown() -> None:
    marks = tuple(Mark(f"AAA{at:03}", "n", Severity.NOTE, 1, 70) for at in range(6))
    marks += (Mark("ERR001", "n", Severity.ERROR, 1, 70),)
    found = texts(figure(a_picture(Chart(title="a", lines=(a_line(FALLING),), marks=marks))))
    assert "+3 more" in found
    assert "ERR001" in found


def test_a_finding_is_a_bar_from_its_first_to_its_last_epoch() -> None:
    drawn = figure(
        a_picture(
            Chart(
                title="a",
                lines=(a_line(FALLING),),
                marks=(Mark("GEN001", "n", Severity.WARNING, 31, 60),),
            )
        )
    )
    drawn.dpi = 100
    bar = next(one for one in drawn.artists if isinstance(one, Rectangle))
    box = bar.get_window_extent()
    to_pixels = drawn.axes[0].transData.transform
    assert box.x0 == pytest.approx(to_pixels((30.5, 0))[0])
    assert box.x1 == pytest.approx(to_pixels((60.5, 0))[0])


def test_a_long_note_stands_below_the_title_and_a_longer_one_is_cut() -> None:
    chart = Chart(
        title="a title of some length", notes=tuple(f"note {at} of many words" for at in range(40))
    )
    drawn = figure(a_picture(chart), Look(5.0))
    assert overlapping(drawn) == []
    assert outside(drawn) == []
    assert len([text for text in texts(drawn) if text.startswith("note")]) == 3


@LOOKS
def test_hostile_texts_are_shown_and_do_nothing(look: Look) -> None:
    bad = (
        "$x_1$",
        "a_b^{c",
        "<script>alert(1)</script>",
        "\x1b[31m",
        "漢字",
        "\u202e",
        "",
        "\n" * 5,
        "x" * 5000,
        "\\frac",
    )
    for text in bad:
        chart = Chart(
            title=text, unit=text, lines=(a_line(FALLING, text),), levels=(Level(text, 0.05),),
            marks=(Mark(text, text, Severity.NOTE, 3, 9),), shades=(Shade(text, 1, 30),),
            notes=(text, text), dots=(Dot(text, 3, 0.1, text),),
        )  # fmt: skip
        picture = Picture(
            title=text, subtitle=text, axis=Axis(text, 1, 70), panels=(chart, Blank(text, text))
        )
        drawn = figure(picture, look)
        assert overlapping(drawn) == [], text
        assert outside(drawn) == [], text
        assert all(shown.isprintable() for shown in texts(drawn))


HARD: dict[str, Sequence[float]] = {
    "all nan": [np.nan] * 9,
    "nothing": [],
    "constant": [0.3] * 9,
    "zeros": [0.0] * 9,
    "large": [1e300, -1e300, 1e307, 5.0],
    "largest": [np.finfo(float).max, -np.finfo(float).max],
    "infinite": [np.inf, -np.inf, 1.0],
    "tiny": [5e-324, 1e-310, 0.0],
    "negative": [-1.0, -2.0, -3.0],
    "nearly constant": [1.0, 1.0 + 1e-15],
    "large and nearly constant": [1e12, 1e12 + 1],
    "five thousand": list(np.sin(np.arange(5000))),
}


@pytest.mark.parametrize("is_log", [False, True], ids=["linear", "log"])
@pytest.mark.parametrize("name", HARD)
def test_odd_values_are_drawn(name: str, is_log: bool) -> None:
    line = a_line(HARD[name])
    chart = Chart(
        title="a", is_log=is_log, lines=(line,), bands=(Band("b", line.x, line.y, line.y, "val"),),
        levels=(Level("l", 0.0), Level("n", np.nan), Level("i", np.inf)), height=np.nan,
    )  # fmt: skip
    drawn = figure(a_picture(chart, epochs=max(len(line.x), 1)))
    assert overlapping(drawn) == []
    svg(drawn, title="", description="")


@pytest.mark.parametrize(
    "ends", [(0.0, 0.0), (1.0, 1e6), (3.0, 1.0), (np.nan, np.inf), (1e300, 1e300)]
)
@pytest.mark.parametrize("is_epochs", [False, True], ids=["hours", "epochs"])
def test_odd_axes_are_drawn(ends: tuple[float, float], is_epochs: bool) -> None:
    chart = Chart(
        title="a", lines=(a_line(FALLING),), marks=(Mark("A", "a", Severity.NOTE, *ends),)
    )
    drawn = figure(Picture(title="", axis=Axis("hours", *ends, is_epochs), panels=(chart,)))
    assert overlapping(drawn) == []


def test_a_picture_without_panels_is_a_title() -> None:
    assert texts(figure(a_picture())) == ["run.log", "run-log F2"]


def test_equal_pictures_give_equal_bytes_in_threads_too() -> None:
    expected = as_svg(five_panels())
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda _: as_svg(five_panels()), range(8)))
    assert {*found} == {expected}


def test_what_the_user_has_set_is_neither_changed_nor_heard() -> None:
    expected = as_svg(five_panels())
    theirs = {
        "text.usetex": True, "axes.grid": True, "font.size": 30, "lines.linewidth": 9,
        "axes.facecolor": "red", "figure.facecolor": "red", "lines.marker": "o",
        "font.family": "serif", "ytick.alignment": "top",
        "figure.autolayout": True, "xtick.direction": "in", "axes.spines.top": True,
        "patch.edgecolor": "red", "svg.fonttype": "path", "ytick.color": "red",
    }  # fmt: skip
    with matplotlib.rc_context(theirs):
        before = dict(matplotlib.rcParams)
        assert as_svg(five_panels()) == expected
        assert dict(matplotlib.rcParams) == before


def test_pyplot_is_not_imported_and_matplotlib_only_to_draw() -> None:
    code = (
        "import sys; from logparse import plots; plots.picture; plots.Look; plots.VIEWS\n"
        "print('matplotlib' in sys.modules); plots.figure; plots.save\n"
        "print('matplotlib' in sys.modules, 'matplotlib.pyplot' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.split() == ["False", "True", "False"], done.stderr


def test_public_names_of_pictures_are_those_promised() -> None:
    for name in plots.__all__:
        assert getattr(plots, name) is not None
    with pytest.raises(AttributeError, match="nothing_like_it"):
        _ = plots.nothing_like_it


VALUES = st.lists(st.floats() | st.floats(1e-6, 1e3) | st.just(1.0), min_size=0, max_size=12)
LABELS = st.text(max_size=25)


@st.composite
def charts(draw: st.DrawFn) -> Chart:
    spans = st.tuples(st.integers(0, 13), st.integers(0, 6)).map(lambda at: (at[0], at[0] + at[1]))
    return Chart(
        title=draw(LABELS),
        unit=draw(st.text(max_size=8)),
        is_log=draw(st.booleans()),
        lines=tuple(
            a_line(values, draw(LABELS), role, is_thin=draw(st.booleans()))
            for values, role in draw(
                st.lists(st.tuples(VALUES, st.sampled_from(["val", "train", "part3"])), max_size=9)
            )
        ),
        levels=tuple(Level(draw(LABELS), at) for at in draw(st.lists(st.floats(), max_size=3))),
        dots=tuple(
            Dot("d", 2, at, "val", "spike") for at in draw(st.lists(st.floats(), max_size=2))
        ),
        marks=tuple(
            Mark(draw(st.text(max_size=8)), "n", draw(st.sampled_from([*Severity])), *span)
            for span in draw(st.lists(spans, max_size=9))
        ),
        shades=tuple(
            Shade(draw(st.sampled_from(["warm-up", "cut", "anneal"])), at, at + 2)
            for at in range(1, draw(st.integers(1, 12)), 3)
        ),
        broken=tuple(draw(st.lists(st.sampled_from([1.0, 5.0, 12.0]), unique=True))),
        notes=tuple(draw(st.lists(LABELS, max_size=4))),
        height=draw(st.sampled_from([0.5, 1.0, 1.5])),
    )


@settings(max_examples=40, deadline=None, phases=[Phase.generate])
@given(st.lists(charts(), min_size=1, max_size=2), st.sampled_from([4.0, 5.0, 8.0]))
def test_no_chart_fails_and_no_texts_overlap_or_leave_the_figure(
    panels: list[Chart], width: float
) -> None:
    """All texts of the figure are compared by their boxes, tick labels and codes included."""
    drawn = figure(a_picture(*panels, epochs=12), Look(width))
    assert overlapping(drawn) == []
    assert outside(drawn) == []
