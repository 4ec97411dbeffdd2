"""What comes of a file that is followed: bytes, and news of what became of the file."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias


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
    """A change of a file, with one line that says what was seen.

    The line may hold the name of a file: it is not escaped.
    """

    change: Change
    text: str


Piece: TypeAlias = bytes | News
