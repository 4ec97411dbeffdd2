"""Groups over several tasks: what is estimated, how sure that is, and what is called different."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from logparse.comparison import tasks
from logparse.comparison.model import Verdict
from logparse.comparison.tasks import Interval, Pooled, interquartile_mean, left_out, pooled
from logparse.errors import ComparisonError
from logparse.metrics import Better

Runs = dict[str, list[float]]


def pool(first: Runs, second: Runs, better: Better = Better.LOWER) -> Pooled:
    found = pooled("wide", first, second, better)
    assert found is not None
    return found


def simulated(seed: int, count: int, runs: int, effect: float = 0.0) -> tuple[Runs, Runs]:
    """Tasks of very different scale, 5% noise; the second is `effect` times better or worse."""
    generator = np.random.default_rng(seed)
    scales = np.exp(generator.standard_normal((count, 1)))
    values = scales * np.exp(0.05 * generator.standard_normal((2, count, runs)))
    values[1] *= math.exp(effect)
    first, second = ({str(at): task.tolist() for at, task in enumerate(side)} for side in values)
    return first, second


@given(st.lists(st.lists(st.floats(0.1, 10), min_size=4, max_size=4), min_size=1, max_size=5))
def test_the_mean_is_that_of_the_middle_half(values: list[list[float]]) -> None:
    found = interquartile_mean([np.array(task) for task in values])
    assert float(found) == pytest.approx(stats.trim_mean(np.ravel(values), 0.25))


def test_every_task_counts_the_same_however_many_runs_it_has() -> None:
    few, many = np.array([1.0, 9.0]), np.array([2.0, 3.0, 4.0, 5.0, 6.0, 7.0])
    thrice = few.repeat(3)
    assert interquartile_mean([few, many]) == pytest.approx(interquartile_mean([thrice, many]))
    assert interquartile_mean([few, many]) == pytest.approx(4.5)


def test_figures_are_those_counted_by_hand() -> None:
    first = {"a": [2.0, 4.0, 6.0, 8.0], "b": [10.0, 10.0, 20.0, 20.0]}
    second = {"a": [1.0, 4.0, 5.0, 5.0], "b": [9.0, 30.0, 6.0, 30.0]}
    found = pool(first, second)  # medians 5 and 15
    scores = [0.2, 0.8, 1, 1, 0.6, 2, 0.4, 2]
    reference = [0.4, 0.8, 1.2, 1.6, 2 / 3, 2 / 3, 4 / 3, 4 / 3]
    assert found.scores.estimate == pytest.approx(stats.trim_mean(scores, 0.25))
    assert found.reference_scores.estimate == pytest.approx(stats.trim_mean(reference, 0.25))
    assert found.ratio.estimate == found.scores.estimate / found.reference_scores.estimate
    # a: 4 + 2.5 + 2 + 2 of 16 pairs, b: 4 + 4 of 16.
    assert found.improvement.estimate == pytest.approx((10.5 / 16 + 8 / 16) / 2)
    better = pool(first, second, Better.HIGHER)
    assert better.improvement.estimate == pytest.approx((5.5 / 16 + 8 / 16) / 2)
    assert (found.side, found.tasks, found.holm) == ("wide", ("a", "b"), found.p)


def test_p_is_that_of_all_arrangements() -> None:
    first, second = simulated(8, count=3, runs=2, effect=-0.1)
    both = [np.array(first[task] + second[task]) for task in first]
    scores = [task / np.median(task) for task in both]

    def difference(sides: tuple[tuple[int, ...], ...]) -> float:
        chosen = list(zip(scores, map(list, sides), strict=True))
        ours = interquartile_mean([task[side] for task, side in chosen])
        others = interquartile_mean([np.delete(task, side) for task, side in chosen])
        return abs(float(others - ours))

    arrangements = product(combinations(range(4), 2), repeat=3)
    as_it_was = difference(((0, 1),) * 3)
    exact = np.mean([difference(sides) >= as_it_was - 1e-12 for sides in arrangements])
    assert pool(first, second).p == pytest.approx(exact, abs=0.02)
    assert 0.03 < exact < 0.5


@pytest.mark.parametrize(("better", "down"), [(Better.LOWER, "better"), (Better.HIGHER, "worse")])
def test_a_clear_difference_has_the_direction_of_the_measure(better: Better, down: str) -> None:
    lower = pool(*simulated(1, count=4, runs=3, effect=-0.3), better)
    higher = pool(*simulated(1, count=4, runs=3, effect=0.3), better)
    assert lower.verdict == down
    assert {lower.verdict, higher.verdict} == {Verdict.BETTER, Verdict.WORSE}
    assert lower.improvement.estimate == float(down == "better")
    assert lower.ratio.high < 1 < higher.ratio.low


def test_the_same_values_on_both_sides_are_no_difference() -> None:
    values = {"a": [1.0, 1.0, 1.0], "b": [3.0, 3.0]}
    found = pool(values, values)
    assert (found.p, found.verdict) == (1.0, Verdict.NONE)
    assert found.ratio == Interval(1.0, 1.0, 1.0)
    assert found.improvement.estimate == 0.5


def test_two_runs_a_side_of_two_tasks_are_too_few() -> None:
    assert pool(*simulated(1, 2, 2, effect=-2.0)).verdict is Verdict.TOO_FEW  # 2 of 36
    assert pool(*simulated(1, 3, 2, effect=-2.0)).verdict is Verdict.BETTER  # 2 of 216


def test_unanimous_runs_leave_room_for_those_not_made() -> None:
    few, many = (pool(*simulated(1, 2, runs, effect=-2.0)).improvement for runs in (3, 9))
    assert few == Interval(1.0, pytest.approx(0.025 ** (1 / 6)), 1.0)
    assert few.low < many.low < 1
    assert pool(*simulated(1, 2, 3, effect=2.0)).improvement.high == pytest.approx(1 - few.low)


def test_tasks_that_cannot_be_used_are_left_out_with_the_reason() -> None:
    first: Runs = {"x": [1, 2], "mine": [1, 2], "one": [1], "zero": [0, 0], "y": [3, 4]}
    first |= {"minus": [-1, 2], "nan": [1, math.nan], "inf": [1, 2], "none": []}
    second: Runs = {"x": [1, 2], "one": [1, 2], "zero": [1, 2], "y": [3, 4], "minus": [1, 2]}
    second |= {"nan": [1, 2], "inf": [1, math.inf], "theirs": [1, 2], "none": [1, 2]}
    positive = "values are not all positive, and cannot be put in proportion"
    assert left_out(first, second) == {
        "mine": "only the reference has runs of it",
        "one": "fewer than 2 runs a side",
        "zero": positive,
        "minus": positive,
        "nan": positive,
        "inf": positive,
        "none": "fewer than 2 runs a side",
        "theirs": "the reference has no run of it",
    }
    assert pool(first, second).tasks == ("x", "y")
    assert pooled("wide", first, {"x": [1, 2]}, Better.LOWER) is None


def test_a_measure_without_direction_is_refused() -> None:
    with pytest.raises(ComparisonError, match="better direction"):
        pooled("wide", {}, {}, Better.NEITHER)


numbers = st.lists(st.floats() | st.floats(0.5, 2), max_size=4)
sides = st.dictionaries(st.sampled_from("abc"), numbers)


@given(sides, sides)
def test_no_numbers_raise_or_warn_and_all_that_comes_out_is_finite(one: Runs, other: Runs) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tasks, "RESAMPLES", 50)
        found = pooled("wide", one, other, Better.LOWER)
    reasons = left_out(one, other)
    used = sorted({*one, *other} - set(reasons))
    assert (found is None) == (len(used) < 2)
    if found is not None:
        json.dumps(asdict(found), allow_nan=False)
        assert sorted(found.tasks) == used
        for interval in (found.scores, found.reference_scores, found.ratio, found.improvement):
            assert interval.low <= interval.estimate <= interval.high


def test_values_at_the_ends_of_what_is_used_are_held() -> None:
    first = {"a": [1e-69, 1e69, 1e69], "b": [1e-69, 1e-69, 1e69]}
    second = {"a": [1e69, 1e-69, 1e-69], "b": [1e69, 1e69, 1e-69]}
    json.dumps(asdict(pool(first, second)), allow_nan=False)


@pytest.mark.parametrize(("count", "runs"), [(2, 3), (4, 2), (5, 5)])
def test_at_most_one_in_twenty_equal_pairs_is_called_different(
    monkeypatch: pytest.MonkeyPatch, count: int, runs: int
) -> None:
    monkeypatch.setattr(tasks, "RESAMPLES", 399)
    found = [pool(*simulated(seed, count, runs)).verdict for seed in range(300)]
    called = sum(verdict in (Verdict.BETTER, Verdict.WORSE) for verdict in found)
    assert 0 < called <= 300 * 0.05 + 3 * math.sqrt(300 * 0.05 * 0.95)


def test_intervals_cover_the_truth_though_tasks_have_three_runs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Percentiles of whole resamples cover the ratio in 80 to 85 of 100 cases here."""
    monkeypatch.setattr(tasks, "RESAMPLES", 399)
    found = [pool(*simulated(seed, 8, 3, effect=-0.05)) for seed in range(300)]
    truth = {"ratio": math.exp(-0.05), "improvement": stats.norm.cdf(1 / math.sqrt(2))}
    for name, value in truth.items():
        intervals = [getattr(one, name) for one in found]
        covered = sum(interval.low <= value <= interval.high for interval in intervals)
        assert covered / 300 == pytest.approx(0.95, abs=0.04), name
        assert any(interval.low > value or interval.high < value for interval in intervals)


def test_the_same_runs_give_the_same_numbers() -> None:
    assert pool(*simulated(3, 3, 3)) == pool(*simulated(3, 3, 3))
