"""JSONL diagnostics: one JSON object an epoch, appended, of training or of validation."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from logparse.lines import CutLine, LineAssembler
from logparse.readers import diagnostics_entry
from logparse.readers.base import Reader
from logparse.readers.diagnostics_run import STUCK, DiagnosticsRun
from logparse.readers.json_places import BrokenJsonError
from logparse.readers.tally import LONGEST_SHOWN
from logparse.records import EpochLine, Record, Unparsed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from logparse.run import Run

LATEST_START = 1
"""A run that begins with a greater epoch goes on from the run before it."""


class DiagnosticsJsonlReader(Reader):
    """Reads one file; a run begins where the epoch does not rise, but for one that is stuck at 1.

    The format announces no runs: one that begins at 0 or 1 is a run of its own.
    """

    format = "diagnostics-jsonl"
    about = "a collector's train_diagnostics.jsonl or val_diagnostics.jsonl: an epoch a line"
    is_json = True
    lacks = "no line with an epoch and its loss"

    def __init__(self, source: str) -> None:
        self._source = source
        self._assembler = LineAssembler()
        self._number = self._blank = self._recognised = 0
        self._split = ""
        self._runs: list[DiagnosticsRun] = []
        self._run = DiagnosticsRun()

    @classmethod
    def begins(cls, head: bytes) -> bool:
        return diagnostics_entry.begins(head)

    @property
    def recognised(self) -> int:
        return self._recognised

    @property
    def seen(self) -> int:
        return self._number - self._blank

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes of the source, however they are cut."""
        for line in self._assembler.feed(chunk):
            self._take(line)

    def close(self) -> list[Callable[[], Run]]:
        """What builds the runs; lines before the first belong to it, broken ones to the last."""
        for line in self._assembler.close():
            self._take(line)
        return self.so_far()

    def so_far(self) -> list[Callable[[], Run]]:
        """What builds the runs of the whole lines so far, the newest as far as it has come."""
        runs = [*self._runs, self._run] if self._recognised else []
        return [
            partial(run.build, self._source, self.format, at, len(runs))
            for at, run in enumerate(runs, 1)
        ]

    def records(self, lines: Iterable[str]) -> Iterator[Record]:
        """Typed records of a source's lines, in order, blank lines left out."""
        reader = DiagnosticsJsonlReader(self._source)
        yield from filter(None, map(reader._take, lines))

    def _take(self, line: str) -> Record | None:
        """Take a line; None for a blank one."""
        self._number += 1
        if not line or line.isspace():
            self._blank += 1
            self._run.tally.blank += 1
            return None
        try:
            if isinstance(line, CutLine):
                raise BrokenJsonError(len(line), "the end of the line, which is too long")
            printed, numbers = diagnostics_entry.entry(line)
        except BrokenJsonError as fault:
            text, column = line[:LONGEST_SHOWN], fault.at + 1
            broken = Unparsed(self._number, text, column, fault.expected)
            self._run.lose(broken, is_cut=_is_cut(line))
            return broken
        return self._epoch(printed, numbers)

    def _epoch(self, printed: int, numbers: dict[str, float]) -> EpochLine:
        self._recognised += 1
        self._split = self._split or diagnostics_entry.split_of(self._source, numbers)
        epoch = self._run.number(printed)
        if epoch is None:
            before = self._run.end() if printed > LATEST_START else None
            # A third 1 in a row: so often nobody ends a run after one epoch.
            was_one = bool(self._runs) and self._run.epochs.tolist() == [STUCK]
            is_stuck = was_one and printed == STUCK
            self._runs.append(self._run)
            self._run, epoch = DiagnosticsRun(before, is_stuck=is_stuck), printed
        fields = diagnostics_entry.fields(numbers, self._split)
        record = EpochLine(self._number, epoch, "", fields)
        self._run.add(record, printed)
        return record


def _is_cut(line: str) -> bool:
    """True for an object that was not written to its end."""
    text = line.strip()
    is_whole = text.endswith("}") or isinstance(line, CutLine)
    return text.startswith("{") and not is_whole
