"""Which events call for somebody, and how such an event is told in one line elsewhere."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from logparse.findings import epoch_label
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
    """`error LR003`, and the kind of event where that is not that a finding was raised."""
    words = [event.severity or "", event.finding.code if event.finding else ""]
    words += [event.kind] if event.kind is not Kind.RAISED else []
    return " ".join(word for word in words if word)


def place(event: Event) -> str:
    """`run.log E07`: the log as it is called, and how far it is."""
    if event.epoch is None:
        return event.source
    return f"{event.source} {epoch_label(event.epoch)}"
