"""Sources on their way to a session: which files are logs, who judges them, what failed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from logparse import sources
from logparse.configuration import Configuration
from logparse.errors import LogParseError
from logparse.findings import SourceFailure, plural
from logparse.rules import Selection, entries
from logparse.session import Session

if TYPE_CHECKING:
    import os
    from collections.abc import Collection, Iterable

    from logparse.rules.base import Rule

SNIFFED_BYTES = 1 << 18


@dataclass(frozen=True, slots=True)
class Bench:
    """Who judges, by which settings, and what standard input is called."""

    settings: Configuration
    judges: tuple[Rule, ...]
    stdin_name: str

    def source(self, name: str) -> str:
        """What reports call the file of this name."""
        return self.stdin_name if name == sources.STDIN else name

    def rules(self, source: str) -> tuple[Rule, ...]:
        """Who judges the source. Raises NoRuleError where the settings ignore every judge."""
        return self.settings.judges_of(source, self.judges)


def bench(
    select: Iterable[str],
    ignore: Iterable[str],
    extend_select: Iterable[str],
    configuration: Configuration | None,
    stdin_name: str,
) -> Bench:
    """The bench for a selection, which beats the configuration. Raises as `analyze` does."""
    over = Selection(entries(select), entries(extend_select), entries(ignore))
    settings = configuration or Configuration()
    return Bench(settings, settings.judges(over), stdin_name)


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


def looks_like_a_log(name: str) -> bool:
    """True when the beginning of the file has a line that only a log has."""
    session = Session(name, rules=())
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
