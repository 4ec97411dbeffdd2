"""The runs of a page: what they are called, and how much of each is shown where there are many."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from logparse.findings import Severity, plural
from logparse.pages.content import Count, Link
from logparse.paths import short_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from logparse.findings import Finding, Report, RunReport
    from logparse.run import Run

Drawn = Literal["all", "brief", "none"]

MOST_ROWS = 500
"""A longer table is not read; the worst runs stay in it."""
MOST_SECTIONS = 120
"""Runs that are told of in full; the worst ones, where there are more."""
MOST_IN_FULL = 16
"""With more runs, each has one figure with its metric and its learning rate."""
MOST_FIGURES = 100
"""And where they are many, only those with errors or warnings, the worst, have that one."""


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """A run on the page: its name, its place ('' for a run that is told of in the table only)."""

    judged: RunReport
    label: str
    id: str = ""
    drawn: Drawn = "none"

    @property
    def run(self) -> Run:
        return self.judged.run

    @property
    def link(self) -> Link:
        return Link(self.label, self.id)

    def card_id(self, finding: Finding) -> str:
        """Where the finding is told of; '' where its run is not."""
        at = next((at for at, one in enumerate(self.judged.findings) if one is finding), None)
        return f"{self.id}-finding-{at + 1}" if self.id and at is not None else ""


def entries(report: Report) -> tuple[Entry, ...]:
    """The runs of the report in its order; of more than `MOST_ROWS` the worst are told of."""
    names = short_names(judged.run.source for judged in report.runs)
    numbered = [
        Entry(judged, _label(judged.run, names[judged.run.source])) for judged in report.runs
    ]
    worst = worst_first(numbered)
    told, drawn = set(map(id, worst[:MOST_SECTIONS])), _drawn(worst)
    return tuple(
        replace(one, id=f"run-{at}", drawn=drawn.get(id(one), "none")) if id(one) in told else one
        for at, one in enumerate(numbered, start=1)
    )


def worst_first(entries: Iterable[Entry]) -> list[Entry]:
    """The entries by how bad their findings are; equal ones in the order given."""
    return sorted(entries, key=lambda one: _badness(one.judged), reverse=True)


def bad(judged: RunReport) -> bool:
    """True for a run with errors or warnings."""
    return any(found.severity is not Severity.NOTE for found in judged.findings)


def thinned(entries: Sequence[Entry]) -> tuple[str, ...]:
    """What of so many runs is not shown, in words; nothing where all is."""
    told = [one for one in entries if one.id]
    said = []
    if len(entries) > MOST_ROWS:
        said.append(f"The table has the {MOST_ROWS} worst of {len(entries)} runs.")
    if len(told) < len(entries):
        said.append(f"The {len(told)} worst of {len(entries)} runs have a section of their own.")
    drawn = sum(one.drawn != "none" for one in told)
    if any(one.drawn == "brief" for one in told):
        who = "each" if drawn == len(told) else f"{plural(drawn, 'run')} with errors or warnings"
        said.append(
            f"With more than {MOST_IN_FULL} runs, figures are thinned: {who} with one figure, of "
            "the metric and the learning rate; logdiag plot draws the others."
        )
    elif drawn < len(told):
        said.append("With so many runs, only small curves are drawn; logdiag plot draws a run.")
    return tuple(said)


def counts(findings: Iterable[Finding]) -> tuple[Count, ...]:
    """How many findings of each severity there are, the worst first; none where there are none."""
    found = list(findings)
    numbers = {one: sum(finding.severity is one for finding in found) for one in Severity}
    return tuple(
        Count(severity, number, plural(number, severity.value))
        for severity, number in numbers.items()
        if number
    )


def _label(run: Run, name: str) -> str:
    return f"{name} · run {run.index} of {run.count}" if run.count > 1 else name


def _drawn(worst: Sequence[Entry]) -> dict[int, Drawn]:
    if len(worst) <= MOST_IN_FULL:
        return {id(one): "all" for one in worst}
    if len(worst) <= MOST_FIGURES:
        return {id(one): "brief" for one in worst}
    return {id(one): "brief" for one in worst[:MOST_FIGURES] if bad(one.judged)}


def _badness(judged: RunReport) -> tuple[int, ...]:
    return tuple(sum(found.severity is one for found in judged.findings) for one in Severity)
