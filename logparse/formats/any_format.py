"""A source of any format: what it begins with decides who reads it."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

from logparse.formats import all_formats
from logparse.formats.run_log import RunLogReader
from logparse.lines import LineAssembler
from logparse.readers.base import HEAD_BYTES, Reader
from logparse.readers.points.meanings import Hints

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from logparse.records import Record
    from logparse.run import Run

_BOM = b"\xef\xbb\xbf"


class AnyFormat(Reader):
    """Holds the beginning of a source until it tells the format, then hands everything on.

    Where none of a program's formats is told, the first generic one that can make something of
    the beginning has it, and in the end the run log: JSON may be the settings above a log.
    """

    format = "any"

    def __init__(self, source: str, only: type[Reader] | None = None) -> None:
        """`only` is the format where it is known, or asked for."""
        self._source = source
        self._hints = Hints()
        self._head = b""
        self._lines = LineAssembler()
        self._owner: type[Reader] | None = None
        self._reader: Reader | None = only(source) if only is not None else None
        self._guess: Reader = RunLogReader(source)
        self._guessed = 0

    def advise(self, hints: Hints) -> None:
        self._hints = hints
        for reader in filter(None, (self._reader, self._guess)):
            reader.advise(hints)

    @property
    def recognised(self) -> int:
        return self._likely().recognised

    @property
    def seen(self) -> int:
        return self._likely().seen

    @property
    def is_full(self) -> bool:
        return self._reader is not None and self._reader.is_full

    @property
    def told(self) -> str:
        reader = self._likely()
        is_refused = _may_be_json(self._head) and not reader.is_json
        json = [one for one in all_formats() if one.is_json and is_refused]
        return "; ".join([*(f"{one.format}: {one.lacks}" for one in json), reader.told])

    @property
    def is_rewritten(self) -> bool:
        return self._reader is not None and self._reader.is_rewritten

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes, however they are cut."""
        if self._reader is None:
            lines = self._lines.feed(chunk[: HEAD_BYTES - len(self._head)])
            self._owner = self._owner or _owner(lines)
            chunk = self._head + chunk
            self._head = chunk[:HEAD_BYTES]
            chosen = _chosen(self._head, self._owner)
            if chosen is None:
                return
            self._reader = self._new(chosen)
        self._reader.feed(chunk)

    def close(self) -> list[Callable[[], Run]]:
        """What builds the runs, as the reader of the format has it."""
        if self._reader is None:
            self._owner = self._owner or _owner(self._lines.close())
            self._reader = self._likely()
        return self._reader.close()

    def so_far(self) -> list[Callable[[], Run]]:
        """What builds the runs so far, as the likely reader has it."""
        return self._likely().so_far()

    def records(self, lines: Iterable[str]) -> Iterator[Record]:
        """Typed records, as the reader of the format has them."""
        kept = list(lines)
        head = "\n".join([*kept, ""]).encode("utf-8", "replace")[:HEAD_BYTES]
        owner = _owner(head.decode("utf-8", "replace").split("\n"))
        chosen = _chosen(head, owner, is_whole=True) or RunLogReader
        yield from self._new(chosen).records(kept)

    def _likely(self) -> Reader:
        """The reader; before it is chosen, the likeliest, which has read the beginning."""
        if self._reader is not None:
            return self._reader
        likely = self._owner or _chosen(self._head, None, is_whole=True) or RunLogReader
        if not isinstance(self._guess, likely):
            self._guess, self._guessed = self._new(likely), 0
        self._guess.feed(self._head[self._guessed :])
        self._guessed = len(self._head)
        return self._guess

    def _new(self, chosen: type[Reader]) -> Reader:
        reader = chosen(self._source)
        reader.advise(self._hints)
        return reader


def _owner(lines: Iterable[str]) -> type[Reader] | None:
    """The format that alone has one of the lines, the first of them that only one has."""
    readers = all_formats()
    return next((reader for line in lines for reader in readers if reader.owns(line)), None)


def _chosen(
    head: bytes, owner: type[Reader] | None, *, is_whole: bool = False
) -> type[Reader] | None:
    """The reader for a beginning, however short; None where more of it must be seen."""
    is_json, is_whole = _may_be_json(head), is_whole or len(head) == HEAD_BYTES
    special = (one for one in all_formats() if one.is_json == is_json and not one.is_generic)
    told = [reader for reader in special if reader.begins(head)]
    if told:
        return min(told, key=lambda reader: _told_at(reader, head))
    if owner is not None and (is_whole or not is_json):
        return owner
    if not is_whole:
        return None
    generic = (one for one in all_formats() if one.is_generic and one.begins(head))
    return next(generic, RunLogReader)


def _told_at(reader: type[Reader], head: bytes) -> int:
    """How much of the head it takes to tell: who is told first is told however bytes are cut."""
    return bisect_left(range(len(head)), True, key=lambda end: reader.begins(head[:end]))


def _may_be_json(head: bytes) -> bool:
    """True for text that begins as JSON, and where there is no text yet."""
    text = head.removeprefix(_BOM).lstrip()
    return text[:1] in b"{[" or _BOM.startswith(head)
