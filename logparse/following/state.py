"""What is known of one followed log at one moment: what a screen or a metrics file shows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from logparse.following.progress import Progress

if TYPE_CHECKING:
    from datetime import datetime

    from logparse.findings import Finding
    from logparse.following.events import Event
    from logparse.run import Run


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LogState:
    """One log as it stands.

    source         the log, as it is called
    run            the newest run of it, None before there is one
    run_count      how many runs the file has so far
    progress       how far that run is
    findings       those that stand, worst first
    events         the last things that happened, newest last
    last_growth    when something was last written, in UTC; None where nothing was seen to be
    stall_after_s  the silence that counts as a stall; None where that is not known yet
    is_stalled     True while it lasts
    is_finished    True where the run has come to its planned end, or stopped early
    waiting        why nothing more is shown: no file, no log yet, a file that is gone
    """

    source: str
    run: Run | None = None
    run_count: int = 0
    progress: Progress = field(default_factory=Progress)
    findings: tuple[Finding, ...] = ()
    events: tuple[Event, ...] = ()
    last_growth: datetime | None = None
    stall_after_s: float | None = None
    is_stalled: bool = False
    is_finished: bool = False
    waiting: str = ""
