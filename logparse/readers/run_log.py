"""The run log: many runs in one file, eight dialects, trimmed and torn by hand."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from logparse.lines import CutLine, LineAssembler
from logparse.readers.base import Reader
from logparse.readers.header_lines import header_record
from logparse.readers.run_builder import RunBuilder
from logparse.readers.tally import LONGEST_SHOWN
from logparse.readers.typed_blocks import BLOCK_KINDS, block_record
from logparse.records import BlockTitle, Record, RunStart, Separator, Unparsed
from logparse.scan import Parsed, Rejected, Scanner

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from logparse.run import Run

GRAMMAR = "run_log"
STARTS = ("line", "block", "indented", "legend")
TABLES = ("parameters", "spaced_parameters", "features")

_CONTEXT_AFTER = {"block_title": "block", "legend_title": "legend"}
_WEAK_KINDS = frozenset({"legend", "legend_title", "setting", "note", "separator"})
"""Kinds that other texts have too: they do not show that a file is a run log."""


class RunLogReader(Reader):
    """Reads the run log; `learn=False` leaves every line to Lark (the reference, and slower)."""

    format = "run-log"

    def __init__(self, source: str, *, learn: bool = True) -> None:
        self._source = source
        self._scanner = Scanner(GRAMMAR, STARTS, tables=TABLES, learn=learn)
        self._assembler = LineAssembler()
        self._number = 0
        self._recognised = 0
        self._blank = 0
        self._context = "indented"
        self._runs: list[RunBuilder] = []
        self._run = RunBuilder(None)

    @property
    def recognised(self) -> int:
        return self._recognised

    @property
    def seen(self) -> int:
        return self._number - self._blank

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes of the source, however they are cut."""
        self._feed(self._assembler.feed(chunk))

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
                self._take(self._number, parsed)

    def records(self, lines: Iterable[str]) -> Iterator[Record]:
        """Typed records of a source's lines, in order, blank lines left out."""
        reader = RunLogReader(self._source)
        for number, line in enumerate(lines, 1):
            parsed = reader._parse(line)
            if isinstance(parsed, Rejected):
                yield _unparsed(number, line, parsed)
            elif parsed is not None:
                reader._take(number, parsed)
                yield reader._typed(number, parsed)

    def close(self) -> list[Callable[[], Run]]:
        """What builds the runs; lines before the first belong to it, stray ones to the last."""
        self._feed(self._assembler.close())
        self._scanner.save()
        if self._run.is_run:
            self._runs.append(self._run)
        elif self._runs:
            self._runs[-1].tally.absorb(self._run.tally)
        return self._builders(self._runs)

    def so_far(self) -> list[Callable[[], Run]]:
        """What builds the runs of the whole lines so far, the newest as far as it has come."""
        return self._builders([*self._runs, self._run] if self._run.is_run else self._runs)

    def _builders(self, runs: Sequence[RunBuilder]) -> list[Callable[[], Run]]:
        return [partial(run.build, self._source, at, len(runs)) for at, run in enumerate(runs, 1)]

    def _parse(self, line: str) -> Parsed | Rejected | None:
        """One line in its context; None when it is blank. Moves the context on."""
        if not line or line.isspace():
            self._context = "indented"
            return None
        if line.__class__ is CutLine:
            return Rejected(len(line) + 1, "the end of the line, which is too long")
        first = line[0]
        if first == " " or first == "\t":
            return self._scanner.parse(line, self._context)
        if first == "#":
            return self._scanner.parse(line, "legend")
        parsed = self._scanner.parse(line, "line")
        kind = parsed.shape.kind if isinstance(parsed, Parsed) else ""
        self._context = _CONTEXT_AFTER.get(kind, "indented")
        return parsed

    def _typed(self, number: int, parsed: Parsed) -> Record:
        if parsed.shape.kind in BLOCK_KINDS:
            return block_record(number, parsed, self._run.legend_order)
        return header_record(number, parsed)

    def _take(self, number: int, parsed: Parsed) -> None:
        kind = parsed.shape.kind
        self._recognised += kind not in _WEAK_KINDS
        if kind == "epoch":
            self._take_epoch(number, parsed)
        elif kind == "parameter_list":
            self._run.add_list(number, parsed.values[0] if parsed.values else "")
        elif kind == "feature_list":
            self._run.add_features(number, parsed.values[0] if parsed.values else "")
        else:
            self._take_header(header_record(number, parsed))
        tally = self._run.tally
        tally.broken_last, tally.last_line = None, number
        if kind == "legend" or kind == "legend_title":
            tally.legend += 1
        else:
            tally.parsed += 1

    def _take_epoch(self, number: int, parsed: Parsed) -> None:
        epoch = int(parsed.values[0][1:])
        if self._run.last_epoch is not None and epoch <= self._run.last_epoch:
            self._next_run()
        self._run.add_epoch(number, epoch, parsed)

    def _take_header(self, record: Record) -> None:
        if self._begins_run(record):
            self._next_run()
        if isinstance(record, BlockTitle):
            self._run.titles.add(record.title)
        self._run.add(record)

    def _begins_run(self, record: Record) -> bool:
        if not self._run.is_run:
            return False
        match record:
            case Separator() | RunStart():
                return True
            case BlockTitle(title=title):
                return self._run.last_epoch is not None or title in self._run.titles
            case _:
                return False

    def _next_run(self) -> None:
        self._runs.append(self._run)
        self._run = RunBuilder(self._run.end())


def _unparsed(number: int, line: str, rejected: Rejected) -> Unparsed:
    return Unparsed(number, line[:LONGEST_SHOWN], rejected.column, rejected.expected)
