"""The numbers of a source, line by line, under the names that it prints."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from math import isnan, nan
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from logparse.columns import FLUSH_ROWS, MAX_LABELS
from logparse.readers.tally import MAX_UNPARSED_KEPT
from logparse.records import Setting, Unparsed

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from numpy.typing import NDArray

    from logparse.numerals import Floats
    from logparse.run import Truncation

    Lines = NDArray[np.int64]
    Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Block:
    """Consecutive points as columns, all as long as `lines`.

    lines    where each point stands, 1-based, rising; not strictly: one line may hold several
    columns  float64 by name as printed; NaN where a point has no such number, or a NaN
    nan_at   per column, where a NaN was printed; a column without an entry has none printed
    """

    lines: Lines
    columns: Mapping[str, Floats]
    nan_at: Mapping[str, Mask] = field(default_factory=dict)


@dataclass(slots=True)
class Facts:
    """What a source tells of the run besides its numbers."""

    settings: dict[str, Setting] = field(default_factory=dict)
    model: dict[str, object] = field(default_factory=dict)
    micro: dict[str, object] = field(default_factory=dict)
    started: datetime | None = None
    start_text: str = ""
    truncation: Truncation | None = None


class Points:
    """Collects points, and how the other lines of the source were understood.

    Every line counts as parsed but those that `blank`, `legend` and `lose` are told of.
    """

    def __init__(self) -> None:
        self.facts = Facts()
        self.count = 0
        """Points so far."""
        self.lines = 0
        """Lines so far, of any kind; the reader sets it."""
        self.starts: list[int] = []
        """Points at which a new run begins for sure, as a repeated header tells."""
        self.unparsed: list[Unparsed] = []
        self.lost = array("q")
        self.blanks = array("q")
        self.legends = array("q")
        self._blocks: list[Block] = []
        self._rows: list[tuple[int, Mapping[str, float]]] = []
        self._names: set[str] = set()

    def add(self, line: int, numbers: Mapping[str, float]) -> None:
        """Take the numbers of one line; absent ones are not in the mapping."""
        if len(self._rows) >= FLUSH_ROWS:
            self._flush()
        self._rows.append((line, numbers))
        self.count += 1

    def add_block(self, block: Block) -> None:
        """Take many points at once."""
        self._flush()
        if len(block.lines):
            self._blocks.append(self._bounded(block))
            self.count += len(block.lines)

    def begin_run(self) -> None:
        """The next point is the first of another run."""
        if self.count and self.count not in self.starts[-1:]:
            self.starts.append(self.count)

    def blank(self, line: int) -> None:
        """Count a blank line."""
        self.blanks.append(line)

    def legend(self, line: int) -> None:
        """Count a line that is understood and says nothing of the run, as a header."""
        self.legends.append(line)

    def lose(self, record: Unparsed) -> None:
        """Count a line that was not understood."""
        self.lost.append(record.line)
        if len(self.unparsed) < MAX_UNPARSED_KEPT:
            self.unparsed.append(record)

    def setting(self, line: int, key: str, raw: str, value: object) -> None:
        """Take a setting; the first of a key counts."""
        self.facts.settings.setdefault(key, Setting(line, key, raw, value))

    def latest(self, since: int) -> list[tuple[int, Mapping[str, float]]]:
        """Lines and numbers of the points after the first `since`, if they came by `add`.

        Only for points that were added one by one and are not many.
        """
        wanted = self.count - since
        return self._rows[-wanted:] if 0 < wanted <= len(self._rows) else []

    def frame(self) -> tuple[pd.DataFrame, dict[str, Mask]]:
        """`line` and a column for each name, a row for each point; where NaN was printed.

        It stays as it is when more points are added.
        """
        self._flush()
        columns: dict[str, NDArray[Any]] = {"line": np.empty(self.count, dtype=np.int64)}
        nan_at: dict[str, Mask] = {}
        start = 0
        for block in self._blocks:
            stop = start + len(block.lines)
            columns["line"][start:stop] = block.lines
            for name, values in block.columns.items():
                if name not in columns:
                    columns[name] = np.full(self.count, nan)
                columns[name][start:stop] = values
            for name, mask in block.nan_at.items():
                if name in block.columns and mask.any():
                    here = nan_at.setdefault(name, np.zeros(self.count, dtype=bool))
                    here[start:stop] = mask
            start = stop
        # One block instead of many: it shares its memory with the frame, and is never changed.
        kept = {name: columns[name] for name in columns if name != "line"}
        self._blocks = [Block(columns["line"], kept, nan_at)] if self.count else []
        return pd.DataFrame(columns, copy=False), nan_at

    def _bounded(self, block: Block) -> Block:
        """The block without the names beyond MAX_LABELS: ever new names must not fill memory."""
        kept = {}
        for name, values in block.columns.items():
            if name in self._names or len(self._names) < MAX_LABELS:
                self._names.add(name)
                kept[name] = values
        return Block(block.lines, kept, block.nan_at)

    def _flush(self) -> None:
        rows, self._rows = self._rows, []
        if not rows:
            return
        columns: dict[str, Floats] = {}
        nan_at: dict[str, Mask] = {}
        for at, (_, numbers) in enumerate(rows):
            for name, number in numbers.items():
                if name not in columns:
                    columns[name] = np.full(len(rows), nan)
                columns[name][at] = number
                if isnan(number):
                    nan_at.setdefault(name, np.zeros(len(rows), dtype=bool))[at] = True
        lines = np.array([line for line, _ in rows], dtype=np.int64)
        self._blocks.append(self._bounded(Block(lines, columns, nan_at)))
