"""A format of lines: each read by a grammar, in its context, and counted in the run it is of."""

from __future__ import annotations

from abc import abstractmethod
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Generic, Protocol, TypeVar

from logparse.lines import LineAssembler
from logparse.readers.base import Reader
from logparse.readers.tally import LONGEST_SHOWN
from logparse.records import Unparsed
from logparse.scan import Parsed, Rejected, Scanner

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from logparse.readers.tally import Tally
    from logparse.records import Record
    from logparse.run import Predecessor, Run


class RunOfLines(Protocol):
    """One run as it grows, line by line."""

    tally: Tally

    @property
    def is_run(self) -> bool:
        """False for a stretch of lines that says nothing about a training run."""

    def end(self) -> Predecessor:
        """Where this run ended, for the one after it; no more lines of it will come."""

    def build(self, source: str, index: int, count: int) -> Run:
        """The run so far; it stays as it is when more lines come."""


R = TypeVar("R", bound=RunOfLines)


class LineReader(Reader, Generic[R]):
    """What readers of lines share; `learn=False` leaves every line to Lark (the reference)."""

    grammar: ClassVar[str]
    starts: ClassVar[tuple[str, ...]]
    tables: ClassVar[tuple[str, ...]] = ()
    legend: ClassVar[frozenset[str]]
    """Kinds of lines that are understood and tell nothing of the run."""
    weak: ClassVar[frozenset[str]]
    """Kinds that other texts have too: they do not show that a file is of the format."""

    def __init__(self, source: str, *, learn: bool = True) -> None:
        self._source = source
        self._scanner = Scanner(self.grammar, self.starts, tables=self.tables, learn=learn)
        self._assembler = LineAssembler()
        self._number = 0
        self._recognised = 0
        self._blank = 0
        self._runs: list[R] = []
        self._run: R = self._begun(None)

    @abstractmethod
    def _begun(self, before: Predecessor | None) -> R:
        """A run without lines."""

    @abstractmethod
    def _parse(self, line: str) -> Parsed | Rejected | None:
        """One line in its context; None when it is blank. Moves the context on."""

    @abstractmethod
    def _take(self, number: int, parsed: Parsed) -> None:
        """What a line says goes to its run, which may begin here."""

    @abstractmethod
    def _typed(self, number: int, parsed: Parsed) -> Record:
        """The record of a line."""

    @property
    def recognised(self) -> int:
        return self._recognised

    @property
    def seen(self) -> int:
        return self._number - self._blank

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes of the source, however they are cut."""
        self._feed(self._assembler.feed(chunk))

    def records(self, lines: Iterable[str]) -> Iterator[Record]:
        """Typed records of a source's lines, in order, blank lines left out."""
        reader = type(self)(self._source)
        for number, line in enumerate(lines, 1):
            parsed = reader._parse(line)
            if isinstance(parsed, Rejected):
                yield _unparsed(number, line, parsed)
            elif parsed is not None:
                reader._count(number, parsed)
                yield reader._typed(number, parsed)

    def close(self) -> list[Callable[[], Run]]:
        """What builds the runs; lines before the first belong to it, stray ones to the last."""
        self._feed(self._assembler.close())
        self._scanner.save()
        self._run.end()
        if self._run.is_run:
            self._runs.append(self._run)
        elif self._runs:
            self._runs[-1].tally.absorb(self._run.tally)
        return self._builders(self._runs)

    def so_far(self) -> list[Callable[[], Run]]:
        """What builds the runs of the whole lines so far, the newest as far as it has come."""
        return self._builders([*self._runs, self._run] if self._run.is_run else self._runs)

    def _builders(self, runs: Sequence[R]) -> list[Callable[[], Run]]:
        return [partial(run.build, self._source, at, len(runs)) for at, run in enumerate(runs, 1)]

    def _feed(self, lines: Iterable[str]) -> None:
        for line in lines:
            self._number += 1
            parsed = self._parse(line)
            if parsed is None:
                self._blank += 1
                self._run.tally.blank += 1
            elif isinstance(parsed, Rejected):
                self._run.tally.unparsed_line(_unparsed(self._number, line, parsed))
            else:
                self._count(self._number, parsed)

    def _count(self, number: int, parsed: Parsed) -> None:
        kind = parsed.shape.kind
        self._recognised += kind not in self.weak
        self._take(number, parsed)
        tally = self._run.tally
        tally.broken_last, tally.last_line = None, number
        if kind in self.legend:
            tally.legend += 1
        else:
            tally.parsed += 1

    def _next_run(self) -> None:
        self._runs.append(self._run)
        self._run = self._begun(self._run.end())


def _unparsed(number: int, line: str, rejected: Rejected) -> Unparsed:
    return Unparsed(number, line[:LONGEST_SHOWN], rejected.column, rejected.expected)
