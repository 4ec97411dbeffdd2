"""One run: what was found in it, its figures and numbers, its settings, and the checks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logparse.comparison.facts import facts_of
from logparse.findings import Outcome, plural
from logparse.pages import wording
from logparse.pages.content import Cell, Folded, Grid, Heading, RunSection
from logparse.pages.entries import counts
from logparse.pages.figures import sparkline
from logparse.pages.topics import Topics
from logparse.renderers.curves import baselines, rows
from logparse.renderers.diagnosis import EXPLAINED, hidden, ran, reasons
from logparse.renderers.overview import coverage, facts, unparsed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logparse.findings import RunReport
    from logparse.pages.entries import Entry
    from logparse.renderers.curves import Row
    from logparse.run import Run

_MOST_UNPARSED = 40
_LONGEST_VALUE = 300


def section(entry: Entry, baseline: str, title: str) -> RunSection:
    """The run in full; `baseline` is the file that hides the known findings, '' for none."""
    judged, run, topics = entry.judged, entry.run, Topics(entry)
    kind = f"{run.format} {run.dialect}".rstrip()
    return RunSection(
        id=entry.id,
        title=title,
        source=run.source,
        counts=counts(judged.findings),
        facts=((kind, ""), *facts(run)),
        said="" if judged.findings else wording.silence(judged),
        first=wording.first(entry),
        topics=topics.with_findings,
        others=topics.figures,
        remarks=(*_held_back(judged, baseline), *topics.remarks),
        metrics=_metrics(run),
        baselines=wording.styled(baselines(run, wording.WIDE)),
        folded=tuple(_folded(judged)),
    )


def _held_back(judged: RunReport, baseline: str) -> Iterator[str]:
    for one in judged.suppressed:
        yield f"{one.finding.code} {one.finding.name} is held back: only an echo of {one.by}"
    if judged.known:
        codes = ", ".join(dict.fromkeys(one.code for one in judged.known))
        yield f"{hidden(judged.known, baseline)}: {codes}"


def _metrics(run: Run) -> Grid | None:
    """First, last and best of each metric with its curve; None for a run without any."""
    found = rows(run)
    if not found:
        return None
    titles = ("metric", "first", "last", "best", "at", "course")
    columns = (Heading("metric"), *(Heading(one, one != "course") for one in titles[1:]))
    return Grid(caption="Numbers at a glance", columns=columns, rows=tuple(map(_metric, found)))


def _metric(row: Row) -> tuple[Cell, ...]:
    word, value, at = row.mark
    best = value if word in ("", "best") else f"{word} {value}".rstrip()
    told = f"{row.label}, from {row.first or row.last} to {row.last}"
    return (
        Cell(text=row.label),
        Cell(text=row.first),
        Cell(text=row.last),
        Cell(text=best),
        Cell(text=at),
        Cell(text="", curve=sparkline(row.values, told)),
    )


def _folded(judged: RunReport) -> Iterator[Folded]:
    run = judged.run
    total, count = len(judged.checks), ran(judged)
    rest = f", {total - count} could not" if count < total else ""
    yield Folded(summary=f"Checks: {count} of {total} ran{rest}", grid=_checks(judged))
    if declared := facts_of(run):
        yield Folded(
            summary=f"Settings and facts: {len(declared)}",
            grid=Grid(
                caption="What the log declares of the run",
                columns=(Heading("name"), Heading("value"), Heading("part")),
                rows=tuple(
                    (Cell(text=key), Cell(text=_clipped(text)), Cell(text=block, style="dim"))
                    for (block, key), (_, text) in declared.items()
                ),
            ),
        )
    covered = run.coverage
    yield Folded(
        summary=f"How the log was read: {covered.parsed} of {plural(covered.lines, 'line')} parsed"
        f", {covered.unparsed or 'none'} unparsed",
        lines=wording.styled(coverage(run, wording.WIDE, is_listed=True)),
    )
    if covered.unparsed:
        shown = run.unparsed[:_MOST_UNPARSED]
        yield Folded(
            summary=f"Lines that no grammar accepts: {covered.unparsed}",
            lines=wording.styled(unparsed(shown, len(shown), wording.WIDE))
            + _rest(covered.unparsed - len(shown)),
            is_printed_as_is=True,
        )


def _rest(count: int) -> tuple[tuple[tuple[str, str], ...], ...]:
    return (((f"and {plural(count, 'line')} more", "dim"),),) if count > 0 else ()


def _checks(judged: RunReport) -> Grid:
    """The checks by what became of them, each group with its reasons."""
    said = [
        (outcome, reason, codes)
        for outcome in (Outcome.NOT_APPLICABLE, Outcome.TOO_SHORT, Outcome.SUPPRESSED)
        for reason, codes in reasons(judged, outcome)
    ]
    clear = reasons(judged, Outcome.CLEAR)
    with_reason = {code for _, codes in clear for code in codes}
    silent = [
        check.code
        for check in judged.checks
        if check.outcome is Outcome.CLEAR and check.code not in with_reason
    ]
    fired = [check.code for check in judged.checks if check.outcome is Outcome.FIRED]
    told = [("fired", "found something", fired)] if fired else []
    told += [("clear", reason, codes) for reason, codes in clear]
    told += [("clear", "judged, and found nothing", silent)] if silent else []
    words = {outcome: label for label, outcome in EXPLAINED.items()}
    told += [(words[outcome], reason, codes) for outcome, reason, codes in said]
    return Grid(
        caption="What became of each check",
        columns=(Heading("outcome"), Heading("what it measured, or why not"), Heading("checks")),
        rows=tuple(
            (Cell(text=label), Cell(text=reason), Cell(text=", ".join(codes)))
            for label, reason, codes in told
        ),
    )


def _clipped(text: str) -> str:
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}…"
