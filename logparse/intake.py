"""Sources on their way to a session: which files are logs, who judges them, what failed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from logparse import sources
from logparse.column_hints import hints_from
from logparse.configuration import Configuration
from logparse.errors import LogParseError
from logparse.findings import SourceFailure, plural
from logparse.formats import format_named
from logparse.readers.points.meanings import Hints
from logparse.rules import Selection, entries
from logparse.session import Session

if TYPE_CHECKING:
    import os
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from logparse.rules.base import Rule
    from logparse.run import Run

SNIFFED_BYTES = 1 << 18
MOST_NAMES = 12


@dataclass(frozen=True, slots=True)
class Told:
    """What the user says of logs: their format, '' for whatever each is, and what names mean.

    `asked` are the printed names of the hints that were given for these logs, and not for any by a
    configuration.
    """

    format: str = ""
    hints: Hints = field(default_factory=Hints)
    asked: frozenset[str] = frozenset()

    def session(self, source: str, **judges: Any) -> Session:
        """A session for a source; `judges` are options of `Session`."""
        return Session(source, **{"rules": ()} | judges, format=self.format, hints=self.hints)

    def remarks(self, source: str, session: Session) -> Iterator[str]:
        """What was asked of columns that the source, which has ended, does not have."""
        for name in session.unmet:
            if name in self.asked:
                has = ", ".join([*session.reader.printed][:MOST_NAMES])
                fixed = f"in the format {session.reader.format} all names have their meaning"
                why = f"it has {has}" if has else fixed
                yield f"{source}: no {name!r} to take for {self.hints.names[name]}; {why}"

    def unmapped(self, runs: Sequence[Run]) -> Iterator[str]:
        """As `remarks`, of runs whose names are not at hand: columns asked for that none has."""
        for name in sorted(self.asked):
            column = self.hints.names[name]
            if not any(run.has(column) for run in runs):
                yield f"no run has a {column}: is {name!r} printed in their logs?"


@dataclass(frozen=True, slots=True)
class Bench:
    """Who judges, by which settings, what standard input is called; what is told of the logs."""

    settings: Configuration
    judges: tuple[Rule, ...]
    stdin_name: str
    told: Told = field(default_factory=Told)

    def source(self, name: str) -> str:
        """What reports call the file of this name."""
        return self.stdin_name if name == sources.STDIN else name

    def rules(self, source: str) -> tuple[Rule, ...]:
        """Who judges the source. Raises NoRuleError where the settings ignore every judge."""
        return self.settings.judges_of(source, self.judges)

    def session(self, source: str, rules: Sequence[Rule] = ()) -> Session:
        """A session for a source, judged by these rules."""
        return self.told.session(source, rules=rules, severities=self.settings.severities)


def bench(
    select: Iterable[str],
    ignore: Iterable[str],
    extend_select: Iterable[str],
    configuration: Configuration | None,
    stdin_name: str,
    *,
    format_in: str = "",
    map: Mapping[str, str | Sequence[str]] | None = None,
    better: Mapping[str, str] | None = None,
) -> Bench:
    """The bench for a selection, which beats the configuration. Raises as `analyze` does."""
    over = Selection(entries(select), entries(extend_select), entries(ignore))
    settings = configuration or Configuration()
    if format_in:
        format_named(format_in)
    asked = hints_from(map).names
    hints = hints_from(map, better, beside=settings.hints)
    judges = settings.judges(over)
    return Bench(settings, judges, stdin_name, Told(format_in, hints, frozenset(asked)))


def fed(name: str | os.PathLike[str], session: Session, *, is_certain: bool = True) -> Session:
    """The session with all bytes of the source, or enough of them to see that it is no log.

    Unless it is certain to be one, the first 256 KiB decide.
    """
    for chunk in sources.read_chunks(name):
        for start in range(0, len(chunk), SNIFFED_BYTES):
            session.feed(chunk[start : start + SNIFFED_BYTES])
            if session.is_hopeless or not (is_certain or session.recognised):
                return session
    return session


def looks_like_a_log(name: str, told: Told | None = None) -> bool:
    """True when the beginning of the file has a line that only a log has, as it is told of."""
    session = (told or Told()).session(name)
    try:
        for chunk in sources.read_chunks(name):
            session.feed(chunk[:SNIFFED_BYTES])
            return session.recognised > 0
    except LogParseError:
        return False
    return False


def failure(source: str, error: LogParseError, name: str = "") -> SourceFailure:
    """The failure of a source, which the error may call by the name that was opened."""
    return SourceFailure(source, str(error).removeprefix(f"{name or source}: "))


def no_log_in(path: str, files: Collection[str]) -> SourceFailure:
    """The failure of a directory or glob with files but no log among them."""
    return SourceFailure(path, f"no training log among its {plural(len(files), 'file')}")


def files_of(path: str) -> dict[str, bool] | SourceFailure:
    """The files of a path, each with whether it was named, or why there are none."""
    try:
        return sources.expand(path)
    except LogParseError as error:
        return failure(path, error)
