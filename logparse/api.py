"""Short functions over the session: read a log, judge it, put the result into words."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from logparse import sources
from logparse.configuration import Configuration
from logparse.errors import LogParseError, NotALogError
from logparse.findings import Report, RunReport, SourceFailure, plural
from logparse.rules import Selection, entries
from logparse.session import Session

if TYPE_CHECKING:
    from collections.abc import Iterable

    from logparse.rules.base import Rule
    from logparse.run import Run

SNIFFED_BYTES = 1 << 18


def read(path: str | os.PathLike[str], run: int = -1) -> Run:
    """One run of a log: 1 is the first, -1 the last. `-` reads standard input.

    Raises SourceError when the bytes cannot be read, NotALogError when there is no run in them,
    NoSuchRunError when there are fewer runs.
    """
    return _fed(path).run(run)


def read_all(path: str | os.PathLike[str]) -> list[Run]:
    """Every run of a log, in the order of the file. Raises as `read` does."""
    return _fed(path).runs()


def analyze(
    *paths: str | os.PathLike[str],
    select: Iterable[str] = (),
    ignore: Iterable[str] = (),
    extend_select: Iterable[str] = (),
    configuration: Configuration | None = None,
    stdin_name: str = "<stdin>",
) -> Report:
    """Judge every run of every source. What cannot be read becomes an entry of `Report.errors`.

    A path is a file, a directory, a glob or `-`. In a directory, files that are no logs are
    passed over; one that holds no log at all is an error. `select`, `extend_select` and `ignore`
    take codes, families (`LR`) and names, one text several with commas between; UnknownNameError
    is raised for any other, NoRuleError where nothing is left to judge by. They beat the
    `configuration`, which no file is searched for; its `fail_on` and `baseline` are the caller's.
    """
    over = Selection(entries(select), entries(extend_select), entries(ignore))
    settings = configuration or Configuration()
    bench = _Bench(settings, settings.judges(over), stdin_name)
    reports: list[Report] = []
    seen: set[str] = set()
    for path in paths:
        reports += _analyze_path(os.fspath(path), bench, seen)
    return Report(
        tuple(run for report in reports for run in report.runs),
        tuple(error for report in reports for error in report.errors),
    )


def render(report: Report, format: str = "text", **options: object) -> str:
    """The report as text, json, markdown, sarif or github, with the options of that renderer."""
    from logparse.renderers import render as render_report

    return render_report(report, format, **options)


@dataclass(frozen=True, slots=True)
class _Bench:
    """Who judges, by which settings, and what standard input is called."""

    settings: Configuration
    judges: tuple[Rule, ...]
    stdin_name: str

    def session(self, source: str) -> Session:
        """A session for the source. Raises NoRuleError where the settings ignore every judge."""
        rules = self.settings.judges_of(source, self.judges)
        return Session(source, rules=rules, severities=self.settings.severities)


def _analyze_path(path: str, bench: _Bench, seen: set[str]) -> list[Report]:
    """Reports of what a path stands for, without the files that are in `seen` already."""
    try:
        found = sources.expand(path)
    except LogParseError as error:
        return [_failure(path, error)]
    logs = [name for name, is_named in found.items() if is_named or _looks_like_a_log(name)]
    if not logs:
        no_log = NotALogError(f"{path}: no training log among its {plural(len(found), 'file')}")
        return [_failure(path, no_log)]
    new = [name for name in logs if os.path.realpath(name) not in seen]
    seen.update(map(os.path.realpath, new))
    return [_analyze_source(name, bench) for name in new]


def _fed(path: str | os.PathLike[str]) -> Session:
    session = Session(os.fspath(path), rules=())
    for chunk in sources.read_chunks(path):
        session.feed(chunk)
        if session.is_hopeless:
            break
    return session


def _looks_like_a_log(name: str) -> bool:
    session = Session(name, rules=())
    try:
        for chunk in sources.read_chunks(name):
            session.feed(chunk[:SNIFFED_BYTES])
            return session.recognised > 0
    except LogParseError:
        return False
    return False


def _analyze_source(name: str, bench: _Bench) -> Report:
    """The report of one source; if it breaks off, what came before is judged all the same."""
    source = bench.stdin_name if name == sources.STDIN else name
    broken: list[SourceFailure] = []
    try:
        session = bench.session(source)
    except LogParseError as error:
        return _failure(source, error)
    try:
        for chunk in sources.read_chunks(name):
            session.feed(chunk)
            if session.is_hopeless:
                break
    except LogParseError as error:
        broken = list(_failure(source, error, name).errors)
    try:
        runs: tuple[RunReport, ...] = session.close().runs
    except LogParseError as error:
        return Report((), tuple(broken) or _failure(source, error).errors)
    return Report(runs, tuple(broken))


def _failure(source: str, error: LogParseError, name: str = "") -> Report:
    """The failure of a source, which the error may call by the name that was opened."""
    message = str(error).removeprefix(f"{name or source}: ")
    return Report((), (SourceFailure(source, message),))
