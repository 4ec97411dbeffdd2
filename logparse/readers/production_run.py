"""One run of a production log as it grows: its settings, its epochs, and where it stands."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from logparse.frames import EntryTable, FeatureTable
from logparse.readers.logging_prefix import moment
from logparse.readers.production_epochs import OpenEpoch, ProductionEpochs
from logparse.readers.production_lines import memory
from logparse.readers.tally import Tally
from logparse.readers.values import literal
from logparse.records import CheckpointSaved, Setting
from logparse.run import Predecessor, Run, Truncation
from logparse.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

FORMAT = "production-log"

_SETTINGS = {
    "epochs": "train_epochs",
    "warm_up_epochs": "warmup_epochs",
    "batches": "batches_per_epoch",
    "patience": "early_stopping_patience",
    "seed": "seed",
}
"""Settings that lines of other kinds tell, under the names that the program has for them."""
_RENAMED = {
    ("Optimization summary", "patience"): "early_stopping_patience",
    ("Gradient accumulation configured", "steps"): "gradient_accumulation_steps",
    ("Data loader sizes", "train"): "batches_per_epoch",
    ("Data loader sizes", "val"): "val_batches",
    ("Data loader sizes", "test"): "test_batches",
}
"""Keys that mean something else by themselves than under their title."""
_COUNTS = {"total": "total_params", "trainable": "trainable_params"}
_MICRO = {"cuda_total_mb": "gpu_total_mb", "cuda_max_reserved_mb": "gpu_reserved_mb"}
"""Figures of a memory snapshot that have a name of ours; the others keep their own."""
_RESULTS = frozenset({"validation", "epoch", "losses", "directions", "old_epoch"})
_AMONG_RESULTS = frozenset({"memory", "rule", "best_told", "failed", "validation_warning"})
"""Kinds that may stand between two results of an epoch."""
_NUMBERED = frozenset({"epoch_start", "batch", "validation_start", "validation", "epoch"})


class ProductionRun:
    """Collects what the log says of one run.

    An epoch is a row once all of it has been said: at its last line, or at the first line that
    belongs to something else.
    """

    def __init__(self, before: Predecessor | None) -> None:
        self.tally = Tally()
        self._before = before
        self._epochs = ProductionEpochs()
        self._open: OpenEpoch | None = None
        self._number: int | None = None
        self._started: tuple[datetime | None, str] = (None, "")
        self._settings: dict[str, Setting] = {}
        self._model: dict[str, object] = {}
        self._micro: dict[str, object] = {}
        self._checkpoints: list[CheckpointSaved] = []
        self._torn: Truncation | None = None

    @property
    def is_run(self) -> bool:
        """False for a stretch of lines that says nothing about a training run."""
        return self._number is not None or bool(self._settings)

    def is_left(self, kind: str, told: Mapping[str, str]) -> bool:
        """True for a line that can only be of a run after this one."""
        if kind == "run_start":
            return self.is_run
        if self._number is None or (kind not in _NUMBERED and kind != "old_epoch"):
            return False
        number = int(told["epoch"])
        if number != self._number:
            return number < self._number
        if self._open is None:
            return kind in ("epoch_start", "batch", "validation_start")
        if kind == "batch":
            return int(told["batch"]) < self._open.batch
        return kind == "epoch_start" and (self._open.batch > 0 or self._open.is_done)

    def take(self, line: int, stamp: str, kind: str, told: Mapping[str, str]) -> None:
        """Take a line of a kind by its texts; one of `options` has its own way."""
        if stamp and not self._started[1]:
            self._started = moment(stamp), stamp
        for name, key in _SETTINGS.items():
            if name in told and key not in self._settings:
                self._settings[key] = Setting(line, key, told[name], literal(told[name]))
        if kind == "batch" or kind == "old_batch":
            self._take_batch(line, kind, told)
        elif kind in _RESULTS:
            self._take_results(line, stamp, kind, told)
        elif kind in ("epoch_start", "validation_start"):
            epoch = self._reach(int(told["epoch"]))
            epoch.begun = epoch.begun or (stamp if kind == "epoch_start" else "")
        elif kind not in _AMONG_RESULTS or (kind == "rule" and self._has_losses()):
            self._settle()
        self._take_fact(line, kind, told)

    def take_options(self, line: int, title: str, found: Mapping[str, str]) -> None:
        """Take a line of settings; after the first epoch such lines tell other things."""
        if self._number is not None:
            return
        for key, text in found.items():
            if title == "Parameter statistics" and key in _COUNTS:
                self._model[_COUNTS[key]] = literal(text.replace(",", ""))
            else:
                name = _RENAMED.get((title, key), key)
                self._settings[name] = Setting(line, name, text, literal(text))

    def end(self) -> Predecessor:
        """Where this run ended, for the one after it; an epoch with results is over."""
        self._settle(is_last=True)
        settings = tuple((key, setting.raw) for key, setting in self._settings.items())
        lately = self._epochs.lately
        return Predecessor(
            self._number,
            self.tally.last_line,
            self._started[0],
            lately.head(),
            lately.tail(),
            settings,
        )

    def build(self, source: str, index: int, count: int) -> Run:
        """The run so far; it stays as it is when more lines come."""
        epochs, nonfinite = self._epochs.build()
        return Run(
            source=source,
            index=index,
            count=count,
            format=FORMAT,
            dialect="",
            started=self._started[0],
            start_text=self._started[1],
            epochs=epochs,
            parameters=EntryTable().frame(),
            features=FeatureTable().frame(),
            settings=Settings.of(self._settings),
            baselines=MappingProxyType({}),
            model=MappingProxyType(dict(self._model)),
            batch=MappingProxyType({}),
            optimizer=MappingProxyType({}),
            micro=MappingProxyType(self._micro | self._place()),
            coverage=self.tally.coverage(),
            resolution=MappingProxyType(self._epochs.resolution()),
            nonfinite=MappingProxyType(dict(nonfinite)),
            unparsed=tuple(self.tally.unparsed),
            checkpoints=tuple(self._checkpoints),
            truncation=self._truncation(),
            predecessor=self._before,
        )

    def _take_batch(self, line: int, kind: str, told: Mapping[str, str]) -> None:
        """The old line counts from 0 and names no epoch: a lower batch is one of the next epoch."""
        if kind == "batch":
            number, batch = int(told["epoch"]), int(told["batch"])
        else:
            batch, at = int(told["batch"]) + 1, self._open
            is_next = at is None or batch < at.batch or at.is_done
            number = (self._number or 0) + is_next
        self._reach(number).add_batch(line, batch, int(told["batches"]), told)

    def _take_results(self, line: int, stamp: str, kind: str, told: Mapping[str, str]) -> None:
        """A result that names no epoch is one of the open epoch; one that comes again is passed."""
        if "epoch" in told:
            number = int(told["epoch"])
            if self._open is None and number == self._number:
                return
        elif self._open is not None:
            number = self._open.number
        else:
            return
        self._reach(number).add_results(line, stamp, told)
        if kind == "old_epoch":
            self._settle()

    def _take_fact(self, line: int, kind: str, told: Mapping[str, str]) -> None:
        if kind == "best_saved" and len(self._epochs):
            self._checkpoints.append(CheckpointSaved(line, float(told["val_loss"]), told["path"]))
            self._epochs.mark_saved()
        elif kind in ("failed", "skipped") and self._open is not None:
            self._open.skipped += 1
        elif kind == "memory":
            snapshot = memory(told["json"]) or {}
            self._micro |= {_MICRO.get(key, key): value for key, value in snapshot.items()}
            if self._open is not None:
                self._open.add_memory(snapshot)
        elif kind == "device":
            self._micro["env"] = {"device": told["device"]}
        elif kind == "stopped":
            self._micro["stopped_early"] = int(told["epoch"])

    def _reach(self, number: int) -> OpenEpoch:
        """The open epoch, of this number; the one before it is over."""
        if self._open is None or self._open.number != number:
            if self._open is not None and self._open.line:
                self._epochs.add(self._open)
            self._open, self._number = OpenEpoch(number), number
        return self._open

    def _settle(self, *, is_last: bool = False) -> None:
        """An epoch with results is over."""
        at = self._open
        if at is None or not at.is_done:
            return
        if is_last and "train_loss" not in at.texts and self._epochs.has("train_loss"):
            self._torn = Truncation(at.line, at.number, "the losses")
        self._epochs.add(at)
        self._open = None

    def _has_losses(self) -> bool:
        return self._open is not None and "train_loss" in self._open.texts

    def _place(self) -> dict[str, object]:
        """How far the epoch is that is not over: `batch` of `batches` of `epoch`."""
        at = self._open
        if at is None or not at.batch:
            return {}
        return {"batch": at.batch, "batches": at.batches, "epoch": at.number}

    def _truncation(self) -> Truncation | None:
        broken = self.tally.broken_last
        if broken is not None and (broken.column or 0) > 1:
            missing = f"what follows column {broken.column}"
            return Truncation(broken.line, self._number, missing)
        return self._torn
