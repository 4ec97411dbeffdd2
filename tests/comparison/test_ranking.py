"""Sides in order of a measure: places, ties, and who is worth its cost."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from logparse.comparison.model import Measure, Summary, Value
from logparse.comparison.ranking import Ranked, Ranking, rank
from logparse.errors import ComparisonError
from logparse.metrics import Better

RMSE = Measure("val_rmse", "val_rmse", "", Better.LOWER, "quality")
R2 = Measure("val_r2", "val_r2", "", Better.HIGHER, "quality")


def runs(*numbers: float) -> Summary:
    return Summary(tuple(map(Value, numbers)), tuple(map(str, range(len(numbers)))))


def single(numbers: list[float | None]) -> list[Summary | None]:
    return [None if number is None else runs(number) for number in numbers]


def places(ranking: Ranking) -> list[tuple[int, int | None]]:
    return [(ranked.side, ranked.place) for ranked in ranking.places]


def pareto(ranking: Ranking, cost: str) -> set[int]:
    return {ranked.side for ranked in ranking.places if cost in ranked.pareto}


def tied(ranking: Ranking) -> set[int]:
    return {ranked.side for ranked in ranking.places if ranked.is_tied}


def test_the_best_median_is_first_in_either_direction() -> None:
    sides = [runs(3.0, 3.0, 90.0), runs(2.0), runs(4.0, 4.2)]
    assert places(rank(RMSE, sides, {}, None)) == [(1, 1), (0, 2), (2, 3)]
    assert places(rank(R2, sides, {}, None)) == [(2, 1), (0, 2), (1, 3)]


def test_equal_medians_share_a_place_and_the_next_one_is_left_free() -> None:
    ranking = rank(RMSE, [runs(2.0), runs(1.0), runs(0.0, 2.0), runs(1.0), runs(9.0)], {}, None)
    assert places(ranking) == [(1, 1), (2, 1), (3, 1), (0, 4), (4, 5)]


@pytest.mark.parametrize("none", [None, runs(), runs(math.nan), runs(math.inf), runs(-math.inf)])
def test_sides_without_a_finite_median_come_last_without_place_or_mark(
    none: Summary | None,
) -> None:
    costs = {"time": single([1.0, 5.0, 9.0])}
    ranking = rank(RMSE, [none, runs(2.0), runs(1.0)], costs, 100.0)
    assert places(ranking) == [(2, 1), (1, 2), (0, None)]
    assert ranking.places[2] == Ranked(side=0, place=None, summary=none)
    assert pareto(ranking, "time") == {1, 2}


@pytest.mark.parametrize("sides", [[], [None, None]])
def test_a_measure_that_no_side_has_ranks_nothing(sides: list[Summary | None]) -> None:
    assert all(ranked.place is None for ranked in rank(RMSE, sides, {"time": sides}, 1.0).places)


def test_a_measure_without_direction_is_refused_by_name() -> None:
    measure = Measure("hub_max", "hub_max", "", Better.NEITHER, "quality")
    with pytest.raises(ComparisonError, match="hub_max has no better direction"):
        rank(measure, [runs(1.0)], {}, None)


def test_a_side_is_marked_for_each_cost_at_which_no_other_outdoes_it() -> None:
    errors = single([1.0, 2.0, 3.0, 2.0, 5.0])
    costs = {
        "time": single([9.0, 5.0, 5.0, 6.0, None]),  # 2 is no cheaper than 1, 3 is dearer
        "size": single([1.0, 1.0, 1.0, 1.0, 1.0]),  # of equal costs only the best is worth it
    }
    ranking = rank(RMSE, errors, costs, None)
    assert pareto(ranking, "time") == {0, 1}
    assert pareto(ranking, "size") == {0}
    assert ranking.places[0].pareto == ("time", "size")


def test_sides_that_are_the_same_in_both_are_marked_together() -> None:
    ranking = rank(R2, single([0.5, 0.9, 0.5, 0.9]), {"time": single([1.0, 2.0, 1.0, 2.0])}, None)
    assert pareto(ranking, "time") == {0, 1, 2, 3}


few = st.none() | st.integers(0, 4).map(float)


@given(st.lists(st.tuples(few, few), max_size=9), st.sampled_from([RMSE, R2]))
def test_marks_are_those_of_the_definition(
    pairs: list[tuple[float | None, float | None]], measure: Measure
) -> None:
    sign = -1 if measure is R2 else 1
    known = {
        side: (sign * value, cost)
        for side, (value, cost) in enumerate(pairs)
        if value is not None and cost is not None
    }
    expected = {
        side
        for side, (value, cost) in known.items()
        if not any(v <= value and c <= cost and (v, c) != (value, cost) for v, c in known.values())
    }
    values, costs = ([pair[at] for pair in pairs] for at in (0, 1))
    ranking = rank(measure, single(values), {"time": single(costs)}, None)
    assert pareto(ranking, "time") == expected
    assert sorted(ranked.side for ranked in ranking.places) == list(range(len(pairs)))


def test_a_side_is_tied_when_the_first_is_ahead_by_less_than_seed_noise() -> None:
    sides = [runs(10.0), runs(10.0), runs(13.6), runs(13.7), None]
    assert tied(rank(RMSE, sides, {}, 1.0)) == {2}  # Tukey's limit for 4 is 3.633
    assert tied(rank(RMSE, sides, {}, None)) == set()
    assert tied(rank(RMSE, sides, {}, 0.0)) == set()


def test_more_runs_tell_smaller_differences() -> None:
    sides = [runs(10.0, 10.0, 10.0, 10.0), runs(12.5, 12.5, 12.5, 12.5), runs(12.5)]
    assert tied(rank(RMSE, sides, {}, 1.0)) == {2}  # 2.08; with one run 2.77


@pytest.mark.parametrize(("count", "seeds"), [(2, 1), (48, 1), (12, 4)])
def test_of_equal_sides_the_first_is_rarely_said_to_lead(count: int, seeds: int) -> None:
    generator, tries, wrong = np.random.default_rng(count), 400, 0
    for _ in range(tries):
        sides = [runs(*(10 + generator.standard_normal(seeds))) for _ in range(count)]
        ranking = rank(RMSE, sides, {}, 1.0)
        wrong += any(not one.is_tied for one in ranking.places if one.place != 1)
    assert wrong / tries <= 0.05 + 3 * (0.05 * 0.95 / tries) ** 0.5
