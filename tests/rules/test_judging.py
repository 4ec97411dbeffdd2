"""judge: every rule answers once, a crash costs one rule, echoes are hidden."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from logparse.api import render
from logparse.findings import Confidence, Finding, Report, Severity
from logparse.judging import judge
from logparse.rules import Clear, NotApplicable, Rule, TooShort, all_rules, rule
from tests.runs import make_run, power_law

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logparse.run import Run
    from logparse.signals import Signals


@rule
class Stub(Rule):
    """A rule that says what the test wants."""

    code = "STUB001"
    name = "stub"
    severity = Severity.NOTE
    needs = ()

    says: object = None
    level: Severity = Severity.NOTE

    def check(self, run: Run, signals: Signals) -> Iterator[Finding | Clear]:
        if isinstance(self.says, BaseException):
            raise self.says
        if isinstance(self.says, Clear):
            yield self.says
        if self.says == "found":
            yield self.finding(
                reading="x",
                measured={},
                remedies=(),
                confirm="y",
                severity=self.level,
                confidence=Confidence.HIGH,
                epochs=(3, 3),
            )


class Hider(Stub):
    code = "STUB002"
    name = "hider"
    hides = ("STUB001",)


class Rival(Stub):
    code = "STUB001"
    name = "rival"
    hides = ("STUB002",)


RUN = make_run(val_rmse=power_law(5))
FOUND = Finding(
    code="STUB001",
    name="stub",
    severity=Severity.NOTE,
    confidence=Confidence.LOW,
    reading="x.",
    measured={"a": 1},
    remedies=("restart",),
    confirm="y.",
)


@pytest.mark.parametrize(
    ("says", "outcome", "reason"),
    [
        (None, "clear", ""),
        (Clear("by design"), "clear", "by design"),
        ("found", "fired", ""),
        (NotApplicable("no norms"), "not-applicable", "no norms"),
        (TooShort("needs 9 values"), "too-short", "needs 9 values"),
    ],
)
def test_what_a_rule_says_becomes_its_check(says: object, outcome: str, reason: str) -> None:
    check = judge(RUN, [Stub(says=says)]).checks[0]
    assert (check.code, check.outcome, check.reason) == ("STUB001", outcome, reason)


def test_a_crash_is_a_finding_about_the_tool_and_the_others_go_on() -> None:
    report = judge(RUN, [Stub(says=ZeroDivisionError("oops")), Hider(says="found")])
    assert [finding.code for finding in report.findings] == ["TOOL001", "STUB002"]
    crash = report.findings[0]
    assert (crash.name, crash.severity) == ("rule-crashed", "error")
    assert crash.measured["rule"] == "STUB001"
    assert crash.measured["error"] == "ZeroDivisionError: oops"
    assert str(crash.measured["where"]).startswith("test_judging.py:")
    assert "TOOL001" in report.checks[0].reason


def test_whatever_a_rule_of_ones_own_gets_wrong_is_a_finding_about_the_tool() -> None:
    wrong = {
        "'NoneType' object is not iterable": {"check": lambda *_: None},
        "check yielded what is neither a Finding nor a Clear": {"check": lambda *_: ["found"]},
        "division by zero": {"suppresses": lambda *_: 1 / 0},
        "'int' object has no attribute 'partition'": {"needs": (1,)},
    }
    for error, attributes in wrong.items():
        own = type("Own", (Stub,), {"code": "OWN001", "name": "own", **attributes})(says="found")
        report = judge(RUN, [own, Stub(says="found")])
        assert [finding.code for finding in report.findings] == ["TOOL001", "STUB001"]
        assert error in str(report.findings[0].measured["error"])
        assert [str(check.outcome) for check in report.checks] == ["not-applicable", "fired"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"severity": "error"},
        {"confidence": None},
        {"remedies": "restart"},
        {"causes": (1,)},
        {"reading": None},
        {"confirm": None},
        {"code": 7},
        {"measured": None},
        {"measured": {1: 2}},
        {"measured": {"norms": [1.0, 2.0]}},
        {"measured": {"norms": np.arange(1)}},
        {"measured": {"count": 10**400}},
        {"epochs": (3,)},
        {"epochs": (1.0, 2.0)},
        {"epochs": 3},
        {"lines": (None,)},
        {"lines": (0,)},
    ],
    ids=str,
)
def test_a_finding_that_cannot_be_shown_is_a_fault_of_its_rule(wrong: dict[str, Any]) -> None:
    broken = replace(FOUND, **wrong)
    own = type("Own", (Stub,), {"code": "OWN001", "check": lambda *_: [broken]})()
    report = judge(RUN, [own, Stub(says="found")])
    assert [finding.code for finding in report.findings] == ["TOOL001", "STUB001"]
    for format in ("text", "markdown", "json", "sarif", "github"):
        assert render(Report((report,)), format)


def test_numbers_of_numpy_are_taken_as_numbers() -> None:
    numbers = {"norm": np.float32(1.5), "count": np.int64(3), "is_high": np.bool_(True)}
    given = replace(FOUND, measured=numbers, epochs=(np.int64(3), 4), lines=[np.int64(7)])
    own = type("Own", (Stub,), {"check": lambda *_: [given]})()
    report = judge(RUN, [own])
    assert [finding.code for finding in report.findings] == ["STUB001"]
    for format in ("text", "markdown", "json", "sarif", "github"):
        assert render(Report((report,)), format)


class MuteError(Exception):
    def __str__(self) -> str:
        raise ValueError("no words")


@pytest.mark.parametrize("error", [MuteError(), SystemExit(3), RecursionError()], ids=repr)
def test_whatever_is_raised_is_a_finding_about_the_tool(error: BaseException) -> None:
    report = judge(RUN, [Stub(says=error), Hider(says="found")])
    assert [finding.code for finding in report.findings] == ["TOOL001", "STUB002"]
    assert type(error).__name__ in str(report.findings[0].measured["error"])


def test_a_reason_without_words_is_still_a_reason() -> None:
    assert judge(RUN, [Stub(says=NotApplicable(MuteError()))]).checks[0].reason


def test_an_echo_is_hidden_and_its_check_says_by_whom() -> None:
    report = judge(RUN, [Stub(says="found"), Hider(says="found")])
    assert [finding.code for finding in report.findings] == ["STUB002"]
    assert [(one.finding.code, one.by) for one in report.suppressed] == [("STUB001", "STUB002")]
    assert report.checks[0].outcome == "suppressed"
    assert report.checks[0].reason == "by STUB002"


def test_two_that_would_hide_each_other_both_stay() -> None:
    report = judge(RUN, [Rival(says="found"), Hider(says="found")])
    assert len(report.findings) == 2


def test_findings_are_sorted_worst_first() -> None:
    rules = [Stub(says="found"), Hider(says="found", level=Severity.ERROR)]
    assert [f.severity for f in judge(RUN, [*rules][::-1]).findings] == ["error"]
    rules[1] = Rival(says="found", level=Severity.ERROR)
    assert [f.severity for f in judge(RUN, rules).findings] == ["error", "note"]


def test_a_severity_given_from_outside_replaces_all_of_the_rule_but_not_a_crash() -> None:
    rules = [Stub(says="found", level=Severity.ERROR), Hider(says=ValueError("oops"))]
    report = judge(RUN, rules, {"STUB001": Severity.WARNING, "STUB002": Severity.NOTE})
    assert [(f.code, f.severity) for f in report.findings] == [
        ("TOOL001", "error"),
        ("STUB001", "warning"),
    ]


def test_a_crash_under_changed_options_names_them_first() -> None:
    crash = judge(RUN, [Stub(says=ValueError("oops"))]).findings[0]
    assert crash.remedies[0] == "put says of STUB001 back to the default"
    assert "--ignore STUB001" in crash.remedies[1]
    broken = type("Broken", (Stub,), {"check": lambda *_: 1 / 0})()
    assert len(judge(RUN, [broken]).findings[0].remedies) == 1


def test_a_need_that_is_not_met_is_named() -> None:
    needs = {
        "lr": "the log has no lr",
        "parameters": "the log has no parameter lists",
        "setting:CLIPNORM": "setting CLIPNORM is not declared",
        "baseline:val_mean_rmse": "baseline val_mean_rmse is not in the log",
    }
    for need, reason in needs.items():
        rule = type("Needy", (Stub,), {"needs": (need,)})(says="found")
        check = judge(RUN, [rule]).checks[0]
        assert (check.outcome, check.reason) == ("not-applicable", reason)


def test_a_column_of_nan_is_in_the_log_and_no_number() -> None:
    rule = type("Needy", (Stub,), {"needs": ("val_rmse",)})(says="found")
    check = judge(make_run(val_rmse=[float("nan")] * 3), [rule]).checks[0]
    assert (check.outcome, check.reason) == ("not-applicable", "val_rmse is never a number")


def test_too_few_epochs_are_told_with_both_numbers() -> None:
    rule = type("Patient", (Stub,), {"min_epochs": 8})(says="found")
    assert judge(RUN, [rule]).checks[0].reason == "needs 8 epochs, has 5"


def test_every_rule_has_one_check_in_order() -> None:
    checks = judge(RUN, all_rules()).checks
    assert [check.code for check in checks] == [rule.code for rule in all_rules()]
