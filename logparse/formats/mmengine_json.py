"""JSON lines of OpenMMLab: mmcv's *.log.json, and mmengine's scalars.json."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import isnan
from typing import TYPE_CHECKING

from logparse.readers.json_lines import OBJECT_LINE, JsonLines
from logparse.readers.json_objects import number_of, on_split, unfolded

if TYPE_CHECKING:
    from collections.abc import Mapping

_BEGINS = re.compile(
    OBJECT_LINE
    + rb'(?:(?=[^\r\n]*"mode"[ \t]*:[ \t]*"(?:train|val)")(?=[^\r\n]*"iter"[ \t]*:)'
    + rb'|(?=[^\r\n]*"iter"[ \t]*:)(?=[^\r\n]*"step"[ \t]*:)(?=[^\r\n]*"data_time"[ \t]*:))'
)
_TRAINING = {"time": "step_time_s", "data_time": "data_time_s", "base_lr": "opt_lr/base"}
_PLACES = ("mode", "epoch", "iter", "step", "memory")
_MIB_OF_GIB = 1024.0
_PRECISION = re.compile(r"(?i)(?<![a-z])m?a[pr](?![a-z])")
NO_OBJECTS = -1.0
"""What COCO's evaluation prints as the precision of sizes of which there is nothing."""


@dataclass(slots=True)
class _Place:
    """How far the training had come at its last line.

    length     iterations of an epoch, as far as lines tell; 0 before the first is over
    is_global  True where iterations count on from epoch to epoch, None before that is known
    """

    epoch: float | None = None
    within: float = 0.0
    step: float | None = None
    length: float = 0.0
    is_global: bool | None = None


class MMEngineReader(JsonLines):
    """Reads lines of training, and joins each evaluation to the epoch and the step it follows.

    In mmcv `iter` begins anew in each epoch, and that of an evaluation counts its batches. In
    mmengine the `step` of an evaluation is an epoch where the training counts epochs.
    """

    format = "mmengine-json"
    about = "mmcv and mmengine (OpenMMLab): losses, rate, memory, times, evaluations"
    lacks = "no line with an iter and a mode, or a step"

    def __init__(self, source: str) -> None:
        super().__init__(source)
        self._place = _Place()

    @classmethod
    def begins(cls, head: bytes) -> bool:
        return _BEGINS.search(head) is not None

    def take_object(self, number: int, found: Mapping[str, object]) -> None:
        flat = unfolded(found)
        places = {name: n for name in _PLACES if (n := number_of(flat.get(name))) is not None}
        if "mode" not in flat and not {"iter", "step"} & places.keys():
            self._settings(number, flat)
            return
        rest = {name: value for name, value in flat.items() if name not in _PLACES}
        is_val = flat.get("mode", "train") == "val" or "iter" not in places
        numbers = _evaluated(rest) if is_val else _trained(rest, places)
        if not numbers:
            self._points.legend(number)
            return
        when = self._evaluated_at(places) if is_val else self._trained_at(places)
        self._points.add(number, {**when, **numbers})

    def _trained_at(self, places: Mapping[str, float]) -> dict[str, float]:
        at, epoch, within = self._place, places.get("epoch"), places["iter"]
        if "step" in places:
            at.step = places["step"]
        elif epoch is None or at.is_global:
            at.step = within
        else:
            self._count(epoch, within)
        at.epoch, at.within = epoch, within
        return _when(at.epoch, at.step)

    def _count(self, epoch: float, within: float) -> None:
        """Steps of a log whose iterations may begin anew in each epoch."""
        at = self._place
        if at.epoch is not None and epoch > at.epoch and at.is_global is None:
            at.is_global = within > at.within
            at.length = at.within
        at.length = max(at.length, within) if at.length else 0.0
        if at.is_global or epoch <= 1:
            at.step = within
        else:
            at.step = (epoch - 1) * at.length + within if at.length else None

    def _evaluated_at(self, places: Mapping[str, float]) -> dict[str, float]:
        at, step = self._place, places.get("step")
        if step is None:
            return _when(places.get("epoch", at.epoch), at.step)
        if at.epoch is not None and step <= at.epoch + 1:
            return _when(step, at.step)
        return _when(at.epoch, step)


def _when(epoch: float | None, step: float | None) -> dict[str, float]:
    places = {"epoch": epoch, "step": step}
    return {name: number for name, number in places.items() if number is not None}


def _trained(rest: Mapping[str, object], places: Mapping[str, float]) -> dict[str, float]:
    found = {_TRAINING.get(n, n): x for n, v in rest.items() if (x := number_of(v)) is not None}
    if "memory" in places:
        found["gpu_gib"] = places["memory"] / _MIB_OF_GIB
    return found


def _evaluated(rest: Mapping[str, object]) -> dict[str, float]:
    """Numbers of an evaluation, but its rate, and precisions of what there is nothing of."""
    found = {}
    for name, value in rest.items():
        number = number_of(value)
        if number is None or name in ("lr", "base_lr"):
            continue
        is_nothing = isnan(number) and "loss" not in name.casefold()
        if not is_nothing and not (number == NO_OBJECTS and _PRECISION.search(name)):
            found[on_split(name, "val")] = number
    return found
