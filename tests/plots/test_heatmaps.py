"""Heatmaps: names of rows, gaps, colours and maps side by side."""

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.image import AxesImage

from logparse.findings import Severity
from logparse.plots.content import Axis, Mark, Picture
from logparse.plots.drawing.colouring import colour_scale, fractions
from logparse.plots.drawing.figures import figure
from logparse.plots.drawing.heatmaps import on_grid
from logparse.plots.drawing.rows import Group, grouped
from logparse.plots.drawing.saving import svg
from logparse.plots.look import DARK, Look
from tests.plots.pictures import (
    a_heatmap,
    a_line,
    a_picture,
    an_attention_map,
    outside,
    overlapping,
    texts,
    words,
)

LOOKS = pytest.mark.parametrize("look", [Look(), Look(5.0, DARK)], ids=["wide", "narrow-dark"])


def images(drawn: Figure) -> list[AxesImage]:
    return [image for axes in drawn.axes for image in axes.images]


@LOOKS
def test_forty_rows_are_all_named(look: Look) -> None:
    drawn = figure(a_picture(a_heatmap(40)), look)
    named = [text for text in texts(drawn) if text.endswith("weight")]
    assert len(named) == 40
    assert overlapping(drawn) == []
    assert outside(drawn) == []


@LOOKS
def test_four_hundred_rows_are_named_in_groups(look: Look) -> None:
    drawn = figure(a_picture(a_heatmap(400)), look)
    found = texts(drawn)
    assert all(any(text.endswith(f"layers.{layer}") for text in found) for layer in range(40))
    assert overlapping(drawn) == []
    assert outside(drawn) == []


def test_many_rows_without_common_starts_are_named_every_few() -> None:
    names = tuple(f"{row}weight" for row in range(400))
    found = texts(figure(a_picture(a_heatmap(400, rows=names))))
    shown = [int(text.removesuffix("weight")) for text in found if text.endswith("weight")]
    assert 30 < len(shown) < 100
    assert len({*np.diff(shown).tolist()}) == 1


def test_groups_are_as_fine_as_rows_allow() -> None:
    names = [f"enc.{layer}.{name}" for layer in range(3) for name in ("a", "b", "c", "d")] + ["x"]
    fine = [Group(f"enc.{layer}", layer * 4, layer * 4 + 4) for layer in range(3)]
    assert grouped(names, 3) == fine
    assert grouped(names, 5) == [Group("enc", 0, 12)]
    assert grouped(["a", "b", "c"], 2) == []


def test_the_picture_is_no_higher_than_a_page() -> None:
    heights = {
        rows: figure(a_picture(a_heatmap(rows))).get_size_inches()[1] for rows in (40, 400, 900)
    }
    assert heights[40] < heights[400] == heights[900] < 9


def test_epochs_that_are_missing_leave_a_gap() -> None:
    x = np.array([1.0, 2.0, 5.0, 6.0])
    first, last, table = on_grid(x, np.array([[1.0, 2.0, np.nan, 6.0]]))
    assert (first, last) == (0.5, 6.5)
    np.testing.assert_array_equal(table, [[1, 2, np.nan, np.nan, np.nan, 6]])


def test_very_many_columns_are_put_together_and_keep_their_peaks() -> None:
    values = np.zeros((2, 5000))
    values[1, 3333] = 7.0
    first, last, table = on_grid(np.arange(5000.0), values)
    assert table.shape == (2, 1000)
    assert table.max() == 7.0
    assert first < 0 and last > 4999


def test_gaps_are_explained_and_only_where_there_are_some() -> None:
    assert "no value" not in texts(figure(a_picture(a_heatmap(12))))
    gap = a_heatmap(12, x=np.concatenate([np.arange(1.0, 36), np.arange(41.0, 76)]))
    assert "no value" in texts(figure(a_picture(gap, epochs=75)))


def test_colours_follow_the_logarithm_and_zero_is_the_lowest() -> None:
    shown = a_heatmap(1, 4, values=np.array([[1e-4, 1e-2, 1.0, 0.0]]))
    found = fractions(shown, colour_scale(shown))
    np.testing.assert_allclose(found, [[0, 0.5, 1, 0]], atol=1e-9)


def test_the_bar_of_colours_has_labels() -> None:
    found = texts(figure(a_picture(a_heatmap(40))))
    values = [
        float(text)
        for text in found
        if text[0] in "01" and text.replace("e-", "").replace(".", "").isdigit()
    ]
    assert 2 <= len(values) <= 5
    assert all(1e-4 < value <= 1 for value in values)


def test_images_have_sharp_edges_and_stand_on_the_shared_axis() -> None:
    drawn = figure(a_picture(a_heatmap(12)))
    image = images(drawn)[0]
    assert image.get_interpolation() == "none"
    assert tuple(image.get_extent()) == (0.5, 70.5, 11.5, -0.5)
    assert drawn.axes[0].get_xlim() == (0.5, 70.5)


@LOOKS
@pytest.mark.parametrize("count", [1, 6, 20])
def test_all_tokens_of_attention_maps_can_be_read(count: int, look: Look) -> None:
    drawn = figure(a_picture(an_attention_map(count), an_attention_map(count)), look)
    named = [text for text in texts(drawn) if text.startswith("␣token")]
    assert len(named) == 4 * count
    assert overlapping(drawn) == []
    assert outside(drawn) == []


@LOOKS
def test_every_few_tokens_of_a_large_map_are_named(look: Look) -> None:
    drawn = figure(a_picture(an_attention_map(200)), look)
    assert 10 < sum(text.startswith("␣token") for text in texts(drawn)) < 150
    assert overlapping(drawn) == []
    assert outside(drawn) == []


def test_maps_stand_side_by_side_where_the_page_is_wide() -> None:
    def rows(look: Look) -> int:
        drawn = figure(a_picture(an_attention_map(20), an_attention_map(20)), look)
        return len({round(word.box.y0) for word in words(drawn) if word.text == "attention"})

    assert rows(Look(8.0)) == 1
    assert rows(Look(4.0)) == 2


ODD = {
    "all nan": np.full((3, 4), np.nan),
    "constant": np.ones((3, 4)),
    "infinite": np.full((3, 4), np.inf),
    "zeros": np.zeros((3, 4)),
    "huge": np.array([[1e300, -1e300, 1e308, 5e-324]] * 3),
}


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("is_log", [False, True], ids=["linear", "log"])
def test_odd_tables_are_drawn(name: str, is_log: bool) -> None:
    shown = a_heatmap(3, 4, values=ODD[name], is_log=is_log, x=np.arange(1.0, 5.0))
    drawn = figure(a_picture(shown, epochs=4))
    assert overlapping(drawn) == []
    assert "<image" in svg(drawn, title="", description="")


def test_no_rows_no_columns_and_one_epoch_are_drawn() -> None:
    none = a_heatmap(0, values=np.empty((0, 70)))
    assert "there are no rows" in texts(figure(a_picture(none)))
    figure(a_picture(a_heatmap(3, 0, values=np.empty((3, 0)))))
    assert overlapping(figure(a_picture(a_heatmap(3, 1), epochs=1))) == []


def test_hostile_names_of_rows_and_tokens_are_shown() -> None:
    names = ("$x_1$", "<script>", "漢字", "\x1b[0m", "", "a" * 999, ".".join("abc" * 99))
    mark = Mark("GRAD001", "n", Severity.NOTE, 1, 2)
    rows = a_heatmap(7, rows=names, row_axis="$", marks=(mark,), values=np.ones((7, 70)))
    tokens = an_attention_map(7)
    tokens = type(tokens)(
        title="$", rows=names, columns=names, x=tokens.x, values=tokens.values, row_axis="<b>"
    )
    for look in (Look(), Look(4.0)):
        drawn = figure(Picture(title="", axis=Axis("", 1, 70), panels=(rows, tokens)), look)
        assert overlapping(drawn) == []
        assert outside(drawn) == []


def test_a_heatmap_below_a_chart_shares_its_epochs() -> None:
    from logparse.plots.content import Chart

    chart = Chart(title="loss", lines=(a_line(np.linspace(1, 0.1, 70)),))
    drawn = figure(a_picture(chart, a_heatmap(40)))
    boxes = [axes.get_position() for axes in drawn.axes[:2]]
    assert boxes[0].x0 == boxes[1].x0 and boxes[0].x1 == boxes[1].x1
