"""Whole comparisons of runs whose truth is known."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from logparse.comparison import Comparison
from logparse.comparison.comparing import compare_sides
from logparse.comparison.model import Change, Row, Side, Verdict
from logparse.comparison.options import options
from logparse.errors import ComparisonError, UnknownNameError
from logparse.findings import SourceFailure
from logparse.run import Run
from tests.comparison.sides import entrant, learner, side
from tests.runs import make_parameters, make_run


def compared(*sides: Side, **wanted: Any) -> Comparison:
    return compare_sides(sides, options(**wanted))


def row(comparison: Comparison, name: str) -> Row:
    return next(row for row in comparison.rows if row.measure.name == name)


def change(comparison: Comparison, name: str, side: int = 1) -> Change:
    found = row(comparison, name).changes[side]
    assert found is not None
    return found


def group(label: str, floor: float, runs: int, *, first_seed: int = 0, noise: float = 0.02) -> Side:
    generator = np.random.default_rng((first_seed, int(1000 * floor)))
    seeds = range(first_seed, first_seed + runs)
    return side(
        label,
        *(learner(seed, floor=floor, noise=noise, generator=generator) for seed in seeds),
    )


def test_two_runs_have_their_best_its_epoch_and_no_p_value() -> None:
    found = compared(side("a", learner(0, floor=0.10)), side("b", learner(1, floor=0.08)))
    best = row(found, "best_val_rmse")
    assert found.main == "val_rmse"
    assert [one and one.values[0].epoch for one in best.summaries] == [20, 20]
    told = change(found, "best_val_rmse")
    assert told.relative == pytest.approx(-0.2)
    assert (told.verdict, told.p, told.noises) == (Verdict.SINGLE, None, None)
    assert found.resolutions[0].unknown


@pytest.mark.parametrize(
    ("noise", "noises"),
    [("2%", 0.2 / 0.02 / 2**0.5), ("0.01", 2 * (1 + 9 * np.exp(-19 / 3)) / 2**0.5)],
)
def test_two_runs_are_set_beside_seed_noise_that_is_known(noise: str, noises: float) -> None:
    sides = side("a", learner(0, floor=0.10)), side("b", learner(1, floor=0.08))
    found = compared(*sides, seed_noise=[noise])
    told = change(found, "best_val_rmse")
    assert told.noises == pytest.approx(noises)
    assert (told.verdict, told.p) == (Verdict.SINGLE, None)
    assert change(found, "best_val_mae").noises is None
    (resolution,) = found.resolutions
    assert resolution.finding is not None and resolution.finding.measured["seed_sd_is"] == "assumed"


def test_without_the_rule_nobody_judges_the_difference() -> None:
    sides = side("a", learner(0)), side("b", learner(1))
    assert compare_sides(sides, options(), rules=()).resolutions == ()
    assert len(compared(*sides).resolutions) == 1


def test_a_group_tells_the_seed_noise_of_single_runs() -> None:
    sides = group("base", 0.1, 5), side("b", learner(7, floor=0.05)), side("c", learner(8))
    found = compared(*sides)
    told = change(found, "best_val_rmse")
    assert told.verdict is Verdict.SINGLE and told.p is None
    assert told.noises is not None and told.noises > 10
    base = row(found, "best_val_rmse").summaries[0]
    assert base is not None and told.noise_sd == pytest.approx(base.sd)


def test_groups_that_differ_are_called_so_with_interval_and_corrected_p() -> None:
    found = compared(group("a", 0.10, 5), group("b", 0.08, 5, first_seed=50))
    told = change(found, "best_val_rmse")
    assert told.verdict is Verdict.BETTER and told.test == "exact permutation"
    assert told.p == pytest.approx(2 / 252) and told.holm == pytest.approx(2 * 2 / 252)
    assert told.low is not None and told.high is not None
    assert told.low < told.difference < told.high < 0
    assert not told.is_paired
    assert change(found, "best_train_rmse").verdict is Verdict.UNTESTED


def test_groups_of_one_kind_show_no_detectable_change() -> None:
    found = compared(group("a", 0.10, 6), group("b", 0.1001, 6, first_seed=50))
    assert change(found, "best_val_rmse").verdict is Verdict.NONE


def test_too_few_runs_are_said_to_be_too_few_and_how_many_would_do() -> None:
    found = compared(group("a", 0.10, 3), group("b", 0.05, 3, first_seed=50))
    told = change(found, "best_val_rmse")
    assert told.verdict is Verdict.TOO_FEW and told.least_p == pytest.approx(0.1)
    assert any("3+3 runs are too few" in remark for remark in found.remarks)
    assert any(
        "1 exact test cannot go below p = 0.1; 4 a side would" in one for one in found.remarks
    )


def test_runs_of_the_same_seeds_are_paired_whatever_their_order() -> None:
    luck = [1.3, 0.8, 1.0, 0.7, 1.2, 1.1]
    first = side("a", *(learner(at, floor=0.1 * luck[at]) for at in range(6)))
    second = side("b", *(learner(at, floor=0.099 * luck[at]) for at in reversed(range(6))))
    found = compared(first, second)
    told = change(found, "best_val_rmse")
    assert told.is_paired and told.test == "exact sign flips"
    assert told.low is not None and told.high is not None and told.high < 0
    assert told.high - told.low < 0.001
    assert "b: intervals are paired by seed, and so are tests" in found.remarks


@pytest.mark.parametrize("seeds", [[0, 1, 2, 3, 9], [0, 1, 2, 3, 3], [None] * 5])
def test_other_seeds_are_not_paired(seeds: list[int | None]) -> None:
    second = side("b", *(learner(seed, floor=0.09) for seed in seeds))
    assert not change(compared(group("a", 0.1, 5), second), "best_val_rmse").is_paired


def steady(label: str, floor: float, first_seed: int, runs: int) -> Side:
    """Runs whose metrics go together and whose speed never varies."""
    floors = (floor * (1 + at / 100) for at in range(runs))
    seeds = range(first_seed, first_seed + runs)
    return side(
        label,
        *(
            learner(seed, floor=one, throughput=[100.0] * 20)
            for seed, one in zip(seeds, floors, strict=True)
        ),
    )


def test_so_much_is_tested_as_the_number_of_runs_allows_for() -> None:
    four = compared(steady("a", 0.1, 0, 4), steady("b", 0.05, 9, 4))
    assert change(four, "best_val_rmse").holm == pytest.approx(2 / 70)
    assert change(four, "best_val_rmse").verdict is Verdict.BETTER
    assert change(four, "best_val_mae").verdict is Verdict.UNTESTED
    told = "so few runs leave no room for more tests: best val mae, throughput not tested"
    assert told in four.remarks
    five = compared(steady("a", 0.1, 0, 5), steady("b", 0.05, 9, 5))
    # Speed never varies: it is no third test that the others would have to be corrected for.
    assert change(five, "best_val_mae").holm == pytest.approx(2 * 2 / 252)
    assert change(five, "throughput").verdict is Verdict.NONE
    assert not any("not tested" in remark for remark in five.remarks)


def test_of_three_groups_of_five_the_main_metric_can_be_told_apart() -> None:
    sides = [steady(name, 0.1 / (1 + at), 9 * at, 5) for at, name in enumerate("abc")]
    found = compared(*sides)
    assert [change(found, "best_val_rmse", at).verdict for at in (1, 2)] == [Verdict.BETTER] * 2


def test_of_too_many_groups_none_can_be_told_apart() -> None:
    sides = [steady(str(at), 0.1 / (1 + at), 9 * at, 4) for at in range(4)]
    found = compared(*sides)
    assert {change(found, "best_val_rmse", at).verdict for at in (1, 2, 3)} == {Verdict.TOO_FEW}
    assert change(found, "best_val_mae").verdict is Verdict.UNTESTED


def test_values_are_compared_where_all_runs_have_been() -> None:
    slow = learner(0, epochs=30, elapsed_s=[2.0] * 30)
    fast = learner(1, epochs=10, elapsed_s=[1.0] * 10)
    by_epoch = compared(side("a", slow), side("b", fast))
    assert by_epoch.at == 10
    told = row(by_epoch, "val_rmse_at_epoch")
    assert [one and one.values[0].epoch for one in told.summaries] == [10, 10]
    by_time = compared(side("a", slow), side("b", fast), align="time")
    assert by_time.at == 10.0
    told = row(by_time, "val_rmse_at_time")
    assert [one and one.values[0].epoch for one in told.summaries] == [5, 10]
    assert told.measure.label == "val rmse after 10 s"


def test_an_axis_that_a_log_lacks_is_said_to_be_lacking() -> None:
    sides = side("a", learner(0, elapsed_s=[1.0] * 20)), side("b", learner(1))
    found = compared(*sides, align="time")
    assert found.at is None
    assert any("equal time: b: it does not time every epoch" in one for one in found.remarks)
    assert not any(one.measure.name.startswith("val_rmse_at") for one in found.rows)


def test_the_target_is_the_worst_runs_best_unless_it_is_given() -> None:
    timing = {"elapsed_s": [2.0] * 20}
    sides = side("a", learner(0, floor=0.1, **timing)), side("b", learner(1, floor=0.2, **timing))
    found = compared(*sides)
    assert found.target is not None and not found.target.is_given
    worst = row(found, "best_val_rmse").summaries[1]
    assert worst is not None and found.target.value == worst.median
    given = compared(*sides, target="val_rmse=0.3")
    epochs, seconds = row(given, "epochs_to_target"), row(given, "time_to_target")
    reached = [one and one.median for one in epochs.summaries]
    assert reached == [6, 10]
    assert [one and one.median for one in seconds.summaries] == [12, 20]


def test_a_target_that_one_side_never_reaches_is_told_of_the_other() -> None:
    sides = side("a", learner(0, floor=0.1)), side("b", learner(1, floor=0.3))
    told = row(compared(*sides, target="val_rmse=0.2"), "epochs_to_target")
    assert told.summaries[0] is not None and told.summaries[1] is None
    assert told.changes == (None, None)


def test_a_target_that_no_run_reaches_is_said_to_be_out_of_reach() -> None:
    sides = side("a", learner(0, floor=0.1)), side("b", learner(1, floor=0.3))
    assert "no run reaches val_rmse 0.01" in compared(*sides, target="val_rmse=0.01").remarks
    assert not any("reaches" in remark for remark in compared(*sides).remarks)


def test_a_target_that_some_runs_miss_gives_no_difference() -> None:
    first, second = group("a", 0.1, 4), side("b", learner(9, floor=0.1), learner(8, floor=0.5))
    told = row(compared(first, second, target="val_rmse=0.2"), "epochs_to_target")
    assert told.changes == (None, None)
    assert told.summaries[1] is not None and told.summaries[1].lacking == 1


def test_modules_have_their_gradients_and_updates_compared() -> None:
    def run(scale: float) -> Run:
        lists = make_parameters({"conv.weight": [scale] * 20, "head.bias": [1.0] * 20}, ratio=scale)
        more = {"grad_norm/conv": [scale] * 20, "grad_norm/head": [1.0] * 20}
        return replace(make_run(val_rmse=[0.1] * 20, more=more), parameters=lists)

    found = compared(side("a", run(1.0)), side("b", run(3.0)))
    assert change(found, "grad_norm/conv").relative == pytest.approx(2.0)
    assert change(found, "grad_norm/head").relative == pytest.approx(0.0)
    assert change(found, "update_ratio/conv").relative == pytest.approx(2.0)


def test_baselines_are_beaten_or_not() -> None:
    baselines = {"val_mean_rmse": 0.2, "val_persistence_rmse": 0.05}
    sides = [side(name, replace(learner(at), baselines=baselines)) for at, name in enumerate("ab")]
    told = row(compared(*sides), "val_rmse/persistence").summaries[0]
    assert told is not None and told.median == pytest.approx(2.0, rel=0.05)


def test_findings_are_counted_side_by_side_the_worst_first() -> None:
    worse, other = entrant(learner(0), "a1", None, "LR001", "GEN001"), entrant(learner(1), "a2")
    first = Side("a", (worse, other))
    second = Side("b", (entrant(learner(0), "b1", None, "GEN001"),))
    found = compared(first, second).found
    assert [(one.code, one.counts, one.runs) for one in found] == [
        ("GEN001", (1, 1), (2, 1)),
        ("LR001", (1, 0), (2, 1)),
    ]
    assert found[0].share(0) == 0.5


def test_runs_without_a_common_metric_are_compared_in_all_else() -> None:
    first = make_run(settings={"LR": 1}, val_rmse=[0.1], elapsed_s=[1.0])
    second = make_run(settings={"LR": 2}, val_mae=[0.1], elapsed_s=[2.0])
    found = compared(side("a", first), side("b", second))
    assert found.main is None and found.errors == (
        SourceFailure("a and b", "no metric in common: a has val_rmse; b has val_mae"),
    )
    assert [fact.key for fact in found.facts.differing] == ["LR"]
    assert change(found, "total_s").relative == pytest.approx(1.0)


def test_a_run_without_the_metric_is_left_out_and_named() -> None:
    broken = make_run(settings={"SEED": 4})
    first, second = group("a", 0.1, 4), side("b", learner(7), broken, learner(9))
    found = compared(first, second)
    assert found.errors == (SourceFailure("b-1", "it has no epochs: left out of the metrics"),)
    told = row(found, "best_val_rmse").summaries[1]
    assert told is not None and (told.n, told.lacking) == (2, 1)


def test_one_side_is_nothing_to_compare() -> None:
    with pytest.raises(ComparisonError, match="nothing to compare a with"):
        compared(side("a", learner(0)))
    with pytest.raises(ComparisonError, match="no run is left to compare"):
        compared()


def test_unknown_metrics_and_measures_are_named_with_the_nearest() -> None:
    sides = side("a", learner(0)), side("b", learner(1))
    for wanted in ({"metrics": ["val_rmsee"]}, {"target": "val_rmsee=1"}, {"by": "val_rmsee"}):
        with pytest.raises(UnknownNameError, match=r"did you mean (best_)?val_rmse"):
            compared(*sides, **wanted)


def test_only_the_metrics_asked_for_are_compared_and_the_first_is_the_main_one() -> None:
    sides = side("a", learner(0)), side("b", learner(1))
    found = compared(*sides, metrics=["val_mae,train_rmse"])
    assert found.main == "val_mae"
    names = [one.measure.name for one in found.rows if one.measure.kind == "quality"]
    assert names == ["best_val_mae", "val_mae_at_epoch", "best_train_rmse"]


@pytest.mark.parametrize("value", [1e300, math.nan, math.inf, -1e308])
def test_numbers_beyond_use_are_no_results(value: float) -> None:
    wild = side("b", *(make_run(val_rmse=[value] * 3, val_mae=[0.1] * 3) for _ in range(4)))
    found = compared(group("a", 0.1, 4), wild)
    assert all(
        abs(number) < 1e100
        for row in found.rows
        for one in row.summaries
        if one is not None
        for number in one.numbers
    )
    assert len(found.metrics) and found._repr_html_()


def test_zero_and_negative_values_have_no_relative_change() -> None:
    first, second = make_run(val_loss=[0.5, -0.1]), make_run(val_loss=[0.5, -0.3])
    told = change(compared(side("a", first), side("b", second)), "best_val_loss")
    assert told.relative is None and told.difference == pytest.approx(-0.2)
