"""Every rule judges or says why it cannot, on whatever a log may lack: nothing raises or warns.

Rules are asked directly, so that an exception fails here instead of becoming a finding about the
tool. Runs and rules are those registered: a new rule is tried without being named.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from functools import cache
from math import isfinite

import numpy as np
import pytest

from logparse.findings import Finding, Severity
from logparse.judging import missing_need
from logparse.rules import Clear, NotApplicable, Rule, TooShort, all_rules, rule
from logparse.run import Run
from logparse.signals import Signals
from tests.rules.whole_runs import CASES, LONG, first_epochs, late, metrics, whole, without

COMPARES_RUNS = {"REP002"}
"""Rules that judge no single run."""

each_rule = pytest.mark.parametrize("rule", all_rules(), ids=lambda rule: rule.code)
each_case = pytest.mark.parametrize("name", CASES)


@cache
def prepared(name: str) -> tuple[Run, Signals]:
    """The run of a case, with signals that its rules share as they do when a run is judged."""
    run = CASES[name]()
    return run, Signals(run)


def said(rule: Rule, run: Run, signals: Signals) -> list[Finding | Clear] | None:
    """What the rule says, warnings being errors; None when it cannot judge and says why."""
    if any(missing_need(run, need) for need in rule.needs) or len(run.epochs) < rule.min_epochs:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            return list(rule.check(run, signals))
        except (NotApplicable, TooShort) as lack:
            assert str(lack)
            return None


@each_case
@each_rule
def test_a_rule_survives(rule: Rule, name: str) -> None:
    run, signals = prepared(name)
    for item in said(rule, run, signals) or ():
        if isinstance(item, Finding):
            assert_is_about(run, item)
        else:
            assert item.reason


def assert_is_about(run: Run, found: Finding) -> None:
    """The finding speaks of epochs and lines that the log has, in whole sentences."""
    assert found.reading.endswith(".") and found.confirm.endswith(".")
    assert found.measured and found.causes and all(found.remedies)
    assert all(line > 0 for line in found.lines)
    if found.epochs is not None and run.first_epoch is not None and run.last_epoch is not None:
        first, last = found.epochs
        assert 0 <= first <= last <= max(run.last_epoch, run.planned_epochs or 0)


@each_rule
def test_a_rule_judges_at_least_one_of_these_runs(rule: Rule) -> None:
    """Else surviving them would mean nothing."""
    can_judge = any(said(rule, *prepared(name)) is not None for name in CASES)
    assert can_judge is (rule.code not in COMPARES_RUNS)


@pytest.mark.parametrize("column", metrics(whole()))
def test_no_rule_depends_on_a_column(column: str) -> None:
    """It may be missing, and it may appear in the last epochs only."""
    short = first_epochs(24, whole())
    for run in (without(short, column), late(short, column), late(short, column, last=1)):
        signals = Signals(run)
        for each in all_rules():
            said(each, run, signals)


@rule
class Careless(Rule):
    """Divides by the first value: a warning where it is zero, an error where there is none."""

    code = "TEST001"
    name = "careless"
    severity = Severity.NOTE

    def check(self, run: Run, signals: Signals) -> Iterator[Clear]:
        values = run.epochs["val_rmse"].to_numpy()
        yield Clear(f"{values[-1] / values[0]}")


@pytest.mark.parametrize(
    ("name", "fault"), [("constant at zero", RuntimeWarning), ("no validation", KeyError)]
)
def test_a_rule_that_warns_or_raises_is_seen(name: str, fault: type[Exception]) -> None:
    with pytest.raises(fault):
        said(Careless(), *prepared(name))


def test_the_runs_are_what_their_names_say() -> None:
    run, _ = prepared("everything")
    assert run.predecessor is not None and len(run.parameters) == 40 * len(run.epochs)
    assert not run.epochs[metrics(run, "val_rmse", "lr", "grad_norm")].isna().any(axis=None)
    assert len(prepared("one epoch")[0].epochs) == 1
    assert len(prepared("ten thousand epochs")[0].epochs) == LONG
    nothing, _ = prepared("all NaN, printed")
    assert nothing.epochs[metrics(nothing)].isna().all(axis=None)
    sparse = prepared("evaluated every 5th epoch")[0].epochs
    assert sparse.loc[sparse["val_rmse"].notna(), "epoch"].tolist() == list(range(5, 71, 5))
    flat, _ = prepared("constant")
    assert (flat.epochs[metrics(flat)].nunique() <= 1).all()
    assert flat.parameters.groupby("position")["grad_norm"].nunique().max() == 1
    times = prepared("epochs of unequal length")[0].epochs["elapsed_s"]
    assert times.max() > 100 * times.min() > 0
    assert np.ptp(prepared("epochs of unequal length")[0].parameters.groupby("epoch").size()) > 10
    assert not any(isfinite(value) for value in nothing.baselines.values())
