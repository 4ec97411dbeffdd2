"""When a tail leaves of itself: `--until`, and a run that is over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logdiag.alarms import is_alarm
from logparse.findings import CRASH_CODE

if TYPE_CHECKING:
    from datetime import datetime

    from logparse.findings import Severity
    from logparse.following.events import Event
    from logparse.following.state import LogState

SETTLED_S = 10.0
"""What a program writes after its last epoch, such as a summary, it writes at once."""


def is_reason(event: Event, level: Severity) -> bool:
    """True where the event ends a tail `--until` the level, with exit code 1.

    A rule that crashed is none: whoever kills the run for exit code 1 would kill a sound one.
    """
    is_crash = event.finding is not None and event.finding.code == CRASH_CODE
    return is_alarm(event, level) and not is_crash


def is_over(state: LogState, now: datetime) -> bool:
    """True where the run has finished, and whatever follows an end has been written."""
    if not state.is_finished or state.last_growth is None:
        return False
    return (now - state.last_growth).total_seconds() >= SETTLED_S
