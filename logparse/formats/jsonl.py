"""Generic JSON lines: an object a line, numbers under any names."""

from __future__ import annotations

import json
import re
from itertools import islice
from typing import TYPE_CHECKING

from logparse.findings import plural
from logparse.readers.json_columns import columns_of
from logparse.readers.json_lines import JsonLines, object_of
from logparse.readers.json_objects import SETTINGS, numbers_of, tells_of_training, unfolded
from logparse.readers.json_places import BrokenJsonError
from logparse.readers.points.meanings import AXES, meaning

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from logparse.run import Run

FEWEST_AT_ONCE = 32
"""Fewer lines are not worth columns of their own."""
_MARK = -918_273_645
"""Stands between lines that are decoded at once."""
_DECODER = json.JSONDecoder()
_CUT = re.compile(rb'\{[^\[\]]*"[ \t]*:[ \t]*[-0-9]')
_HOW = re.compile(
    r"(?i)(?:.*[/_])?(?:config|cfg|args|hparams|hyper_?parameters|settings|options|seed|optimi[sz]er"
    r"|batch_?size|.*model.*|.*dataset.*|device|(?:num_|n_|max_)?epochs|max_\w+|learning_rate|lr"
    r"|weight_decay|.*params.*|world_size|grad(?:ient)?_accum\w*)(?:/.+)?"
)
"""Names of what a run is told to do, instead of what it does."""


MOST_NAMES = 12


class JsonLinesReader(JsonLines):
    """Reads objects of numbers, however deep; texts in them are passed over.

    Objects without a result that stand above the first numbers are settings.
    """

    format = "jsonl"
    about = "a JSON object a line, with numbers under any names"
    lacks = "no line that is an object with a metric"
    is_generic = True
    rank = 10

    def __init__(self, source: str) -> None:
        super().__init__(source)
        self._is_told = False

    @classmethod
    def begins(cls, head: bytes) -> bool:
        text = head.removeprefix(b"\xef\xbb\xbf")
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        objects = [line for line in lines if line.startswith(b"{") and line.endswith(b"}")]
        if len(lines) == 1 and not objects:
            return _CUT.match(lines[0]) is not None
        return 2 * len(objects) >= len(lines) and any(map(_has_number, objects))

    @property
    def recognised(self) -> int:
        return super().recognised if self._is_told else 0

    @property
    def told(self) -> str:
        if self._points.count and not self._is_told:
            names = ", ".join(islice(self.printed, MOST_NAMES))
            return f"{self.format}: {plural(self._points.count, 'line')}, no metric among {names}"
        return super().told

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes; lines of which each is an object are taken all at once."""
        lines = self._assembler.feed(chunk)
        if len(lines) < FEWEST_AT_ONCE or not self._points.count or not self._take_all(lines):
            for line in lines:
                self._next(line)

    def take_object(self, number: int, found: Mapping[str, object]) -> None:
        flat = unfolded(found)
        if not self._points.count and _is_setting(found, flat):
            self._settings(number, flat)
            return
        numbers = numbers_of(flat)
        if not numbers:
            self._points.legend(number)
            return
        self._is_told = self._is_told or tells_of_training(numbers, self._hints)
        self._points.add(number, numbers)

    def so_far(self) -> list[Callable[[], Run]]:
        """What builds the runs; none where no name is that of a metric."""
        return super().so_far() if self._is_told else []

    def _take_all(self, lines: list[str]) -> bool:
        """Take lines each of which is an object with numbers; False, and none, for others."""
        text = f"[{f',{_MARK},'.join(lines)}]"
        try:
            whole = [] if "\\u" in text else _DECODER.decode(text)
        except (ValueError, RecursionError):
            return False
        # Marks where they are due: no line holds half an object, or two.
        if len(whole) != 2 * len(lines) - 1 or any(mark != _MARK for mark in whole[1::2]):
            return False
        block = columns_of(whole[::2], self._points.lines + 1)
        if block is None:
            return False
        self._is_told = self._is_told or tells_of_training(block.columns, self._hints)
        self._points.lines += len(lines)
        self._points.add_block(block)
        return True


def _has_number(line: bytes) -> bool:
    try:
        return bool(numbers_of(unfolded(object_of(line.decode("utf-8", "replace")))))
    except BrokenJsonError:
        return False


def _is_setting(found: Mapping[str, object], flat: Mapping[str, object]) -> bool:
    """True for an object that tells how a run is set up, and nothing of how it goes."""
    if any(SETTINGS.fullmatch(key) and isinstance(value, dict) for key, value in found.items()):
        return True
    names = [name for name in numbers_of(flat) if not _HOW.fullmatch(name)]
    columns = [meaning(name) for name in names]
    if any(one.column in AXES or one.known or "loss" in one.column for one in columns):
        return False
    return any(map(_HOW.fullmatch, flat))
