"""Asks one rule about one run, as `judge` does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logparse.judging import judge
from logparse.rules import find_rule

if TYPE_CHECKING:
    from logparse.findings import Check, Finding
    from logparse.run import Run


def ask(code: str, run: Run) -> tuple[tuple[Finding, ...], Check]:
    """The rule's findings and its check."""
    report = judge(run, [find_rule(code)])
    return report.findings, report.checks[0]


def fires(code: str, run: Run) -> Finding:
    """The one finding of the rule; fails when there is none, or several."""
    findings, check = ask(code, run)
    assert len(findings) == 1, check
    assert findings[0].code == code
    return findings[0]


def is_silent(code: str, run: Run) -> str:
    """The reason that the rule gives for judging the run clear of it."""
    findings, check = ask(code, run)
    assert findings == ()
    assert check.outcome == "clear", check
    return check.reason
