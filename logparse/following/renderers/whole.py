"""One log in full: its course, curves, details and what stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logparse.findings import epoch_label
from logparse.following.renderers.facts import course, details
from logparse.following.renderers.fitting import Rank, Ranked
from logparse.following.renderers.kept import Kept
from logparse.renderers.curves import curve, extreme, rows
from logparse.renderers.layout import Page, pad
from logparse.renderers.spans import Line, cells, line_cells

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime, tzinfo

    from logparse.following.progress import Progress
    from logparse.following.state import LogState
    from logparse.renderers.curves import Row
    from logparse.run import Run

_LABEL, _LONGEST_LABEL = 14, 24
_VALUE = len("0.001234")
_WORD = len("best")

_DRAWN = Kept[tuple[Ranked, ...]]()


def title(state: LogState, page: Page) -> Line:
    """The log's name, its format, and which run of how many."""
    run, room = state.run, page.width * 2 // 3
    line: Line = ((page.clip(state.source, room), "title"),)
    if run is not None:
        facts = [f"{run.format} {run.dialect}".strip()]
        facts += [f"run {run.index} of {state.run_count}"] if state.run_count > 1 else []
        for fact in facts:
            longer = (*line, ("  ", ""), page.span(fact))
            line = longer if line_cells(longer) <= room else line
    return line


def body(state: LogState, page: Page, now: datetime, zone: tzinfo | None) -> Iterator[Ranked]:
    """The lines between title and events."""
    if state.waiting:
        words = page.words(state.waiting, "warning")
        yield from _block(page.fill(words, hang=2), Rank.COURSE, Rank.DETAIL)
    if state.run is None:
        return
    course_of = [(page.span(fact),) for fact in course(state.progress, now, zone)]
    yield from _block(page.flow(course_of, hang=2), Rank.COURSE, Rank.COURSE)
    if known := [(page.span(fact),) for fact in details(state.progress)]:
        yield from _block(page.flow(known, hang=2), Rank.DETAIL, Rank.DETAIL)
    yield from curves(state.run, state.progress, page)
    yield Ranked(Rank.STANDING, standing(state, page))


def _block(lines: Iterator[Line], first: Rank, rest: Rank) -> Iterator[Ranked]:
    for order, line in enumerate(lines):
        yield Ranked(rest if order else first, line, order)


def curves(run: Run, progress: Progress, page: Page) -> tuple[Ranked, ...]:
    """A row for each metric with its newest and best value, the main one kept longest."""
    return _DRAWN.get(run, page, lambda: tuple(_curves(run, progress, page)))


def _curves(run: Run, progress: Progress, page: Page) -> Iterator[Ranked]:
    found, main = rows(run), (progress.main_metric or "").replace("_", " ")
    if not found:
        return
    yield Ranked(Rank.BLANK, ())
    widths = _widths(found, max(progress.planned or 0, progress.epoch or 0))
    for order, row in enumerate(found, start=1):
        yield Ranked(Rank.CURVE, _told(row, page, widths), 0 if row.label == main else order)
    yield Ranked(Rank.BLANK, ())


def _widths(found: Sequence[Row], last: int) -> tuple[int, int, tuple[int, int, int]]:
    """Label, newest value and extreme; no narrower than they will soon be."""
    values = [len(text) for row in found for text in (row.last, row.mark[1])]
    value = max(_VALUE, *values)
    label = min(max(_LABEL, *(cells(row.label) for row in found)), _LONGEST_LABEL)
    return label, value, (_WORD, value, len(epoch_label(last)))


def _told(row: Row, page: Page, widths: tuple[int, int, tuple[int, int, int]]) -> Line:
    label, value, marks = widths
    head = (
        pad((page.clip(row.label, label), ""), label),
        pad((row.last, "metric"), value + 1, right=True),
    )
    marked = (*head, *extreme(row, marks))
    line = marked if line_cells(marked) <= page.width else head
    return (*line, *curve(row, page, page.width - line_cells(line) - 2))


def standing(state: LogState, page: Page) -> Line:
    """Which findings stand now, in one line, worst first; how many more there are."""
    findings = state.findings
    if not findings:
        is_judged = state.run is not None and len(state.run.epochs) > 0
        return (("no symptom so far" if is_judged else "nothing to judge yet", "dim"),)
    line: Line = (("now ", "dim"),)
    for shown, found in enumerate(findings):
        severity = found.severity.value
        joint = page.separator if shown else ("", "")
        named = (page.span(f"{severity} {found.code}", severity), page.span(f" {found.name}"))
        rest, more = len(findings) - shown - 1, (f" +{len(findings) - shown}", "dim")
        note = line_cells((more,)) if rest else 0
        if shown and line_cells((*line, joint, *named)) + note > page.width:
            return (*line, more)
        line = (*line, joint, *named)
    return line
