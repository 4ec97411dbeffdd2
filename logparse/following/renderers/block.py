"""The live block: what is known of the followed logs now, in as many lines as there are."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from logparse.findings import plural
from logparse.following.events import Kind
from logparse.following.renderers import facts, whole
from logparse.following.renderers.fitting import Rank, Ranked, fitted
from logparse.following.renderers.lines import event_line, is_told
from logparse.following.renderers.table import table
from logparse.paths import short_names
from logparse.renderers.layout import pad
from logparse.renderers.spans import cells, line_cells

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime, tzinfo

    from logparse.following.state import LogState
    from logparse.renderers.layout import Page
    from logparse.renderers.spans import Line, Span

_LONGEST_NAME = 20


def lines(
    states: Sequence[LogState],
    page: Page,
    height: int | None,
    now: datetime,
    *,
    zone: tzinfo | None = None,
    is_live: bool = True,
) -> list[Line]:
    """The logs at `now`, in at most `height` lines that are no wider than the page.

    One log is shown in full, several in a row each. Where the height is short, older events are
    left out first, then blank lines, details and curves; None leaves nothing out. Times are those
    of the zone, by default the machine's. `is_live` says that the block will be drawn again.
    """
    names = short_names(state.source for state in states)
    if len(states) == 1:
        title, shown = whole.title(states[0], page), whole.body(states[0], page, now, zone)
    else:
        room = None if height is None else max(height - 4, 1)
        title, shown = ((plural(len(states), "log"), "title"),), table(states, names, page, room)
    moment = f"{'live ' if is_live else ''}{now.astimezone(zone):%H:%M:%S}"
    parts = [
        Ranked(Rank.TITLE, _across(title, (moment, "dim"), page)),
        *shown,
        *_events(states, names, page, now, zone),
        Ranked(Rank.GROWTH, _growth(states, page, now, is_live=is_live)),
    ]
    return [page.crop(line) for line in fitted(parts, height)]


def _across(left: Line, right: Span, page: Page) -> Line:
    gap = page.width - line_cells((*left, right))
    return (*left, (" " * gap, ""), right) if gap >= 2 else left


def _events(
    states: Sequence[LogState],
    names: dict[str, str],
    page: Page,
    now: datetime,
    zone: tzinfo | None,
) -> Iterator[Ranked]:
    """The events of all logs, newest last, with the log's name where there are several."""
    known = chain(*(state.events for state in states))
    told = [event for event in known if is_told(event) and event.kind is not Kind.ENDED]
    told.sort(key=lambda event: event.at)
    shown = {name: page.clip(name, _LONGEST_NAME) for name in names.values()}
    width = max(map(cells, shown.values()), default=0)
    if told:
        yield Ranked(Rank.BLANK, ())
    for age, event in zip(range(len(told) - 1, -1, -1), told, strict=True):
        name = shown[names[event.source]] if event.source in names else event.source
        source = pad((name, ""), width)[0] if len(states) > 1 else ""
        when = facts.clock(event.at, now, zone)
        line = event_line(event, page, when=when, source=source)
        yield Ranked(Rank.OLDER if age else Rank.NEWEST, line, age)


def _growth(states: Sequence[LogState], page: Page, now: datetime, *, is_live: bool) -> Line:
    """How long ago something was written, when that will be too long, and how to leave."""
    stalled = sum(state.is_stalled for state in states)
    last = max((s.last_growth for s in states if s.last_growth is not None), default=None)
    silence = facts.silence(last, now)
    items = [((f"last growth {silence} ago" if silence else "nothing written yet", "dim"),)]
    if stalled and len(states) > 1:
        items.insert(0, ((f"{stalled} stalled", "error"),))
    elif stalled:
        items[0] = ((f"STALLED: nothing written for {silence.strip()}", "error"),)
    limit = states[0].stall_after_s if len(states) == 1 else None
    if limit is not None and not stalled:
        items.append(((f"stall alarm after {facts.whole_seconds(limit)}", "dim"),))
    items += [(("Ctrl-C: report", "dim"),)] if is_live else []
    return next(page.flow(items))
