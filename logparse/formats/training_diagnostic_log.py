"""The production trainer's side file: what the steps of the optimizer did to each parameter."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import partial
from math import nan
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from logparse.frames import EntryTable
from logparse.readers.logging_prefix import moment
from logparse.readers.points_of_lines import GrammarPoints
from logparse.records import Resolution

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from logparse.run import Run
    from logparse.scan import Parsed

_BEGINS = re.compile(
    rb"\s*(?:CELESTIAL ENHANCED PGAT - TRAINING DIAGNOSTICS|--- OPTIMIZER STEP DIAGNOSTICS ---)"
    rb"[ \t]*[\r\n]"
)
_OWN = re.compile(
    r"--- OPTIMIZER STEP DIAGNOSTICS ---$|  weight_norm_(?:before|after): |"
    r"EPOCH [0-9]+ \| BATCH [0-9/]+ \| (?:TRAINING|VALIDATION) MODE$"
)
_SUMMARY = {"train_loss": "train_loss", "val_loss": "val_loss", "directions": "val_dir_accuracy"}
_DECIMALS = 8
"""Of every norm and loss."""


@dataclass(slots=True)
class _Step:
    """One step of the optimizer; `entries` as `name:norm/ratio`, `line` that of its batch."""

    entries: list[str] = field(default_factory=list)
    executed: bool = True
    lr: float | None = None
    line: int = 0


class TrainingDiagnosticReader(GrammarPoints):
    """Reads losses of batches and epochs, and the last step of each row as its parameter list.

    The trainer prints by how much the norm of a tensor has changed. That over the norm before is
    the ratio: no more than that of the step itself, which may also turn a tensor.
    """

    format = "training-diagnostic-log"
    about = "the production trainer's side file: losses, lr, and each parameter's norms by step"
    grammar = "training_diagnostic_log"
    legends = frozenset({"title", "config", "rule", "norm_after", "val_batch", "other"})

    def __init__(self, source: str, *, learn: bool = True) -> None:
        super().__init__(source, learn=learn)
        self._steps: list[_Step] = []
        self._step = _Step()
        self._name, self._before, self._change = "", nan, nan
        self._epoch, self._batch, self._batches, self._ratio = 0, 0, 0, nan

    @classmethod
    def begins(cls, head: bytes) -> bool:
        return _BEGINS.match(head.removeprefix(b"\xef\xbb\xbf")) is not None

    @classmethod
    def owns(cls, line: str) -> bool:
        return _OWN.match(line) is not None

    def so_far(self) -> list[Callable[[], Run]]:
        """What builds the runs of the whole lines so far, with the parameters of each."""
        steps = tuple(self._steps)
        return [partial(_with_parameters, build, steps) for build in super().so_far()]

    def put(self, number: int, parsed: Parsed) -> None:
        kind, values = parsed.shape.kind, parsed.values
        if kind in _SUMMARY:
            numbers = {_SUMMARY[kind]: float(values[0]), "step": self._epoch * self._batches}
            self._points.add(number, {"epoch": self._epoch, **_known(numbers)})
        elif kind == "raw_loss":
            self._add_batch(number, float(values[0]))
        elif kind in ("batch", "train_summary", "val_summary"):
            self._epoch = int(values[0])
            if kind == "batch":
                self._batch, self._batches = int(values[1]), int(values[2])
        elif kind == "started":
            self._points.begin_run()
            self._points.facts.start_text = values[0]
            self._points.facts.started = moment(values[0])
        else:
            self._take_part(kind, values[0] if values else "")

    def _take_part(self, kind: str, text: str) -> None:
        """A line of the block of one step."""
        match kind:
            case "step":
                self._step = _Step()
            case "parameter":
                self._name, self._before, self._change = text, nan, nan
            case "norm_before":
                self._before = float(text)
            case "change":
                self._change = float(text)
            case "grad_norm":
                ratio = self._change / self._before if self._before > 0 else nan
                self._step.entries.append(f"{self._name}:{text}/{ratio!r}")
            case "executed":
                self._step.executed = text == "True"
            case "lr":
                self._step.lr = float(text)

    def _add_batch(self, number: int, loss: float) -> None:
        place = (self._epoch - 1) * self._batches + self._batch + 1
        numbers = {"epoch": self._epoch, "step": place, "train_batch_loss": loss}
        step, self._step = self._step, _Step()
        if step.lr is not None:
            numbers["lr"] = step.lr
        self._points.add(number, numbers)
        if step.entries and step.executed:
            step.line = number
            self._steps.append(step)


def _known(numbers: dict[str, float]) -> dict[str, float]:
    """Without a place that no batch has told."""
    return {name: number for name, number in numbers.items() if name != "step" or number}


def _with_parameters(build: Callable[[], Run], steps: Sequence[_Step]) -> Run:
    """The run with the last step of each of its rows as the parameter list of that row."""
    run = build()
    if run.points is None or not steps:
        return run
    epochs = run.epochs["epoch"].to_numpy(dtype=np.int64)
    ends = run.epochs["line"].to_numpy(dtype=np.int64)
    mine = set(run.points["line"].tolist())
    last = {}
    for step in steps:
        if step.line in mine:
            last[int(np.searchsorted(ends, step.line))] = step
    table = EntryTable()
    for row, step in last.items():
        if row < len(epochs):
            table.add(int(epochs[row]), step.line, ",".join(step.entries))
    resolution = {**run.resolution, "parameters/grad_norm": Resolution(_DECIMALS)}
    return replace(run, parameters=table.frame(), resolution=MappingProxyType(resolution))
