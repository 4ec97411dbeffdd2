"""One run of the run log, as it grows: header facts, epoch rows, parameter lists, coverage."""

from __future__ import annotations

import re
from collections import Counter
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from logparse.columns import FLUSH_ROWS, ColumnTable
from logparse.frames import EntryTable, FeatureTable
from logparse.metrics import ordered
from logparse.numerals import printed_resolution
from logparse.readers.epoch_lines import (
    EpochPlan,
    plan_epoch,
    split_zero_count,
)
from logparse.readers.lately import Lately
from logparse.readers.tally import Tally
from logparse.records import (
    Baseline,
    BatchShape,
    CheckpointSaved,
    HeaderFacts,
    Legend,
    MicroDetail,
    Record,
    RunStart,
    Setting,
    Snapshot,
    Unparsed,
)
from logparse.run import Predecessor, Run, Truncation
from logparse.settings import Settings

if TYPE_CHECKING:
    from logparse.scan import Parsed
    from logparse.shapes import Shape


class RunBuilder:
    """Collects what the log says of one run."""

    def __init__(self, predecessor: Predecessor | None) -> None:
        self.tally = Tally()
        self.last_epoch: int | None = None
        self.titles: set[str] = set()
        self._predecessor = predecessor
        self._start: RunStart | None = None
        self.legend_order: tuple[str, ...] = ()
        self._settings: dict[str, Setting] = {}
        self._baselines: dict[str, float] = {}
        self._optimizer: dict[str, object] = {}
        self._model: dict[str, object] = {}
        self._batch: dict[str, int | None] = {}
        self._micro: dict[str, object] = {}
        self._checkpoints: list[CheckpointSaved] = []
        self._saved_rows: list[int] = []
        self._plans: dict[Shape, EpochPlan] = {}
        self._dialects: Counter[str] = Counter()
        self._table, self._entries, self._features = ColumnTable(), EntryTable(), FeatureTable()
        self._epochs: list[int] = []
        self._lines: list[int] = []
        self._last_plan: EpochPlan | None = None
        self._missing: set[str] = set()
        self._prints_features = False
        self._lately = Lately()

    @property
    def is_run(self) -> bool:
        """False for a stretch of lines that says nothing about a training run."""
        header = (self._start, self._settings, self._baselines, self._optimizer, self._model)
        return bool(self._epochs) or any(header) or bool(self._batch or self._micro)

    def end(self) -> Predecessor:
        """Where this run ended, for the one after it."""
        return Predecessor(
            self.last_epoch,
            self.tally.last_line,
            self._start.stamp if self._start else None,
            self._lately.head(),
            self._lately.tail(),
            tuple((key, setting.raw) for key, setting in self._settings.items()),
        )

    def add(self, record: Record) -> None:
        """Take a record of the header, or one between epoch blocks."""
        match record:
            case RunStart():
                self._start = record
            case Setting(key=key):
                self._settings[key] = record
            case Baseline():
                self._baselines[f"{record.split}_{record.predictor}_rmse"] = record.rmse
            case HeaderFacts():
                self._optimizer.update(record.optimizer)
                self._model.update(record.model)
                self.legend_order = self.legend_order or record.metric_order
            case Legend():
                self.legend_order = self.legend_order or record.metric_order
            case BatchShape():
                self._batch.update(record.values)
            case MicroDetail():
                self._micro.update(record.values)
            case Snapshot():
                self._micro.update({f"{record.kind}/{k}": v for k, v in record.values.items()})
            case CheckpointSaved() if self._epochs:
                self._checkpoints.append(record)
                self._saved_rows.append(len(self._epochs) - 1)

    def add_epoch(self, line: int, epoch: int, parsed: Parsed) -> None:
        """Take an epoch line."""
        plan = self._plans.get(parsed.shape)
        if plan is None:
            plan = self._plans[parsed.shape] = plan_epoch(parsed, self.legend_order)
        self._table.add(plan.row, parsed.values)
        self._lately.add(epoch, line, plan.row, parsed.values)
        self._epochs.append(epoch)
        self._lines.append(line)
        self._dialects[plan.dialect_of(parsed.values) if not plan.missing else ""] += 1
        self.last_epoch, self._last_plan, self._missing = epoch, plan, {"list", "features"}
        if plan.list_at is not None:
            self.add_list(line, parsed.values[plan.list_at])

    def add_list(self, line: int, text: str) -> None:
        """Take the parameter list of the last epoch; one before any epoch belongs to none."""
        if not self._epochs:
            return
        self._missing.discard("list")
        if "zero:" in text:
            text, zeros = split_zero_count(text)
            if zeros is not None:
                self._table.annotate("zero_grad_params", float(zeros))
        if text:
            norm = text.partition(":")[2].partition("/")[0]
            self._table.resolution.setdefault("parameters/grad_norm", printed_resolution(norm))
            self._entries.add(self._epochs[-1], line, text)

    def add_features(self, line: int, text: str) -> None:
        """Take the feature list of the last epoch; names may hold colons, the last one divides."""
        if not self._epochs:
            return
        self._missing.discard("features")
        self._prints_features = True
        pairs = (entry.rpartition(":") for entry in text.split(",") if text)
        self._features.add(
            self._epochs[-1], line, ((name, float(score)) for name, _, score in pairs)
        )

    def build(self, source: str, index: int, count: int) -> Run:
        """The run so far; it stays as it is when the builder takes more."""
        epochs, nonfinite = self._epoch_frame()
        parameters = self._entries.frame()
        return Run(
            source=source,
            index=index,
            count=count,
            format="run-log",
            dialect=self._dialect(),
            started=self._start.stamp if self._start else None,
            epochs=epochs,
            parameters=parameters,
            features=self._features.frame(),
            settings=Settings.of(self._settings),
            baselines=MappingProxyType(dict(self._baselines)),
            model=MappingProxyType(dict(self._model)),
            batch=MappingProxyType(dict(self._batch)),
            optimizer=MappingProxyType(dict(self._optimizer)),
            micro=MappingProxyType(dict(self._micro)),
            coverage=self.tally.coverage(),
            resolution=MappingProxyType(dict(self._table.resolution)),
            nonfinite=MappingProxyType(nonfinite | _nonfinite_entries(parameters)),
            unparsed=tuple(self.tally.unparsed),
            checkpoints=tuple(self._checkpoints),
            truncation=self._truncation(),
            predecessor=self._predecessor,
            start_text=self._start.raw if self._start else "",
        )

    def _dialect(self) -> str:
        """Dialects by number of whole lines; a line of nothing but nan tells F, not which."""
        named = [dialect for dialect, _ in self._dialects.most_common() if dialect not in ("", "F")]
        if "F" in self._dialects and not {"F1", "F2"} & set(named):
            named.append("F")
        return "+".join(named)

    def _epoch_frame(self) -> tuple[pd.DataFrame, dict[str, np.ndarray]]:
        numbers = np.array(self._epochs, dtype=np.int64)
        columns: dict[str, np.ndarray] = {**self._table.columns(), "epoch": numbers}
        printed = self._table.printed_nonfinite()
        self._mark_checkpoints(columns)
        columns["line"] = np.array(self._lines, dtype=np.int64)
        # A copy puts the columns into one block: time for a short run, memory for a long one.
        is_short = len(numbers) <= FLUSH_ROWS
        frame = pd.DataFrame({name: columns[name] for name in ordered(columns)}, copy=is_short)
        return frame, {name: numbers[rows] for name, rows in printed.items()}

    def _mark_checkpoints(self, columns: dict[str, np.ndarray]) -> None:
        """The flag of an epoch tells of the one before: shift it; CHKPT SAVED is immediate."""
        flags = columns.get("checkpoint_flag")
        if flags is None and not self._saved_rows:
            return
        saved = np.full(len(self._epochs), np.nan)
        if flags is not None:
            follows = columns["epoch"][1:] == columns["epoch"][:-1] + 1
            saved[:-1] = np.where(follows, flags[1:], np.nan)
        saved[self._saved_rows] = 1.0
        columns["checkpoint"] = saved

    def _truncation(self) -> Truncation | None:
        broken = self.tally.broken_last
        if broken is not None and (broken.column or 0) > 1:
            missing = f"what follows column {broken.column}"
            return Truncation(broken.line, self._epoch_of(broken), missing)
        missing = self._missing_parts()
        if not missing or not self._lines:
            return None
        return Truncation(self._lines[-1], self.last_epoch, missing)

    def _epoch_of(self, broken: Unparsed) -> int | None:
        """The epoch that a torn line speaks of: its own number, or that of its block."""
        own = re.match(r"E([0-9]{2,9})(?: |$)", broken.text)
        return int(own[1]) if own else self.last_epoch

    def _missing_parts(self) -> str:
        """What every block of this dialect has and the last block has not."""
        if self._last_plan is None:
            return ""
        absent = list(self._last_plan.missing)
        dialect = self._last_plan.dialect
        if "list" in self._missing and dialect in "DEFG":
            absent.append("the parameter list")
        if self._prints_features and "features" in self._missing:
            absent.append("the feature list")
        return ", ".join(absent)


def _nonfinite_entries(parameters: pd.DataFrame) -> dict[str, np.ndarray]:
    """Per `parameters/<label>` the epochs whose list prints nan or an infinity for it."""
    norms, ratios = (parameters[name].to_numpy() for name in ("grad_norm", "update_ratio"))
    is_bad = ~(np.isfinite(norms) & np.isfinite(ratios))
    if not is_bad.any():
        return {}
    bad = parameters.loc[is_bad, ["name", "epoch"]]
    groups = bad.groupby("name", observed=True)["epoch"]
    return {f"parameters/{name}": epochs.unique().astype(np.int64) for name, epochs in groups}
