"""A file that is written anew as a whole each time: it is read when it is still."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logparse.errors import LogParseError, SourceError
from logparse.following.changes import Change, News
from logparse.sources import MAGIC_BYTES, is_compressed, reason, unfolded_chunks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from logparse.following.changes import Piece
    from logparse.following.growing_log import GrowingLog
    from logparse.following.opened import OpenedFile, State

MOMENT_S = 0.05
"""A document that has grown is taken to be complete when it was still for so long, over two polls
at the least: a program writes one in milliseconds, and its reader wants to see it soon."""
STILL_S = 1.0
"""The same for one that has shrunk or is compressed, which may well be half of one."""


class Document:
    """Delivers each state of a document once; `clock` counts seconds.

    delivered      the state that was; None before the first, which is delivered at once
    is_compressed  whether that one was
    is_awaited     whether a new state is waited for until it is still; it is by default
    """

    def __init__(self, path: str, clock: Callable[[], float]) -> None:
        self.delivered: State | None = None
        self.is_compressed = False
        self.is_awaited = True
        self._path = path
        self._clock = clock
        self._seen: State | None = None
        self._since = 0.0
        self._damage = ""

    def look(self, now: OpenedFile, log: GrowingLog) -> Iterator[Piece]:
        """All of it, if it has changed and is still.

        Raises SourceError where it could not be read whole, for as long as it stays so.
        """
        is_folded = is_compressed(now.at(0, MAGIC_BYTES))
        if not self._is_due(now.state, is_folded=is_folded):
            if self._damage:
                raise SourceError(self._damage)
            return
        if self.delivered is not None:
            yield News(Change.REWRITTEN, "written anew")
        self.delivered, self.is_compressed, self._damage = now.state, is_folded, ""
        chunks = unfolded_chunks(self._path) if is_folded else now.chunks(0)
        try:
            yield from log.anew(now, chunks)
        except (OSError, LogParseError) as error:
            self._damage = _words(error)
            raise SourceError(self._damage) from error

    def _is_due(self, state: State, *, is_folded: bool) -> bool:
        is_new = state != self.delivered
        if not self.is_awaited:
            return is_new
        if state in (self.delivered, self._seen):
            return is_new and self._clock() - self._since >= self._patience(state, is_folded)
        self._seen, self._since = state, self._clock()
        return self.delivered is None

    def _patience(self, state: State, is_folded: bool) -> float:
        least = self.delivered.size if self.delivered is not None else 0
        return STILL_S if is_folded or state.size < max(least, 1) else MOMENT_S


def _words(error: OSError | LogParseError) -> str:
    """What kept a document from being read; a compressed one may be written for hours."""
    if isinstance(error, OSError):
        return reason(error)
    is_cut = isinstance(error.__cause__, EOFError)
    return "the compressed data is not complete" if is_cut else str(error)
