"""What a reader of a format promises."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from logparse.records import Record
    from logparse.run import Run


class Reader(ABC):
    """Reads the lines of one source, in order, and makes runs of them."""

    format: ClassVar[str]

    @abstractmethod
    def feed(self, lines: Iterable[str]) -> None:
        """Take the next lines, without their ends."""

    @abstractmethod
    def close(self) -> list[Callable[[], Run]]:
        """What builds each run of the source, in order; empty when none of the format was seen.

        A file may hold thousands of runs, of which one is wanted: build each once, or never.
        """

    @abstractmethod
    def records(self, lines: Iterable[str]) -> Iterator[Record]:
        """Typed records of lines, one each; blank lines have none. Independent of `feed`."""

    @property
    @abstractmethod
    def recognised(self) -> int:
        """How many lines so far could only be of this format."""

    @property
    @abstractmethod
    def seen(self) -> int:
        """How many lines so far were not blank."""
