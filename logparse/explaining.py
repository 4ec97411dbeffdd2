"""Why a source is read as it is: its format, what was tried, its runs, its names, its lines."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, fields
from itertools import islice
from typing import TYPE_CHECKING, Literal

from logparse import sources
from logparse.column_hints import hints_from
from logparse.errors import LogParseError, NotALogError
from logparse.formats import format_named
from logparse.formats.choosing import Choice, choice
from logparse.formats.trials import trials
from logparse.lines import LineAssembler
from logparse.metrics import metric
from logparse.readers.base import HEAD_BYTES
from logparse.readers.points.meanings import AXES
from logparse.readers.points.naming import column_names
from logparse.records import EpochLine, Legend, Record, Unparsed
from logparse.session import Session

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator, Mapping, Sequence

    from logparse.formats.trials import Trial
    from logparse.readers.base import Reader
    from logparse.readers.points.meanings import Hints
    from logparse.run import Run

MOST_LINES = 1000
"""So many lines are told one by one."""


@dataclass(frozen=True, slots=True)
class NameTaken:
    """A name as printed, the column that it is taken for, and how many values it has.

    `known` is False for a column of the log's own making. In formats of fixed names `printed` is
    the column.
    """

    printed: str
    column: str
    known: bool
    values: int


@dataclass(frozen=True, slots=True)
class LineTaken:
    """One physical line, how it was understood, and what it says: numbers or facts by name.

    `broken` says where a line that is unparsed could not be followed.
    """

    number: int
    kind: Literal["parsed", "legend", "blank", "unparsed"]
    says: Mapping[str, object]
    broken: Unparsed | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """How a source is read.

    choice    its format and what told it; `about` is who writes that format
    tried     every format on the beginning, the best first
    why_not   why there is no run in it; '' where there is one
    runs      as they were read, unjudged
    names     what the names of numbers were taken for
    lines     line by line, the first MOST_LINES at most, where that was asked for
    """

    source: str
    choice: Choice
    about: str
    tried: tuple[Trial, ...]
    why_not: str
    runs: tuple[Run, ...]
    names: tuple[NameTaken, ...]
    lines: tuple[LineTaken, ...] = ()

    @property
    def unparsed(self) -> tuple[Unparsed, ...]:
        """Lines that were not understood, each once."""
        return tuple({one.line: one for run in self.runs for one in run.unparsed}.values())


def explain(
    path: str | os.PathLike[str],
    *,
    format_in: str = "",
    hints: Hints | None = None,
    with_lines: bool = False,
    stdin_name: str = "<stdin>",
) -> Explanation:
    """How the source at a path, or standard input for `-`, is read.

    Raises SourceError where its bytes cannot be had, UnknownNameError for a format there is none
    of. That it is no log is part of the explanation.
    """
    source = stdin_name if str(path) == sources.STDIN else str(path)
    hints = hints or hints_from()
    session = Session(source, rules=(), format=format_in, hints=hints)
    assembler, lines, head = LineAssembler(), list[str](), b""
    for chunk in sources.read_chunks(path):
        head += chunk[: HEAD_BYTES - len(head)]
        if with_lines and len(lines) <= MOST_LINES:
            lines += assembler.feed(chunk)
        if not session.is_hopeless:
            session.feed(chunk)
    lines += assembler.close()
    runs, why_not = _runs(session, source)
    chosen = Choice(format_in, "asked") if format_in else choice(head)
    return Explanation(
        source=source,
        choice=chosen,
        about=format_named(chosen.format).about,
        tried=trials(head, source),
        why_not=why_not,
        runs=runs,
        names=tuple(_names(session.reader, runs, hints)),
        lines=tuple(_lines(session.reader, runs, lines[:MOST_LINES])),
    )


def _runs(session: Session, source: str) -> tuple[tuple[Run, ...], str]:
    try:
        return tuple(session.runs()), ""
    except NotALogError as error:
        return (), str(error).removeprefix(f"{source}: ")


def _names(reader: Reader, runs: Sequence[Run], hints: Hints) -> Iterator[NameTaken]:
    printed = dict(reader.printed)
    if printed:
        columns = column_names([*printed], hints)
    else:
        columns = {str(name): str(name) for run in runs for name in run.epochs if name != "line"}
        present = (run.epochs[name].notna() for run in runs for name in run.epochs)
        for values in present:
            printed[str(values.name)] = printed.get(str(values.name), 0) + int(values.sum())
    for name, column in columns.items():
        is_known = metric(column.removesuffix("_step")) is not None or column in AXES
        yield NameTaken(name, column, is_known, printed[name])


def _lines(reader: Reader, runs: Sequence[Run], lines: Sequence[str]) -> Iterator[LineTaken]:
    """Each line by what the reader counted it as, with the records that stand in it."""
    records: dict[int, list[Record]] = defaultdict(list)
    try:
        for record in islice(reader.records(lines), MOST_LINES * 2):
            records[record.line].append(record)
    except LogParseError:  # as where the whole cannot be read: the lines are told without
        records.clear()
    ranges = [one for run in runs for one in run.coverage.unparsed_ranges]
    lost = {n for first, last in ranges for n in range(first, min(last, len(lines)) + 1)}
    legend = {*reader.legend_lines[: len(lines)]}
    for number, line in enumerate(lines, 1):
        found = records.get(number, [])
        broken = next((one for one in found if isinstance(one, Unparsed)), None)
        if number in lost or (broken is not None and not runs):
            yield LineTaken(number, "unparsed", {}, broken or Unparsed(number, line[:200]))
        elif not line or line.isspace():
            yield LineTaken(number, "blank", {})
        elif number in legend or any(isinstance(one, Legend) for one in found):
            yield LineTaken(number, "legend", {})
        else:
            yield LineTaken(number, "parsed", _said(found))


def _said(records: Sequence[Record]) -> dict[str, object]:
    """What records say, by name; a name that is said again gets a number."""
    said: dict[str, object] = {}
    for record in records:
        for name, value in _facts(record).items():
            key = name if name not in said else f"{name}#{len(said)}"
            said[key] = value
    return said


def _facts(record: Record) -> Mapping[str, object]:
    match record:
        case EpochLine(epoch=epoch, fields=numbers):
            return numbers if "epoch" in numbers or not epoch else {"epoch": epoch, **numbers}
        case Unparsed():
            return {}
    own = {one.name: getattr(record, one.name) for one in fields(record) if one.name != "line"}
    if {"key", "value"} <= own.keys():
        return {str(own["key"]): own["value"]}
    return {k: v for k, v in own.items() if v not in (None, "", ())}


def coverage_of(runs: Sequence[Run]) -> dict[str, int]:
    """Lines of all runs by how they were understood."""
    kinds = ("lines", "parsed", "legend", "blank", "unparsed")
    return {kind: int(sum(getattr(run.coverage, kind) for run in runs)) for kind in kinds}


def settings_of(run: Run) -> Mapping[str, object]:
    """The settings of a run, by key."""
    return dict(run.settings)


def spans_of(run: Run) -> dict[str, tuple[float, float]]:
    """From where to where each axis of a run goes that its log tells, as logged."""
    frame = run.epochs if run.points is None else run.points
    known = {axis: frame[axis].dropna() for axis in AXES if axis in frame}
    return {axis: (float(n.min()), float(n.max())) for axis, n in known.items() if len(n)}
