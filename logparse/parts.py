"""The files of a run that was read from several: which line is of which."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Part:
    """A file of a run.

    source  what the file is called
    after   lines of the files before it: the run counts the lines of all files through
    """

    source: str
    after: int


def place(parts: tuple[Part, ...], line: int) -> tuple[str, int]:
    """The file that a line counted through stands in, and its number there."""
    part = parts[max(bisect_left(parts, line, key=lambda one: one.after) - 1, 0)]
    return part.source, line - part.after
