"""A file under test that is polled by hand, with a clock that stands still until it is moved."""

from __future__ import annotations

from pathlib import Path

from logparse.following.growth import Change, GrowingFile, News


class Clock:
    """Seconds that pass when the test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Watched:
    """A growing file and what it has told so far."""

    def __init__(self, path: Path | str) -> None:
        self.clock = Clock()
        self.file = GrowingFile(path, self.clock)
        self.text = b""
        self.news: list[News] = []

    def __del__(self) -> None:
        self.file.close()

    def poll(self, after: float = 0.1) -> list[bytes | Change]:
        """All that comes now: bytes joined between changes."""
        self.clock.now += after
        told: list[bytes | Change] = []
        is_first = True
        while is_first or self.file.is_behind:
            is_first = False
            for piece in self.file.poll():
                if isinstance(piece, News):
                    self.news.append(piece)
                    told.append(piece.change)
                else:
                    self.text += piece
                    if told and isinstance(told[-1], bytes):
                        piece = told.pop() + piece
                    told.append(piece)
        return told


def append(path: Path, text: bytes) -> None:
    """Write to the end of a file."""
    with path.open("ab") as stream:
        stream.write(text)
