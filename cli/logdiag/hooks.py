"""`--on-finding`: a command of the user's for every alarm."""

from __future__ import annotations

import json
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from logdiag.alarms import is_alarm, place, safe, subject
from logdiag.background import Background, Job

if TYPE_CHECKING:
    from collections.abc import Callable

    from logdiag.background import Clock
    from logparse.findings import Severity
    from logparse.following.events import Event

TIMEOUT_S = 60.0
"""A command that sends a message has long done so."""
MOST_CHARS = 2000
"""Of a variable's value: a system takes some 100 KiB for all of them together."""


class Hook:
    """Calls a command through the shell, without waiting for it.

    It gets the event in variables (`variables`) and as one line of JSON, which `as_line` makes,
    on its standard input. Text of the log is never part of the command.
    """

    def __init__(
        self,
        command: str,
        severity: Severity,
        as_line: Callable[[Event], str],
        *,
        timeout_s: float = TIMEOUT_S,
        clock: Clock = monotonic,
    ) -> None:
        self._command = command
        self._severity = severity
        self._as_line = as_line
        self._background = Background("--on-finding", timeout_s, clock=clock)

    def on(self, event: Event) -> None:
        """Call the command if the event is an alarm of the severity."""
        if is_alarm(event, self._severity):
            line = self._as_line(event).rstrip("\n") + "\n"
            what = safe(f"{subject(event)}, {place(event)}", MOST_CHARS)
            self._background.start(Job(what, self._command, variables(event), line))

    def poll(self) -> list[str]:
        """See to the commands that run; what went wrong, a line each. To be called often."""
        return self._background.poll()

    def close(self, grace_s: float) -> list[str]:
        """Wait for the commands at most so long, then stop them; as `poll`."""
        return self._background.close(grace_s)


def variables(event: Event) -> dict[str, str]:
    """What a command is told in its environment; '' for what there is none of.

    LOGDIAG_EVENT         raised, worse or stalled
    LOGDIAG_SOURCE        the log's absolute path
    LOGDIAG_RUN           which run of the file, from 1
    LOGDIAG_EPOCH         its newest epoch
    LOGDIAG_CODE, _NAME   of the rule
    LOGDIAG_SEVERITY      error, warning or note
    LOGDIAG_LINE          the first line of the log that the finding speaks of
    LOGDIAG_TEXT          what happened, in a sentence
    LOGDIAG_MESSAGE       all this in one line
    LOGDIAG_MESSAGE_JSON  the same as a JSON string, in quotes
    LOGDIAG_VERSION       of logdiag
    """
    from logparse.renderers.as_json import tool_version

    finding = event.finding
    lines = finding.lines if finding is not None else ()
    message = safe(f"{subject(event)}, {place(event)}: {event.text}", MOST_CHARS)
    told = {
        "EVENT": event.kind,
        "RUN": event.run,
        "EPOCH": event.epoch,
        "CODE": finding.code if finding is not None else None,
        "NAME": finding.name if finding is not None else None,
        "SEVERITY": event.severity,
        "LINE": lines[0] if lines else None,
        "TEXT": event.text,
        "MESSAGE": message,
        "VERSION": tool_version(),
    }
    texts = {name: "" if value is None else str(value) for name, value in told.items()}
    shown = {f"LOGDIAG_{name}": safe(text, MOST_CHARS) for name, text in texts.items()}
    exact = {"LOGDIAG_SOURCE": _absolute(event.source), "LOGDIAG_MESSAGE_JSON": json.dumps(message)}
    return shown | exact


def _absolute(source: str) -> str:
    """The path from the root; the name itself where it is no path, as of standard input."""
    if source.startswith(("<", "-")):
        return source
    try:
        return str(Path(source).absolute())
    except OSError:  # the working folder is gone
        return source
