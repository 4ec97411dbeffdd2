"""The small parts: numbers, sparklines, escapes, line breaking, selection."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reports import three_runs

from logparse.records import Resolution
from logparse.renderers.layout import Page
from logparse.renderers.numbers import as_printed, duration, number, ranges, ratio
from logparse.renderers.selection import chosen
from logparse.renderers.spans import cells, clip, escape, line_cells, plain
from logparse.renderers.sparkline import sparkline


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.03877, "0.03877"),
        (0.012, "0.012"),
        (34086.7, "34087"),
        (3.23083, "3.231"),
        (7.2e-5, "7.2e-5"),
        (-1.5e12 - 0.5, "-1.5e12"),
        (70, "70"),
        (2.0, "2"),
        (0.0, "0"),
        (math.nan, "nan"),
        (-math.inf, "-inf"),
    ],
)
def test_numbers_are_short(value: float, text: str) -> None:
    assert number(value) == text


def test_numbers_keep_the_digits_that_were_printed() -> None:
    assert as_printed(0.105, Resolution(4)) == "0.1050"
    assert as_printed(7.2e-5, Resolution(1, scientific=True)) == "7.2e-5"
    assert as_printed(4.7413e-3, Resolution(4, scientific=True)) == "4.74e-3"
    assert as_printed(math.nan, Resolution(4)) == "nan"


def test_huge_numbers_are_short_in_every_form() -> None:
    assert as_printed(1e308, Resolution(4)) == "1e308"
    assert as_printed(-1234567.8, Resolution(4)) == "-1.23e6"
    assert as_printed(999_999.0, Resolution(1)) == "999999.0"
    assert ratio(1e300) == "1e300x"
    assert duration(1e300) == "1e300s"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(1.62, "1.6s"), (50.2, "50s"), (3511.0, "58m31s"), (7500, "2h05m"), (97_200, "1d03h")],
)
def test_durations_read_as_people_say_them(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_ranges_are_counted_when_there_are_many() -> None:
    assert ranges([(118, 118), (402, 403)]) == "118, 402-403"
    assert ranges([(at, at) for at in range(1, 20, 2)], limit=2) == "1, 3 and 8 ranges more"


def test_ratios_are_finest_near_one() -> None:
    assert [ratio(value) for value in (0.357, 1.063, 8.75, 170.2)] == [
        "0.36x",
        "1.06x",
        "8.8x",
        "170x",
    ]


def test_a_sparkline_has_one_sign_per_value_until_it_is_full() -> None:
    assert sparkline([0, 1, 2, 3, 4, 5, 6], 20) == "▁▂▃▄▅▆▇"
    assert len(sparkline(list(range(1000)), 24)) == 24


def test_a_sparkline_shows_gaps_and_what_is_not_finite() -> None:
    assert sparkline([1, math.nan, math.inf, 2], 9) == "▁ !▇"
    assert sparkline([1, math.nan, math.inf, 2], 9, ascii_only=True) == "_ !*"
    assert sparkline([math.nan], 9) == " "


def test_a_flat_sparkline_is_in_the_middle() -> None:
    assert sparkline([3.0, 3.0], 9) == "▃▃"


def test_a_sparkline_of_peaks_keeps_the_peak() -> None:
    values = [1.0] * 50 + [9.0] + [1.0] * 49
    assert "▇" in sparkline(values, 10, keep_peaks=True)


@given(st.lists(st.floats(allow_subnormal=False), max_size=60), st.integers(1, 30), st.booleans())
def test_any_values_make_a_sparkline(values: list[float], width: int, ascii_only: bool) -> None:
    drawn = sparkline(values, width, ascii_only=ascii_only)
    assert len(drawn) == min(len(values), width)
    assert drawn.isascii() or not ascii_only


@given(st.text())
def test_escaped_text_is_printable_and_stays_so(text: str) -> None:
    shown = escape(text)
    assert not any(char < " " or "\x7f" <= char <= "\x9f" for char in shown)
    assert escape(shown) == shown
    assert escape(text, ascii_only=True).isascii()


def test_wide_characters_take_two_columns_and_marks_none() -> None:
    assert cells("漢字") == 4
    assert cells("e\u0301") == 1
    assert clip("漢字漢字", 5, "…") == "漢字…"


@given(
    st.lists(st.text(st.characters(codec="utf-8"), max_size=40), max_size=20), st.integers(24, 90)
)
def test_no_words_overflow_a_page(texts: list[str], width: int) -> None:
    page = Page(width)
    words = [word for text in texts for word in page.words(text) if "/" not in word[0]]
    lines = list(page.fill(words, first=(("  label   ", ""),), hang=10))
    assert all(line_cells(line) <= width for line in lines)
    together = "".join(plain(line) for line in lines).replace(" ", "")
    assert together == "label" + "".join(text for text, _ in words).replace(" ", "")


def test_facts_are_kept_together_where_that_is_possible() -> None:
    page = Page(30)
    facts = [(page.span("one fact"),), (page.span("another fact"),), (page.span("a third"),)]
    assert [plain(line) for line in page.flow(facts, hang=2)] == [
        "one fact · another fact",
        "  a third",
    ]


@pytest.mark.parametrize(("run", "index"), [(1, 1), (3, 3), (-1, 3), (-3, 1)])
def test_a_run_is_chosen_from_either_end(run: int, index: int) -> None:
    assert [one.run.index for one in chosen(three_runs().runs, run)] == [index]


@pytest.mark.parametrize("run", [0, 4, -4])
def test_a_run_that_is_not_there_is_not_chosen(run: int) -> None:
    assert chosen(three_runs().runs, run) == ()


def test_huge_values_have_a_mean() -> None:
    assert sparkline([1.7e308] * 4 + [-1.7e308] * 4, 2) == "▇▁"
