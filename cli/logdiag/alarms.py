"""Which events call for somebody, and how such an event is told in one line elsewhere."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from logparse.following.events import Kind
from logparse.renderers.spans import escape

if TYPE_CHECKING:
    from logparse.findings import Severity
    from logparse.following.events import Event

_ALARMS = (Kind.RAISED, Kind.WORSE, Kind.STALLED)


def is_alarm(event: Event, least: Severity) -> bool:
    """True where a finding that bad is raised or gets worse, or a stall is taken for that bad."""
    is_bad = event.severity is not None and event.severity.rank >= least.rank
    return is_bad and event.kind in _ALARMS


def safe(text: str, most: int) -> str:
    """At most so many characters of a log's text, without controls, line ends and surrogates.

    In ASCII where this system's file names, and so its variables and arguments, are not UTF-8.
    """
    shown = escape(text[: most + 1], ascii_only=sys.getfilesystemencoding() != "utf-8")
    return shown if len(shown) <= most else f"{shown[: most - 3]}..."


def subject(event: Event) -> str:
    """`error LR003 early-lr-drop`, and what happened unless the finding simply was raised."""
    found = event.finding
    words = [event.severity or "", *((found.code, found.name) if found is not None else ())]
    return " ".join([*words, event.kind] if event.kind is not Kind.RAISED else words)


def place(event: Event) -> str:
    """`run.log E07`: the log as it is called, which of several runs, and how far it is."""
    words = [event.source]
    if event.run is not None and event.run > 1:
        words.append(f"run {event.run}")
    if event.place:
        words.append(event.place)
    return " ".join(words)
