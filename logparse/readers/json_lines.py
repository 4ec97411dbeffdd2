"""What formats of JSON lines share: an object a line, read one by one."""

from __future__ import annotations

import json
import re
from abc import abstractmethod
from typing import TYPE_CHECKING

from logparse.lines import CutLine
from logparse.readers.json_objects import setting_name
from logparse.readers.json_places import BrokenJsonError, decoded
from logparse.readers.points.reader import PointLines
from logparse.readers.tally import LONGEST_SHOWN
from logparse.records import Unparsed
from logparse.run import Truncation

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from logparse.run import Run

LONGEST_SETTING = 200
"""Longer texts are no settings: descriptions of the machine, or a whole file."""
OBJECT_LINE = rb"(?:\A(?:\xef\xbb\xbf)?|[\r\n])[ \t]*\{"
"""How a line with an object begins, in the bytes of a source."""
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


class JsonLines(PointLines):
    """A subclass takes the object of a line; here are lines that are none, or not whole."""

    is_json = True
    lacks = "no line that is an object of its kind"

    @abstractmethod
    def take_object(self, number: int, found: Mapping[str, object]) -> None:
        """Put what an object says into `_points`, be it nothing."""

    def take(self, number: int, line: str) -> Unparsed | None:
        try:
            found = object_of(line)
        except BrokenJsonError as fault:
            return Unparsed(number, line[:LONGEST_SHOWN], fault.at + 1, fault.expected)
        self.take_object(number, found)
        return None

    def close(self) -> list[Callable[[], Run]]:
        """What builds the runs; a last line that stops within its object is told as cut."""
        super().close()
        points = self._points
        last = points.unparsed[-1] if points.unparsed else None
        if last is not None and last.line == points.lines and is_cut(last.text):
            points.facts.truncation = Truncation(last.line, None, f"what follows {_end(last)}")
        return self.so_far()

    def _settings(self, number: int, flat: Mapping[str, object]) -> None:
        """Take the values of an object as settings; it is a line of the legend."""
        points = self._points
        points.legend(number)
        for key, value in flat.items():
            raw = value if isinstance(value, str) else json.dumps(value)
            if value is not None and len(raw) <= LONGEST_SETTING:
                points.setting(number, setting_name(key), raw, value)


def object_of(line: str) -> dict[str, object]:
    """The object that is the line. Raises BrokenJsonError."""
    at = len(line) - len(line.lstrip())
    found, end = decoded(line, at, is_escaped=_SURROGATE.search(line) is not None)
    if not isinstance(found, dict):
        raise BrokenJsonError(at, "an object")
    if line[end:].strip():
        raise BrokenJsonError(end, "the end of the line")
    return found


def is_cut(line: str) -> bool:
    """True for an object that was not written to its end."""
    text = line.strip()
    is_whole = text.endswith("}") or isinstance(line, CutLine)
    return text.startswith("{") and not is_whole


def _end(last: Unparsed) -> str:
    return f"column {last.column - 1}" if last.column and last.column > 1 else "its beginning"
