"""How the verdict came about: the rules that fired, thresholds in use, and what words mean."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

from logparse.findings import Outcome, plural
from logparse.metrics import METRICS
from logparse.pages import wording
from logparse.pages.content import Cell, Folded, Grid, Heading, Method, RuleEntry
from logparse.pages.entries import thinned
from logparse.pages.topics import rule_id
from logparse.renderers.rule_docs import labelled
from logparse.rules import all_rules
from logparse.rules.sources import cited

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from logparse.pages.entries import Entry
    from logparse.rules import Rule

PRINCIPLES = (
    "Every line of a log was read by a grammar; what no grammar accepts is counted and "
    "listed, never guessed. Each run was then judged by checks, each of which looks for one "
    "symptom in the numbers that the log prints. Code, data and weights were not looked at.",
    "A finding keeps four things apart: what was measured, with the threshold it was held "
    "against; how that is read; what to try, in the run's own settings where they are "
    "declared; and how to confirm that it worked. Causes are ranked: those found in the same "
    "run come first, then the usual ones. Severity says how bad a symptom would be, "
    "confidence how sure the reading is.",
    "Where no symptom was found, that is all that is said: a check that could not run has "
    "seen nothing, and there are faults that leave no trace in a log. A single run says "
    "nothing about how much would change with another seed.",
    "Numbers are shown with the digits that the log printed. Bands and marks in figures are "
    "findings where they happened; shaded stretches are phases of the learning rate's "
    "schedule.",
)
"""How a page comes about, and what it cannot say."""
_COULD_NOT = (Outcome.NOT_APPLICABLE, Outcome.TOO_SHORT)


def method(entries: Sequence[Entry], rules: Sequence[Rule]) -> Method:
    """What the page explains; `rules` are those that judged, with their options as configured."""
    known = {rule.code: rule for rule in rules}
    judged = [one.judged for one in entries]
    checks = [check for one in judged for check in one.checks]
    ran = {check.code for check in checks if check.outcome not in _COULD_NOT}
    found = {one.code for report in judged for one in (*report.findings, *report.known)}
    found |= {one.finding.code for report in judged for one in report.suppressed}
    return Method(
        principles=PRINCIPLES,
        rules=tuple(_entry(rule) for code, rule in known.items() if code in found),
        thresholds=_thresholds([rule for code, rule in known.items() if code in ran]),
        metrics=tuple(_metrics(entries)),
        notes=thinned(entries),
    )


def _entry(rule: Rule) -> RuleEntry:
    parts = list(labelled(rule))
    return RuleEntry(
        id=rule_id(rule.code),
        code=rule.code,
        name=rule.name,
        paragraphs=tuple((label.rstrip(":"), wording.inline(text)) for label, text in parts),
        sources=tuple(cited(" ".join(text for label, text in parts if label == "Source:")).items()),
    )


def _thresholds(rules: Sequence[Rule]) -> Folded | None:
    """Every option of the rules that ran; those that are not as shipped first."""
    usual = {rule.code: rule for rule in all_rules()}
    options = [
        (rule, one.name, getattr(rule, one.name), one.metadata.get("doc", ""))
        for rule in rules
        for one in fields(rule)
    ]
    if not options:
        return None
    set_here = [one for one in options if _is_set(*one[:3], usual)]
    ordered = [*set_here, *(one for one in options if one not in set_here)]
    return Folded(
        summary=f"Thresholds: {plural(len(options), 'option')} of {plural(len(rules), 'check')}, "
        + (f"{len(set_here)} set differently" if set_here else "all as shipped"),
        grid=Grid(
            caption="Options of the checks that ran",
            columns=(Heading("check"), Heading("option"), Heading("value", True), Heading("what")),
            rows=tuple(
                (
                    Cell(text=rule.code),
                    Cell(text=name),
                    Cell(text=_value(rule, name, value, usual), style="title" * is_set),
                    Cell(text=doc),
                )
                for rule, name, value, doc in ordered
                for is_set in [_is_set(rule, name, value, usual)]
            ),
        ),
    )


def _is_set(rule: Rule, name: str, value: object, usual: Mapping[str, Rule]) -> bool:
    return rule.code in usual and bool(getattr(usual[rule.code], name, value) != value)


def _value(rule: Rule, name: str, value: object, usual: Mapping[str, Rule]) -> str:
    if not _is_set(rule, name, value, usual):
        return str(value)
    return f"{value} (default {getattr(usual[rule.code], name)})"


def _metrics(entries: Sequence[Entry]) -> Iterator[tuple[str, str]]:
    """The canonical metrics that any of the runs has, with unit and meaning."""
    present = {
        str(column).partition("/")[0] for one in entries for column in one.run.epochs.columns
    }
    for name, known in METRICS.items():
        if name in present:
            yield name, f"{known.meaning} [{known.unit}]" if known.unit else known.meaning
