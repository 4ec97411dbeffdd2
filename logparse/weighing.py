"""Findings against each other: which only echo others, what causes what, what to do first."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from logparse.findings import (
    CRASH_CODE,
    Confidence,
    Finding,
    FirstStep,
    Severity,
    Suppressed,
    epoch_span,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from logparse.rules.base import Rule

FAMILIES = (
    *("TOOL", "NUM", "LOG", "DATA", "MEM", "HYP", "LR", "GRAD", "UPD", "LOSS", "GEN", "BASE"),
    "REP",
)
"""In the order in which one brings about another, for findings that are equally bad."""


@dataclass(frozen=True, slots=True)
class Said:
    """A finding, and the rule that said it."""

    rule: Rule
    finding: Finding


def echoes(said: Sequence[Said]) -> dict[int, Finding]:
    """By position, the finding that each of those that only echo another echoes.

    Those that hide each other in a circle, as rules of one's own may, all stay.
    """
    found = {at: _suppressor(one, said) for at, one in enumerate(said)}
    by = {at: other for at, other in found.items() if other is not None}
    return {at: said[other].finding for at, other in by.items() if not _is_in_circle(at, by)}


def weighed(said: Sequence[Said]) -> tuple[tuple[Finding, ...], tuple[Suppressed, ...]]:
    """What stands, with its causes in this run, and what only echoes it; in the order given."""
    echoed = echoes(said)
    standing = [one for at, one in enumerate(said) if at not in echoed]
    suppressed = tuple(Suppressed(said[at].finding, by.code) for at, by in echoed.items())
    return tuple(_explained(one, standing) for one in standing), suppressed


def ranked(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings, worst first."""
    return tuple(sorted(findings, key=_worst_first))


def first_step(findings: Sequence[Finding]) -> FirstStep | None:
    """What to do first about errors and warnings; None where there are none.

    From the worst finding back along its likeliest causes, as long as these are more than notes
    and guesses. A fault of the tool comes first only where nothing was found in the run.
    """
    bad = [one for one in findings if one.severity is not Severity.NOTE and one.remedies]
    bad = [one for one in bad if one.code != CRASH_CODE] or bad
    if not bad:
        return None
    sure = {one.code: one for one in reversed(bad) if one.confidence is not Confidence.LOW}
    way = [bad[0]]
    while behind := [sure[code] for code in way[-1].caused_by if code in sure]:
        if behind[0] in way:  # rules of one's own may explain each other in a circle
            break
        way.append(behind[0])
    root = way[-1]
    return FirstStep(root.code, root.name, root.remedies[0], _effects(root.code, findings))


def _effects(code: str, findings: Sequence[Finding]) -> tuple[str, ...]:
    """The codes of findings that come from one of a code, by whatever way."""
    found, grew = {code}, True
    while grew:
        new = {one.code for one in findings if found & {*one.caused_by}} - found
        found, grew = found | new, bool(new)
    return tuple(dict.fromkeys(one.code for one in findings if one.code in found - {code}))


def _explained(one: Said, standing: Sequence[Said]) -> Finding:
    """The finding with those of its causes that were found in this run before the usual ones.

    What a rule says by crashing has its cause in the rule.
    """
    if one.finding.code == CRASH_CODE:
        return one.finding
    by_code = {other.finding.code: other.finding for other in reversed(standing)}
    likely = (by_code[code] for code in one.rule.caused_by if code in by_code)
    causes = [
        cause
        for cause in likely
        if cause.code != one.finding.code and _not_later(cause, one.finding)
    ]
    return replace(
        one.finding,
        causes=(*(_in_words(cause) for cause in causes), *one.finding.causes),
        caused_by=tuple(cause.code for cause in causes),
    )


def _not_later(cause: Finding, effect: Finding) -> bool:
    """Whether a cause began before its effect was over, or ended it; unknown epochs allow it."""
    if cause.epochs is None or effect.epochs is None:
        return True
    return cause.epochs[0] <= effect.epochs[1] + 1


def _in_words(cause: Finding) -> str:
    at = f" at {epoch_span(*cause.epochs)}" if cause.epochs is not None else ""
    return f"{cause.code} {cause.name}{at}, found in this run"


def _suppressor(one: Said, said: Sequence[Said]) -> int | None:
    """Where the finding stands that this one only echoes; two that hide each other both stay."""
    # What a rule says by crashing is nothing about the run, and makes no echo of anything.
    if one.finding.code == CRASH_CODE:
        return None
    for at, other in enumerate(said):
        if other is one or other.finding.code == CRASH_CODE:
            continue
        if not other.rule.suppresses(other.finding, one.finding):
            continue
        if not one.rule.suppresses(one.finding, other.finding):
            return at
    return None


def _is_in_circle(at: int, by: Mapping[int, int]) -> bool:
    """True where the way over those that hide each other comes back to where it started."""
    seen: set[int] = set()
    here = by.get(at)
    while here is not None and here not in seen:
        if here == at:
            return True
        seen.add(here)
        here = by.get(here)
    return False


def _worst_first(finding: Finding) -> tuple[int, int, int, int, str]:
    family = finding.code.rstrip("0123456789")
    rank = FAMILIES.index(family) if family in FAMILIES else len(FAMILIES)
    sure = {Confidence.HIGH: 0, Confidence.MEDIUM: 1, Confidence.LOW: 2}[finding.confidence]
    first = finding.epochs[0] if finding.epochs is not None else 0
    return (-finding.severity.rank, sure, rank, first, finding.code)
