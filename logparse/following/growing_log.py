"""A log that is added to: what comes to it, also where it was rotated, truncated or replaced."""

from __future__ import annotations

from contextlib import suppress
from itertools import pairwise
from typing import TYPE_CHECKING

from logparse.following.changes import Change, News
from logparse.following.parts import Part
from logparse.following.rotation import Generation, unread_generations

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from logparse.following.changes import Piece
    from logparse.following.opened import OpenedFile, State


class GrowingLog:
    """Compares the file that has the log's name now with what was read of it.

    It keeps the file open that it has read from: a file that is moved away can so be read to its
    end, and its inode is not given to another. Everything that is returned is read as it is
    asked for, and raises OSError where the file cannot be read; the next look then goes on.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._part = Part()
        self._file: OpenedFile | None = None
        self._emptied: State | None = None

    def holds(self, file: OpenedFile) -> bool:
        """True for the file that was read from last."""
        return file is self._file

    @property
    def is_begun(self) -> bool:
        """True once there was a file."""
        return self._file is not None

    def look(self, now: OpenedFile) -> Iterator[Piece]:
        """What came since the last look; `now` is the file that has the log's name."""
        is_other = self._file is not None and self._file.identity != now.identity
        if not is_other and self._part.mark.fits(now):
            yield from self._go_on(now)
        else:
            yield from self._decide(now, is_other=is_other)

    def anew(self, now: OpenedFile, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """All of the file, whatever was read before."""
        self._part = Part()
        self._hold(now)
        yield from self._delivered(chunks)

    def rest(self) -> Iterator[bytes]:
        """What was still written to the old file after it lost its name."""
        old = self._file
        if old is None or old.is_closed:
            return
        with suppress(OSError):  # Deleted on a server: the other names are still looked at.
            if self._part.mark.fits(old):
                yield from self._delivered(old.chunks(self._part.mark.position))

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            self._file.close()

    def _decide(self, now: OpenedFile, *, is_other: bool) -> Iterator[Piece]:
        """Another file, or other bytes in it: look where those went that were read.

        An empty file decides nothing yet: the writer of the old one may not be done with it.
        """
        if is_other:
            yield from self.rest()
        is_empty = now.state.size == 0
        if is_empty and self._emptied == now.state:
            return
        found = unread_generations(self._path, self._part.mark, now.identity)
        yield from self._through(found, is_other=is_other)
        if is_empty:
            self._emptied = now.state
            return
        if found:
            yield from self._rotated(found[-1], is_other=is_other)
        elif not self._part.mark.fits(now):  # Else a longer copy was put in its place: rsync.
            yield News(Change.REPLACED, self._what_became_of(now, is_other=is_other))
            self._part = Part(after_truncation=not is_other)
        yield from self._go_on(now)

    def _through(self, found: list[Generation], *, is_other: bool) -> Iterator[Piece]:
        """What was not read of the generations."""
        if found:
            yield from self._delivered(found[0].chunks)
        for old, new in pairwise(found):
            yield from self._rotated(old, is_other=is_other)
            yield from self._delivered(new.chunks)

    def _rotated(self, old: Generation, *, is_other: bool) -> Iterator[Piece]:
        """From one generation to the next. What a dying writer left of a line stays alone; a
        line that was cut by truncation goes on."""
        if is_other and self._part.is_torn:
            yield b"\n"
        yield News(Change.ROTATED, f"rotated: what came before is now in {old.name}")
        self._part = Part(after_truncation=not is_other)

    def _go_on(self, now: OpenedFile) -> Iterator[bytes]:
        self._hold(now)
        yield from self._delivered(now.chunks(self._part.mark.position))

    def _hold(self, now: OpenedFile) -> None:
        """The newest handle: on a network file system older ones may go stale."""
        self.close()
        self._file, self._emptied = now, None

    def _delivered(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        for chunk in chunks:
            if text := self._part.take(chunk):
                yield text

    def _what_became_of(self, now: OpenedFile, *, is_other: bool) -> str:
        if is_other:
            return "replaced: another file has its name now"
        is_shorter = now.size < self._part.mark.position
        return "truncated and written anew" if is_shorter else "written anew in its place"
