"""The benchmark of the rules: what it calls linear, and which rules it lists."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from benchmarks.rule_cost import LENGTHS, SHOWN, dearest, growth_row, line
from logparse.rules import all_rules
from tests.runs import make_run, power_law


def spent(cost: Callable[[int], float]) -> dict[int, float]:
    return {epochs: cost(epochs) for epochs in LENGTHS}


@pytest.mark.parametrize(
    ("cost", "is_met"),
    [
        (lambda n: 0.03 + 6e-6 * n, True),
        (lambda n: 6e-6 * n, True),
        (lambda n: 0.01 + 1e-3 * n**0.5, True),
        (lambda n: 1e-9 * n**2, False),
        (lambda n: 0.03 + 6e-6 * n + 1e-9 * n**2, False),
        (lambda n: 0.03 - 1e-6 * n, False),
    ],
    ids=["linear", "linear without a start", "less than linear", "quadratic", "mixed", "nonsense"],
)
def test_only_linear_growth_meets_the_target(cost: Callable[[int], float], is_met: bool) -> None:
    assert growth_row(spent(cost)).is_met is is_met


def test_the_line_is_the_one_that_made_the_times() -> None:
    assert line(spent(lambda n: 0.03 + 6e-6 * n)) == pytest.approx((0.03, 6e-6, 0.0))


def test_the_growth_is_told_with_its_times() -> None:
    row = growth_row(spent(lambda n: 0.03 + 6e-6 * n))
    assert row.measured.startswith("2.0, 0% of 30 ms + 6.0 ms for 1,000 epochs (1,250: 38 ms")


def test_five_rules_are_listed_the_most_expensive_first() -> None:
    found = dearest(make_run(val_rmse=power_law(30)), all_rules(), rounds=1)
    alone = [seconds for seconds, _ in found.values()]
    assert len(found) == SHOWN and alone == sorted(alone, reverse=True)
    assert set(found) <= {f"{rule.code} {rule.name}" for rule in all_rules()}
