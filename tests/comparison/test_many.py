"""Many runs in one comparison: ranked, fitted, taken together over tasks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from logparse.comparison import Comparison
from logparse.comparison.comparing import compare_sides
from logparse.comparison.model import Side, Verdict
from logparse.comparison.options import options
from logparse.errors import ComparisonError, UnknownNameError
from tests.comparison.sides import learner, side


def compared(*sides: Side, **wanted: Any) -> Comparison:
    return compare_sides(sides, options(**wanted))


def singles(count: int, **more: Any) -> list[Side]:
    """Runs of which each is worse than the one before, and takes less time."""
    return [
        side(f"run-{at}", learner(at, floor=0.1 + at / 100, elapsed_s=[20.0 - at] * 20, **more))
        for at in range(count)
    ]


def test_more_than_six_sides_are_ranked_by_the_main_metric() -> None:
    assert compared(*singles(6)).ranking is None
    ranking = compared(*singles(7)).ranking
    assert ranking is not None and ranking.measure.name == "best_val_rmse"
    assert [one.side for one in ranking.places] == list(range(7))


def test_any_measure_with_a_direction_can_be_ranked_by() -> None:
    for name in ("elapsed_s", "epoch_s"):
        ranking = compared(*singles(3), by=name).ranking
        assert ranking is not None and ranking.measure.name == "epoch_s"
        assert [one.side for one in ranking.places] == [2, 1, 0]
    with pytest.raises(ComparisonError, match="no better direction"):
        compared(*singles(3, grad_norm=[1.0] * 20), by="grad_norm")


def test_who_is_worse_but_cheaper_is_on_the_front() -> None:
    ranking = compared(*singles(3), by="val_rmse").ranking
    assert ranking is not None
    assert [one.pareto for one in ranking.places] == [("time",)] * 3


def test_seed_noise_that_is_known_ties_the_ranking() -> None:
    told = compared(*singles(8), by="val_rmse", seed_noise=["20%"]).ranking
    assert told is not None and [one.is_tied for one in told.places] == [False] + [True] * 7
    told = compared(*singles(8), by="val_rmse", seed_noise=["0.01%"]).ranking
    assert told is not None and not any(one.is_tied for one in told.places)


def family(exponent: float, *windows: int) -> list[Side]:
    """Runs of five sizes for each data scale, the best error a power of the size."""
    generator = np.random.default_rng(1)
    sides = []
    for scale in windows:
        for size in (1_000, 4_000, 16_000, 64_000, 256_000):
            floor = 0.5 * size**exponent * (scale / 1000) ** -0.3
            run = learner(
                None,
                floor=floor * float(np.exp(0.01 * generator.standard_normal())),
                settings={"TRAIN_WINDOWS": scale},
                model={"total_params": size},
            )
            sides.append(side(f"{scale}-{size}", run))
    return sides


def test_a_scaling_family_is_fitted_for_each_data_scale() -> None:
    found = compared(*family(-0.25, 1_000, 8_000)).scaling
    assert found is not None and not found.lacks
    assert [fit.data for fit in found.fits] == ["TRAIN_WINDOWS 1000", "TRAIN_WINDOWS 8000"]
    for fit in found.fits:
        assert fit.low < -0.25 < fit.high
        assert len(fit.points) == 5 and max(abs(one.residual) for one in fit.points) < 0.05


def test_two_sizes_are_no_family() -> None:
    assert compared(*family(-0.25, 1_000)[:2]).scaling is None


def by_task(label: str, factor: float, first_seed: int = 0) -> Side:
    """Five runs on each of three tasks whose metrics are of other sizes."""
    generator = np.random.default_rng((first_seed, 5))
    runs = [
        learner(
            first_seed + seed,
            floor=factor * size,
            noise=0.05,
            generator=generator,
            settings={"DATASET": name},
        )
        for name, size in (("small", 0.01), ("middle", 0.1), ("large", 10.0))
        for seed in range(5)
    ]
    return side(label, *runs)


def test_groups_over_several_tasks_are_taken_together() -> None:
    found = compared(by_task("base", 1.0), by_task("new", 0.9, 50), task="dataset")
    assert found.tasks is not None and found.rows == () and found.errors == ()
    assert [row.task for row in found.tasks.rows] == ["large", "middle", "small"]
    (pooled,) = found.tasks.pooled
    assert pooled.verdict is Verdict.BETTER and pooled.holm == pooled.p
    assert pooled.ratio.low < 0.9 < pooled.ratio.high < 1
    assert pooled.improvement.estimate > 0.8
    assert not any("no repeats" in remark for remark in found.remarks)
    assert not any("more than once" in remark for remark in found.remarks)


def test_equal_groups_over_several_tasks_are_not_told_apart() -> None:
    found = compared(by_task("base", 1.0), by_task("new", 1.0, 50), task="DATASET")
    assert found.tasks is not None
    assert found.tasks.pooled[0].verdict is Verdict.NONE


def test_without_the_option_such_groups_are_called_mixtures() -> None:
    found = compared(by_task("base", 1.0), by_task("new", 0.9, 50))
    assert any("the runs of base differ in DATASET" in remark for remark in found.remarks)


def test_runs_and_tasks_that_cannot_be_used_are_named() -> None:
    base, new = by_task("base", 1.0), by_task("new", 0.9, 50)
    stray = side("new", *(one.run for one in new.entrants[:10]), learner(99))
    found = compared(base, stray, task="DATASET")
    assert [str(error) for error in found.errors] == ["new-10: no DATASET: left out of the tasks"]
    assert found.tasks is not None and found.tasks.pooled[0].tasks == ("small", "middle")
    assert [*found.tasks.left_out["new"]] == ["large: only the reference has runs of it"]


def test_a_task_that_no_run_names_is_a_mistake() -> None:
    with pytest.raises(UnknownNameError, match="did you mean DATASET"):
        compared(by_task("base", 1.0), by_task("new", 0.9, 50), task="DATASETS")
