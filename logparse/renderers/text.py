"""The report for people: lines of styled spans, or plain text; calm, and exact about limits."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

from logparse.axis import span
from logparse.findings import Severity, plural
from logparse.renderers.curves import baselines, curves
from logparse.renderers.diagnosis import checks, finding, first, hidden
from logparse.renderers.layout import Page, spaced
from logparse.renderers.overview import coverage, heading, others, unparsed
from logparse.renderers.selection import RunChoice, by_source, chosen, require, spoken_of
from logparse.renderers.spans import Line, can_paste, plain
from logparse.weighing import first_step

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from logparse.findings import Report, RunReport


@dataclass(frozen=True, slots=True)
class Detail:
    """What is shown in full: the lines that could not be read, the notes."""

    unparsed: bool = False
    notes: bool = False


BRIEF = Detail()


def render(
    report: Report,
    *,
    width: int = 80,
    ascii_only: bool = False,
    run: RunChoice = -1,
    show_unparsed: bool = False,
    show_errors: bool = True,
    full: bool = False,
) -> str:
    """The report as plain text of at most `width` columns, with a line end at its end.

    Of a source with several runs, `run` is shown in full (1-based, negative from the end, or
    'all') and the others in one line each; NoSuchRunError when no source has that run. Notes are
    brief unless `full`. Only paths may exceed the width.
    """
    require(report, run)
    page = Page(width, ascii_only)
    shown = Detail(show_unparsed, full)
    found = lines(report, page, run=run, detail=shown, show_errors=show_errors)
    return "".join(f"{plain(line)}\n" for line in found)


def lines(
    report: Report,
    page: Page,
    *,
    run: RunChoice = -1,
    detail: Detail = BRIEF,
    show_errors: bool = True,
) -> Iterator[Line]:
    """The report as lines of `(text, style)` spans; every text in them is safe to show."""
    blocks: list[Iterator[Line]] = []
    for source, runs in by_source(report):
        baseline = report.baseline.file if report.baseline else ""
        blocks += _source(source, runs, page, run, detail, baseline)
    if report.remarks:
        blocks.append(_remarks(report, page))
    if show_errors and report.errors:
        blocks.append(_failures(report, page))
    blocks.append(_closing(report, page, run))
    yield from spaced(blocks)


def brief(report: Report, page: Page, *, run: RunChoice = -1) -> Iterator[Line]:
    """One line per finding, as compilers print them: `run.log:251: error LR001 name E31-E70`."""
    for judged in spoken_of(report, run):
        for found in judged.findings:
            source, line = judged.run.place(found.lines[0] if found.lines else 1)
            place = f"{source}:{line}" if found.lines else judged.run.source
            when = f" {span(judged.run, *found.epochs)}" if found.epochs else ""
            style = found.severity.value
            yield (
                page.span(f"{place}: "),
                page.span(f"{found.severity} {found.code}", style),
                page.span(f" {found.name}{when}"),
            )


def _source(
    source: str,
    runs: Sequence[RunReport],
    page: Page,
    run: RunChoice,
    detail: Detail,
    baseline: str,
) -> Iterator[Iterator[Line]]:
    full = chosen(runs, run)
    rest = [judged for judged in runs if judged not in full]
    if rest:
        yield _index(source, runs, rest, page)
    for judged in full:
        yield _read(judged, page, detail.unparsed)
        yield curves(judged.run, page)
        yield baselines(judged.run, page)
        is_brief = [not detail.notes and one.severity is Severity.NOTE for one in judged.findings]
        for found, brief in zip(judged.findings, is_brief, strict=True):
            yield finding(found, judged.run, page, brief=brief)
        yield checks(judged, page, baseline, brief=any(is_brief))
        yield first(judged, page)


def _index(
    source: str, runs: Sequence[RunReport], rest: Sequence[RunReport], page: Page
) -> Iterator[Line]:
    title = (page.span(source, "title"), ("  ", ""))
    items = [
        (page.span(plural(len(runs), "run")),),
        (page.span(f"{len(rest)} in brief: --run N or --run all shows more", "dim"),),
    ]
    yield from page.flow(items, first=title, hang=2)
    yield from others(rest, page)


def _read(judged: RunReport, page: Page, show_unparsed: bool) -> Iterator[Line]:
    yield from heading(judged.run, page)
    yield from coverage(judged.run, page, is_listed=show_unparsed)
    if show_unparsed:
        run = judged.run
        yield from unparsed(run.unparsed, run.coverage.unparsed, page)


def _remarks(report: Report, page: Page) -> Iterator[Line]:
    for remark in report.remarks:
        yield from page.fill(page.words(remark), first=(page.span("files  ", "dim"),), hang=7)


def _failures(report: Report, page: Page) -> Iterator[Line]:
    for failure in report.errors:
        first = (page.span("not read ", "error"), page.span(f"{failure.source}:"), (" ", ""))
        yield from page.fill(page.words(failure.message), first=first, hang=9)


def _closing(report: Report, page: Page, run: RunChoice) -> Iterator[Line]:
    """The sum over several runs, and the command that helps most now."""
    shown = spoken_of(report, run)
    if not report.runs:
        yield (page.span("no training run was read", "warning"),)
        return
    if len(shown) > 1:
        found = sum(len(judged.findings) for judged in shown)
        known = [finding for judged in shown for finding in judged.known]
        facts = [f"{plural(len(shown), 'run')} shown in full", plural(found, "finding")]
        facts += [hidden(known, "")] if known else []
        yield from page.flow([(page.span(fact),) for fact in facts])
    command = next_command(report, shown)
    yield from page.fill(page.words(command, "code"), first=(page.span("next  ", "dim"),), hang=6)


def next_command(report: Report, shown: Sequence[RunReport]) -> str:
    """The command that helps most after a report that shows these of its runs in full."""
    findings = (finding for judged in shown for finding in judged.findings)
    # A fault of the tool has no rule to explain, and says itself what to do.
    found = [finding for finding in findings if not finding.code.startswith("TOOL")]
    if found:
        worst = max(found, key=lambda finding: finding.severity.rank)
        steps = filter(None, (first_step(judged.findings) for judged in shown))
        codes = [step.code for step in steps if not step.code.startswith("TOOL")]
        return f"logdiag explain {(codes or [worst.code])[0]}"
    seen = {id(judged) for judged in shown}
    elsewhere = [one.run for one in report.runs if one.findings and id(one) not in seen]
    run = elsewhere[0] if elsewhere else (shown or report.runs)[0].run
    if not can_paste(run.files[0]):
        return "logdiag rules"
    source = shlex.quote(run.files[0])
    if elsewhere:
        return f"logdiag analyze {source} --run {run.index}"
    return f"logdiag export {source} --table epochs --to csv"
