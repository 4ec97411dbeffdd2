"""A pipe or standard input: what is there is read, and nothing is waited for."""

from __future__ import annotations

import os
import select
import sys
from typing import TYPE_CHECKING

from logparse.following.changes import Change, News
from logparse.following.parts import Part
from logparse.sources import CHUNK_BYTES, MAGIC_BYTES, is_compressed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from logparse.following.changes import Piece
    from logparse.following.opened import OpenedFile


class Pipe:
    """Reads by `read`, which gives b"" at the end, where `descriptor` has something to read.

    Without a descriptor, and on Windows, which cannot tell, reading may wait for the writer.
    """

    def __init__(self, read: Callable[[int], bytes], descriptor: int | None) -> None:
        self._read = read
        self._descriptor = descriptor
        self._part = Part()
        self._is_over = False

    def look(self) -> Iterator[Piece]:
        """What is there, and at last that the end has come; raises OSError."""
        while not self._is_over and self._is_ready():
            chunk = self._read(CHUNK_BYTES)
            is_first = self._part.mark.position == 0
            if is_first and is_compressed(chunk[:MAGIC_BYTES]):
                yield News(
                    Change.MISSING, "compressed data is not followed in a pipe: unfold it first"
                )
                chunk = b""
            if not chunk:
                self._is_over = True
                yield News(Change.ENDED, "the input has ended")
            elif text := self._part.take(chunk):
                yield text

    def _is_ready(self) -> bool:
        if self._descriptor is None or os.name == "nt":
            return True
        return bool(select.select([self._descriptor], [], [], 0)[0])


def standard_input() -> Pipe:
    """Standard input; where it is closed, one that ends at once."""
    if sys.stdin is None:
        return Pipe(lambda _: b"", None)
    try:
        descriptor = sys.stdin.fileno()
    except (OSError, ValueError):  # Not a real one, as in a program's tests.
        return Pipe(sys.stdin.buffer.read, None)
    return Pipe(lambda size: os.read(descriptor, size), descriptor)


def pipe_of(file: OpenedFile) -> Pipe:
    """A named pipe, or anything else that is no regular file."""
    descriptor = file.fileno()
    return Pipe(lambda size: os.read(descriptor, size), descriptor)
