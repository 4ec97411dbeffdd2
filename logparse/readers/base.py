"""What a reader of a format promises."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from logparse.readers.points.meanings import Hints
    from logparse.records import Record
    from logparse.run import Run

HEAD_BYTES = 1 << 18
"""The beginning of a source, by which its format is told."""


class Reader(ABC):
    """Reads the bytes of one source, in order, and makes runs of them."""

    format: ClassVar[str]
    about: ClassVar[str] = ""
    """Who writes the format, and what is read from it, in a sentence."""
    lacks: ClassVar[str] = ""
    """What a source that is not of this format has none of; of formats told by a beginning."""
    is_json: ClassVar[bool] = False
    """True for formats that begin as JSON: their `begins` may look beyond the first line."""
    is_generic: ClassVar[bool] = False
    """True for formats of no program in particular, tried where no other reader knows a source."""
    rank: ClassVar[int] = 0
    """Among generic formats those of a lower rank are tried first."""
    extra: ClassVar[str] = ""
    """The extra of logdiag that the format needs, '' for none."""

    @abstractmethod
    def __init__(self, source: str) -> None:
        """`source` is what the runs call it."""

    def advise(self, hints: Hints) -> None:  # noqa: B027 - most formats have no use for it
        """Take what the user says of columns; formats of fixed meanings need none of it."""

    @classmethod
    def begins(cls, head: bytes) -> bool:
        """True where the beginning of a source, or less of it, can only be of this format.

        What is true of a beginning is true of a longer one. Formats that are not JSON judge by
        the first line that is not blank, once its end is there. A generic format is asked for
        the whole beginning, once, and may say that it can make something of it.
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
    def printed(self) -> Mapping[str, int]:
        """How many values each name has; {} in formats whose names have fixed meanings."""
        return {}

    @property
    def legend_lines(self) -> Sequence[int]:
        """Lines that say nothing of the run, where the format's records do not tell of them."""
        return ()

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
