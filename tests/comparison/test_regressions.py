"""Limits on how much worse a run may get: held, broken, or not to be judged."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from logparse.comparison.comparing import compare_sides
from logparse.comparison.model import Side
from logparse.comparison.options import options
from logparse.comparison.regressions import Outcome, Regression
from logparse.errors import UnknownNameError
from logparse.run import Run
from tests.comparison.sides import entrant, learner, side


def verdict(first: Side, second: Side, limit: str) -> Regression:
    (found,) = compare_sides([first, second], options(fail_if=[limit])).regressions
    return found


def pair(first: float, second: float, **more: Any) -> tuple[Side, Side]:
    return side("a", learner(0, floor=first, **more)), side("b", learner(1, floor=second, **more))


@pytest.mark.parametrize(
    ("worse", "limit", "outcome"),
    [
        (1.04, "val_rmse:5%", "held"),
        (1.06, "val_rmse:5%", "regressed"),
        (0.50, "val_rmse:5%", "held"),
        (1.05, "best_val_rmse:5%", "held"),
        (1.06, "val_rmse:0.007", "held"),
        (1.06, "val_rmse:0.005", "regressed"),
        (1.001, "val_rmse:0", "regressed"),
        (1.0, "val_rmse:0%", "held"),
    ],
)
def test_a_limit_is_a_share_or_an_amount(worse: float, limit: str, outcome: str) -> None:
    found = verdict(*pair(0.1, 0.1 * worse), limit)
    assert found.outcome == outcome
    assert found.reference is not None and found.value is not None
    assert found.value / found.reference == pytest.approx(worse)


def test_where_higher_is_better_a_fall_is_the_loss() -> None:
    first = side("a", learner(0, val_r2=[0.5] * 20, throughput=[100.0] * 20))
    second = side("b", learner(1, val_r2=[0.4] * 20, throughput=[120.0] * 20))
    assert verdict(first, second, "val_r2:0.05").outcome is Outcome.REGRESSED
    assert verdict(first, second, "throughput:1%").outcome is Outcome.HELD
    assert verdict(second, first, "throughput:1%").loss == pytest.approx(1 / 6)


def test_time_may_be_limited_by_the_name_of_its_column() -> None:
    first = side("a", learner(0, elapsed_s=[1.0] * 20))
    second = side("b", learner(1, elapsed_s=[1.5] * 20))
    assert verdict(first, second, "elapsed_s:10%").outcome is Outcome.REGRESSED


def test_several_limits_and_sides_are_judged_each() -> None:
    sides = [side("a", learner(0)), side("b", learner(1)), side("c", learner(2, floor=0.2))]
    found = compare_sides(sides, options(fail_if=["val_rmse:5%", "val_mae:5%"])).regressions
    assert [(one.limit.name, one.side, one.outcome.value) for one in found] == [
        ("val_rmse", "b", "held"),
        ("val_rmse", "c", "regressed"),
        ("val_mae", "b", "held"),
        ("val_mae", "c", "regressed"),
    ]


def refused(first: Run, second: Run, limit: str = "val_rmse:5%") -> str:
    found = verdict(side("a", first), side("b", second), limit)
    assert found.outcome is Outcome.REFUSED and found.loss is None
    return found.because


def test_a_metric_that_one_side_lacks_cannot_be_judged() -> None:
    assert refused(learner(0, val_r2=[0.5] * 20), learner(1), "val_r2:5%") == "b has no val_r2"


def test_a_metric_that_some_runs_of_a_group_lack_cannot_be_judged() -> None:
    group = side("b", learner(1, val_r2=[0.5] * 20), learner(2))
    found = verdict(side("a", learner(0, val_r2=[0.6] * 20)), group, "val_r2:5%")
    assert found.outcome is Outcome.REFUSED
    assert found.because == "1 of 2 runs of b lack val_r2"


def test_a_metric_that_nothing_has_is_a_mistake() -> None:
    with pytest.raises(UnknownNameError, match="did you mean best_val_rmse"):
        verdict(*pair(0.1, 0.1), "best_val_rsme:5%")


def test_a_run_that_failed_holds_no_limit_on_what_it_was_before() -> None:
    failed = Side("b", (entrant(learner(1, floor=0.05), "b", None, "NUM001", "LR001"),))
    found = verdict(side("a", learner(0)), failed, "val_rmse:5%")
    assert found.outcome is Outcome.REFUSED
    assert found.because == "b failed (NUM001): its best is from before"


def test_other_baselines_are_other_data() -> None:
    first, second = learner(0), replace(learner(1), baselines={"val_mean_rmse": 0.7})
    why = refused(replace(first, baselines={"val_mean_rmse": 0.5}), second)
    assert why == "other baselines: val_mean_rmse is 0.7 and 0.5"


def test_baselines_that_go_with_the_seed_are_the_same_data() -> None:
    def group(label: str) -> Side:
        runs = [replace(learner(at), baselines={"val_mean_rmse": 0.5 + at}) for at in range(3)]
        return side(label, *runs)

    assert verdict(group("a"), group("b"), "val_rmse:5%").outcome is Outcome.HELD


def test_another_horizon_is_another_task() -> None:
    why = refused(learner(0, settings={"HORIZON": 1}), learner(1, settings={"PRED_LEN": 5}))
    assert why == "b with a: another horizon, PRED_LEN 5 and HORIZON 1"


def test_another_length_of_training_is_not_comparable() -> None:
    why = refused(learner(0), learner(1, settings={"MAX_EPOCHS": 40}, epochs=40))
    assert why == "b with a: another length of training, 40 and 20 epochs planned"


def test_a_run_that_has_not_ended_is_not_held_against_one_that_has() -> None:
    why = refused(learner(0), learner(1, settings={"MAX_EPOCHS": 20}, epochs=9))
    assert why == "b with a: b ends at E09 without having finished; compare both with @9"


def test_runs_cut_at_the_same_epoch_are_of_one_length() -> None:
    first = Side("a", (entrant(learner(0, epochs=9), "a", 9),))
    longer = learner(1, epochs=9, settings={"MAX_EPOCHS": 40})
    second = Side("b", (entrant(longer, "b", 9),))
    assert verdict(first, second, "val_rmse:5%").outcome is Outcome.HELD


def test_cost_is_compared_whatever_was_learned() -> None:
    first = learner(0, throughput=[100.0] * 20)
    second = learner(1, epochs=9, settings={"HORIZON": 9}, throughput=[50.0] * 9)
    found = verdict(side("a", first), side("b", second), "throughput:5%")
    assert found.outcome is Outcome.REGRESSED


def test_what_has_no_direction_has_no_limit() -> None:
    first, second = (learner(seed, grad_norm=[0.1] * 20) for seed in (0, 1))
    assert refused(first, second, "grad_norm:5%") == "grad_norm has no better direction"


def test_a_share_of_nothing_is_no_limit() -> None:
    first, second = learner(0, val_r2=[0.0] * 20), learner(1, val_r2=[0.1] * 20)
    assert refused(first, second, "val_r2:5%").startswith("a share of 0 is no limit")
