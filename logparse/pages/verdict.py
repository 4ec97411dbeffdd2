"""The first screen: how bad it is, what to do first, what was found where."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING

from logparse.axis import span
from logparse.findings import plural
from logparse.pages import wording
from logparse.pages.content import Found, Link, Verdict
from logparse.pages.entries import counts, worst_first
from logparse.renderers.diagnosis import hidden, ran, why_unjudged

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from logparse.findings import Finding, Report
    from logparse.pages.content import Step
    from logparse.pages.entries import Entry

_MOST_STEPS, _MOST_RUNS = 4, 6
_MOST_KINDS, _MOST_PLACES = 16, 3


def verdict(report: Report, entries: Sequence[Entry]) -> Verdict:
    """The verdict on all runs of the report."""
    steps = _steps(entries)
    found = list(_found(entries))
    more = len(steps) - _MOST_STEPS
    untold = len(found) - _MOST_KINDS
    return Verdict(
        said=_said(entries),
        counts=counts(chain.from_iterable(one.judged.findings for one in entries)),
        asides=tuple(_asides(report, entries)),
        steps=tuple(steps[:_MOST_STEPS]),
        more_steps=f"{plural(more, 'other first step')}, told with the runs" if more > 0 else "",
        found=tuple(found[:_MOST_KINDS]),
        more_found=f"{plural(untold, 'other kind')} of findings, told with the runs"
        if untold > 0
        else "",
        failures=tuple((one.source, one.message) for one in report.errors),
    )


def _said(entries: Sequence[Entry]) -> str:
    """What was looked at, and what is said where nothing was found."""
    if not entries:
        return "No training run was read."
    if len(entries) == 1:
        one = entries[0].judged
        ran_of = f"{ran(one)} of {plural(len(one.checks), 'check')} ran"
        return f"{ran_of} on this run." if one.findings else wording.silence(one)
    unjudged = sum(bool(why_unjudged(one.judged)) for one in entries)
    judged = [one.judged for one in entries if not why_unjudged(one.judged)]
    if not judged:
        return f"Nothing was judged in {plural(len(entries), 'run')}."
    numbers = sorted({ran(one) for one in judged})
    span = str(numbers[0]) if len(numbers) == 1 else f"{numbers[0]} to {numbers[-1]}"
    silent = sum(not one.findings for one in judged)
    with_none = f"; in {silent} of them no symptom was found" if silent else ""
    rest = f" {plural(unjudged, 'run')} could not be judged." if unjudged else ""
    return f"{plural(len(judged), 'run')} judged, each by {span} checks{with_none}.{rest}"


def _asides(report: Report, entries: Sequence[Entry]) -> Iterator[str]:
    known = [found for one in entries for found in one.judged.known]
    if known:
        yield hidden(known, report.baseline.file if report.baseline else "")
    if echoes := sum(len(one.judged.suppressed) for one in entries):
        yield f"{plural(echoes, 'finding')} held back: only an echo of another"


def _steps(entries: Sequence[Entry]) -> list[Step]:
    """What to do first, the worst run first; runs with the same step together."""
    steps: dict[tuple[str, str], Step] = {}
    for one in worst_first(entries):
        if (step := wording.first(one)) is None:
            continue
        key = (step.remedy[0], step.finding.text)
        known = steps.get(key)
        steps[key] = replace(known, runs=(*known.runs, one.link)) if known else step
    return [replace(one, runs=_cut(one.runs, _MOST_RUNS)) for one in steps.values()]


def _cut(links: Sequence[Link], most: int) -> tuple[Link, ...]:
    more = len(links) - most
    return (*links[:most], Link(f"{more} more")) if more > 0 else tuple(links)


def _found(entries: Sequence[Entry]) -> Iterator[Found]:
    """Each kind of finding once, the worst and most frequent first, with where it was found."""
    kinds: dict[str, list[tuple[Entry, Finding]]] = {}
    for entry in worst_first(entries):
        for finding in entry.judged.findings:
            kinds.setdefault(finding.code, []).append((entry, finding))
    for places in sorted(kinds.values(), key=_weight, reverse=True):
        worst = max((one for _, one in places), key=lambda one: one.severity.rank)
        links = _epochs(places) if len(entries) == 1 else _runs(places)
        yield Found(worst.severity, worst.code, worst.name, _cut(links, _MOST_PLACES))


def _weight(places: list[tuple[Entry, Finding]]) -> tuple[int, int]:
    return max(one.severity.rank for _, one in places), len(places) if len(places) > 1 else 0


def _epochs(places: list[tuple[Entry, Finding]]) -> list[Link]:
    """Where in the one run."""
    return [
        Link(span(entry.run, *one.epochs) if one.epochs else "whole run", entry.card_id(one))
        for entry, one in places
    ]


def _runs(places: list[tuple[Entry, Finding]]) -> list[Link]:
    """In which runs, each once."""
    first = {entry.label: entry.card_id(one) for entry, one in reversed(places)}
    return [
        Link(label, first[label]) for label in dict.fromkeys(entry.label for entry, _ in places)
    ]
