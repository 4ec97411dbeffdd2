"""What a difference of two groups is worth: against enumeration, tables and simulation."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
import pytest

from logparse.comparison import statistics
from logparse.comparison.statistics import (
    RESAMPLES,
    Floats,
    holm,
    interval,
    least_p,
    seeds_for_a_test,
)

LOW, HIGH = [1.0, 1.1, 1.2, 1.3, 1.4], [2.0, 2.1, 2.2, 2.3, 2.4]


def welch(a: Floats, b: Floats) -> float:
    return float((b.mean() - a.mean()) / np.sqrt(a.var(ddof=1) / len(a) + b.var(ddof=1) / len(b)))


@pytest.mark.parametrize(("n", "m"), [(3, 3), (4, 5), (2, 6)])
def test_the_exact_p_value_is_the_share_of_all_arrangements(n: int, m: int) -> None:
    generator = np.random.default_rng(n * m)
    for shift in (0.0, 1.0, 3.0):
        both = generator.standard_normal(n + m)
        both[n:] += shift
        seen = welch(both[:n], both[n:])
        others = []
        for chosen in combinations(range(n + m), n):
            rest = [at for at in range(n + m) if at not in chosen]
            others.append(welch(both[list(chosen)], both[rest]))
        above = np.mean([one >= seen - 1e-9 for one in others])
        below = np.mean([one <= seen + 1e-9 for one in others])
        expected = min(1.0, 2 * min(above, below))
        assert statistics.tested(both[:n], both[n:]).p == pytest.approx(expected)


def test_the_exact_p_value_of_pairs_is_the_share_of_all_signs() -> None:
    first = np.random.default_rng(4).standard_normal(7)
    second = first + np.array([0.3, 0.1, -0.2, 0.4, 0.25, 0.05, 0.6])
    differences = second - first
    means = np.array([np.mean(differences * signs) for signs in product((1, -1), repeat=7)])
    expected = 2 * np.mean(means >= differences.mean() - 1e-12)
    found = statistics.tested(first, second, is_paired=True)
    assert (found.name, found.p) == ("exact sign flips", pytest.approx(expected))


def test_groups_that_do_not_overlap_reach_the_least_p() -> None:
    for n, p in ((3, 0.1), (4, 2 / 70), (5, 2 / 252)):
        found = statistics.tested(LOW[:n], HIGH[:n])
        assert found.p == pytest.approx(p) == pytest.approx(found.least_p)


def test_pairs_need_six_to_reach_five_per_cent() -> None:
    assert least_p(5, 5, is_paired=True) == pytest.approx(0.0625)
    assert least_p(6, 6, is_paired=True) == pytest.approx(0.03125)


def test_many_runs_go_to_the_tests_by_ranks() -> None:
    generator = np.random.default_rng(1)
    first, second = generator.standard_normal((2, 20))
    assert statistics.tested(first, second + 2).name == "Mann-Whitney"
    assert statistics.tested(first, second + 2).p < 0.001
    assert statistics.tested(first, second + 2, is_paired=True).name == "Wilcoxon"
    assert statistics.tested(first, second + 2, is_paired=True).p < 0.001


def test_equal_values_are_no_difference() -> None:
    for paired in (False, True):
        found = statistics.tested([2.0] * 6, [2.0] * 6, is_paired=paired)
        assert (found.p, found.least_p) == (1.0, 1.0)


def test_groups_without_spread_that_differ_are_told_apart() -> None:
    assert statistics.tested([1.0] * 5, [1.5] * 5).p == pytest.approx(2 / 252)


def test_holm_is_that_of_its_definition() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.5, 0.9]) == pytest.approx([1.0, 1.0])
    assert holm([]) == []


def test_so_many_seeds_can_reach_five_per_cent() -> None:
    assert seeds_for_a_test(1) == 4
    for tests in (1, 2, 5, 20):
        needed = seeds_for_a_test(tests)
        assert least_p(needed, needed) * tests <= 0.05 < least_p(needed - 1, needed - 1) * tests


def test_the_interval_needs_three_runs_or_five_pairs() -> None:
    assert interval(LOW[:2], HIGH) is None
    assert interval(LOW[:3], HIGH[:3]) is not None
    assert interval(LOW[:4], HIGH[:4], is_paired=True) is None
    assert interval(LOW, HIGH, is_paired=True) == pytest.approx((1.0, 1.0))


def test_equal_input_gives_equal_intervals() -> None:
    assert interval(LOW, HIGH) == interval(LOW, HIGH)


def coverage(runs: int, *, is_paired: bool, tries: int = 600) -> float:
    """How often the interval of two equal, normal populations holds 0."""
    generator = np.random.default_rng(runs)
    hits = 0
    for _ in range(tries):
        first, second = generator.standard_normal((2, runs))
        bounds = interval(first, second, is_paired=is_paired)
        assert bounds is not None
        hits += bounds[0] <= 0 <= bounds[1]
    return hits / tries


@pytest.mark.parametrize(
    ("runs", "is_paired", "least"),
    [(3, False, 0.85), (5, False, 0.93), (10, False, 0.93), (5, True, 0.88), (10, True, 0.9)],
)
def test_the_interval_holds_the_truth_about_as_often_as_it_says(
    runs: int, is_paired: bool, least: float
) -> None:
    assert coverage(runs, is_paired=is_paired) >= least


def test_plain_percentiles_would_hold_it_too_rarely() -> None:
    """The reason why the interval is widened."""
    generator = np.random.default_rng(5)
    hits = 0
    for _ in range(600):
        first, second = generator.standard_normal((2, 5))
        drawn = generator.integers(0, 5, (2, RESAMPLES // 10, 5))
        shifts = second[drawn[1]].mean(axis=1) - first[drawn[0]].mean(axis=1)
        low, high = np.quantile(shifts, [0.025, 0.975])
        hits += low <= 0 <= high
    assert hits / 600 < 0.9
