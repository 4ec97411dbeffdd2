"""A file that grows: the bytes that came, and what became of the file meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import os


class Change(StrEnum):
    """What became of a file.

    missing    it is not there (yet, or any more), or cannot be opened or read; told once
    found      it is there (again) and can be read; told once after `missing`
    replaced   it was truncated or replaced, and what was read is lost: the next bytes begin anew
    rotated    it was moved or copied away under another name: the next bytes go on
    rewritten  a document was written anew as a whole: the next bytes are all of it
    ended      a pipe has come to its end: no more bytes will come
    """

    MISSING = "missing"
    FOUND = "found"
    REPLACED = "replaced"
    ROTATED = "rotated"
    REWRITTEN = "rewritten"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class News:
    """A change of a file, with one line that says what was seen."""

    change: Change
    text: str


Piece: TypeAlias = bytes | News


class GrowingFile:
    """Polls one file. `is_rewritten` is to be set for a document that is written anew each time:
    it then comes whole with every change, otherwise only what was added.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.is_rewritten = False

    def poll(self) -> list[Piece]:
        """What came since the last poll, in order, some MiB at the most; [] for nothing.

        Raises nothing: a file that cannot be had is news.
        """
        raise NotImplementedError

    @property
    def is_behind(self) -> bool:
        """True where there was more to read than one poll gives: poll again at once."""
        raise NotImplementedError

    def close(self) -> None:
        """Let go of the file."""
