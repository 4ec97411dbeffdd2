"""What a difference between two groups of runs is worth, given how far seeds lie apart.

Runs are the samples here. Epochs of one run are no samples, and are never counted as such.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import fmean, stdev
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

MIN_SEEDS = 3
"""Fewer runs of one group give no standard deviation worth the name."""
LEAST_SEEDS, MAX_SEEDS = 4, 1000
ERRORS = 2.0
"""A difference below this many standard errors is not told from none."""
_LARGE_EFFECT = 30.0
"""Few runs find it in any case, and the noncentral t is exact below."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Two groups of final values, and what their difference is worth.

    size          |mean of the first - mean of the second|
    least         the least difference that this many runs can tell: 2 sqrt 2 seed SD for one
                  run on each side, 2 SD sqrt(1/n + 1/m) in general
    seed_sd       SD between runs that differ in their seed only
    is_measured   True when the SD is that of these runs, False when it is an assumption
    seeds         runs on each side
    seeds_needed  runs on each side that find a difference of this size in 80 of 100 tries;
                  None when that takes more than a thousand
    """

    size: float
    least: float
    seed_sd: float
    is_measured: bool
    seeds: tuple[int, int]
    seeds_needed: int | None

    @property
    def least_then(self) -> float | None:
        """The least difference that `seeds_needed` runs on each side can tell."""
        runs = self.seeds_needed
        return least_difference(self.seed_sd, runs, runs) if runs is not None else None

    @property
    def is_resolvable(self) -> bool:
        """True when the difference is beyond the noise, and no side is a single run."""
        return self.is_beyond_noise and min(self.seeds) > 1

    @property
    def is_beyond_noise(self) -> bool:
        """True when there is a difference, of at least the least one, however few the runs."""
        return self.size > 0 and self.size >= self.least


def difference(
    first: Sequence[float], second: Sequence[float], assumed_sd: float | None = None
) -> Difference | None:
    """The difference of two groups of final values, one value for each run.

    The SD is measured where a group has three runs or more, else `assumed_sd`. None where there
    is neither, where a group is empty, or where a value is not finite.
    """
    if not first or not second or not all(map(math.isfinite, (*first, *second))):
        return None
    measured = seed_sd(first, second)
    sd = measured if measured is not None else assumed_sd
    if sd is None or not (math.isfinite(sd) and sd >= 0):
        return None
    size = abs(fmean(first) - fmean(second))
    return Difference(
        size=size,
        least=least_difference(sd, len(first), len(second)),
        seed_sd=sd,
        is_measured=measured is not None,
        seeds=(len(first), len(second)),
        seeds_needed=seeds_needed(size, sd),
    )


def least_difference(sd: float, first: int = 1, second: int = 1) -> float:
    """The least difference of two means that stands out: 2 sqrt 2 SD for one run on each side."""
    return ERRORS * sd * math.sqrt(1 / first + 1 / second)


def seed_sd(*groups: Sequence[float]) -> float | None:
    """The SD within the groups, pooled over those of three runs or more; None without any."""
    known = [group for group in groups if len(group) >= MIN_SEEDS]
    freedom = sum(len(group) - 1 for group in known)
    if not freedom:
        return None
    return math.sqrt(sum((len(group) - 1) * stdev(group) ** 2 for group in known) / freedom)


def seeds_needed(size: float, sd: float, *, chance: float = 0.8, level: float = 0.05) -> int | None:
    """The least number of runs on each side that finds a difference of `size`.

    By the two-sided t test at `level`, with the probability `chance`; four at least, since no
    exact test of fewer can reach 5%. None for no difference, and where more than a thousand
    runs would be needed.
    """
    if not (size > 0 and math.isfinite(size) and sd >= 0 and math.isfinite(sd)):
        return None
    effect = min(size / sd, _LARGE_EFFECT) if sd > 0 else _LARGE_EFFECT
    low, high = LEAST_SEEDS, MAX_SEEDS
    if power(effect, high, level) < chance:
        return None
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if power(effect, middle, level) >= chance else (middle + 1, high)
    return low


def power(effect: float, seeds: int, level: float = 0.05) -> float:
    """The probability that a t test of `seeds` runs on each side finds `effect` (in seed SDs)."""
    from scipy import stats

    freedom = 2 * (seeds - 1)
    limit, shift = float(stats.t.isf(level / 2, freedom)), effect * math.sqrt(seeds / 2)
    # So far from the other tail that scipy's series gives nan, there is nothing in it.
    other = float(stats.nct.cdf(-limit, freedom, shift))
    return float(stats.nct.sf(limit, freedom, shift)) + (other if other > 0 else 0.0)
