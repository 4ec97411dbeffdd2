"""The time: how long something took, and what the calendar says."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def _utc() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Clocks:
    """`seconds` since some moment, never going back; `utc`, the date and the time of day."""

    seconds: Callable[[], float] = time.monotonic
    utc: Callable[[], datetime] = _utc
