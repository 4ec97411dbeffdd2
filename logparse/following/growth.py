"""A file that grows: the bytes that came, and what became of the file meanwhile."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from logparse.errors import LogParseError
from logparse.following.absence import Absence
from logparse.following.changes import Change, News, Piece
from logparse.following.documents import Document
from logparse.following.growing_log import GrowingLog
from logparse.following.opened import OpenedFile
from logparse.following.pipes import pipe_of, standard_input
from logparse.sources import MAGIC_BYTES, STDIN, is_compressed, reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["Change", "GrowingFile", "News", "Piece"]

POLL_BYTES = 4 << 20
"""A poll gives no more than this and what one read gives, so that others have their turn."""
_KEEPS_OPEN = os.name == "posix"
"""Elsewhere an open file cannot be renamed: it is let go after each poll."""


class GrowingFile:
    """Polls one file, `-` for standard input, or a named pipe. `clock` counts seconds.

    `is_rewritten` is to be set for a document that is written anew each time: it then comes whole
    with every change, otherwise only what was added. A compressed file is always such a document.
    Bytes come unfolded, and UTF-16 as UTF-8. Nothing of the file is kept but fingerprints.
    """

    def __init__(
        self, path: str | os.PathLike[str], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.is_rewritten = False
        self._path = os.fspath(path)
        self._log = GrowingLog(self._path)
        self._document = Document(self._path, clock)
        self._absence = Absence(clock)
        self._pipe = standard_input() if self._path == STDIN else None
        self._pipe_file: OpenedFile | None = None
        self._pending: Iterator[Piece] | None = None

    def poll(self) -> list[Piece]:
        """What came since the last poll, in order, some MiB at the most; [] for nothing.

        Raises nothing: a file that cannot be had is news.
        """
        pieces: list[Piece] = []
        size = 0
        pending, self._pending = self._pending or self._look(), None
        try:
            for piece in pending:
                pieces.append(piece)
                size += 0 if isinstance(piece, News) else len(piece)
                if size >= POLL_BYTES:
                    self._pending = pending
                    break
        except (OSError, ValueError, LogParseError) as error:
            pieces += self._absence.noticed(self._words(error), may_pass=False)
        return pieces

    @property
    def is_behind(self) -> bool:
        """True where there was more to read than one poll gives: poll again at once."""
        return self._pending is not None

    def hurry(self) -> None:
        """The polls to come are the last: a document comes as it is, still or not."""
        self._document.is_awaited = False

    def close(self) -> None:
        """Let go of the file."""
        self._pending = None
        self._log.close()
        if self._pipe_file is not None:
            self._pipe_file.close()

    def _look(self) -> Iterator[Piece]:
        if self._pipe is not None:
            yield from self._pipe.look()
            return
        try:
            now = OpenedFile(self._path)
        except (OSError, ValueError) as error:
            if not self._is_document:
                yield from self._log.rest()
            may_pass = isinstance(error, FileNotFoundError) and self._log.is_begun
            yield from self._absence.noticed(self._words(error), may_pass=may_pass)
            return
        if now.is_regular:
            yield from self._look_at(now)
        else:
            self._pipe, self._pipe_file = pipe_of(now), now
            yield from self._absence.over()
            yield from self._pipe.look()

    def _look_at(self, now: OpenedFile) -> Iterator[Piece]:
        try:
            yield from self._pieces(now)
            yield from self._absence.over()
        finally:
            if not (_KEEPS_OPEN and self._log.holds(now)):
                now.close()

    def _pieces(self, now: OpenedFile) -> Iterator[Piece]:
        if self._is_document or is_compressed(now.at(0, MAGIC_BYTES)):
            yield from self._document.look(now, self._log)
        else:
            self._document.delivered = now.state
            # That a log can be had is known when its first bytes are; a document, when it is whole.
            for piece in self._log.look(now):
                yield from self._absence.over()
                yield piece

    @property
    def _is_document(self) -> bool:
        return self.is_rewritten or self._document.is_compressed

    def _words(self, error: Exception) -> str:
        if isinstance(error, OSError | ValueError):
            return reason(error)
        return str(error).removeprefix(f"{self._path}: ")
