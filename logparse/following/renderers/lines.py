"""An event in one line: when, what, how bad, which finding, where, and in a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logparse.following.events import Event, Kind
from logparse.following.renderers.facts import stamp
from logparse.renderers.layout import Page, pad

if TYPE_CHECKING:
    from datetime import tzinfo

    from logparse.renderers.spans import Line

_KIND = max(map(len, Kind))
_SEVERITY = len("warning")
_STYLES = {Kind.CLEARED: "good", Kind.RESUMED: "good", Kind.STALLED: "error"}


def is_told(event: Event) -> bool:
    """True for what people are told of: an epoch alone is no news."""
    return event.kind is not Kind.EPOCH


def plain_line(
    event: Event, page: Page, *, source: str = "", zone: tzinfo | None = None, is_cut: bool = False
) -> Line:
    """The event for a stream that only grows, whole whatever the page's width.

    `2026-11-22 12:01:30  raised    warning  GRAD003 gradient-spike  E15  <sentence>`; the time is
    that of the zone, by default the machine's. `source` is what the log is called, where there
    are several. `is_cut` cuts the line to the page.
    """
    line = event_line(event, page, when=stamp(event.at, zone), source=source)
    return page.crop(line) if is_cut else line


def event_line(event: Event, page: Page, *, when: str, source: str = "") -> Line:
    """The event with its time as told by the caller; not cut."""
    found, severity = event.finding, event.severity
    spans = [page.span(when, "dim")]
    spans += [page.span(source, "title")] if source else []
    style = _STYLES.get(event.kind, "dim" if severity is None else severity.value)
    spans.append(pad((event.kind.value, style), _KIND))
    if severity is not None:
        spans.append(pad((severity.value, severity.value), _SEVERITY))
    if found is not None:
        spans.append(page.span(f"{found.code} {found.name}", "code"))
    place = _place(event)
    spans += [page.span(place)] if place else []
    spans.append(page.span(event.text))
    return tuple(part for span in spans for part in (span, ("  ", "")))[:-1]


def _place(event: Event) -> str:
    run = f"run {event.run}" if event.run is not None and event.run > 1 else ""
    return f"{run} {event.place}".strip()
