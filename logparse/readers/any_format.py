"""A source of any format: what it begins with decides who reads it."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

from logparse.lines import LineAssembler
from logparse.readers.base import HEAD_BYTES, Reader
from logparse.readers.diagnostics_jsonl import DiagnosticsJsonlReader
from logparse.readers.metrics_json import MetricsJsonReader
from logparse.readers.production_log import ProductionLogReader
from logparse.readers.run_log import RunLogReader

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from logparse.records import Record
    from logparse.run import Run

_BOM = b"\xef\xbb\xbf"
_JSON: tuple[type[Reader], ...] = (MetricsJsonReader, DiagnosticsJsonlReader)
"""Formats of JSON, known by how they begin."""
_LINES: tuple[type[Reader], ...] = (RunLogReader, ProductionLogReader)
"""Formats of lines, known by the first line that only one of them has."""


class AnyFormat(Reader):
    """Holds the beginning of a source until it tells the format, then hands everything on.

    Text that tells none is the run log's, and JSON of no known kind is text: a program may print
    its settings above its log.
    """

    format = "any"

    def __init__(self, source: str) -> None:
        self._source = source
        self._head = b""
        self._lines = LineAssembler()
        self._owner: type[Reader] | None = None
        self._reader: Reader | None = None
        self._guess: Reader = RunLogReader(source)
        self._guessed = 0

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
        is_refused = _may_be_json(self._head) and not isinstance(reader, _JSON)
        refused = [f"{one.format}: {one.lacks}" for one in _JSON if is_refused]
        return "; ".join([*refused, reader.told])

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
            self._reader = chosen(self._source)
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
        head = "\n".join(kept).encode("utf-8", "replace")[:HEAD_BYTES]
        owner = _owner(head.decode("utf-8", "replace").split("\n"))
        chosen = _chosen(head, owner) or owner or RunLogReader
        yield from chosen(self._source).records(kept)

    def _likely(self) -> Reader:
        """The reader; before it is chosen, one of lines that has read the beginning."""
        if self._reader is not None:
            return self._reader
        if self._owner is not None and not isinstance(self._guess, self._owner):
            self._guess, self._guessed = self._owner(self._source), 0
        self._guess.feed(self._head[self._guessed :])
        self._guessed = len(self._head)
        return self._guess


def _owner(lines: Iterable[str]) -> type[Reader] | None:
    """The format that alone has one of the lines, the first of them that only one has."""
    return next((reader for line in lines for reader in _LINES if reader.owns(line)), None)


def _chosen(head: bytes, owner: type[Reader] | None) -> type[Reader] | None:
    """The reader for a beginning, however short; None where more of it must be seen."""
    if _may_be_json(head):
        told = [reader for reader in _JSON if reader.begins(head)]
        if told:
            return min(told, key=lambda reader: _told_at(reader, head))
        if len(head) < HEAD_BYTES:
            return None
    return owner or (RunLogReader if len(head) == HEAD_BYTES else None)


def _told_at(reader: type[Reader], head: bytes) -> int:
    """How much of the head it takes to tell: who is told first is told however bytes are cut."""
    return bisect_left(range(len(head)), True, key=lambda end: reader.begins(head[:end]))


def _may_be_json(head: bytes) -> bool:
    """True for text that begins as JSON, and where there is no text yet."""
    text = head.removeprefix(_BOM).lstrip()
    return text[:1] in b"{[" or _BOM.startswith(head)
