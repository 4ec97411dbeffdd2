"""When a tail leaves of itself: `--until`, and a run that is over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logdiag.alarms import is_alarm
from logparse.findings import CRASH_CODE

if TYPE_CHECKING:
    from logparse.findings import Severity
    from logparse.following.events import Event
    from logparse.following.progress import Progress

SETTLED_S = 10.0
"""What a program writes after its last epoch, such as a summary, it writes at once."""
STOPPED_EPOCHS = 3.0
"""An early stop is only guessed: a run that goes on has written the next epoch long before."""


def is_reason(event: Event, level: Severity) -> bool:
    """True where the event ends a tail `--until` the level, with exit code 1.

    A rule that crashed is none: whoever kills the run for exit code 1 would kill a sound one.
    """
    is_crash = event.finding is not None and event.finding.code == CRASH_CODE
    return is_alarm(event, level) and not is_crash


def is_over(progress: Progress, quiet_s: float) -> bool:
    """True where nothing more is to be expected of the run, nothing written for `quiet_s`.

    All planned epochs are done; or the declared patience has just run out, and the epochs that
    would have followed did not come. False for a run that declares neither.
    """
    if progress.planned is not None and progress.done >= progress.planned:
        return quiet_s >= SETTLED_S
    if progress.epoch_s is None or progress.patience is None or progress.since_best is None:
        return False
    # Some programs stop one validation later. A run that went on further watches something else.
    is_spent = progress.patience <= progress.since_best <= progress.patience + 1
    return is_spent and quiet_s >= max(SETTLED_S, STOPPED_EPOCHS * progress.epoch_s)
