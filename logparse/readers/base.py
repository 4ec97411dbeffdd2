"""What a reader of a format promises."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from logparse.records import Record
    from logparse.run import Run

HEAD_BYTES = 1 << 18
"""The beginning of a source, by which its format is told."""


class Reader(ABC):
    """Reads the bytes of one source, in order, and makes runs of them."""

    format: ClassVar[str]
    lacks: ClassVar[str] = ""
    """What a source that is not of this format has none of; of formats told by a beginning."""

    @abstractmethod
    def __init__(self, source: str) -> None:
        """`source` is what the runs call it."""

    @classmethod
    def begins(cls, head: bytes) -> bool:
        """True where the beginning of a source, or less of it, can only be of this format.

        What is true of a beginning is true of a longer one.
        """
        return False

    @classmethod
    def owns(cls, line: str) -> bool:
        """True for a line that only this format has, whatever stands around it."""
        return False

    @abstractmethod
    def feed(self, chunk: bytes) -> None:
        """Take the next bytes, however they are cut."""

    @abstractmethod
    def close(self) -> list[Callable[[], Run]]:
        """What builds each run of the source, in order; empty when none of the format was seen.

        A file may hold thousands of runs, of which one is wanted: build each once, or never.
        Raises NotALogError where the format cannot be read from this source, with the reason.
        """

    @abstractmethod
    def so_far(self) -> list[Callable[[], Run]]:
        """As `close`, of what was fed so far; more may be fed, and what was built stays as it is.

        A line that has not ended yet is left out. Raises nothing.
        """

    @abstractmethod
    def records(self, lines: Iterable[str]) -> Iterator[Record]:
        """Typed records of a source's lines, in order. Independent of `feed`."""

    @property
    @abstractmethod
    def recognised(self) -> int:
        """How many lines so far could only be of this format."""

    @property
    @abstractmethod
    def seen(self) -> int:
        """How many lines so far were not blank."""

    @property
    def is_rewritten(self) -> bool:
        """True for a format whose file is written anew as a whole, not added to."""
        return False

    @property
    def is_full(self) -> bool:
        """True when what follows cannot change what `close` says."""
        return False

    @property
    def told(self) -> str:
        """How far the format was followed, for a person who wonders why it was not."""
        return f"{self.format}: {self.recognised} of {self.seen} lines fit"
