"""What the rules say of a run: findings in full, then which checks ran and which could not."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from logparse.axis import span
from logparse.findings import Finding, Measure, Outcome, RunReport, plural
from logparse.renderers.layout import Page, pad
from logparse.renderers.numbers import number
from logparse.renderers.overview import count_findings
from logparse.renderers.spans import Line, Span, line_cells
from logparse.weighing import first_step

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from logparse.run import Run

_GUTTER = 12
_NARROW_GUTTER = 4
_SEVERITY = 9

EXPLAINED = {
    "not applicable": Outcome.NOT_APPLICABLE,
    "too short": Outcome.TOO_SHORT,
    "suppressed": Outcome.SUPPRESSED,
    "clear": Outcome.CLEAR,
}
"""Outcomes that come with a reason, in the order in which they are told."""


def finding(found: Finding, run: Run, page: Page, *, brief: bool = False) -> Iterator[Line]:
    """One symptom: a title with its place, then measured, reading, causes, try, confirm.

    `brief` leaves it at the reading and the first thing to try.
    """
    yield from _title(found, run, page)
    reading = (*page.words(found.reading), page.span(f"({found.confidence} confidence)", "dim"))
    if brief:
        yield from _words("reading", reading, page)
        yield from _numbered("try", found.remedies[:1], page)
        return
    yield from _section("measured", _measured(found, page), page)
    yield from _words("reading", reading, page)
    yield from _numbered("causes", found.causes, page)
    yield from _numbered("try", found.remedies, page)
    yield from _words("confirm", page.words(found.confirm), page)


def _title(found: Finding, run: Run, page: Page) -> Iterator[Line]:
    style = found.severity.value
    left = (
        pad(page.span(found.severity, style), _SEVERITY),
        page.span(found.code, style),
        page.span(f" {found.name}", "title"),
    )
    place = _place(found, run, page)
    gap = page.width - line_cells(left) - line_cells(place)
    if not place:
        yield left
    elif gap >= 2:
        yield (*left, (" " * gap, ""), *place)
    else:
        yield from page.fill(left, hang=_SEVERITY) if line_cells(left) > page.width else (left,)
        yield ((" " * _gutter(page), ""), *place)


def _place(found: Finding, run: Run, page: Page) -> Line:
    source, line = run.place(found.lines[0] if found.lines else 1)
    where = [page.span(f"{source}:{line}" if found.lines else run.source, "dim")]
    if found.epochs is not None:
        where += [("  ", ""), page.span(span(run, *found.epochs))]
    return tuple(where)


def _gutter(page: Page) -> int:
    return _NARROW_GUTTER if page.is_narrow else _GUTTER


def _head(label: str, page: Page) -> Line:
    span = page.span(f"  {label}", "dim")
    if page.is_narrow and label:
        return (span, (" ", ""))
    return (pad(span, _gutter(page)),)


def _section(label: str, items: Sequence[Line], page: Page) -> Iterator[Line]:
    if items:
        yield from page.flow(items, first=_head(label, page), hang=_gutter(page))


def _words(label: str, words: Sequence[Span], page: Page) -> Iterator[Line]:
    if words:
        yield from page.fill(words, first=_head(label, page), hang=_gutter(page))


def _numbered(label: str, texts: Sequence[str], page: Page) -> Iterator[Line]:
    for rank, text in enumerate(texts, start=1):
        head = _head(label if rank == 1 else "", page)
        mark = page.span(f"{rank} " if len(texts) > 1 else "", "dim")
        hang = _gutter(page) + line_cells((mark,))
        yield from page.fill(page.words(text), first=(*head, mark), hang=hang)


def _measured(found: Finding, page: Page) -> list[Line]:
    return [
        (page.span(f"{name.replace('_', ' ')} ", "dim"), page.span(measure(value)))
        for name, value in found.measured.items()
    ]


def measure(value: Measure) -> str:
    """A measured fact as people read it."""
    if isinstance(value, str):
        return value
    return ("yes" if value else "no") if isinstance(value, bool) else number(value)


def first(judged: RunReport, page: Page) -> Iterator[Line]:
    """The one thing to do first, with the finding that asks for it and what that explains."""
    step = first_step(judged.findings)
    if step is None:
        return
    why = f"({step.code} {step.name}"
    why += f"; may explain {', '.join(step.explains)})" if step.explains else ")"
    words = (*page.words(step.remedy, "title"), *page.words(why, "dim"))
    yield from page.fill(words, first=(page.span("first ", "dim"),), hang=6)


def checks(
    judged: RunReport, page: Page, baseline: str = "", *, brief: bool = False
) -> Iterator[Line]:
    """What was found and how many checks ran; then, grouped, those that could not and why.

    `baseline` is the file that hides the known findings; `brief` says that notes are short.
    """
    asides = [hidden(judged.known, baseline)] if judged.known else []
    asides += ["notes in brief: --full shows more"] if brief else []
    dimmed = ((page.span(aside, "dim"),) for aside in asides)
    yield from page.flow([*_verdict(judged, page), *dimmed], hang=2)
    for label, outcome in EXPLAINED.items():
        yield from _grouped(label, reasons(judged, outcome), page)


def hidden(known: Sequence[Finding], baseline: str) -> str:
    """How many known findings are not shown: `3 known findings hidden (baseline known.json)`."""
    where = f" (baseline {baseline})" if baseline else ""
    return f"{plural(len(known), 'known finding')} hidden{where}"


def ran(judged: RunReport) -> int:
    """How many checks judged the run, whatever they found."""
    could_not = (Outcome.NOT_APPLICABLE, Outcome.TOO_SHORT)
    return sum(check.outcome not in could_not for check in judged.checks)


def why_unjudged(judged: RunReport) -> str:
    """Why nothing can be said of the run's training; '' where a check has judged some of it."""
    if not ran(judged):
        return "no check could run"
    return "" if len(judged.run.epochs) else "the log has no epochs of this run"


def _verdict(judged: RunReport, page: Page) -> list[Line]:
    total, count = len(judged.checks), ran(judged)
    if judged.findings:
        return [(count_findings(judged, page),), (page.span(f"{count} of {total} checks ran"),)]
    if why := why_unjudged(judged):
        return [(page.span(f"nothing was judged: {why}", "warning"),)]
    symptom = "new symptom" if judged.known else "symptom"
    said = f"no {symptom} found by the {plural(count, 'check')} that ran"
    missing = f"{total - count} of {total} could not" if count < total else ""
    return [(page.span(said, "title"),), *([(page.span(missing),)] if missing else [])]


def reasons(judged: RunReport, outcome: Outcome) -> list[tuple[str, list[str]]]:
    """Reasons in natural order, each with its codes; a CLEAR without a reason is no news."""
    groups: dict[str, list[str]] = {}
    if outcome is Outcome.SUPPRESSED:
        for one in judged.suppressed:
            groups.setdefault(f"by {one.by}", []).append(one.finding.code)
    for check in judged.checks if outcome is not Outcome.SUPPRESSED else ():
        if check.outcome is outcome and (check.reason or outcome is not Outcome.CLEAR):
            groups.setdefault(check.reason or "no reason given", []).append(check.code)
    return sorted(groups.items(), key=lambda group: _natural(group[0]))


def _natural(text: str) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdecimal() else (0, part) for part in re.split(r"(\d+)", text)]


def _grouped(label: str, groups: Sequence[tuple[str, list[str]]], page: Page) -> Iterator[Line]:
    hang = _NARROW_GUTTER if page.is_narrow else 18
    for position, (reason, codes) in enumerate(groups):
        shown = page.span(f"  {label}" if not position else "", "dim")
        head = (shown, (" ", "")) if page.is_narrow and not position else (pad(shown, hang),)
        words = (*page.words(reason, "dim"), *page.words(f"({', '.join(codes)})"))
        yield from page.fill(words, first=head, hang=hang)
