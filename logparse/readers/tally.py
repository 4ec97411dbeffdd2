"""How the lines of a run were understood."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logparse.run import Coverage

if TYPE_CHECKING:
    from logparse.records import Unparsed

LONGEST_SHOWN = 200
"""Characters of an unparsed line that are kept."""
MAX_UNPARSED_KEPT = 1000
"""Unparsed lines kept with their text; their numbers are kept without limit."""


class Tally:
    """How the lines of a run were understood, and what came last."""

    def __init__(self) -> None:
        self.parsed = self.legend = self.blank = 0
        self.ranges: list[tuple[int, int]] = []
        self.unparsed: list[Unparsed] = []
        self.last_line = 0
        self.broken_last: Unparsed | None = None

    def unparsed_line(self, record: Unparsed) -> None:
        """Count a line that no grammar accepts."""
        if self.ranges and self.ranges[-1][1] == record.line - 1:
            self.ranges[-1] = (self.ranges[-1][0], record.line)
        else:
            self.ranges.append((record.line, record.line))
        if len(self.unparsed) < MAX_UNPARSED_KEPT:
            self.unparsed.append(record)
        self.broken_last, self.last_line = record, record.line

    def absorb(self, other: Tally) -> None:
        """Take over the lines of a stretch that turned out to be no run of its own."""
        self.parsed += other.parsed
        self.legend += other.legend
        self.blank += other.blank
        self.ranges += other.ranges
        self.unparsed += other.unparsed[: MAX_UNPARSED_KEPT - len(self.unparsed)]
        self.broken_last = other.broken_last or self.broken_last
        self.last_line = max(self.last_line, other.last_line)

    def coverage(self) -> Coverage:
        unparsed = sum(last - first + 1 for first, last in self.ranges)
        return Coverage(
            self.parsed + self.legend + self.blank + unparsed,
            self.parsed,
            self.legend,
            self.blank,
            tuple(self.ranges),
        )
