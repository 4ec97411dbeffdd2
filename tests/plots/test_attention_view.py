"""The view of a final inference: attention maps, log-probabilities, and whether rows sum to 1."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from fixtures.letters import TEXT, letters_document
from logparse.plots.content import Blank, Heatmap
from logparse.plots.picturing import picture
from logparse.plots.views.attention import MOST_MAPS, MOST_PLACES
from logparse.run import Inference
from tests.reading import report_of
from tests.runs import make_run


def panels(example: str = "", **tables: Any) -> list[Heatmap | Blank]:
    """The panels of a run with this inference; tables are arrays, or absent."""
    found = Inference(example, tables.get("log_probs"), tables.get("attention"))
    run = replace(make_run(train_loss=[1.0]), inference=found)
    shown = picture(run, "attention").panels
    assert all(isinstance(panel, Heatmap | Blank) for panel in shown)
    return [panel for panel in shown if isinstance(panel, Heatmap | Blank)]


def maps(*shape: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Attention of layers, heads, queries and keys, all places alike."""
    return np.full(shape, 1.0 / shape[-1])


def test_each_layer_is_a_map_of_tokens_and_then_come_the_classes() -> None:
    (judged,) = report_of([letters_document().encode()]).runs
    first, second, classes = picture(judged, "attention").panels
    assert isinstance(first, Heatmap) and isinstance(classes, Heatmap)
    assert [first.title, second.title] == ["attention, layer 1", "attention, layer 2"]
    tokens = tuple(TEXT.replace(" ", "␣"))
    assert first.rows == first.columns == tokens and classes.rows == tokens
    assert (first.row_axis, first.column_axis) == ("query position", "key position")
    assert first.values.shape == (20, 20) and first.x.tolist() == list(range(20))
    assert (classes.title, classes.columns, classes.column_axis) == (
        "log-probabilities", ("0", "1", "2"), "class"
    )  # fmt: skip
    assert not any("sum" in note for panel in (first, classes) for note in panel.notes)


def test_a_run_log_has_none_and_says_what_has() -> None:
    (only,) = picture(make_run(train_loss=[1.0]), "attention").panels
    assert isinstance(only, Blank) and "metrics JSON" in only.reason


@pytest.mark.parametrize("example", ["a b c", "", "abcd"])
def test_what_is_not_there_is_blank_beside_what_is(example: str) -> None:
    attention, classes = panels(example, log_probs=np.log([[0.5, 0.5]] * 3))
    assert isinstance(attention, Blank) and isinstance(classes, Heatmap)
    attention, classes = panels(example, attention=maps(1, 1, 3, 3))
    assert isinstance(attention, Heatmap) and isinstance(classes, Blank)
    assert attention.rows == (tuple("abc") if example == "a b c" else ("1", "2", "3"))


def test_rows_that_do_not_sum_to_one_are_told_by_how_much() -> None:
    wrong = maps(1, 1, 4, 4)
    wrong[0, 0, 2] *= 1.25
    attention, classes = panels(attention=wrong, log_probs=np.log([[0.5, 0.3], [0.5, 0.5]]))
    assert attention.notes == ("rows do not sum to 1: off by up to 0.25",)
    assert classes.notes == ("rows do not sum to 1: off by up to 0.2",)


def test_rounding_is_no_deviation() -> None:
    (attention, _) = panels(attention=maps(1, 1, 4, 4) * (1 + 5e-4))
    assert not any("sum" in note for note in attention.notes)


def test_entropy_is_that_of_the_rows() -> None:
    even, peaked = maps(1, 1, 8, 8), np.eye(8)[None, None]
    assert panels(attention=even)[0].notes == ("mean entropy 3.00 of 3.00 bits",)
    assert panels(attention=peaked)[0].notes == ("mean entropy 0.00 of 3.00 bits",)


def test_heads_have_maps_of_their_own_up_to_a_limit() -> None:
    shown = panels(attention=maps(3, 8, 4, 4))[:-1]
    assert len(shown) == MOST_MAPS
    assert shown[8].title == "attention, layer 2, head 1"
    assert f"the first {MOST_MAPS} of 24 maps" in shown[-1].notes


def test_of_many_positions_the_first_are_drawn_and_said_so() -> None:
    (attention, _) = panels("x" * 300, attention=maps(1, 1, 300, 300))
    assert isinstance(attention, Heatmap)
    assert attention.values.shape == (MOST_PLACES, MOST_PLACES)
    assert len(attention.rows) == len(attention.columns) == len(attention.x) == MOST_PLACES
    assert any("of 300 x 300" in note for note in attention.notes)


@pytest.mark.parametrize("odd", [np.nan, np.inf, -np.inf, 1e308, -1e308, 0.0])
def test_odd_numbers_are_drawn_as_nothing_and_raise_nothing(odd: float) -> None:
    shown = panels(attention=np.full((1, 2, 3, 3), odd), log_probs=np.full((3, 2), odd))
    for panel in shown:
        assert isinstance(panel, Heatmap)
        assert np.isfinite(panel.values).all() == np.isfinite(odd)
        assert bool(np.isfinite(odd)) != any("not finite" in note for note in panel.notes)


def test_one_position_and_one_class_are_enough() -> None:
    shown = panels("$", attention=maps(1, 1, 1, 1), log_probs=np.zeros((1, 1)))
    assert [panel.rows for panel in shown if isinstance(panel, Heatmap)] == [("$",), ("$",)]
