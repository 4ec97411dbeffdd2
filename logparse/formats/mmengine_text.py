"""The text log of MMEngine and mmcv: numbers by epoch and iteration among much else."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from logparse.lines import CutLine
from logparse.readers.logging_prefix import moment
from logparse.readers.points.meanings import meaning
from logparse.readers.points_of_lines import GrammarPoints
from logparse.readers.values import literal
from logparse.scan import Rejected

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from logparse.scan import Parsed

_STAMP = r"(?:[0-9]{4}[-/])?[0-9]{2}[-/][0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}(?:,[0-9]{3})? - "
_STAMPED = re.compile(_STAMP + r"[\w.]+ - [A-Z]+ -(?: |$)")
_BEGINS = re.compile(rb"\s*" + _STAMP.encode() + rb"mm[a-z0-9]+ - [A-Z]+ -[^\r\n]*[\r\n]")
_OWN = re.compile(_STAMP + r"[\w.]+ - [A-Z]+ - (?:Epoch|Iter)(?:\((?:train|val)\))? *\[ *[0-9]+")
_DECLARED = re.compile(
    r"\b(?P<key>max_epochs|max_iters|max_norm|batch_size|samples_per_gpu|seed)=(?P<raw>-?[0-9.e+-]+)"
    r"|\boptimizer=dict\((?:[^()]*, )?type='(?P<optimizer>\w+)'"
    r"|^optimizer = dict\((?:[^()]*, )?type='(?P<older>\w+)'"
)
_KEYS = {"max_epochs": "MAX_EPOCHS", "max_norm": "max_norm", "samples_per_gpu": "batch_size"}
_TRAIN = {
    "time": ("step_time_s", 1.0),
    "data_time": ("data_time_s", 1.0),
    "memory": ("gpu_gib", 1 / 1024),
    "base_lr": ("", 1.0),
    "eta": ("", 1.0),
}
"""Canonical name and factor of what the hooks print beside the losses; base_lr is lr unscaled."""
_OF_VAL_LOOP = frozenset({"time", "data_time", "memory", "eta", "lr", "base_lr"})
_MISSING = -1.0
"""Stands for a precision that has no objects to be measured on."""


class MMEngineTextReader(GrammarPoints):
    """Reads iterations and validations, in runs by epochs and by iterations."""

    format = "mmengine-text"
    about = "MMEngine's and mmcv's text logs: losses, lr, times and memory; metrics of validations"
    grammar, starts = "mmengine_text", ("line", "more", "config")
    legends = frozenset({"more", "other", "saving", "best", "config_title"})

    def __init__(self, source: str, *, learn: bool = True) -> None:
        super().__init__(source, learn=learn)
        self._context = "more"
        self._is_first = True
        self._length = 0
        self._step = 0

    @classmethod
    def begins(cls, head: bytes) -> bool:
        return _BEGINS.match(head.removeprefix(b"\xef\xbb\xbf")) is not None

    @classmethod
    def owns(cls, line: str) -> bool:
        return _OWN.match(line) is not None

    def parse(self, line: str) -> Parsed | Rejected:
        """A message, or a line that goes on with the message above it."""
        stamped = None if isinstance(line, CutLine) else _STAMPED.match(line)
        if stamped is None:
            return self._scanner.parse(line, self._context)
        if self._is_first:
            stamp = line.partition(" - ")[0]
            self._points.facts.started = moment(stamp.replace("/", "-"))
            self._is_first = False
        parsed = self._scanner.parse(line, "line")
        is_title = not isinstance(parsed, Rejected) and parsed.shape.kind == "config_title"
        self._context = "config" if is_title else "more"
        return parsed

    def put(self, number: int, parsed: Parsed) -> None:
        kind, values = parsed.shape.kind, parsed.values
        if kind == "config":
            self._declare(number, values[0])
            self._points.legend(number)
            return
        if kind == "workflow":
            self._set(number, "MAX_EPOCHS" if values[3] == "epochs" else "max_iters", values[2])
            return
        place, numbers = self._told(kind, values)
        if numbers:
            self._points.add(number, {**place, **numbers})

    def _told(self, kind: str, values: Sequence[str]) -> tuple[dict[str, float], dict[str, float]]:
        """Where a line of numbers stands in the run, and its numbers by name."""
        if kind == "train":
            epoch, self._length = int(values[2]), int(values[4])
            self._step = (epoch - 1) * self._length + int(values[3])
            return {"epoch": epoch, "step": self._step}, _numbers(values[5:], _train_column)
        if kind == "iter_train":
            self._step = int(values[2])
            return {"step": self._step}, _numbers(values[4:], _train_column)
        place: dict[str, float] = {"step": self._step} if self._step else {}
        at = 3
        if kind == "epoch_val":
            at, epoch = 4, int(values[2])
            place = {"epoch": epoch}
            if self._length:
                place["step"] = epoch * self._length
        is_counted = len(values) > at and values[at].isdigit()
        return place, _numbers(values[at + is_counted :], _val_column)

    def _declare(self, number: int, line: str) -> None:
        """What the configuration says of the plan and the optimizer."""
        for found in _DECLARED.finditer(line):
            if found["key"]:
                self._set(number, _KEYS.get(found["key"], found["key"]), found["raw"])
            else:
                self._set(number, "optimizer", found["optimizer"] or found["older"])

    def _set(self, number: int, key: str, raw: str) -> None:
        self._points.setting(number, key, raw, literal(raw))


def _numbers(scalars: Sequence[str], told: Callable[[str], tuple[str, float]]) -> dict[str, float]:
    """Single numbers by column, as `told` names and scales them; lists are left out."""
    found = {}
    for name, value in zip(scalars[::2], scalars[1::2], strict=False):
        column, factor = told(name)
        if not column:
            continue
        try:
            number = float(value)
        except ValueError:
            continue
        if factor or _applies(column, number):
            found[column] = number * (factor or 1.0)
    return found


def _applies(column: str, number: float) -> bool:
    """False for a metric without objects to be measured on: a NaN, or -1."""
    return number != _MISSING and (number == number or column == "val_loss")


@lru_cache(maxsize=1024)
def _train_column(name: str) -> tuple[str, float]:
    bare = name.strip("\t ,").rstrip(": ")
    return _TRAIN.get(bare, (bare, 1.0))


@lru_cache(maxsize=1024)
def _val_column(name: str) -> tuple[str, float]:
    """Factor 0 marks a metric that may not apply."""
    bare = name.strip("\t ,").rstrip(": ")
    if bare in _OF_VAL_LOOP:
        return "", 0.0
    return meaning(f"val_{bare.replace('/', '_')}").column, 0.0
