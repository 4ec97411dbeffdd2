"""Runs that differ in their seed only are called different in 5% of comparisons at most.

Whole comparisons of simulated runs, not single tests: any measure that is called better or worse
counts. A bound of 5% plus three standard errors of the simulation.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from logparse.comparison.comparing import compare_sides
from logparse.comparison.model import Side, Verdict
from logparse.comparison.options import options
from logparse.run import Run
from tests.comparison.sides import learner, side

CLAIMS = (Verdict.BETTER, Verdict.WORSE, Verdict.DIFFERENT)
TRIES = 200


def most(share: float, tries: int) -> float:
    return share + 3 * math.sqrt(share * (1 - share) / tries)


def group(
    generator: np.random.Generator,
    seeds: range | list[None],
    *,
    better: float = 0.0,
    luck: float = 0.0,
) -> list[Run]:
    """Runs of one configuration: metrics that go together, speed by itself; heavy tails.

    `luck` is the share of the spread that a seed brings to every configuration.
    """
    runs = []
    for seed in seeds:
        own = generator.standard_t(4)
        shared = np.random.default_rng((17, seed or 0)).standard_t(4)
        spread = 0.02 * (math.sqrt(1 - luck) * own + math.sqrt(luck) * shared)
        speed = 1000 * (1 + 0.05 * generator.standard_normal())
        floor = 0.1 * (1 - better) * math.exp(spread)
        runs.append(learner(seed, floor=floor, epochs=6, throughput=[speed] * 6))
    return runs


def claims(*sides: Side) -> int:
    comparison = compare_sides(sides, options())
    return any(
        change is not None and change.verdict in CLAIMS
        for row in comparison.rows
        for change in row.changes
    )


@pytest.mark.parametrize("runs", [5, 6])
def test_groups_of_one_configuration_are_rarely_called_different(runs: int) -> None:
    generator = np.random.default_rng(runs)
    found = 0
    for _ in range(TRIES):
        first = side("a", *group(generator, range(runs)))
        second = side("b", *group(generator, range(100, 100 + runs)))
        found += claims(first, second)
    assert found / TRIES <= most(0.05, TRIES)


@pytest.mark.parametrize(("runs", "luck"), [(5, 0.5), (7, 0.8)])
def test_groups_of_the_same_seeds_are_rarely_called_different(runs: int, luck: float) -> None:
    generator = np.random.default_rng(runs)
    found = 0
    for _ in range(TRIES):
        first = side("a", *group(generator, range(runs), luck=luck))
        second = side("b", *group(generator, range(runs), luck=luck))
        found += claims(first, second)
    assert found / TRIES <= most(0.05, TRIES)


def test_several_sides_are_corrected_for_as_one_family() -> None:
    generator = np.random.default_rng(3)
    found = 0
    for _ in range(TRIES // 2):
        sides = [side(name, *group(generator, [None] * 6)) for name in "abcd"]
        found += claims(*sides)
    assert found / (TRIES // 2) <= most(0.05, TRIES // 2)


def test_a_plain_difference_is_found_all_the_same() -> None:
    generator = np.random.default_rng(9)
    found = 0
    for _ in range(50):
        first = side("a", *group(generator, [None] * 6))
        found += claims(first, side("b", *group(generator, [None] * 6, better=0.15)))
    assert found >= 45


def test_one_run_a_side_is_never_called_different() -> None:
    """Epochs are no samples, however many there are and however far apart they lie."""
    worse = side("b", learner(1, floor=0.5, epochs=200))
    comparison = compare_sides([side("a", learner(0, epochs=200)), worse], options())
    changes = [row.changes[1] for row in comparison.rows]
    assert {change.verdict for change in changes if change} == {Verdict.SINGLE}
    assert all(change.p is None and change.low is None for change in changes if change)
