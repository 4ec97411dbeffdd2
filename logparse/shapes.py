"""Shapes of lines, and the place where they are kept between processes.

Building the parser costs more than reading a short log. The patterns learned from it are
therefore kept in the user's cache directory, under a key of the grammar's text, so that a
process which meets known shapes only never builds the parser at all. A store that is missing,
damaged or of another grammar is an empty one; one that cannot be written is not written.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from logparse.grammar import grammar_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

CACHE_VARIABLE = "LOGDIAG_CACHE_DIR"
"""Names another directory for the store; set but empty, there is no store."""

MAX_STORED = 200
MAX_STORED_PARTS = 400
"""A shape of more tokens is not worth the time to compile it in a process that may not meet it."""
_FORMAT = "1"


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a value stands: the rule it belongs to, its place there, the literal before it."""

    rule: str
    index: int
    label: str


@dataclass(slots=True, eq=False)
class Shape:
    """The tokens of a line without its values.

    `key` is the start rule, the character the line begins with, then a pattern for each token.
    `seen` counts parses by Lark.
    """

    kind: str
    key: tuple[str, ...]
    slots: tuple[Slot, ...]
    seen: int = 0
    match: Callable[[str], re.Match[str] | None] = field(init=False)
    """Matches a whole line, one group for each slot; compiled when first used."""

    def __post_init__(self) -> None:
        self.match = self._compile_and_match

    @property
    def opening(self) -> tuple[str, str]:
        """The start rule and the first character: what is known before a line is matched."""
        return self.key[0], self.key[1]

    def _compile_and_match(self, line: str) -> re.Match[str] | None:
        self.match = re.compile("".join(self.key[2:])).fullmatch
        return self.match(line)


class ShapeStore:
    """The shapes that earlier processes learned from one grammar."""

    def __init__(self, grammar: str, tables: tuple[str, ...]) -> None:
        text = grammar_text("terminals") + grammar_text(grammar)
        known = "\0".join((_FORMAT, *tables, text))
        folder = _folder()
        self._path = folder / f"{grammar}-{_digest(known)}.json" if folder else None

    def load(self) -> list[Shape]:
        """The stored shapes, most useful first; none where there is no sound store."""
        if self._path is None:
            return []
        with suppress(OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
            # A pipe or a device in its place would be waited for without end.
            if not self._path.is_file():
                return []
            checksum, _, body = self._path.read_text(encoding="utf-8").partition("\n")
            if checksum == _digest(body):
                return [_shape(entry) for entry in json.loads(body)]
        return []

    def save(self, shapes: Iterable[Shape]) -> None:
        """Replace the store as a whole, or leave it as it is."""
        if self._path is None:
            return
        body = json.dumps(
            [_entry(s) for s in shapes if len(s.key) <= MAX_STORED_PARTS][:MAX_STORED]
        )
        with suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self._path.parent, suffix=".part")
            try:
                with os.fdopen(handle, "w", encoding="utf-8") as stream:
                    stream.write(f"{_digest(body)}\n{body}")
                Path(name).replace(self._path)
            except BaseException:
                Path(name).unlink()
                raise


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:16]


def _folder() -> Path | None:
    named = os.environ.get(CACHE_VARIABLE)
    if named is not None:
        return Path(named) if named else None
    from platformdirs import user_cache_path

    return user_cache_path("logdiag", appauthor=False)


def _entry(shape: Shape) -> dict[str, object]:
    slots = [[slot.rule, slot.index, slot.label] for slot in shape.slots]
    return {"kind": shape.kind, "key": shape.key, "slots": slots}


def _shape(entry: dict[str, object]) -> Shape:
    key, slots = entry["key"], entry["slots"]
    if not isinstance(key, list) or not isinstance(slots, list):
        raise TypeError("not a stored shape")
    made = tuple(Slot(str(rule), int(index), str(label)) for rule, index, label in slots)
    shape = Shape(str(entry["kind"]), tuple(map(str, key)), made)
    if len(made) > len(key) - 2:
        raise ValueError("not a stored shape")
    return shape
