"""One run under the rules: who may judge, what was found, and what is only an echo."""

from __future__ import annotations

import traceback
from dataclasses import MISSING, dataclass, field, fields, replace
from itertools import product
from math import isfinite
from typing import TYPE_CHECKING

from logparse.axis import in_own_words, reason_in_own_words
from logparse.findings import (
    CRASH_CODE,
    Check,
    Confidence,
    Finding,
    Outcome,
    RunReport,
    Severity,
    plural,
    sound,
)
from logparse.rules.base import Clear, NotApplicable, Rule, TooShort
from logparse.signals import Signals
from logparse.weighing import Said, ranked, weighed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from logparse.findings import Suppressed
    from logparse.run import Run


@dataclass(frozen=True, slots=True)
class _Verdict:
    """What one rule said before findings were weighed against each other."""

    rule: Rule
    check: Check
    findings: tuple[Finding, ...] = field(default=())


def judge(
    run: Run, rules: Sequence[Rule], severities: Mapping[str, Severity] | None = None
) -> RunReport:
    """All rules on one run; every rule has one check, in the order given.

    `severities` replace, by code, what the rules think of the severity of their findings.
    A rule that raises becomes a finding TOOL001 about the tool, and the others go on.
    """
    signals = Signals(run)
    asked = [_ask(rule, run, signals) for rule in rules]
    signals.forget()
    verdicts = [_weighable(verdict, asked) for verdict in asked]
    said = [Said(one.rule, finding) for one in verdicts for finding in one.findings]
    findings, suppressed = weighed(said)

    def rated(finding: Finding) -> Finding:
        severity = (severities or {}).get(finding.code, finding.severity)
        return in_own_words(run, replace(finding, severity=severity))

    return RunReport(
        run=run,
        findings=ranked(map(rated, findings)),
        checks=tuple(_final_check(run, verdict, suppressed) for verdict in verdicts),
        suppressed=tuple(replace(one, finding=rated(one.finding)) for one in suppressed),
    )


def missing_need(run: Run, need: str) -> str | None:
    """Why a need of a rule is not met, naming what the log lacks; None when it is there."""
    kind, _, key = need.partition(":")
    if need == "epochs":
        return None if len(run.epochs) else "the log has no epochs of this run"
    if need == "parameters":
        return None if len(run.parameters) else "the log has no parameter lists"
    if kind == "setting":
        return None if key in run.settings else f"setting {key} is not declared"
    if kind == "baseline":
        is_there = isfinite(run.baselines.get(key, float("nan")))
        return None if is_there else f"baseline {key} is not in the log"
    if run.has(need):
        return None
    return f"{need} is never a number" if need in run.epochs else f"the log has no {need}"


def _ask(rule: Rule, run: Run, signals: Signals) -> _Verdict:
    try:
        return _answer(rule, run, signals)
    except NotApplicable as lack:
        return _verdict(rule, Outcome.NOT_APPLICABLE, _said_by(lack))
    except TooShort as lack:
        return _verdict(rule, Outcome.TOO_SHORT, _said_by(lack))
    except (Exception, SystemExit) as error:  # a rule's fault must not cost the others
        return _crashed(rule, error)


def _answer(rule: Rule, run: Run, signals: Signals) -> _Verdict:
    """What the rule says, if it may judge at all; whatever it raises."""
    missing = next((why for need in rule.needs if (why := missing_need(run, need))), None)
    if missing is not None:
        raise NotApplicable(missing)
    if len(run.epochs) < rule.min_epochs:
        raise TooShort(f"needs {plural(rule.min_epochs, 'epoch')}, has {len(run.epochs)}")
    said = list(rule.check(run, signals))
    findings = tuple(sound(item) for item in said if isinstance(item, Finding))
    clear = [item for item in said if isinstance(item, Clear)]
    if len(findings) + len(clear) < len(said):
        raise TypeError("check yielded what is neither a Finding nor a Clear")
    reason = "; ".join(item.reason for item in clear)
    return _verdict(rule, Outcome.FIRED if findings else Outcome.CLEAR, reason, *findings)


def _weighable(verdict: _Verdict, asked: Sequence[_Verdict]) -> _Verdict:
    """The verdict, or a crash if the rule cannot say which findings only echo its own."""
    mine = [finding for finding in verdict.findings if finding.code != CRASH_CODE]
    try:
        for finding, one in product(mine, asked):
            for other in one.findings:
                verdict.rule.suppresses(finding, other)
    except Exception as error:
        return _crashed(verdict.rule, error)
    return verdict


def _verdict(rule: Rule, outcome: Outcome, reason: str, *findings: Finding) -> _Verdict:
    return _Verdict(rule, Check(rule.code, rule.name, outcome, reason), findings)


def _said_by(error: BaseException) -> str:
    """The text of an exception, which may fail to give one."""
    try:
        return str(error)
    except Exception:
        return "it cannot be put into words"


def _crashed(rule: Rule, error: BaseException) -> _Verdict:
    why = f"the rule crashed ({CRASH_CODE})"
    return _verdict(rule, Outcome.NOT_APPLICABLE, why, _crash(rule, error))


def _crash(rule: Rule, error: BaseException) -> Finding:
    """A finding about the tool, with the line of the rule that failed."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno}" if frames else "?"
    ignore = f"--ignore {rule.code}"
    return Finding(
        code=CRASH_CODE,
        name="rule-crashed",
        severity=Severity.ERROR,
        confidence=Confidence.HIGH,
        reading=f"Rule {rule.code} {rule.name} failed: a fault of the rule, not of the run.",
        measured={
            "rule": rule.code,
            "error": f"{type(error).__name__}: {_said_by(error)}",
            "where": place,
        },
        remedies=(*_own_options(rule), f"report it with the log, and go on with {ignore}"),
        confirm=f"{rule.code} gives a verdict on this log.",
    )


def _own_options(rule: Rule) -> tuple[str, ...]:
    """What to try first where a configuration has changed the options of a rule that failed."""
    known = (one for one in fields(rule) if one.default is not MISSING)
    changed = [one.name for one in known if getattr(rule, one.name) != one.default]
    return (f"put {', '.join(changed)} of {rule.code} back to the default",) if changed else ()


def _final_check(run: Run, verdict: _Verdict, suppressed: Sequence[Suppressed]) -> Check:
    """The check of a rule; suppressed if all that it said only echoes others."""
    said = verdict.findings
    by = [one.by for one in suppressed if any(one.finding is mine for mine in said)]
    if not by or len(by) < len(said):
        reason = reason_in_own_words(run, verdict.check.reason)
        return replace(verdict.check, reason=reason)
    reason = f"by {', '.join(dict.fromkeys(by))}"
    return replace(verdict.check, outcome=Outcome.SUPPRESSED, reason=reason)
