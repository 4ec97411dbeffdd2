"""The course of one run along an axis: epochs, optimizer steps, time or samples."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from logparse import keys
from logparse.axis import is_by_epochs, place
from logparse.comparison.model import Value
from logparse.metrics import Better
from logparse.signals.machine.timing import epoch_times, timing
from logparse.signals.numbering import gaps
from logparse.signals.series import series_of

if TYPE_CHECKING:
    from logparse.comparison.model import Axis
    from logparse.run import Run
    from logparse.signals.machine.timing import Timing
    from logparse.signals.series import FloatArray, Series

_ROUNDING = 1e-9


@dataclass(frozen=True, eq=False)
class Course:
    """Where each epoch of a run ends on every axis, as far as the log tells."""

    run: Run

    @cached_property
    def timing(self) -> Timing:
        return timing(self.run)

    @cached_property
    def _series(self) -> dict[str, Series]:
        return {}

    def series(self, column: str) -> Series:
        """The finite points of a column."""
        if column not in self._series:
            self._series[column] = series_of(self.run, column)
        return self._series[column]

    @cached_property
    def seconds(self) -> FloatArray | None:
        """Seconds from the start of the log's first epoch to the end of each, None if unknown."""
        times, numbers = epoch_times(self.run), self.run.epochs["epoch"].tolist()
        is_whole = 0 < len(times) == len(numbers) and not gaps(numbers, 1)
        return np.cumsum(times.values) if is_whole else None

    def ends(self, axis: Axis) -> FloatArray | None:
        """Where each epoch of `run.epochs` ends, None where the log does not tell."""
        numbers = self.run.epochs["epoch"].to_numpy(dtype=np.float64)
        if axis == "epoch":
            return numbers if len(numbers) and self.run.axis != "step" else None
        if axis == "time":
            return self.seconds
        told = {"step": "step", "samples": "samples"}.get(axis, "")
        if told in self.run.epochs and len(numbers):
            ends = self.run.epochs[told].to_numpy(dtype=np.float64)
            return ends if np.isfinite(ends).all() else None
        size = self.timing.samples if axis == "samples" else self._steps
        # Epochs that are counted from 0 have been one more when the line is printed.
        done = numbers + (self.run.first_epoch == 0)
        return None if size is None or not len(numbers) else done * size

    def why_not(self, axis: Axis) -> str:
        """What the log lacks for an axis."""
        if not len(self.run.epochs):
            return "it has no epochs"
        lacks = {
            "epoch": "it counts steps, not epochs",
            "time": "it does not time every epoch",
            "samples": "it tells neither samples per epoch, nor throughput with fine times",
            "step": "it tells neither steps per epoch, nor samples and batch",
        }
        return lacks.get(axis, "")

    def reach(self, column: str, axis: Axis) -> tuple[float, float] | None:
        """Where the column's first and last value stand on the axis."""
        ends = self._ends_of(column, axis)
        return None if ends is None or not len(ends) else (float(ends[0]), float(ends[-1]))

    def value_at(self, column: str, axis: Axis, place: float) -> Value | None:
        """The last value of the column that was known at a place of the axis."""
        ends, series = self._ends_of(column, axis), self.series(column)
        if ends is None:
            return None
        known = int(np.searchsorted(ends, place * (1 + _ROUNDING), side="right"))
        if not known:
            return None
        point = series.point(known - 1)
        return self.placed(Value(point.value, point.epoch))

    def placed(self, value: Value) -> Value:
        """The value with its place as the log counts."""
        if value.epoch is None or is_by_epochs(self.run):
            return value
        return replace(value, place=f"{place(self.run, value.epoch):,.10g}")

    def reaching(self, column: str, target: float) -> int | None:
        """The first epoch in which the column is as good as the target; None if it never is."""
        series = self.series(column)
        cost = -target if series.better is Better.HIGHER else target
        is_there = series.costs <= cost
        return int(series.epochs[np.argmax(is_there)]) if is_there.any() else None

    def seconds_until(self, epoch: int) -> float | None:
        """Seconds from the start of the log's first epoch to the end of this one."""
        if self.seconds is None:
            return None
        at = np.searchsorted(self.run.epochs["epoch"].to_numpy(), epoch)
        return float(self.seconds[at])

    @cached_property
    def _steps(self) -> float | None:
        """Optimizer steps per epoch: declared, else by the schedule's length, else by batches."""
        declared = keys.positive(self.run.settings, keys.STEPS_KEYS)
        if declared is not None:
            return declared[1]
        total, planned = self.run.optimizer.get("total_steps"), self.run.planned_epochs
        if isinstance(total, int) and total > 0 and planned:
            return total / planned
        told = self.timing
        return math.ceil(told.samples / told.batch) if told.samples and told.batch else None

    def _ends_of(self, column: str, axis: Axis) -> FloatArray | None:
        """As `ends`, for the points of a column."""
        ends = self.ends(axis)
        if ends is None:
            return None
        at = np.searchsorted(self.run.epochs["epoch"].to_numpy(), self.series(column).epochs)
        return ends[at]
