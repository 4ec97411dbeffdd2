"""The epochs of a production log: one as it grows, and the table of those that are over."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import isfinite
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from logparse.columns import FLUSH_ROWS, ColumnTable, RowPlan
from logparse.metrics import ordered
from logparse.readers.lately import Lately
from logparse.readers.logging_prefix import moment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from logparse.records import Resolution

MIB_PER_GIB = 1024
_MEMORY = {"cuda_max_allocated_mb": "gpu_gib", "process_rss_mb": "rss_gib"}


@dataclass(slots=True)
class OpenEpoch:
    """An epoch of which not all has been said yet.

    begun, told   stamps of its first line and of its newest result, '' where there is none
    texts         numbers as printed, by column
    line          where its results are printed, else where its newest batch is
    batch         the newest batch, from 1; 0 before there is one
    """

    number: int
    begun: str = ""
    told: str = ""
    texts: dict[str, str] = field(default_factory=dict)
    line: int = 0
    batch: int = 0
    batches: int = 0
    skipped: int = 0
    memory: dict[str, float] = field(default_factory=dict)
    is_done: bool = False
    _time_s: float = 0.0
    _losses: list[float] = field(default_factory=lambda: [0.0, 0.0])
    _right: list[float] = field(default_factory=lambda: [0.0, 0.0])

    def add_batch(self, line: int, batch: int, batches: int, told: Mapping[str, str]) -> None:
        """Take a batch; one that is printed twice counts once."""
        if batch == self.batch:
            return
        self.batch, self.batches, self.line = batch, batches, line
        self._time_s = float(told["time_s"])
        self._losses[0] += 1
        self._losses[1] += float(told["loss"])
        if "dir_acc" in told:
            self._right[0] += 1
            self._right[1] += float(told["dir_acc"])

    def add_results(self, line: int, stamp: str, told: Mapping[str, str]) -> None:
        """Take what a line says of the whole epoch; the later line has more digits."""
        columns = ("train_loss", "val_loss", "lr", "elapsed_s")
        self.texts.update((name, told[name]) for name in columns if name in told)
        if "dir_acc" in told:
            self.texts["val_dir_accuracy"] = told["dir_acc"]
        self.line, self.told, self.is_done = line, stamp or self.told, True

    def add_memory(self, snapshot: Mapping[str, object]) -> None:
        """Take a snapshot of the memory; the newest counts."""
        for key, column in _MEMORY.items():
            value = snapshot.get(key)
            if isinstance(value, int | float) and 0 < value < MIB_PER_GIB**3:
                self.memory[column] = value / MIB_PER_GIB

    def derived(self) -> Iterator[tuple[str, float]]:
        """Numbers that no line prints as they are, by column."""
        for name, (count, total) in (
            ("train_batch_loss", self._losses),
            ("train_dir_accuracy", self._right),
        ):
            if count:
                yield name, total / count
        if self._time_s > 0:
            yield "batches_per_s", self.batch / self._time_s
        if self.skipped:
            yield "skipped_batches", float(self.skipped)
        yield from self.memory.items()
        begun, told = moment(self.begun), moment(self.told)
        if "elapsed_s" not in self.texts and begun and told and told > begun:
            yield "elapsed_s", (told - begun).total_seconds()


class ProductionEpochs:
    """The epochs that are over, in order."""

    def __init__(self) -> None:
        self.lately = Lately()
        self._table = ColumnTable()
        self._plans: dict[tuple[str, ...], RowPlan] = {}
        self._epochs: list[int] = []
        self._lines: list[int] = []
        self._saved: list[int] = []
        self._nonfinite: dict[str, list[int]] = {}

    def __len__(self) -> int:
        return len(self._epochs)

    def add(self, epoch: OpenEpoch) -> None:
        """Take an epoch that is over, of a higher number than those before."""
        names = tuple(epoch.texts)
        plan = self._plans.get(names)
        if plan is None:
            plan = RowPlan(tuple((name, at) for at, name in enumerate(names)))
            self._plans[names] = plan
        texts = tuple(epoch.texts.values())
        self._table.add(plan, texts)
        self.lately.add(epoch.number, epoch.line, plan, texts)
        self._epochs.append(epoch.number)
        self._lines.append(epoch.line)
        for name, number in epoch.derived():
            self._table.annotate(name, number)
            if not isfinite(number):
                self._nonfinite.setdefault(name, []).append(epoch.number)

    def mark_saved(self) -> None:
        """The weights of the newest epoch were saved."""
        self._saved.append(len(self._epochs) - 1)

    def has(self, column: str) -> bool:
        """True where an epoch printed the column."""
        return any(column in names for names in self._plans)

    def build(self) -> tuple[pd.DataFrame, Mapping[str, NDArray[np.int64]]]:
        """`Run.epochs` and `Run.nonfinite` of the epochs so far."""
        numbers = np.array(self._epochs, dtype=np.int64)
        columns = {**self._table.columns(), "epoch": numbers}
        columns["line"] = np.array(self._lines, dtype=np.int64)
        if self._saved:
            columns["checkpoint"] = np.full(len(numbers), np.nan)
            columns["checkpoint"][self._saved] = 1.0
        is_short = len(numbers) <= FLUSH_ROWS
        frame = pd.DataFrame({name: columns[name] for name in ordered(columns)}, copy=is_short)
        printed = {name: numbers[rows] for name, rows in self._table.printed_nonfinite().items()}
        means = {name: np.array(at, dtype=np.int64) for name, at in self._nonfinite.items()}
        return frame, printed | means

    def resolution(self) -> dict[str, Resolution]:
        """How finely each printed column is printed; complete after `build`."""
        return dict(self._table.resolution)
