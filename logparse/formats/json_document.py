"""Generic JSON documents: a list of objects, or lists of numbers under their names."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from math import isnan, nan
from typing import TYPE_CHECKING

import numpy as np

from logparse.readers.json_document import JsonDocument, JsonDocumentReader
from logparse.readers.json_lines import LONGEST_SETTING
from logparse.readers.json_objects import (
    number_of,
    numbers_of,
    on_split,
    setting_name,
    tells_of_training,
    unfolded,
)
from logparse.readers.json_places import text_of
from logparse.readers.points.meanings import meaning
from logparse.readers.points.table import Block, Points

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from logparse.readers.json_document import Part

FIRST_LINES = 8
_OF_GRADIENTS = "gradients"
_PLURAL = re.compile(r"(?i)(?:losses|accuracies|s)$")
_SINGULAR = {"losses": "loss", "accuracies": "accuracy"}
_KEY = re.compile(r"(?i)(?:(?P<axis>epoch|step|iter|iteration)[ _-]?)?(?P<number>[0-9]{1,9})")
_GRADIENT = re.compile(r"(?i)(?<![a-z])grad(?:s|ient|ients)?(?![a-z])")


@dataclass(slots=True)
class _Columns:
    """Lists of one object: the place of the first, and the numbers by name."""

    at: int
    numbers: dict[str, list[float | None]] = field(default_factory=dict)


class JsonDocumentsReader(JsonDocumentReader):
    """Reads the objects of a list as points, or lists of an object as columns of points.

    Objects under keys that count epochs or steps are as those of a list. Of several lists, and
    of several objects with lists, the longest with a metric is read. Plain values outside of
    them are settings.
    """

    format = "json-document"
    about = "a JSON list of objects, or lists of numbers by name, as Keras' history"
    lacks = "no list of numbers or of objects with a metric"
    is_generic = True
    rank = 5

    @classmethod
    def begins(cls, head: bytes) -> bool:
        if head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] not in (b"{", b"[") or _is_lines(head):
            return False
        reader = cls(_OF_GRADIENTS)  # What the file is called is not known here.
        reader.take(JsonDocument(text_of(head)), points := Points())
        return points.count > 0

    def take(self, document: JsonDocument, points: Points) -> None:
        entries: dict[tuple[str, ...], list[tuple[int, dict[str, float]]]] = {}
        columns: dict[tuple[str, ...], _Columns] = {}
        plain: list[Part] = []
        for part in document.parts():
            if part.is_item:
                if isinstance(part.value, dict) and (numbers := numbers_of(unfolded(part.value))):
                    line = document.lines.line(part.at)
                    entries.setdefault(part.path, []).append((line, numbers))
            elif isinstance(part.value, list) and part.path:
                self._column(part, columns)
            else:
                plain.append(part)
        plain, keyed = _keyed(plain, document)
        self._settings(plain, document, points)
        found = max((*entries.values(), keyed), key=self._weight)
        listed = max(columns.values(), key=self._width, default=_Columns(0))
        if self._weight(found) >= self._width(listed):
            for line, numbers in found if self._weight(found) else ():
                points.add(line, numbers)
        else:
            points.add_block(_block(listed, document))

    def _column(self, part: Part, columns: dict[tuple[str, ...], _Columns]) -> None:
        """Take a list of numbers; one that holds other things is passed over."""
        items = part.value if isinstance(part.value, list) else []
        values = [number_of(value) for value in items]
        if not any(value is not None for value in values):
            return
        *above, name = part.path
        if above and above[-1] in ("train", "val", "valid", "test", "eval"):
            name = on_split(name, {"valid": "val", "eval": "val"}.get(above[-1], above[-1]))
            above = above[:-1]
        columns.setdefault(tuple(above), _Columns(part.at)).numbers[self._named(name)] = values

    def _named(self, name: str) -> str:
        """The name of one item; a `norm` in a file of gradients is that of the gradient."""
        file = re.split(r"[/\\]", self._source)[-1].replace("_", " ")
        if name == "norm" and _GRADIENT.search(file):
            return "grad_norm"
        one = _PLURAL.sub(lambda found: _SINGULAR.get(found[0].casefold(), ""), name)
        return one if meaning(one).known and not meaning(name).known else name

    def _weight(self, entries: Sequence[tuple[int, Mapping[str, float]]]) -> int:
        names = dict.fromkeys(name for _, numbers in entries for name in numbers)
        return len(entries) if tells_of_training(names, self._hints) else 0

    def _width(self, columns: _Columns) -> int:
        is_told = tells_of_training(columns.numbers, self._hints)
        return max(map(len, columns.numbers.values())) if is_told else 0

    def _settings(self, plain: list[Part], document: JsonDocument, points: Points) -> None:
        for part in plain:
            value = part.value
            raw = value if isinstance(value, str) else json.dumps(value)
            if part.path and value is not None and len(raw) <= LONGEST_SETTING:
                key = setting_name("/".join(part.path))
                points.setting(document.lines.line(part.at), key, raw, value)


def _keyed(
    plain: list[Part], document: JsonDocument
) -> tuple[list[Part], list[tuple[int, dict[str, float]]]]:
    """Values without those of objects whose keys count epochs or steps; and these objects."""
    rest: list[Part] = []
    found: dict[tuple[str, ...], tuple[int, dict[str, object]]] = {}
    for part in plain:
        at = next((at for at, key in enumerate(part.path[:-1], 1) if _KEY.fullmatch(key)), 0)
        counted = _KEY.fullmatch(part.path[at - 1]) if at else None
        if counted is None:
            rest.append(part)
            continue
        axis = counted["axis"] or "epoch"
        place: dict[str, object] = {axis: float(counted["number"])}
        first = (document.lines.line(part.at), place)
        found.setdefault(part.path[:at], first)[1]["/".join(part.path[at:])] = part.value
    return rest, [(line, numbers_of(values)) for line, values in found.values()]


def _is_lines(head: bytes) -> bool:
    """True where two of the first lines are an object each."""
    lines = [line.strip() for line in head.splitlines() if line.strip()][:FIRST_LINES]
    return sum(line.startswith(b"{") and line.endswith(b"}") for line in lines) > 1


def _block(columns: _Columns, document: JsonDocument) -> Block:
    """Lists as columns; lines are those of the first list's items."""
    count = max(map(len, columns.numbers.values()))
    first = document.lines.line(columns.at)
    end = document.cursor.text.find("]", columns.at)
    breaks = document.cursor.text.count("\n", columns.at, max(end, columns.at))
    own = len(next(iter(columns.numbers.values())))
    rises = own > 1 and breaks >= own
    lines = first + np.minimum(np.arange(1, count + 1), own) if rises else np.full(count, first)
    numbers, nan_at = {}, {}
    for name, values in columns.numbers.items():
        filled = _spread(values, count)
        numbers[name] = np.array([nan if n is None else n for n in filled])
        nan_at[name] = np.array([n is not None and isnan(n) for n in filled])
    return Block(lines.astype(np.int64), numbers, nan_at)


def _spread(values: list[float | None], count: int) -> list[float | None]:
    """A shorter list among longer ones: one that was cut, or of what is logged less often.

    One that is less than half as long is spread evenly, with its last item at the end.
    """
    if not values or 2 * len(values) > count:
        return [*values, *[None] * (count - len(values))]
    spread: list[float | None] = [None] * count
    for at, value in enumerate(values, 1):
        spread[at * count // len(values) - 1] = value
    return spread
