"""Findings against each other: echoes, causes found in the same run, and what to do first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from logparse.findings import Confidence, Finding, Severity
from logparse.judging import judge
from logparse.rules import Rule, all_rules, rule
from logparse.weighing import first_step
from tests.runs import make_run, power_law

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logparse.run import Run
    from logparse.signals import Signals

RUN = make_run(val_rmse=power_law(12))
ERROR, WARNING, NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE


@rule
class Cut(Rule):
    """The rate fell."""

    code = "CUT001"
    name = "cut"
    severity = WARNING
    needs = ()

    level: Severity = WARNING
    sure: Confidence = Confidence.HIGH
    epochs: tuple[int, int] | None = (3, 3)

    def check(self, run: Run, signals: Signals) -> Iterator[Finding]:
        yield self.finding(
            reading="x",
            measured={},
            causes=("a guess",),
            remedies=(f"mend {self.name}",),
            confirm="y",
            severity=self.level,
            confidence=self.sure,
            epochs=self.epochs,
        )


class Flat(Cut):
    """The metric stands still."""

    code = "FLAT001"
    name = "flat"
    caused_by = ("NONE001", "CUT001")


class Bad(Cut):
    """The metric is bad."""

    code = "BAD001"
    name = "bad"
    caused_by = ("FLAT001",)


class Circle(Cut):
    """Explained by what it explains."""

    code = "CUT001"
    name = "circle"
    caused_by = ("BAD001",)


def found(*rules: Rule) -> dict[str, Finding]:
    return {finding.code: finding for finding in judge(RUN, rules).findings}


def test_a_cause_that_was_found_comes_before_the_usual_ones() -> None:
    flat = found(Flat(epochs=(5, 12)), Cut())["FLAT001"]
    assert flat.caused_by == ("CUT001",)
    assert flat.causes == ("CUT001 cut at E03, found in this run", "a guess")


@pytest.mark.parametrize(
    ("cause", "effect", "explains"),
    [
        ((5, 5), (1, 12), True),
        ((6, 12), (1, 5), True),
        ((7, 12), (1, 5), False),
        (None, (1, 1), True),
    ],
)
def test_what_came_after_the_end_of_a_finding_is_no_cause_of_it(
    cause: tuple[int, int] | None, effect: tuple[int, int], explains: bool
) -> None:
    flat = found(Cut(epochs=cause), Flat(epochs=effect))["FLAT001"]
    assert (flat.caused_by == ("CUT001",)) is explains


def test_the_first_step_is_that_of_the_cause_behind_the_worst() -> None:
    step = first_step(judge(RUN, [Bad(level=ERROR), Flat(), Cut()]).findings)
    assert step is not None
    assert (step.code, step.remedy) == ("CUT001", "mend cut")
    assert step.explains == ("BAD001", "FLAT001")


@pytest.mark.parametrize(
    "cause", [Cut(level=NOTE), Cut(sure=Confidence.LOW)], ids=["a note", "a guess"]
)
def test_neither_a_note_nor_a_guess_stands_behind_an_error(cause: Rule) -> None:
    step = first_step(judge(RUN, [Flat(level=ERROR), cause]).findings)
    assert step is not None and step.code == "FLAT001"


def test_notes_alone_ask_for_nothing_first() -> None:
    assert first_step(judge(RUN, [Cut(level=NOTE)]).findings) is None


def test_rules_that_explain_each_other_in_a_circle_come_to_an_end() -> None:
    step = first_step(judge(RUN, [Bad(level=ERROR), Flat(), Circle()]).findings)
    assert step is not None and {step.code, *step.explains} == {"BAD001", "FLAT001", "CUT001"}


class Crashed(Flat):
    """Fails, where it would have found what the cut explains."""

    def check(self, run: Run, signals: Signals) -> Iterator[Finding]:
        raise ValueError("oops")


def test_a_crash_has_no_cause_in_the_run() -> None:
    crash = found(Crashed(), Cut())["TOOL001"]
    assert (crash.causes, crash.caused_by) == ((), ())


def test_a_fault_of_the_tool_is_seen_to_first_only_where_nothing_was_found() -> None:
    crashed = type("Plain", (Crashed,), {"caused_by": ()})
    step = first_step(judge(RUN, [crashed(), Cut()]).findings)
    assert step is not None and step.code == "CUT001"
    alone = first_step(judge(RUN, [crashed()]).findings)
    assert alone is not None and alone.code == "TOOL001"


def test_a_finding_does_not_explain_itself() -> None:
    own = type("Own", (Cut,), {"caused_by": ("CUT001",)})
    assert found(own())["CUT001"].caused_by == ()


def test_rules_that_hide_each_other_in_a_circle_all_stay() -> None:
    names = ("CUT001", "FLAT001", "BAD001")
    ring = [
        type(code, (Cut,), {"code": code, "hides": (after,)})()
        for code, after in zip(names, (*names[1:], names[0]), strict=True)
    ]
    tail = type("Tail", (Cut,), {"code": "TAIL001"})
    ring[0] = type("Head", (Cut,), {"code": "CUT001", "hides": ("FLAT001", "TAIL001")})()
    report = judge(RUN, [*ring, tail()])
    assert {finding.code for finding in report.findings} == set(names)
    assert [one.finding.code for one in report.suppressed] == ["TAIL001"]


def test_a_severity_given_from_outside_is_that_of_an_echo_too() -> None:
    hider = type("Hider", (Cut,), {"code": "HID001", "hides": ("CUT001",)})
    report = judge(RUN, [Cut(), hider()], {"CUT001": NOTE})
    assert [one.finding.severity for one in report.suppressed] == [NOTE]


def test_what_the_shipped_rules_know_of_each_other_exists_and_has_no_circle() -> None:
    rules = {rule.code: rule for rule in all_rules()}
    left = {code: {*rule.caused_by} for code, rule in rules.items()}
    assert set().union(*left.values(), *(rule.hides for rule in rules.values())) <= set(rules)
    while ready := [code for code, causes in left.items() if not causes & left.keys()]:
        for code in ready:
            del left[code]
    assert not left
