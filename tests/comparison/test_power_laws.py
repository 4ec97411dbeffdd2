"""Power laws of a measure against the number of parameters."""

from __future__ import annotations

import json
import math
from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from logparse.comparison.model import Measure
from logparse.comparison.scaling import Member, Scaling, ScalingFamily, scaling_family
from logparse.metrics import Better

RMSE = Measure("val_rmse", "val_rmse", "", Better.LOWER, "quality")
SIZES = (87e3, 340e3, 1.3e6, 4.5e6, 17.4e6)


def members(sizes: list[float], values: list[float], data: str = "") -> list[Member]:
    pairs = zip(sizes, values, strict=True)
    return [Member(f"r{at}", size, data, value) for at, (size, value) in enumerate(pairs)]


def family(runs: list[Member]) -> ScalingFamily:
    found = scaling_family(RMSE, runs)
    assert found is not None
    return found


def fit(sizes: list[float], values: list[float]) -> Scaling:
    (found,) = family(members(sizes, values)).fits
    return found


def planted(seed: int, repeats: int = 1, bend: float = 0.0) -> tuple[list[float], list[float]]:
    """0.5 N^-0.12 with 3% noise; `bend` is the quadratic term of the logarithms."""
    sizes = np.repeat(SIZES, repeats)
    x = np.log(sizes)
    noise = 0.03 * np.random.default_rng(seed).standard_normal(len(sizes))
    logs = math.log(0.5) - 0.12 * x + bend * (x - x.mean()) ** 2 + noise
    return sizes.tolist(), np.exp(logs).tolist()


def test_an_exact_power_law_is_found_exactly() -> None:
    found = fit(list(SIZES), [0.5 * size**-0.12 for size in SIZES])
    assert found.factor == pytest.approx(0.5)
    assert found.exponent == pytest.approx(-0.12)
    assert (found.low, found.high) == pytest.approx((-0.12, -0.12), abs=1e-7)
    assert found.spread == pytest.approx(0, abs=1e-12)
    assert found.bend == pytest.approx(0, abs=0.01)  # rounding is no bend
    assert [point.size for point in found.points] == list(SIZES)


def test_the_fit_is_that_of_scipy_and_the_residuals_are_those_of_each_run() -> None:
    sizes, values = planted(1, repeats=3)
    found, theirs = fit(sizes, values), stats.linregress(np.log(sizes), np.log(values))
    assert found.exponent == pytest.approx(theirs.slope)
    assert math.log(found.factor) == pytest.approx(theirs.intercept)
    assert found.high - found.low == pytest.approx(
        2 * 2.160369 * theirs.stderr, rel=1e-6
    )  # t of 13
    for point in found.points:
        assert point.fitted == pytest.approx(found.factor * point.size**found.exponent)
        assert point.residual == pytest.approx(math.log(point.value / point.fitted))
    squares = math.fsum(point.residual**2 for point in found.points)
    assert found.spread == pytest.approx(math.sqrt(squares / 13))


@pytest.mark.parametrize("repeats", [1, 3])
def test_the_interval_covers_the_planted_exponent_in_95_of_100_families(repeats: int) -> None:
    fits = [fit(*planted(seed, repeats)) for seed in range(400)]
    covered = sum(found.low <= -0.12 <= found.high for found in fits)
    assert covered / 400 == pytest.approx(0.95, abs=0.033)  # three standard errors


def test_a_bend_is_told_from_a_power_law() -> None:
    straight = [fit(*planted(seed, repeats=3)).bend_p for seed in range(400)]
    bent = [fit(*planted(seed, repeats=3, bend=0.02)) for seed in range(50)]
    assert np.mean([p is not None and p < 0.05 for p in straight]) == pytest.approx(0.05, abs=0.033)
    assert all(one.bend is not None and one.bend > 3 for one in bent)
    assert all(one.bend_p is not None and one.bend_p < 0.05 for one in bent)
    downward = fit(*planted(0, repeats=3, bend=-0.02)).bend
    assert downward is not None and downward < -3


def test_three_sizes_have_no_bend_however_many_runs() -> None:
    found = fit([1e3, 1e4, 1e5] * 3, [3.0, 2.0, 1.9, 3.1, 2.1, 1.8, 3.0, 2.2, 1.7])
    assert found.bend is None and found.bend_p is None


def test_each_data_scale_has_its_own_law_in_natural_order() -> None:
    laws = {"9600": 0.3, "1200": 0.8, "800": 0.9}
    runs = [
        Member(f"{data}-{size}", size, data, factor * size**-0.1)
        for data, factor in laws.items()
        for size in SIZES
    ]
    found = family([*runs, Member("alone", 1e5, "100", 1.0)])
    assert [one.data for one in found.fits] == ["800", "1200", "9600"]
    assert [one.factor for one in found.fits] == pytest.approx([0.9, 0.8, 0.3])
    assert found.lacks == ("data scale 100: a power law needs 3 sizes, and there are 1",)


@pytest.mark.parametrize(
    "sizes", [[], [5.0], [5.0, 5.0], [5.0, 5.0, 9.0], [5.0, math.nan], [0.0, -1.0]]
)
def test_of_fewer_than_three_sizes_nothing_is_asked(sizes: list[float]) -> None:
    assert scaling_family(RMSE, members(sizes, [1.0] * len(sizes))) is None


@pytest.mark.parametrize(
    ("sizes", "why"),
    [
        ([1e3, 1e3 + 1e-7, 1e6], "a power law needs 3 sizes, and there are 2"),
        ([1.0, 1.5, 1.99], "sizes differ by less than a factor of 2"),
        ([1.0, 1.5, 2.0], ""),
    ],
)
def test_too_few_or_too_close_sizes_are_said_to_be(sizes: list[float], why: str) -> None:
    found = family(members(sizes, [3.0, 2.0, 1.0]))
    assert found.lacks == ((why,) if why else ())
    assert len(found.fits) == (not why)


@pytest.mark.parametrize("better", [Better.HIGHER, Better.NEITHER])
def test_only_errors_have_a_power_law(better: Better) -> None:
    measure = Measure("val_r2", "val_r2", "", better, "quality")
    found = scaling_family(measure, members(list(SIZES), [0.5, 0.6, 0.7, 0.8, 0.9]))
    assert found == ScalingFamily(measure, lacks=("a power law is fitted to errors only",))


@pytest.mark.parametrize("value", [0.0, -1.0, math.nan, math.inf])
def test_a_run_without_a_positive_value_is_left_out_and_the_rest_is_fitted(value: float) -> None:
    sizes = [*SIZES, 1e8]
    found = family(members(sizes, [*(size**-0.1 for size in SIZES), value]))
    assert found.lacks == ("1 of 6 runs have no positive size and value",)
    assert found.fits[0].exponent == pytest.approx(-0.1)


anything = st.floats() | st.floats(1e-3, 1e3) | st.integers(-1, 10**400) | st.sampled_from(SIZES)


@given(st.lists(st.builds(Member, st.just("r"), anything, st.sampled_from(["", "7"]), anything)))
def test_no_numbers_raise_or_warn_and_all_that_comes_out_is_finite(runs: list[Member]) -> None:
    found = scaling_family(RMSE, runs)
    if found is not None:
        json.dumps([asdict(one) for one in found.fits], allow_nan=False)
        assert found.fits or found.lacks


@pytest.mark.parametrize("values", [[1e300, 1.0, 1e-300], [5e-324, 1.0, 1e308], [1.0, 1.0, 1.0]])
@pytest.mark.parametrize("sizes", [[1e9, 2e9, 4e9], [1e-308, 1.0, 1e308]])
def test_values_at_the_ends_of_floats_are_fitted_or_refused(
    sizes: list[float], values: list[float]
) -> None:
    found = family(members(sizes, values))
    json.dumps([asdict(one) for one in found.fits], allow_nan=False)
    is_refused = found.lacks == ("values lie too far apart for a power law",)
    assert is_refused != bool(found.fits)
    assert is_refused == (values[0] != 1.0 and (sizes[0] == 1e9 or values[0] == 5e-324))
