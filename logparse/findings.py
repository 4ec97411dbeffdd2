"""What a diagnosis is made of: data only, the words for people are made by the renderers."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import chain
from operator import index
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

    from logparse.run import Run

CRASH_CODE = "TOOL001"
"""What a rule that fails is reported under."""

Measure: TypeAlias = float | int | str | bool
"""One measured fact: a number (finite or not), a name, or a truth."""


def epoch_label(epoch: int) -> str:
    """An epoch as run logs print it: `E07`, `E120`."""
    return f"E{epoch:02d}"


def epoch_span(first: int, last: int) -> str:
    """An inclusive range of epochs: `E07-E09`, or `E07` for a single one."""
    return epoch_label(first) if first == last else f"{epoch_label(first)}-{epoch_label(last)}"


def plural(count: int, noun: str) -> str:
    """`1 error`, `3 errors`; the noun is one that takes an s."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


class Severity(StrEnum):
    """How bad a finding is; compare with `rank` (error 3, warning 2, note 1)."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"

    @property
    def rank(self) -> int:
        return {"error": 3, "warning": 2, "note": 1}[self.value]


class Confidence(StrEnum):
    """How sure the reading is, apart from how bad it would be."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Outcome(StrEnum):
    """What became of one rule on one run. Only CLEAR means that the rule judged and was silent."""

    FIRED = "fired"
    CLEAR = "clear"
    NOT_APPLICABLE = "not-applicable"
    TOO_SHORT = "too-short"
    SUPPRESSED = "suppressed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One symptom, with four things kept apart: measured, reading, try, confirm.

    `measured` maps a snake_case name to a number or text, thresholds included. `causes` are
    ranked: first those that were found in this run, whose codes are `caused_by`, then the usual
    ones, most likely first. `remedies` are concrete edits in the run's own settings (called
    `try` in JSON and text). `epochs` is the inclusive range spoken of, `lines` the log's lines.
    """

    code: str
    name: str
    severity: Severity
    confidence: Confidence
    reading: str
    measured: Mapping[str, Measure]
    remedies: tuple[str, ...]
    confirm: str
    causes: tuple[str, ...] = ()
    epochs: tuple[int, int] | None = None
    lines: tuple[int, ...] = ()
    caused_by: tuple[str, ...] = ()


def sound(finding: Finding) -> Finding:
    """The finding with plain numbers for places; an exception for one that cannot be shown.

    Rules of one's own make findings too, and whoever shows them relies on their types.
    """
    if not isinstance(finding.severity, Severity) or not isinstance(finding.confidence, Confidence):
        raise TypeError("a finding's severity is a Severity, its confidence a Confidence")
    lists = (finding.remedies, finding.causes, finding.caused_by)
    if not all(isinstance(texts, tuple | list) for texts in lists):
        raise TypeError("a finding's remedies, causes and caused_by are tuples of texts")
    texts = (finding.code, finding.name, finding.reading, finding.confirm, *chain(*lists))
    if not all(isinstance(text, str) for text in texts):
        raise TypeError("a finding's code, name, reading, confirm, remedies and causes are texts")
    for name, value in finding.measured.items():
        if not isinstance(name, str) or not (isinstance(value, str) or _is_number(value)):
            raise TypeError(f"what a finding has measured is a number or a text, unlike {name}")
    epochs = None if finding.epochs is None else tuple(map(index, finding.epochs))
    if epochs is not None and len(epochs) != 2:
        raise TypeError("a finding's epochs are the first and the last")
    lines = tuple(map(index, finding.lines))
    if any(line < 1 for line in lines):
        raise ValueError("the lines of a log are counted from 1")
    return replace(finding, epochs=epochs, lines=lines)


def _is_number(value: object) -> bool:
    """True for a number, one of NumPy included, that is not too large for a float."""
    try:
        float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return False
    return getattr(value, "shape", ()) == ()


@dataclass(frozen=True, slots=True)
class Suppressed:
    """A finding that is only an echo of another, whose code is `by`."""

    finding: Finding
    by: str


@dataclass(frozen=True, slots=True)
class FirstStep:
    """The one thing to do first: the first remedy of the finding that stands behind the others.

    `explains` are the codes of the findings that it may have brought about.
    """

    code: str
    name: str
    remedy: str
    explains: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Check:
    """The outcome of one rule on one run; `reason` says why where it did not fire."""

    code: str
    name: str
    outcome: Outcome
    reason: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class RunReport:
    """One run with what the rules said of it; findings are sorted, worst first.

    `suppressed` are findings that only echo others, `known` those that a baseline file hides;
    neither is among `findings`.
    """

    run: Run
    findings: tuple[Finding, ...]
    checks: tuple[Check, ...]
    suppressed: tuple[Suppressed, ...] = ()
    known: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceFailure:
    """A source that could not be judged, with one line that says why."""

    source: str
    message: str

    def __str__(self) -> str:
        is_named = self.message.startswith(self.source)
        return self.message if is_named else f"{self.source}: {self.message}"


@dataclass(frozen=True, slots=True)
class StaleEntry:
    """A known finding that is found no more: its log, its run as in the baseline, its rule."""

    source: str
    run: str
    code: str


@dataclass(frozen=True, slots=True)
class UsedBaseline:
    """The baseline file that hid known findings, and what it holds in vain."""

    file: str
    stale: tuple[StaleEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """What a session found: every run of its sources, in order, and what could not be read.

    `remarks` are lines for people: which files were not taken for one run and why, and what was
    asked for and came to nothing.
    """

    runs: tuple[RunReport, ...] = ()
    errors: tuple[SourceFailure, ...] = field(default=())
    baseline: UsedBaseline | None = None
    remarks: tuple[str, ...] = ()
