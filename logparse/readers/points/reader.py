"""A format of named numbers: its reader fills points, and runs are made of them in one way."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

from logparse.lines import CutLine, LineAssembler
from logparse.readers.base import Reader
from logparse.readers.points.meanings import Hints, meaning
from logparse.readers.points.runs import runs_of
from logparse.readers.points.table import Points
from logparse.readers.tally import LONGEST_SHOWN
from logparse.records import EpochLine, Unparsed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from logparse.records import Record
    from logparse.run import Run


class PointsReader(Reader):
    """What readers of named numbers share: they fill `_points`; the rest is done here."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._hints = Hints()
        self._points = Points()

    def advise(self, hints: Hints) -> None:
        self._hints = hints

    @property
    def recognised(self) -> int:
        return self._points.count

    @property
    def seen(self) -> int:
        return self._points.lines - len(self._points.blanks)

    @property
    def printed(self) -> Mapping[str, int]:
        frame, nan_at = self._points.frame()
        absent = {name: int(frame[name].isna().sum()) for name in map(str, frame)}
        nans = {name: int(mask.sum()) for name, mask in nan_at.items()}
        return {
            name: len(frame) - missing + nans.get(name, 0)
            for name, missing in absent.items()
            if name != "line"
        }

    @property
    def legend_lines(self) -> Sequence[int]:
        return self._points.legends

    def so_far(self) -> list[Callable[[], Run]]:
        """What builds the runs of the whole lines so far."""
        is_sure = not self.is_generic
        return runs_of(self._points, self._source, self.format, self._hints, is_sure=is_sure)


class PointLines(PointsReader):
    """A format of lines, each of which says something of its own; a subclass takes one line."""

    def __init__(self, source: str) -> None:
        super().__init__(source)
        self._assembler = LineAssembler()

    @abstractmethod
    def take(self, number: int, line: str) -> Unparsed | None:
        """Put what a line says into `_points`; where it was not understood, say why.

        Lines that say nothing of the run are put there by `legend`. No line is blank.
        """

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes of the source, however they are cut."""
        for line in self._assembler.feed(chunk):
            self._next(line)

    def close(self) -> list[Callable[[], Run]]:
        """What builds the runs, with a last line that lacks its end."""
        for line in self._assembler.close():
            self._next(line)
        return self.so_far()

    def records(self, lines: Iterable[str]) -> Iterator[Record]:
        """A record for each line with numbers, and for each that was not understood."""
        reader = type(self)(self._source)
        reader.advise(self._hints)
        for line in lines:
            before = reader._points.count
            broken = reader._next(line)
            if broken is not None:
                yield broken
            elif reader._points.count > before:
                yield from (epoch_line(n, numbers) for n, numbers in reader._points.latest(before))

    def _next(self, line: str) -> Unparsed | None:
        points = self._points
        points.lines += 1
        if not line or line.isspace():
            points.blank(points.lines)
            return None
        if isinstance(line, CutLine):
            broken: Unparsed | None = Unparsed(
                points.lines, line[:LONGEST_SHOWN], len(line), "the end of the line"
            )
        else:
            broken = self.take(points.lines, line)
        if broken is not None:
            points.lose(broken)
        return broken


def epoch_line(number: int, numbers: Mapping[str, float]) -> EpochLine:
    """A line with numbers as a record; its epoch is 0 where it names none."""
    epoch = next((v for n, v in numbers.items() if meaning(n).column == "epoch"), 0.0)
    return EpochLine(number, int(epoch) if 0 <= epoch < 1e9 else 0, "", dict(numbers))
