"""Formats of binary records, each a message of Protocol Buffers that an extra decodes."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar

from logparse.errors import MissingExtraError
from logparse.readers.base import HEAD_BYTES
from logparse.readers.points.reader import PointsReader
from logparse.records import Unparsed
from logparse.run import Truncation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from logparse.readers.framing import Framing
    from logparse.records import Record
    from logparse.run import Run


class RecordFile(PointsReader):
    """Takes each record as it comes. What is called a line elsewhere is a record here, from 1.

    Without the extra records are counted only, and the end of the file is a MissingExtraError.
    """

    framing: ClassVar[type[Framing]]

    def __init__(self, source: str) -> None:
        super().__init__(source)
        self._frames = self.framing()
        self._bytes = 0
        self._whole = 0
        self._decode: Callable[[bytes], Any] | None = None
        self._undecodable: tuple[type[Exception], ...] = ()
        self._is_missing = False

    @staticmethod
    @abstractmethod
    def decoder() -> Callable[[bytes], Any]:
        """What makes a message of a record; raises ImportError without the extra."""

    @abstractmethod
    def take(self, number: int, message: Any) -> bool:
        """Put what a message says into the points; False where it says nothing of the run."""

    @property
    def recognised(self) -> int:
        """Records that are whole, of any kind: what is asked of a file is whether it is one.

        None in a small file of whole records without a number: a run that was begun, no more.
        """
        is_more = self._bytes > HEAD_BYTES or self._frames.missing or self._is_missing
        return self._whole if is_more or self._has_numbers() else 0

    def _has_numbers(self) -> bool:
        return self._points.count > 0

    @property
    def told(self) -> str:
        return f"{self.format}: {self._points.lines} records, no numbers of a run in them"

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes of the source, however they are cut."""
        points = self._points
        self._bytes += len(chunk)
        for record in self._frames.feed(chunk):
            points.lines += 1
            message = None if record is None else self._message(record)
            if message is not None:
                if not self.take(points.lines, message):
                    points.legend(points.lines)
            elif not self._is_missing:
                points.lose(Unparsed(points.lines, "", None, "a whole record"))

    def close(self) -> list[Callable[[], Run]]:
        """What builds the runs. Raises MissingExtraError."""
        if self._is_missing:
            raise MissingExtraError(
                f"{self._source}: reading {self.format} needs an extra package: "
                f"pip install 'logdiag[{self.extra}]'"
            )
        points, missing = self._points, self._frames.missing
        if missing and points.facts.truncation is None:
            points.lines += 1
            points.facts.truncation = Truncation(points.lines, None, missing)
            points.lose(Unparsed(points.lines, "", None, missing))
        return self.so_far()

    def records(self, lines: Iterable[str]) -> Iterator[Record]:
        """None: lines of text no longer hold the bytes of which records are made."""
        return iter(())

    def _message(self, record: bytes) -> Any:
        """The message, None for what is none, and for all where the extra is missing."""
        if self._decode is None and not self._is_missing:
            self._load()
        if self._decode is None:
            self._whole += 1
            return None
        try:
            message = self._decode(record)
        except self._undecodable:
            return None
        self._whole += 1
        return message

    def _load(self) -> None:
        try:
            from google.protobuf.message import DecodeError

            self._decode, self._undecodable = self.decoder(), (DecodeError,)
        except ImportError:
            self._is_missing = True
