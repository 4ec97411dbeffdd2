"""What one must know to read a comparison."""

from __future__ import annotations

from dataclasses import replace

from logparse.comparison.comparing import compare_sides
from logparse.comparison.model import Side
from logparse.comparison.options import options
from tests.comparison.sides import entrant, learner, side


def seeds(label: str, first: int, count: int) -> Side:
    return side(label, *(learner(seed) for seed in range(first, first + count)))


def remarks(*sides: Side) -> str:
    return "\n".join(compare_sides(sides, options()).remarks)


def test_a_group_that_is_a_mixture_is_called_one() -> None:
    mixed = side("b", learner(1, settings={"LR": 1}), learner(2, settings={"LR": 2}))
    told = remarks(side("a", learner(0, settings={"LR": 1})), mixed)
    assert "the runs of b differ in LR: they are no repeats of one configuration" in told
    assert "differ" not in remarks(seeds("a", 0, 3), seeds("b", 9, 3))


def test_other_baselines_are_other_data() -> None:
    first = replace(learner(0), baselines={"val_mean_rmse": 0.5})
    second = replace(learner(1), baselines={"val_mean_rmse": 0.7})
    assert "the baselines differ (val_mean_rmse)" in remarks(side("a", first), side("b", second))


def test_a_seed_that_is_there_twice_is_named() -> None:
    told = remarks(side("a", learner(0), learner(1)), side("b", learner(3), learner(3)))
    assert "b has seed 3 more than once" in told


def test_a_run_that_failed_counts_and_is_named() -> None:
    failed = Side("b", (entrant(learner(0), "b1", None, "NUM001"), entrant(learner(1), "b2")))
    assert "1 of 2 runs of b failed (NUM001: b1), and what counts of them is" in remarks(
        seeds("a", 5, 2), failed
    )


def test_a_run_that_ends_before_it_was_to_be_cut_is_named() -> None:
    cut = Side("b", (entrant(learner(0), "b", 30),))
    assert "b ends at E20, before E30" in remarks(side("a", learner(1)), cut)
