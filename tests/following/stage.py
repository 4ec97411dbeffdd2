"""A stage for followed logs: files in a folder, a clock that is moved by hand, what was told."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import ClassVar

from logparse.findings import Finding, Report
from logparse.following.clocks import Clocks
from logparse.following.events import Event, Kind
from logparse.following.following import Following
from logparse.intake import bench

START = datetime(2026, 1, 30, 22, 8, 22, tzinfo=UTC)


class Stage:
    """Logs that are followed while a test writes them; time goes on only when it is told to."""

    all: ClassVar[list[Stage]] = []

    def __init__(self, *paths: Path, stall_s: float | None = None, select: str = "") -> None:
        self.now_s = 0.0
        self.events: list[Event] = []
        clocks = Clocks(lambda: self.now_s, lambda: START + timedelta(seconds=self.now_s))
        judge = bench(select or (), (), (), None, "<stdin>")
        self.following = Following([*map(str, paths)], judge, clocks, stall_s=stall_s)
        self.all.append(self)

    def step(self, seconds: float = 0.0) -> list[Event]:
        """Let time pass and look; what has happened."""
        self.now_s += seconds
        return self._keep(self.following.step())

    def rest(self) -> list[Event]:
        """Look until nothing waits any more, judgements included."""
        return [event for _ in range(4) for event in self.step(30.0)]

    def close(self) -> Report:
        """End the following; its report."""
        self._keep(self.following.close())
        return self.following.report

    def _keep(self, events: Iterable[Event]) -> list[Event]:
        new = list(events)
        self.events += new
        return new

    def told(self, kind: Kind) -> list[Event]:
        """The events of a kind, in order."""
        return [event for event in self.events if event.kind is kind]

    def standing(self) -> list[str]:
        """The codes of findings that were raised and not cleared since a run last began."""
        codes: list[str] = []
        for event in self.events:
            if event.kind in (Kind.BEGUN, Kind.REPLACED):
                codes = []
            codes += [_code(event.finding)] if event.kind is Kind.RAISED else []
            if event.kind is Kind.CLEARED:
                codes.remove(_code(event.finding))
        return sorted(codes)


def _code(finding: Finding | None) -> str:
    assert finding is not None
    return finding.code
