"""What was read of one file: enough to know it again, and how its bytes become text."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from logparse.sources import Utf8

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logparse.following.opened import OpenedFile

HEAD_BYTES = 1 << 10
TAIL_BYTES = 64
"""A file is known by its first KiB, and by the bytes before the place up to which it was read:
a run's first lines name its settings, and a line of a log with its numbers hardly ever comes
twice at the same place."""


@dataclass(frozen=True, slots=True)
class Mark:
    """How far a file was read, in bytes, and the bytes by which it is known again."""

    position: int = 0
    head: bytes = b""
    tail: bytes = b""

    def after(self, chunk: bytes) -> Mark:
        """The mark when these bytes were read, too."""
        head = self.head + chunk[: HEAD_BYTES - len(self.head)]
        return Mark(
            self.position + len(chunk), head, (self.tail + chunk[-TAIL_BYTES:])[-TAIL_BYTES:]
        )

    def fits(self, file: OpenedFile) -> bool:
        """True where what was read still stands in the file."""
        before = self.position - len(self.tail)
        return (
            file.at(0, len(self.head)) == self.head and file.at(before, len(self.tail)) == self.tail
        )

    def rest_of(self, chunks: Iterator[bytes]) -> Iterator[bytes] | None:
        """What follows in the bytes of a file after what was read; None in another file."""
        seen = Mark()
        for chunk in chunks:
            missing = self.position - seen.position
            seen = seen.after(chunk[:missing])
            if not self.head.startswith(seen.head):
                return None
            if seen.position == self.position:
                return chain([chunk[missing:]], chunks) if seen == self else None
        return None


class Part:
    """One file of a log that may have been rotated: what was read of it, and its encoding.

    `after_truncation`: a writer that does not append goes on at its old place in a truncated
    file, whose beginning then reads as zeros. They are no text.
    """

    def __init__(self, *, after_truncation: bool = False) -> None:
        self.mark = Mark()
        self.is_torn = False
        self._text = Utf8()
        self._is_hole = after_truncation

    def take(self, chunk: bytes) -> bytes:
        """The next bytes of the file as text in UTF-8."""
        self.mark = self.mark.after(chunk)
        if self._is_hole:
            chunk = chunk.lstrip(b"\0")
            self._is_hole = not chunk
        text = self._text.feed(chunk)
        if text:
            self.is_torn = not text.endswith(b"\n")
        return text
