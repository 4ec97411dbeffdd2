"""The comparison as text: exact snapshots, widths, ASCII, and no claim without evidence."""

from __future__ import annotations

import unicodedata
from dataclasses import replace

import pytest
from golden import compare

from logparse.comparison.facts import Fact, Facts
from logparse.comparison.measures import EPOCHS_TO_TARGET
from logparse.comparison.model import Change, Row, Summary, Value, Verdict
from logparse.errors import UnknownNameError
from logparse.renderers import render as render_as
from logparse.renderers.comparison import cells as words
from logparse.renderers.comparison.text import lines, render
from logparse.renderers.layout import Page
from logparse.renderers.spans import Line, cells, plain
from tests.comparison.comparisons import (
    BEST,
    COMPARISONS,
    NORM,
    R2,
    TIME,
    changed,
    comparison,
    groups,
    hostile,
    pair,
    ranked,
    row,
    scaling,
    side,
    single,
    summary,
    tasks,
    three_sides,
)


def found_lines(text: str, start: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip().startswith(start)]


def line_of(told: list[Line], start: str) -> Line:
    (found,) = [line for line in told if plain(line).strip().startswith(start)]
    return found


def styles(line: Line) -> set[str]:
    return {style for text, style in line if text.strip()}


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("name", COMPARISONS)
def test_comparison_reads_as_it_did(name: str, width: int, update_golden: bool) -> None:
    text = render(COMPARISONS[name](), width=width)
    compare(f"comparison-{name}-{width}", text, update=update_golden)


def test_comparison_in_ascii_reads_as_it_did(update_golden: bool) -> None:
    text = render(groups(), ascii_only=True)
    assert text.isascii()
    compare("comparison-groups-ascii-80", text, update=update_golden)


@pytest.mark.parametrize("width", range(24, 141))
def test_no_line_is_wider_than_the_page(width: int) -> None:
    for name, make in COMPARISONS.items():
        for line in render(make(), width=width).splitlines():
            assert cells(line) <= width or "/" in line, (name, line)


@pytest.mark.parametrize("name", COMPARISONS)
@pytest.mark.parametrize("width", [1, 24, 40, 80, 120])
def test_no_line_ends_in_a_space_and_no_two_lines_are_blank(name: str, width: int) -> None:
    text = render(COMPARISONS[name](), width=width)
    assert all(line == line.rstrip() for line in text.splitlines())
    assert "\n\n\n" not in text
    assert text.endswith("\n")


@pytest.mark.parametrize("ascii_only", [False, True])
@pytest.mark.parametrize("width", [30, 80, 120])
def test_control_characters_of_a_log_are_shown_escaped(ascii_only: bool, width: int) -> None:
    text = render(hostile(), ascii_only=ascii_only, width=width)
    unsafe = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
    assert {char for char in text if unicodedata.category(char) in unsafe} == {"\n"}
    assert "\\x1b[31mred" in text


@pytest.mark.parametrize("name", COMPARISONS)
def test_nobody_is_called_healthy_or_significant(name: str) -> None:
    text = render(COMPARISONS[name]()).lower()
    assert not any(word in text for word in ("healthy", "significant", "passed", "looks good"))


def test_what_has_nothing_to_say_is_left_out() -> None:
    text = render(comparison(side("a.log"), side("b.log"), main=None, at=None))
    assert text == (
        "compare  b.log with a.log, the reference · 1 run each\n         no metric in common\n"
    )


def test_one_run_a_side_has_no_p_value_and_no_interval() -> None:
    text = render(pair(), width=120)
    assert "n=1" in text and "95%" not in text and "Holm" not in text
    (head,) = found_lines(text, "metrics")
    assert head.split() == ["metrics", "a.log", "b.log", "change", "noise"]


def test_a_bare_difference_of_two_runs_has_no_colour() -> None:
    told = list(lines(pair(), Page(120)))
    assert styles(line_of(told, "best val rmse ↓")) == {"metric", ""}
    assert "good" in styles(line_of(told, "val rmse at E30"))


def test_a_change_beyond_seed_noise_is_coloured_by_the_direction_of_its_metric() -> None:
    worse = row(R2, summary(0.9), summary(0.8), noise_sd=0.01, noises=7.1)
    neither = row(NORM, summary(0.9), summary(0.8), noise_sd=0.01, noises=7.1)
    within = row(TIME, summary(50.0), summary(51.0), noise_sd=2.0, noises=0.35)
    told = comparison(side("a"), side("b"), rows=(worse, neither, within))
    found = list(lines(told, Page(100)))
    assert "bad" in styles(line_of(found, "best val r2"))
    assert styles(line_of(found, "grad norm")) == {"metric", ""}
    assert styles(line_of(found, "time in all")) == {"metric", ""}
    assert plain(line_of(found, "time in all")).endswith("+2.0%  n=1  within")


def test_verdicts_colour_groups_and_a_tilde_does_not() -> None:
    told = list(lines(groups(), Page(120)))
    assert "good" in styles(line_of(told, "best val rmse"))
    assert styles(line_of(told, "best val mae")) == {"metric", "", "dim"}
    assert " ~ " in plain(line_of(told, "best val mae"))


def test_nothing_of_the_evidence_is_lost_on_a_narrow_page() -> None:
    for width in (24, 40, 80, 120):
        text = " ".join(render(groups(), width=width).split())
        for fact in ("[-13.1, -5.1]", "0.008", "0.016", "5+5", "[+23.3, +27.6]", "better"):
            assert fact in text, (width, fact)


def test_columns_are_aligned_over_all_kinds_of_measures() -> None:
    text = render(pair())
    starts = {
        line.index(value)
        for line, value in (
            (found_lines(text, "best val rmse ↓")[0], "0.0352"),
            (found_lines(text, "time in all")[0], "1h00m"),
            (found_lines(text, "grad norm")[0], "0.0027"),
        )
    }
    assert len(starts) == 1


def test_a_spread_is_in_percent_unless_that_means_nothing() -> None:
    assert words.summary(BEST, summary(0.04, 0.041, 0.039)) == "0.04 ±2.5%"
    assert words.summary(BEST, summary(10.0, 14.0)) == "12 ±24%"
    assert words.summary(R2, summary(0.90, 0.92)) == "0.91 ±0.014"
    assert words.summary(BEST, summary(-1.0, 1.0, 0.0)) == "0 ±1"
    assert words.summary(BEST, summary(0.04, lacking=2)) == "0.04 (1 of 3)"
    assert words.summary(BEST, None) == "-"


@pytest.mark.parametrize(
    ("share", "text"),
    [(-0.093, "-9.3%"), (0.0, "+0.0%"), (1.7, "+170%"), (-0.9996, "-100%"), (1e9, "+1e11%")],
)
def test_percents_have_a_sign(share: float, text: str) -> None:
    assert words.percent(share) == text.replace("+1e11", "+100000000000")


def test_changes_are_told_in_the_unit_that_means_something() -> None:
    assert words.change(single(R2, 0.9, 0.85), 1)[0] == "-0.05"
    assert words.change(single(NORM, 2.0, 3.0), 1)[0] == "1.50x"
    assert words.change(single(TIME, 100.0, 150.0), 1)[0] == "+50.0%"
    seconds = Row(TIME, (summary(0.0), summary(90.0)), (None, Change(90.0, None, Verdict.SINGLE)))
    assert words.change(seconds, 1)[0] == "+1m30s"


def test_a_group_against_a_single_run_says_how_many_there_are() -> None:
    told = row(BEST, summary(0.04), summary(0.05, 0.051))
    assert words.verdict(told, 1)[0] == "n=1+2"


def test_pairs_of_runs_are_counted_as_pairs() -> None:
    first, second = summary(1.0, 2.0, 3.0), summary(2.0, 3.0, 4.0)
    change = changed(first, second, verdict=Verdict.UNTESTED, is_paired=True, low=0.5, high=1.5)
    told = Row(BEST, (first, second), (None, change))
    assert words.counts(told, 1) == "3 pairs"
    assert "runs of equal seeds in pairs" in render(
        comparison(side("a", 3), side("b", 3), rows=(told,))
    ).replace("\n    ", " ")


def test_long_settings_are_shown_where_they_differ() -> None:
    first, second = "x" * 120 + "A" + "y" * 80, "x" * 120 + "B" + "y" * 80
    fact = Fact("model", "LONG", ((first,), (second,)))
    told = comparison(side("a"), side("b"), facts=Facts((fact,), compared=1))
    for width in (24, 40, 60, 80, 120):
        text = render(told, width=width)
        assert "xAy" in text and "xBy" in text, width


def test_long_lists_of_values_are_shortened() -> None:
    assert words.texts(("0", "1", "0")) == "0, 1"
    assert words.texts(("0", "1", "2", "3", "4")) == "0, 1, ... (5)"
    assert words.texts(("",)) == "-"


def test_facts_that_are_all_alike_are_said_to_be() -> None:
    alike = comparison(side("a"), side("b"), facts=Facts(compared=47))
    assert "settings  none of 47 facts differ" in render(alike)


def test_many_ranked_sides_are_told_by_the_table_alone() -> None:
    many, few = render(ranked()), render(ranked(6))
    assert "\nmetrics" not in many and "\nfindings" not in many and "\nranking" in many
    assert "\nmetrics" in few and "\nfindings" in few and "\nranking" in few
    assert "held  val_rmse:5%  11 sides" in many


def test_settings_that_do_not_fit_the_ranking_are_named() -> None:
    for width in (24, 60, 80, 120, 140):
        text = " ".join(render(ranked(), width=width).split())
        (head, *_) = [line for line in render(ranked(), width=width).splitlines() if "side" in line]
        named = text.partition("more that vary: ")[2]
        for key in ("LR", "DROPOUT", "BATCH", "host"):
            assert (key in head.split()) != (key in named.split("~:")[0]), (width, key)


def test_a_family_that_bends_is_no_power_law() -> None:
    text = render(scaling())
    assert text.count("the residuals bend, p 0.036: no single power law") == 1
    assert "0.31 x parameters^-0.182 [-0.21, -0.154]" in text
    assert "40000: one size only" in text


def test_tasks_say_what_was_left_out() -> None:
    text = " ".join(render(tasks()).split())
    assert "interquartile mean 0.912 [0.89, 0.93] of the reference over 2 tasks" in text
    assert "city-3 left out: base has no run of it" in text


def test_sides_that_lack_a_measure_have_a_dash() -> None:
    (line,) = [line for line in render(three_sides()).splitlines() if line.endswith("wide  -")]
    assert "±" not in line


def test_the_last_line_is_a_command_that_can_be_pasted() -> None:
    assert render(pair()).endswith("\nnext  logdiag analyze b.log\n")
    spaced = comparison(side("a"), side("b c", 1, "LOSS005"), found=pair().found[2:])
    assert render(spaced).endswith("\nnext  logdiag analyze 'b c'\n")
    (entrant,) = spaced.sides[1].entrants
    run = replace(entrant.run, source="<stdin>")
    odd = replace(entrant, judged=replace(entrant.judged, run=run))
    sides = (spaced.sides[0], replace(spaced.sides[1], entrants=(odd,)))
    assert "next" not in render(replace(spaced, sides=sides))


def test_what_was_not_compared_is_said_unless_told_elsewhere() -> None:
    assert "\nnot compared\n" in render(hostile())
    assert "not compared" not in render(hostile(), show_errors=False)


def test_a_comparison_has_its_own_formats() -> None:
    assert render_as(pair(), width=120) == render(pair(), width=120)
    for format in ("json", "markdown"):
        assert "val_rmse" in render_as(pair(), format)
    with pytest.raises(UnknownNameError, match="unknown format 'sarif'"):
        render_as(pair(), "sarif")


def test_two_sides_are_never_called_alike() -> None:
    folder = "runs/2025-11-03/experiment"
    labels = [f"{folder}-{letter}/seed-1/main/run.log" for letter in "ab"]
    shortened = words.names([side(label) for label in labels])
    assert len({*shortened}) == 2
    assert all(len(name) <= 22 for name in shortened)
    beyond = [f"{'x' * 30}{letter}{'y' * 30}{end}{'z' * 30}" for letter in "ab" for end in "cd"]
    assert words.names([side(label) for label in beyond]) == beyond


def test_of_many_sides_what_rep002_says_is_counted() -> None:
    text = " ".join(render(ranked()).split())
    assert "clear 3 sides differ from the reference by more than seeds do" in text
    assert "REP002 7 sides differ from the reference by no more than seeds do" in text


def test_values_that_are_all_equal_name_no_test() -> None:
    alike = summary(1.0, 1.0, 1.0)
    given = {"verdict": Verdict.NONE, "p": 1.0, "least_p": 1.0}
    told = row(BEST, alike, alike, test="none: all values are equal", **given)
    text = render(comparison(side("a", 3), side("b", 3), rows=(told,)))
    assert "all values are equal" not in text and "~: no difference detected" in text


def test_of_a_large_family_the_runs_farthest_from_the_fit_are_shown() -> None:
    one = scaling()
    assert one.scaling is not None
    (fit, *_) = one.scaling.fits
    points = [replace(fit.points[0], name=f"run-{at}", residual=at / 1000) for at in range(30)]
    family = replace(one.scaling, fits=(replace(fit, points=tuple(points)),))
    text = render(replace(one, scaling=family))
    shown = [at for at in range(30) if f"  run-{at} " in text]
    assert shown == list(range(18, 30))
    assert "12 of 30 runs, those farthest from the fit; JSON has all" in text


def test_a_target_that_a_side_never_reaches_says_so() -> None:
    told = Row(EPOCHS_TO_TARGET, (Summary((Value(7, 7),), ("a",)), None), (None, None))
    text = render(comparison(side("a"), side("b"), rows=(told,)))
    (line,) = found_lines(text, "epochs to target")
    assert line.split()[-3:] == ["7", "@E07", "never"]


def test_long_names_of_sides_are_cut_before_the_table_is_taken_apart() -> None:
    names = ["a-folder/with-a-name/conv-0.log.xz", "another/with-a-name/conv-0.log.xz"]
    rows = tuple(single(BEST, 0.28, 0.29, epochs=(30, 31)) for _ in range(3))
    text = render(comparison(*map(side, names), rows=rows), width=70)
    assert len(found_lines(text, "best val rmse ↓")) == 3
    assert all("0.28 @E30" in one and "0.29 @E31" in one for one in found_lines(text, "best val"))
