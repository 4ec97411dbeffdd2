"""LOG006 partial-tensor-table."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from logparse.records import Resolution
from tests.rules.asking import ask, fires, is_silent
from tests.runs import make_parameters, make_run, power_law

if TYPE_CHECKING:
    from logparse.run import Run

N = 6
LISTED = {"a.weight": np.full(N, 3e-3), "b.weight": np.full(N, 4e-3)}  # together 5e-3


def run_with(total: float, largest: float | None = None, **more: Any) -> Run:
    columns: dict[str, Any] = {"grad_norm": np.full(N, total)}
    if largest is not None:
        columns["grad_norm_max"] = np.full(N, largest)
    return make_run(val_rmse=power_law(N), parameters=make_parameters(LISTED), **columns, **more)


def test_fires_when_the_lists_explain_a_tenth_of_the_squared_norm() -> None:
    finding = fires("LOG006", run_with(5e-3 * 10**0.5))
    assert (finding.severity, finding.confidence) == ("note", "high")
    assert abs(float(str(finding.measured["share_explained"])) - 0.1) < 1e-9
    assert "10%" in finding.reading


def test_fires_when_the_largest_tensor_is_not_listed() -> None:
    assert "largest" in fires("LOG006", run_with(6e-3, 5e-3)).reading


def test_near_miss_silent_when_the_lists_explain_most() -> None:
    is_silent("LOG006", run_with(6e-3, 4e-3))


def test_false_alarm_one_label_for_several_tensors() -> None:
    run = replace(run_with(5.1e-3, 4e-3), optimizer={"counts": (3,)})
    assert "2 labels for 3 tensors explain 96%" in is_silent("LOG006", run)


def test_false_alarm_a_total_of_few_print_steps() -> None:
    run = run_with(9e-3, 4e-3, resolution={"grad_norm": Resolution(3)})
    is_silent("LOG006", run)


def test_false_alarm_lists_with_a_norm_that_is_not_finite() -> None:
    run = run_with(1.0, nonfinite={"parameters/c.weight": tuple(range(1, N + 1))})
    assert ask("LOG006", run)[1].outcome == "not-applicable"


def test_without_totals_or_lists_it_is_not_applicable() -> None:
    bare = make_run(val_rmse=power_law(N))
    assert ask("LOG006", bare)[1].outcome == "not-applicable"
    listed = make_run(val_rmse=power_law(N), parameters=make_parameters(LISTED))
    assert ask("LOG006", listed)[1].outcome == "not-applicable"


def test_partial_lists_lower_the_confidence_of_vanishing_gradients() -> None:
    norms = {f"blocks.{k}.weight": np.full(12, 10.0 ** (0.6 * k - 6)) for k in range(9)}
    run = make_run(
        val_rmse=np.full(12, 0.12), grad_norm=np.ones(12), parameters=make_parameters(norms)
    )
    assert fires("GRAD001", run).confidence == "medium"
    whole = replace(run, epochs=run.epochs.drop(columns="grad_norm"))
    assert fires("GRAD001", whole).confidence == "high"
