"""What a difference is worth: against simulation, and against tables of the t test."""

from __future__ import annotations

import math

import numpy as np
import pytest

from logparse.signals.consistency.differences import (
    difference,
    least_difference,
    power,
    seed_sd,
    seeds_needed,
)


@pytest.mark.parametrize(
    ("effect", "needed"),
    [(0.2, 394), (0.5, 64), (0.8, 26), (1.0, 17), (1.5, 9), (2.0, 6), (3.0, 4)],
)
def test_the_number_of_seeds_is_that_of_the_tables(effect: float, needed: int) -> None:
    """Cohen's tables for the two-sided t test at 5% with 80%, and their usual continuation."""
    assert seeds_needed(effect * 0.01, 0.01) == needed


def test_the_power_is_what_simulated_t_tests_find() -> None:
    rng = np.random.default_rng(5)
    first, second = rng.standard_normal((2, 20_000, 6))
    second += 1.5
    spread = np.sqrt((first.var(axis=1, ddof=1) + second.var(axis=1, ddof=1)) / 6)
    t = (second.mean(axis=1) - first.mean(axis=1)) / spread
    found = float((np.abs(t) > 2.228139).mean())  # t of 10 degrees of freedom, 97.5%
    assert power(1.5, 6) == pytest.approx(found, abs=0.01)


@pytest.mark.parametrize("seeds", [2, 3, 5, 20, 500])
def test_the_power_of_no_effect_is_the_level(seeds: int) -> None:
    assert power(0.0, seeds) == pytest.approx(0.05, abs=1e-6)
    assert power(0.0, seeds, 0.01) == pytest.approx(0.01, abs=1e-6)


def test_the_power_grows_with_effect_and_seeds() -> None:
    assert power(1, 5) < power(1, 6) < power(1.2, 6)


def test_the_least_difference_of_single_runs_is_two_root_two_sd() -> None:
    assert least_difference(0.01) == pytest.approx(2 * math.sqrt(2) * 0.01)
    assert least_difference(0.01, 8, 8) == pytest.approx(0.01)


def test_how_often_two_equal_runs_differ_by_more_than_the_least() -> None:
    rng = np.random.default_rng(3)
    first, second = rng.standard_normal((2, 100_000))
    share = float((np.abs(first - second) >= least_difference(1.0)).mean())
    assert share == pytest.approx(0.0455, abs=0.003)


def test_the_sd_is_measured_within_groups_of_three() -> None:
    assert seed_sd([1.0, 2.0, 3.0], [11.0, 12.0, 13.0]) == pytest.approx(1.0)
    assert seed_sd([1.0, 2.0, 3.0], [11.0, 99.0]) == pytest.approx(1.0)
    assert seed_sd([1.0, 2.0], [3.0]) is None


def test_a_measured_sd_is_taken_before_an_assumed_one() -> None:
    found = difference([1.0, 2.0, 3.0], [4.0], assumed_sd=99.0)
    assert found is not None
    assert found.is_measured and found.seed_sd == pytest.approx(1.0)
    assert found.size == 2.0 and found.seeds == (3, 1)
    assert found.least == pytest.approx(2 * math.sqrt(1 / 3 + 1))


def test_a_single_run_resolves_nothing_however_far_off() -> None:
    found = difference([1.0, 2.0, 3.0], [400.0])
    assert found is not None
    assert found.is_beyond_noise and not found.is_resolvable


@pytest.mark.parametrize(
    ("first", "second", "assumed"),
    [
        ([], [1.0], 1.0),
        ([1.0], [], 1.0),
        ([1.0], [2.0], None),
        ([math.nan], [2.0], 1.0),
        ([math.inf, 1.0, 2.0], [2.0], 1.0),
        ([1.0], [2.0], math.nan),
        ([1.0], [2.0], -1.0),
    ],
)
def test_nothing_is_said_where_nothing_is_known(
    first: list[float], second: list[float], assumed: float | None
) -> None:
    assert difference(first, second, assumed) is None


@pytest.mark.parametrize("size", [0.0, -1.0, math.nan, math.inf])
def test_no_difference_needs_no_number_of_seeds(size: float) -> None:
    assert seeds_needed(size, 1.0) is None


def test_extremes_are_answered_too() -> None:
    assert seeds_needed(1.0, 0.0) == 4
    assert seeds_needed(1e-9, 1.0) is None
    assert seeds_needed(1e300, 1e-300) == 4
