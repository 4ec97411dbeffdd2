"""A source of any format: what it begins with decides who reads it."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

from logparse.readers.base import HEAD_BYTES, Reader
from logparse.readers.diagnostics_jsonl import DiagnosticsJsonlReader
from logparse.readers.metrics_json import MetricsJsonReader
from logparse.readers.run_log import RunLogReader

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from logparse.records import Record
    from logparse.run import Run

TOLD_BY_BEGINNING: tuple[type[Reader], ...] = (MetricsJsonReader, DiagnosticsJsonlReader)
"""Formats of JSON, each asked whether a source begins as it does."""
_BOM = b"\xef\xbb\xbf"


class AnyFormat(Reader):
    """Holds the beginning of a source until it tells the format, then hands everything on.

    Text that does not begin as JSON is the run log's, and so is JSON that is of no known kind: a
    program may print its settings above its log.
    """

    format = "any"

    def __init__(self, source: str) -> None:
        self._source = source
        self._head = b""
        self._reader: Reader | None = None

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
        is_refused = _may_be_json(self._head) and isinstance(reader, RunLogReader)
        refused = [f"{one.format}: {one.lacks}" for one in TOLD_BY_BEGINNING if is_refused]
        return "; ".join([*refused, reader.told])

    @property
    def is_rewritten(self) -> bool:
        return self._reader is not None and self._reader.is_rewritten

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes, however they are cut."""
        if self._reader is None:
            chunk = self._head + chunk
            self._head = chunk[:HEAD_BYTES]
            chosen = _chosen(self._head)
            if chosen is None:
                return
            self._reader = chosen(self._source)
        self._reader.feed(chunk)

    def close(self) -> list[Callable[[], Run]]:
        """What builds the runs, as the reader of the format has it."""
        self._reader = self._likely()
        return self._reader.close()

    def so_far(self) -> list[Callable[[], Run]]:
        """What builds the runs so far, as the likely reader has it."""
        return self._likely().so_far()

    def records(self, lines: Iterable[str]) -> Iterator[Record]:
        """Typed records, as the reader of the format has them."""
        kept = list(lines)
        head = "\n".join(kept).encode("utf-8", "replace")[:HEAD_BYTES]
        yield from (_chosen(head) or RunLogReader)(self._source).records(kept)

    def _likely(self) -> Reader:
        """The reader; before it is chosen, one that has read the beginning as a run log."""
        if self._reader is not None:
            return self._reader
        reader = RunLogReader(self._source)
        reader.feed(self._head)
        return reader


def _chosen(head: bytes) -> type[Reader] | None:
    """The reader for a beginning, however short; None where more of it must be seen."""
    if not _may_be_json(head):
        return RunLogReader
    told = [reader for reader in TOLD_BY_BEGINNING if reader.begins(head)]
    if told:
        return min(told, key=lambda reader: _told_at(reader, head))
    return RunLogReader if len(head) == HEAD_BYTES else None


def _told_at(reader: type[Reader], head: bytes) -> int:
    """How much of the head it takes to tell: who is told first is told however bytes are cut."""
    return bisect_left(range(len(head)), True, key=lambda end: reader.begins(head[:end]))


def _may_be_json(head: bytes) -> bool:
    """True for text that begins as JSON, and where there is no text yet."""
    text = head.removeprefix(_BOM).lstrip()
    return text[:1] in b"{[" or _BOM.startswith(head)
