"""One run of the JSONL diagnostics, as it grows: numbers by column, epochs counted, coverage."""

from __future__ import annotations

import re
from array import array
from dataclasses import replace
from itertools import repeat
from math import isfinite, nan
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from logparse.columns import MAX_LABELS
from logparse.metrics import ordered
from logparse.readers.empty_run import empty_run
from logparse.readers.lately import COLUMNS, FIRST, LAST
from logparse.readers.tally import Tally
from logparse.run import EpochFacts, Predecessor, Run, Truncation

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from logparse.records import EpochLine, Unparsed

STUCK = 1
"""What a collector that is given no epoch prints in every call but the first, which prints 0."""
_OWN_EPOCH = re.compile(r'"epoch"\s*:\s*([0-9]{1,9})\s*,')


class DiagnosticsRun:
    """Collects what the lines say of one run.

    epochs        their numbers, rising; as printed, or counted where the printed one is stuck
    counted_from  the first that was counted, None where none was

    `is_stuck` where what came before has shown that a 1 is not the number of an epoch.
    """

    def __init__(self, predecessor: Predecessor | None = None, *, is_stuck: bool = False) -> None:
        self.tally = Tally()
        self.epochs = array("q")
        self.counted_from: int | None = None
        self._predecessor = predecessor
        self._is_stuck = is_stuck
        self._printed: int | None = None
        self._torn = 0
        self._cut: Truncation | None = None
        self._lines = array("q")
        self._columns: dict[str, array[float]] = {}
        self._nonfinite: dict[str, list[int]] = {}

    def number(self, printed: int) -> int | None:
        """The number of an epoch that prints this one; None where it must be another run's.

        In a run that began with 0, a 1 behind a 1 is the next line of a collector that was given
        no epoch: then lines count, torn ones too. One that began with 1 was begun anew, perhaps.
        """
        if not self.epochs or printed > self.epochs[-1]:
            return printed
        may_stick = self._is_stuck or self.epochs[0] < STUCK
        if may_stick and printed == STUCK == self._printed:
            return self.epochs[-1] + 1 + self._torn
        return None

    def add(self, record: EpochLine, printed: int) -> None:
        """Take an epoch, whose number is greater than that of the last."""
        if record.epoch != printed and self.counted_from is None:
            self.counted_from = record.epoch
        self._printed, self._torn, self._cut = printed, 0, None
        rows = len(self.epochs)
        for name, value in record.fields.items():
            column = self._columns.get(name)
            if column is None:
                if len(self._columns) == MAX_LABELS:
                    continue
                column = self._columns[name] = array("d")
            if len(column) < rows:
                column.extend(repeat(nan, rows - len(column)))
            column.append(value)
            if not isfinite(value):
                self._nonfinite.setdefault(name, []).append(record.epoch)
        self.epochs.append(record.epoch)
        self._lines.append(record.line)
        self.tally.parsed += 1
        self.tally.last_line = record.line

    def lose(self, broken: Unparsed, *, is_cut: bool) -> None:
        """Take a line that was not understood; `is_cut` where it stops in the middle."""
        own = _OWN_EPOCH.search(broken.text)
        epoch = self.number(int(own[1])) if own else None
        missing = f"what follows column {broken.column}"
        self._cut = Truncation(broken.line, epoch, missing) if is_cut else None
        self._torn += broken.text.lstrip().startswith("{")
        self.tally.unparsed_line(broken)

    def end(self) -> Predecessor:
        """Where this run ended, for one that goes on from it."""
        rows = range(len(self.epochs))
        last = self.epochs[-1] if self.epochs else None
        head, tail = self._facts(rows[:FIRST]), self._facts(rows[-LAST:])
        return Predecessor(last, self.tally.last_line, head=head, tail=tail)

    def build(self, source: str, format: str, index: int, count: int) -> Run:
        """The run so far; it stays as it is when more is taken."""
        nonfinite = {name: np.array(at, dtype=np.int64) for name, at in self._nonfinite.items()}
        return replace(
            empty_run(source, format, index, count),
            epochs=self._frame(),
            coverage=self.tally.coverage(),
            nonfinite=MappingProxyType(nonfinite),
            unparsed=tuple(self.tally.unparsed),
            truncation=self._cut,
            predecessor=self._predecessor,
            counted_from=self.counted_from,
        )

    def _frame(self) -> pd.DataFrame:
        rows = len(self.epochs)
        columns: dict[str, NDArray[Any]] = {
            "epoch": np.array(self.epochs, dtype=np.int64),
            "line": np.array(self._lines, dtype=np.int64),
        }
        for name, values in self._columns.items():
            columns[name] = np.full(rows, nan)
            columns[name][: len(values)] = values
        return pd.DataFrame({name: columns[name] for name in ordered(columns)})

    def _facts(self, rows: Iterable[int]) -> tuple[EpochFacts, ...]:
        known = [(name, self._columns[name]) for name in COLUMNS if name in self._columns]
        return tuple(
            EpochFacts(
                self.epochs[row],
                self._lines[row],
                tuple((name, of[row]) for name, of in known if row < len(of) and isfinite(of[row])),
            )
            for row in rows
        )
