"""A followed log as it stands at one moment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from logparse.findings import Finding
    from logparse.following.events import Event
    from logparse.following.progress import Progress
    from logparse.run import Run


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LogState:
    source: str
    run: Run | None
    run_count: int
    progress: Progress
    findings: tuple[Finding, ...]
    events: tuple[Event, ...]
    last_growth: datetime | None
    stall_after_s: float | None
    is_stalled: bool
    waiting: str
