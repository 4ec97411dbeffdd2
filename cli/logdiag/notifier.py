"""`--notify`: alarms through the desktop's own notifier."""

from __future__ import annotations

import os
import sys
from functools import partial
from html import escape
from shutil import which
from typing import TYPE_CHECKING, TypeAlias

from logdiag.alarms import is_alarm, place, safe, subject
from logdiag.background import Background, Job
from logparse.findings import Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from logparse.following.events import Event

Call: TypeAlias = "Callable[[str, str, Severity], list[str]]"
"""A title, a text and how bad it is to a program and its arguments."""

NO_NOTIFIER = (
    "--notify: no desktop notifier here, nobody will be notified (it takes notify-send and a "
    "desktop session, or macOS)"
)

_TIMEOUT_S = 10.0
_MOST_CHARS = 300
# Where a session can be shown anything; without one notify-send waits, then fails.
_SESSION = ("DBUS_SESSION_BUS_ADDRESS", "WAYLAND_DISPLAY", "DISPLAY")
# What stays on the screen until it is dismissed is for errors.
_URGENCY = {Severity.ERROR: "critical", Severity.WARNING: "normal", Severity.NOTE: "low"}


class Notifier:
    """Shows alarms of a severity on the desktop, one after the other, and waits for none."""

    def __init__(self, call: Call, severity: Severity) -> None:
        self._call = call
        self._severity = severity
        self._background = Background("--notify", _TIMEOUT_S, at_once=1)
        self._has_complained = False

    def on(self, event: Event) -> None:
        """Show the event if it is an alarm of the severity."""
        if event.severity is None or not is_alarm(event, self._severity):
            return
        title = safe(f"logdiag: {subject(event)}", _MOST_CHARS)
        text = safe(f"{place(event)}: {event.text}", _MOST_CHARS)
        self._background.start(Job(title, self._call(title, text, event.severity)))

    def poll(self) -> list[str]:
        """See to what runs. The first thing that goes wrong is told, in a line, and no other."""
        return self._first(self._background.poll())

    def close(self, grace_s: float) -> list[str]:
        """Wait for what is to be shown at most so long, then stop it; as `poll`."""
        return self._first(self._background.close(grace_s))

    def _first(self, complaints: list[str]) -> list[str]:
        told = [] if self._has_complained else complaints[:1]
        self._has_complained = self._has_complained or bool(complaints)
        return told


def find_notifier(
    severity: Severity,
    environ: Mapping[str, str] = os.environ,
    platform: str = sys.platform,
) -> Notifier | None:
    """What notifies on this desktop; None where nothing does, which NO_NOTIFIER puts in words."""
    is_mac = platform == "darwin"
    name, call = ("osascript", _osascript) if is_mac else ("notify-send", _notify_send)
    program = which(name, path=environ.get("PATH"))
    if program is None or not (is_mac or any(map(environ.get, _SESSION))):
        return None
    return Notifier(partial(call, program), severity)


def _notify_send(program: str, title: str, text: str, severity: Severity) -> list[str]:
    # The text is markup, and notify-send itself reads backslashes in it; the title is plain.
    body = escape(text, quote=False).replace("\\", "\\\\")
    return [program, f"--urgency={_URGENCY[severity]}", "--", title, body]


def _osascript(program: str, title: str, text: str, _severity: Severity) -> list[str]:
    # Arguments, not parts of the script: text of a log must not be run.
    script = (
        "on run argv",
        "display notification (item 2 of argv) with title (item 1 of argv)",
        "end run",
    )
    return [program, *(part for line in script for part in ("-e", line)), title, text]
