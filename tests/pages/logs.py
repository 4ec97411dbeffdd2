"""Reports for pages: of the repository's logs, and built by hand."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from logparse.api import analyze
from logparse.findings import Check, Confidence, Finding, Outcome, Report, RunReport, Severity
from tests.runs import cosine_lr, make_run, noisy, power_law

FIXTURES = Path(__file__).parents[2] / "fixtures"
SCENARIOS = FIXTURES / "scenarios"


@cache
def report_of(*names: str) -> Report:
    """The report of logs of the repository, by their names below `fixtures`."""
    return analyze(*(str(FIXTURES / name) for name in names))


def found(code: str = "LOSS002", severity: Severity = Severity.WARNING, **more: Any) -> Finding:
    """A finding with every part filled."""
    given = Finding(
        code=code,
        name="a-symptom",
        severity=severity,
        confidence=Confidence.HIGH,
        reading=f"What {code} reads.",
        measured={f"measure_of_{code}": 0.125, "threshold": 2},
        causes=(f"first cause of {code}", "another one"),
        remedies=("LR 0.1 -> 0.01", "something in words"),
        confirm=f"How {code} is confirmed.",
        epochs=(2, 5),
        lines=(103, 112),
    )
    return replace(given, **more)


def judged(source: str, *findings: Finding, **columns: Any) -> RunReport:
    """A run of twelve epochs with these findings; columns replace the usual ones."""
    usual = {"val_rmse": noisy(power_law(12)), "lr": cosine_lr(12)}
    run = replace(make_run(settings={"LR": 0.1}, **(columns or usual)), source=source)
    codes = {one.code for one in findings}
    checks = [Check(code, "a-check", Outcome.FIRED) for code in codes]
    checks += [
        Check("LR001", "early-lr-drop", Outcome.CLEAR, "no cut in 12 epochs"),
        Check("DATA001", "input-bound", Outcome.NOT_APPLICABLE, "no loader time in the log"),
    ]
    return RunReport(run, findings, tuple(checks))


def report(*runs: RunReport, **more: Any) -> Report:
    """A report of runs."""
    return Report(runs, **more)
