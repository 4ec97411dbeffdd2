"""When a log grew last, and whether its writer has fallen silent."""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from logparse.following.clocks import Clocks

QUIET_S = 1.0
"""After so long without a byte, what is there is taken as it is, complete or not."""
STALL_EPOCHS = 5
LEAST_STALL_S = 10.0
"""Where epochs take less than two seconds, a pause of five of them is nothing unusual."""


class Silence:
    """The silence of one log. It is too long after `stall_s`, by default five median epochs."""

    def __init__(self, path: str, clocks: Clocks, stall_s: float | None) -> None:
        self._path, self._clocks, self._stall_s = path, clocks, stall_s
        self._broken_at: float | None = None

    def end(self) -> None:
        """The log has grown. What it holds when it is first seen is as old as the file."""
        age_s = self._age_s() if self._broken_at is None else 0.0
        self._broken_at = self._clocks.seconds() - age_s

    def _age_s(self) -> float:
        """Seconds since the file was written to; 0 where it does not tell."""
        with suppress(OSError, ValueError):
            return max(self._clocks.utc().timestamp() - os.stat(self._path).st_mtime, 0.0)  # noqa: PTH116
        return 0.0

    @property
    def seconds(self) -> float:
        """How long it has lasted; 0 before there was anything."""
        return 0.0 if self._broken_at is None else self._clocks.seconds() - self._broken_at

    @property
    def since(self) -> datetime | None:
        """When the log grew last, in UTC; None before it did."""
        if self._broken_at is None:
            return None
        return self._clocks.utc() - timedelta(seconds=self.seconds)

    @property
    def is_quiet(self) -> bool:
        return self.seconds >= QUIET_S

    def limit_s(self, epoch_s: float | None) -> float | None:
        """So much of it is too long, where an epoch takes `epoch_s`; None: not known."""
        if self._stall_s is not None:
            return self._stall_s
        return None if epoch_s is None else max(STALL_EPOCHS * epoch_s, LEAST_STALL_S)

    def is_too_long(self, epoch_s: float | None) -> bool:
        limit_s = self.limit_s(epoch_s)
        return limit_s is not None and self.seconds >= limit_s
