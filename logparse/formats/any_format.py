"""A source of any format: what it begins with decides who reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logparse.formats import all_formats
from logparse.formats.choosing import chosen_by, may_be_json, owner_of
from logparse.formats.run_log import RunLogReader
from logparse.formats.trials import Trial, summary, told, trials
from logparse.lines import LineAssembler
from logparse.readers.base import HEAD_BYTES, Reader
from logparse.readers.points.meanings import Hints

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from logparse.records import Record
    from logparse.run import Run


class AnyFormat(Reader):
    """Holds the beginning of a source until it tells the format, then hands everything on.

    Where none of a program's formats is told, the first generic one that can make something of
    the beginning has it, and in the end the run log: JSON may be the settings above a log.
    """

    format = "any"

    def __init__(self, source: str, only: type[Reader] | None = None) -> None:
        """`only` is the format where it is known, or asked for."""
        all_formats()  # loaded now, and not between two lines of a log that grows
        self._source = source
        self._only = only
        self._hints = Hints()
        self._head = b""
        self._lines = LineAssembler()
        self._owner: type[Reader] | None = None
        self._reader: Reader | None = only(source) if only is not None else None
        self._guess: Reader = RunLogReader(source)
        self._guessed = 0
        self._tried: tuple[int, tuple[Trial, ...]] | None = None

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
    def reader(self) -> Reader:
        """Who reads the source, or would as far as it is known."""
        return self._likely()

    @property
    def printed(self) -> Mapping[str, int]:
        return self._likely().printed

    @property
    def told(self) -> str:
        """How far the formats came that came furthest, and how many others there are."""
        reader = self._likely()
        if self._only is not None:
            return f"{told(reader)}, as asked"
        if self._tried is None or self._tried[0] != len(self._head):
            self._tried = len(self._head), trials(self._head, self._source)
        is_refused = may_be_json(self._head) and not reader.is_json
        return summary(self._tried[1], reader, is_refused=is_refused)

    @property
    def is_rewritten(self) -> bool:
        return self._reader is not None and self._reader.is_rewritten

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes, however they are cut."""
        if self._reader is None:
            lines = self._lines.feed(chunk[: HEAD_BYTES - len(self._head)])
            self._owner = self._owner or owner_of(lines)
            chunk = self._head + chunk
            self._head = chunk[:HEAD_BYTES]
            chosen = chosen_by(self._head, self._owner)
            if chosen is None:
                return
            self._reader = self._new(chosen)
        self._reader.feed(chunk)

    def close(self) -> list[Callable[[], Run]]:
        """What builds the runs, as the reader of the format has it."""
        if self._reader is None:
            self._owner = self._owner or owner_of(self._lines.close())
            self._reader = self._likely()
        return self._reader.close()

    def so_far(self) -> list[Callable[[], Run]]:
        """What builds the runs so far, as the likely reader has it."""
        return self._likely().so_far()

    def records(self, lines: Iterable[str]) -> Iterator[Record]:
        """Typed records, as the reader of the format has them."""
        kept = list(lines)
        head = "\n".join([*kept, ""]).encode("utf-8", "replace")[:HEAD_BYTES]
        owner = owner_of(head.decode("utf-8", "replace").split("\n"))
        chosen = chosen_by(head, owner, is_whole=True) or RunLogReader
        yield from self._new(chosen).records(kept)

    def _likely(self) -> Reader:
        """The reader; before it is chosen, the likeliest, which has read the beginning."""
        if self._reader is not None:
            return self._reader
        likely = self._owner or chosen_by(self._head, None, is_whole=True) or RunLogReader
        if not isinstance(self._guess, likely):
            self._guess, self._guessed = self._new(likely), 0
        self._guess.feed(self._head[self._guessed :])
        self._guessed = len(self._head)
        return self._guess

    def _new(self, chosen: type[Reader]) -> Reader:
        reader = chosen(self._source)
        reader.advise(self._hints)
        return reader
