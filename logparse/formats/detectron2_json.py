"""metrics.json of detectron2: a JSON object every so many iterations, and one an evaluation."""

from __future__ import annotations

import re
from math import isnan
from typing import TYPE_CHECKING

from logparse.readers.json_lines import OBJECT_LINE, JsonLines
from logparse.readers.json_objects import number_of, on_split, unfolded

if TYPE_CHECKING:
    from collections.abc import Mapping

_BEGINS = re.compile(
    OBJECT_LINE
    + rb'(?=[^\r\n]*"iteration"[ \t]*:)(?=[^\r\n]*"(?:total_loss|eta_seconds|data_time)"[ \t]*:)'
)
_OWN = {"time": "step_time_s", "data_time": "data_time_s"}
_TASK = re.compile(
    r"(?:(?P<set>.+)/)?(?P<task>bbox|segm|keypoints|box_proposals|sem_seg|panoptic_seg)/(?P<what>.+)"
)
_PRECISION = {"AP": "val_map", "AP50": "val_map50"}
_PER_CENT = 100.0


class Detectron2Reader(JsonLines):
    """Reads numbers by iteration; those of an evaluation are of the validation set.

    Average precisions are printed in per cent, and NaN where a category has no objects: such are
    left out. `val_map` is that of boxes, or of what else is evaluated where there are none;
    `val_map/<set>/<task>` of all.
    """

    format = "detectron2-json"
    about = "detectron2: losses and their parts, rate, times, memory, average precisions"
    lacks = "no line with an iteration and its times or loss"

    @classmethod
    def begins(cls, head: bytes) -> bool:
        return _BEGINS.search(head) is not None

    def take_object(self, number: int, found: Mapping[str, object]) -> None:
        numbers: dict[str, float] = {}
        for name, value in unfolded(found).items():
            printed = number_of(value)
            if printed is None:
                continue
            if (task := _TASK.fullmatch(name)) is None:
                numbers[_OWN.get(name, name)] = printed
            elif not isnan(printed):
                _evaluated(name, task, printed, numbers)
        if any(name != "iteration" for name in numbers):
            self._points.add(number, numbers)
        else:
            self._points.legend(number)


def _evaluated(name: str, task: re.Match[str], printed: float, numbers: dict[str, float]) -> None:
    column = _PRECISION.get(task["what"])
    if column is None:
        numbers[on_split(name, "val")] = printed
        return
    share = printed / _PER_CENT
    part = "/".join(filter(None, (task["set"], task["task"])))
    numbers[f"{column}/{part}"] = share
    if task["task"] == "bbox":
        numbers[column] = share
    else:
        numbers.setdefault(column, share)
