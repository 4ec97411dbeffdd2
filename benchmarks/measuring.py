"""What measurements share: CPU time taken in turns, and a line of the table."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

Name = TypeVar("Name")


@dataclass(frozen=True)
class Row:
    """One line of the table: what was measured against which target."""

    what: str
    measured: str
    target: str
    is_met: bool


def in_turns(works: Mapping[Name, Callable[[], object]], *, rounds: int) -> dict[Name, float]:
    """Least CPU seconds of each work, the works taken in turns."""
    best = dict.fromkeys(works, float("inf"))
    for _ in range(rounds):
        for name, work in works.items():
            started = time.process_time()
            work()
            best[name] = min(best[name], time.process_time() - started)
    return best
