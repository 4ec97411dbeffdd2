"""A file that was opened for a look, and its state as it was then."""

from __future__ import annotations

import os
import stat
from io import FileIO
from typing import TYPE_CHECKING, NamedTuple

from logparse.sources import CHUNK_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator


class State(NamedTuple):
    """What changes when a file is written or replaced."""

    device: int
    inode: int
    size: int
    modified_ns: int


class OpenedFile:
    """An open file. Reading it raises OSError, and so does opening it.

    Opening asks a network file system for the file as it is now, where `stat` may answer from
    memory; it does not wait for the writer of a pipe.
    """

    def __init__(self, path: str) -> None:
        self._raw = FileIO(path, "rb", opener=_without_waiting)
        try:
            found = os.fstat(self._raw.fileno())
        except OSError:
            self._raw.close()
            raise
        self.is_regular = stat.S_ISREG(found.st_mode)
        self.state = State(found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)

    @property
    def identity(self) -> tuple[int, int]:
        """The same as long as it is the same file, whatever its name and content."""
        return self.state[:2]

    @property
    def size(self) -> int:
        """Its size in bytes now."""
        return os.fstat(self._raw.fileno()).st_size

    def at(self, position: int, size: int) -> bytes:
        """The bytes that stand there, fewer at the end of the file."""
        self._raw.seek(position)
        return self._raw.read(size)

    def chunks(self, position: int) -> Iterator[bytes]:
        """The bytes from there to the end of the file as it is when that is reached."""
        while self.size > position and (chunk := self.at(position, CHUNK_BYTES)):
            position += len(chunk)
            yield chunk

    def fileno(self) -> int:
        """The descriptor."""
        return self._raw.fileno()

    @property
    def is_closed(self) -> bool:
        """True when it can be read no more."""
        return self._raw.closed

    def close(self) -> None:
        """Let go of the file."""
        self._raw.close()


def _without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
