"""TensorBoard event files: `events.out.tfevents.*`, which many programs write."""

from __future__ import annotations

import re
import struct
from datetime import UTC, datetime
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from logparse.readers.framing import TFRecords
from logparse.readers.points.meanings import meaning
from logparse.readers.points.runs import runs_of
from logparse.readers.record_file import RecordFile
from logparse.readers.scalars import Scalars

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from logparse.run import Run

_BEGINS = re.compile(rb".{12}\x09.{8}\x1a.?brain\.Event:", re.DOTALL)
_FLOAT, _HALF, _BFLOAT16 = 1, 19, 14
_KINDS = {_FLOAT: "<f", 2: "<d", 3: "<i", 9: "<q", _HALF: "<e"}
"""TensorFlow's types, of those that a single number can have, as `struct` calls them."""
_PACKED = {kind: struct.Struct(code) for kind, code in _KINDS.items()}
_LISTS = {_FLOAT: "float_val", 2: "double_val", 3: "int_val", 9: "int64_val"}
_SPLITS = {"validation": "val", "val": "val", "valid": "val", "eval": "val", "train": "train"}
"""Folders into which Keras and estimators put the file of a split."""
_KERAS = re.compile(r"epoch_(.+)|batch_(?P<batch>loss)|evaluation_(?P<val>.+)_vs_iterations")
_SPLITLESS = re.compile(r"(?!(?:lr|grad_norm|epoch|step)\b)[^/]+")
_START = 1


class TensorBoardReader(RecordFile):
    """Reads scalars; texts, pictures and histograms are passed over.

    `line` is the number of a record, from 1. Tags that count epochs while others count steps
    are placed at the steps reached when they were written.
    """

    format = "tensorboard-events"
    about = "TensorBoard event files: scalars by tag and step, hyperparameters of its plugin"
    lacks = "no event file's first record"
    extra = "tensorboard"
    framing = TFRecords

    def __init__(self, source: str) -> None:
        super().__init__(source)
        self._scalars = Scalars()
        self._folder = PurePath(source).parent.name
        self._split = _SPLITS.get(self._folder.casefold(), "")
        self._plugins: dict[str, str] = {}
        self._names: dict[str, str] = {}

    @classmethod
    def begins(cls, head: bytes) -> bool:
        return _BEGINS.match(head) is not None

    @staticmethod
    def decoder() -> Callable[[bytes], Any]:
        from tensorboard.compat.proto.event_pb2 import Event

        parse: Callable[[bytes], Any] = Event.FromString
        return parse

    def _has_numbers(self) -> bool:
        return len(self._scalars) > 0

    def so_far(self) -> list[Callable[[], Run]]:
        points = self._scalars.points(self._points)
        return runs_of(points, self._source, self.format, self._hints)

    def take(self, number: int, message: Any) -> bool:
        """Put the scalars of an event into the table."""
        values = message.summary.value
        if not values:
            self._mark(message)
            return False
        is_told = False
        step, clock_s = message.step, message.wall_time
        for value in values:
            kind = value.WhichOneof("value")
            found: float | None = None
            if kind == "simple_value":
                found = value.simple_value
            elif (plugin := self._plugin(value)) == "hparams":
                is_told |= self._hyperparameters(number, value)
            elif kind == "tensor" and plugin in ("", "scalars"):
                found = scalar(value.tensor)
            if found is not None:
                tag = value.tag
                name = self._names.get(tag) or self._name(tag)
                self._scalars.add(number, name, step, clock_s, found)
                is_told = True
        return is_told

    def _mark(self, message: Any) -> None:
        """The writer's own words: when it began, and that it goes on after a restart."""
        facts, clock_s = self._points.facts, message.wall_time
        if facts.started is None and 0 < clock_s < 1e11:
            facts.started = datetime.fromtimestamp(clock_s, UTC)
        if message.session_log.status == _START and len(self._scalars):
            self._scalars.begin_part()

    def _name(self, tag: str) -> str:
        """The name that a tag stands for: Keras puts the kind of a loop before that of a metric."""
        keras = _KERAS.fullmatch(tag)
        name = tag if keras is None else next(filter(None, keras.groups()))
        curve = self._folder.removeprefix(f"{tag.replace('/', '_')}_")
        if keras is not None and keras["val"]:
            name = f"val_{name}"
        elif keras is not None and keras["batch"]:
            name = f"train_batch_{name}"
        elif self._split and _SPLITLESS.fullmatch(meaning(name).column):
            name = f"{self._split}_{name}"
        elif curve != self._folder:
            # PyTorch's `add_scalars` puts the curves of one chart into folders of their own.
            name = f"{_SPLITS.get(curve.casefold(), curve)}_{name}"
        self._names[tag] = name
        return name

    def _plugin(self, value: Any) -> str:
        """Who shows the values of a tag; told with the first of them, maybe with that only."""
        tag = value.tag
        plugin = self._plugins.get(tag)
        if plugin is None:
            plugin = self._plugins[tag] = value.metadata.plugin_data.plugin_name
        return plugin

    def _hyperparameters(self, number: int, value: Any) -> bool:
        from tensorboard.plugins.hparams.plugin_data_pb2 import HParamsPluginData

        try:
            content = HParamsPluginData.FromString(value.metadata.plugin_data.content)
        except self._undecodable:
            return False
        given = content.session_start_info.hparams
        for key in sorted(given):
            kind = given[key].WhichOneof("kind")
            if kind in ("number_value", "string_value", "bool_value"):
                found = getattr(given[key], kind)
                is_whole = isinstance(found, float) and found.is_integer()
                found = int(found) if is_whole else found
                self._points.setting(number, key, str(found), found)
        return len(given) > 0


def scalar(tensor: Any) -> float | None:
    """The number of a tensor of one element; None for other tensors."""
    kind, raw = tensor.dtype, tensor.tensor_content
    if not raw and kind in (_HALF, _BFLOAT16):
        raw = b"".join((bits & 0xFFFF).to_bytes(2, "little") for bits in tensor.half_val[:2])
    if kind == _BFLOAT16:
        kind, raw = _FLOAT, b"\0\0" + raw
    if raw:
        packed = _PACKED.get(kind)
        return float(packed.unpack(raw)[0]) if packed and len(raw) == packed.size else None
    values: Sequence[float] = getattr(tensor, _LISTS.get(kind, ""), ())
    return float(values[0]) if len(values) == 1 else None
