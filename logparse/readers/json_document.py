"""One JSON document of a training: its parts in order, as far as it can be read."""

from __future__ import annotations

import re
from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING

from logparse.errors import NotALogError
from logparse.readers.base import HEAD_BYTES
from logparse.readers.json_places import MAX_BYTES, BrokenJsonError, Cursor, Lines, text_of
from logparse.readers.points.reader import PointsReader, epoch_line
from logparse.readers.points.table import Points
from logparse.run import Truncation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from logparse.records import Record
    from logparse.run import Run

MOST_FAULTS = 1000
"""So often reading is taken up again behind a fault; what follows the last one is unparsed."""
DEEPEST = 4
"""Objects in so many others are taken as a whole."""
_RESUMES = re.compile(
    r'(?P<entry>\{\s*"[^"\\\n]*"\s*:\s*[-+0-9NI"tfn])|"[^"\\\n]*"\s*:\s*\[\s*(?:\{|[-+0-9NI])'
)
"""Where reading is taken up again: at an object with a plain value, or at a list."""

_OF_OBJECTS = re.compile(r"\[\s*\{")


@dataclass(frozen=True, slots=True)
class Part:
    """A value of the document.

    path     the keys that lead to it
    at       where it begins
    value    as `json` has it
    is_item  True for an object of a list, False for what has a key of its own
    """

    path: tuple[str, ...]
    at: int
    value: object
    is_item: bool = False


class JsonDocument:
    """The parts of a text, in order. Raises nothing: what is not understood is lost.

    Objects of a list are parts of their own, lists of anything else are one; of one that breaks
    off, what stands before the fault. Behind a fault reading goes on at the next such object.
    """

    def __init__(self, text: str) -> None:
        self.cursor, self.lines = Cursor(text), Lines(text)
        self.truncation: Truncation | None = None
        self._list: tuple[str, ...] = ()

    def parts(self) -> Iterator[Part]:
        """All parts; the truncation is known behind the last of them."""
        cursor = self.cursor
        step = self._value(())
        for _ in range(MOST_FAULTS):
            try:
                yield from step
                break
            except BrokenJsonError as fault:
                found = _RESUMES.search(cursor.text, max(cursor.known + 1, cursor.at))
                cursor.at = found.start() if found else len(cursor.text)
                cursor.lose(cursor.known, fault.expected, at=fault.at)
                if found is None:
                    self._note_cut(fault)
                    return
                step = self._more_items() if found["entry"] else self._members((), is_entered=True)
        if cursor.next:
            start, cursor.at = cursor.at, len(cursor.text)
            cursor.lose(start, "the end of the document")

    def _value(self, path: tuple[str, ...]) -> Iterator[Part]:
        cursor = self.cursor
        if cursor.next == "{" and len(path) < DEEPEST:
            yield from self._members(path)
        elif cursor.next == "[":
            yield from self._items(path)
        else:
            at = cursor.at
            yield Part(path, at, cursor.value())

    def _members(self, path: tuple[str, ...], *, is_entered: bool = False) -> Iterator[Part]:
        for key in self.cursor.members(is_entered=is_entered):
            yield from self._value((*path, key))

    def _items(self, path: tuple[str, ...]) -> Iterator[Part]:
        cursor, at = self.cursor, self.cursor.at
        if _OF_OBJECTS.match(cursor.text, at):
            self._list = path
            for place in cursor.items():
                yield Part(path, place, cursor.value(), is_item=True)
            return
        try:
            value, fault = cursor.value(), None
        except BrokenJsonError:
            cursor.at = at
            value, fault = self._as_far_as_it_goes()
        yield Part(path, at, value)
        if fault is not None:
            raise fault

    def _as_far_as_it_goes(self) -> tuple[list[object], BrokenJsonError | None]:
        """The items of the list here up to the one that is broken, and what is wrong with it."""
        values: list[object] = []
        try:
            for _ in self.cursor.items():
                values.append(self.cursor.value())
        except BrokenJsonError as fault:
            return values, fault
        return values, None

    def _more_items(self) -> Iterator[Part]:
        """The rest of the list in which reading broke, and of the objects around it."""
        for place in self.cursor.items(is_entered=True):
            yield Part(self._list, place, self.cursor.value(), is_item=True)
        for depth in range(len(self._list) - 1, -1, -1):
            if self.cursor.goes_on("}"):
                yield from self._members(self._list[:depth], is_entered=True)

    def _note_cut(self, fault: BrokenJsonError) -> None:
        """A text that ends with a last bracket was written to its end, and damaged later."""
        text = self.cursor.text.rstrip()
        if fault.at >= len(text) or not text.endswith(("}", "]")):
            end = len(text) - 1
            missing = f"what follows column {self.lines.column(end)}"
            self.truncation = Truncation(self.lines.line(end), None, missing)


class JsonDocumentReader(PointsReader):
    """What readers of a document share, which is held once and read whole; also one cut short."""

    is_json = True
    lacks = "no list of what was logged"

    def __init__(self, source: str) -> None:
        super().__init__(source)
        self._held = bytearray()
        self._is_begun = self._is_read = False

    @abstractmethod
    def take(self, document: JsonDocument, points: Points) -> None:
        """Put what the parts of a document say into points."""

    @property
    def recognised(self) -> int:
        if self._is_read:
            return self._points.count
        self._is_begun = self._is_begun or self.begins(bytes(self._held[:HEAD_BYTES]))
        return int(self._is_begun)

    @property
    def seen(self) -> int:
        return super().seen if self._is_read else int(bool(self._held.strip()))

    @property
    def is_rewritten(self) -> bool:
        return True

    @property
    def is_full(self) -> bool:
        return len(self._held) > MAX_BYTES

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes of the document, however they are cut."""
        self._held += chunk[: MAX_BYTES + 1 - len(self._held)]

    def close(self) -> list[Callable[[], Run]]:
        """What builds the runs; raises NotALogError for a document that is too large."""
        if self.is_full:
            told = f"larger than {MAX_BYTES >> 20} MiB, and such a document is read whole"
            raise NotALogError(f"{self._source}: {told}")
        text = text_of(self._held)
        self._held.clear()
        self._points, self._is_read = self._read(text), True
        return super().so_far()

    def so_far(self) -> list[Callable[[], Run]]:
        """What builds the runs of the document as far as it goes; none where it is too large."""
        if not self._is_read:
            self._points = self._read("" if self.is_full else text_of(self._held))
        return super().so_far()

    def records(self, lines: Iterable[str]) -> Iterator[Record]:
        """A record for each setting and each point, and for each line that was not understood."""
        points = self._read("\n".join(lines))
        frame, nan_at = points.frame()
        found: list[Record] = [*points.facts.settings.values(), *points.unparsed]
        names = [str(name) for name in frame if name != "line"]
        for at, row in enumerate(frame.to_dict("records")):
            is_there = (n for n in names if row[n] == row[n] or (n in nan_at and nan_at[n][at]))
            found.append(epoch_line(int(row["line"]), {name: row[name] for name in is_there}))
        yield from sorted(found, key=lambda record: record.line)

    def _read(self, text: str) -> Points:
        document, points = JsonDocument(text), Points()
        self.take(document, points)
        points.facts.truncation = document.truncation
        lines = Lines(text)
        points.lines = lines.count
        for number in lines.blanks():
            points.blank(number)
        for broken in lines.unparsed(document.cursor.lost):
            points.lose(broken)
        return points
