"""Generic JSON lines: an object a line, numbers under any names."""

from __future__ import annotations

import json
import re

from logparse.readers.json_values import float_of
from logparse.readers.points.reader import PointLines
from logparse.readers.tally import LONGEST_SHOWN
from logparse.records import Unparsed

_BEGINS = re.compile(rb'(?:\A|[\r\n])[ \t]*\{[^\r\n]*"[ \t]*:[^\r\n]*\}[ \t]*[\r\n]')


class JsonLinesReader(PointLines):
    """Reads objects of numbers, however deep; texts in them are passed over."""

    format = "jsonl"
    about = "a JSON object a line, with numbers under any names"
    lacks = "no line that is an object"
    is_json = True
    is_generic = True
    rank = 10

    @classmethod
    def begins(cls, head: bytes) -> bool:
        return _BEGINS.search(head) is not None

    def take(self, number: int, line: str) -> Unparsed | None:
        try:
            found = json.loads(line)
        except ValueError:
            return Unparsed(number, line[:LONGEST_SHOWN], 1, "a JSON object")
        if not isinstance(found, dict):
            return Unparsed(number, line[:LONGEST_SHOWN], 1, "a JSON object")
        numbers = {k: n for k, v in found.items() if (n := float_of(v)) is not None}
        if numbers:
            self._points.add(number, numbers)
        else:
            self._points.legend(number)
        return None
