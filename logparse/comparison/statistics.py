"""What the difference of two groups of runs is worth: an interval, a test, a correction.

Every function takes one number for each run. Randomness is seeded: equal runs give equal results.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Sequence

Floats: TypeAlias = npt.NDArray[np.float64]
Numbers: TypeAlias = "Sequence[float] | Floats"
"""One number for each run."""

LEVEL = 0.05
MIN_RUNS, MIN_PAIRS = 3, 5
"""Fewer runs a side, or pairs, give no interval."""
RESAMPLES = 9_999
MOST_ARRANGEMENTS = 20_000
"""Tests are exact up to so many arrangements of the runs: 8 against 8, or 14 pairs."""
LEAST_PAIRS = 6
"""Signs of fewer pairs cannot reach 5%."""
_SEED = 20_080_229
_ALIKE = 1e-12


@dataclass(frozen=True, slots=True)
class Tested:
    """A two-sided test: its name, its p value, and the least one that so few runs can reach."""

    name: str
    p: float
    least_p: float


def interval(
    first: Numbers, second: Numbers, *, is_paired: bool = False
) -> tuple[float, float] | None:
    """The 95% interval of mean(second) - mean(first), by bootstrap; None with too few runs.

    In pairs the differences are drawn (five at least), else each side by itself (three at least).
    Percentiles of so few runs are too near each other, and are taken further out by what t and
    n / (n - 1) say (Hesterberg 2015): without that, 95% would be 87% for five runs a side.
    """
    a, b = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    runs = min(len(a), len(b))
    if runs < (MIN_PAIRS if is_paired else MIN_RUNS):
        return None
    draws = _means(b - a, 0) if is_paired else _means(b, 0) - _means(a, 1)
    tail = _tail(runs)
    low, high = np.quantile(draws, [tail, 1 - tail])
    return float(low), float(high)


def _tail(runs: int) -> float:
    """The share of draws outside of the interval on each side, for samples of so many runs."""
    from scipy import special

    t = -float(special.stdtrit(runs - 1, LEVEL / 2))
    return float(special.ndtr(-t * math.sqrt(runs / (runs - 1))))


def tested(first: Numbers, second: Numbers, *, is_paired: bool = False) -> Tested:
    """Whether two groups of runs differ; two-sided.

    Up to 20,000 arrangements of the runs exactly, by permutation of Welch's t (in pairs: of the
    signs of the differences), else by Mann-Whitney (in pairs: Wilcoxon). Each side has two runs
    at least.
    """
    from scipy import stats

    a, b = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    least = least_p(len(a), len(b), is_paired=is_paired)
    if _is_constant(np.concatenate([b - a] if is_paired else [a, b]), zero=is_paired):
        return Tested("none: all values are equal", 1.0, 1.0)
    if 2 / least <= MOST_ARRANGEMENTS:
        if is_paired:
            name = "exact sign flips"
            found = stats.permutation_test((b, a), _mean_of_pairs, permutation_type="samples",
                                           vectorized=True, n_resamples=np.inf)  # fmt: skip
        else:
            name = "exact permutation"
            found = stats.permutation_test((b, a), _welch, vectorized=True, n_resamples=np.inf)
        return Tested(name, float(found.pvalue), least)
    if is_paired:
        return Tested("Wilcoxon", float(stats.wilcoxon(b - a).pvalue), least)
    return Tested("Mann-Whitney", float(stats.mannwhitneyu(b, a).pvalue), least)


def least_p(first: int, second: int, *, is_paired: bool = False) -> float:
    """The least two-sided p value that an exact test of so many runs can reach."""
    arrangements = 2**first if is_paired else math.comb(first + second, first)
    # Of equal groups an arrangement and its mirror are equally extreme; of others, one may stand
    # alone at its end, and doubling the smaller tail counts it twice all the same.
    return min(1.0, 2 / arrangements)


def holm(values: Sequence[float]) -> list[float]:
    """The p values after Holm's step-down correction for as many tests as there are values."""
    order = sorted(range(len(values)), key=values.__getitem__)
    corrected, highest = [0.0] * len(values), 0.0
    for rank, at in enumerate(order):
        highest = max(highest, min(1.0, (len(values) - rank) * values[at]))
        corrected[at] = highest
    return corrected


def seeds_for_a_test(count: int) -> int:
    """Runs a side from which an exact test can reach 5% after correction for `count` tests."""
    runs = 2
    while least_p(runs, runs) * count > LEVEL:
        runs += 1
    return runs


def _means(group: Floats, stream: int) -> Floats:
    """Means of the group drawn with replacement, again and again."""
    generator = np.random.default_rng((_SEED, stream))
    means: Floats = group[generator.integers(0, len(group), (RESAMPLES, len(group)))].mean(axis=1)
    return means


def _welch(first: Floats, second: Floats, axis: int = -1) -> Floats:
    """Welch's t along the axis; where nothing varies, the sign of the difference times a lot."""
    difference = first.mean(axis=axis) - second.mean(axis=axis)
    error = first.var(axis=axis, ddof=1) / first.shape[axis]
    error = np.sqrt(error + second.var(axis=axis, ddof=1) / second.shape[axis])
    scale = np.abs(np.concatenate([first, second], axis=axis)).max(axis=axis)
    t: Floats = difference / np.maximum(error, _ALIKE * scale)
    return t


def _mean_of_pairs(first: Floats, second: Floats, axis: int = -1) -> Floats:
    means: Floats = (first - second).mean(axis=axis)
    return means


def _is_constant(values: Floats, *, zero: bool) -> bool:
    return bool((values == (0.0 if zero else values[0])).all())
