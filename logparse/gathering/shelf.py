"""The files behind the arguments, each read once whatever is wanted of it."""

from __future__ import annotations

import os
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from logparse import sources
from logparse.errors import NoRuleError
from logparse.findings import RunReport, SourceFailure
from logparse.gathering.reading import Job
from logparse.gathering.wanted import Wanted
from logparse.gathering.workers import read_all
from logparse.intake import files_of, no_log_in
from logparse.judging import judge
from logparse.lots import lots

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from logparse.findings import Severity
    from logparse.gathering.orders import Part
    from logparse.gathering.reading import Got
    from logparse.gathering.wanted import Pick
    from logparse.intake import Bench
    from logparse.lots import Lot
    from logparse.rules.base import Rule
    from logparse.run import Run

Key: TypeAlias = tuple[object, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Member:
    """A run that was had, as it was asked for.

    `key` is equal for the same run of the same file up to the same epoch; `is_numbered` where
    the run was asked for by its number.
    """

    judged: RunReport
    key: Key
    until: int | None = None
    is_numbered: bool = False

    @property
    def source(self) -> str:
        """What its file is called."""
        return self.judged.run.source


class Shelf:
    """The runs of parts, read when it is made, by so many processes at most.

    `progress` is told after each source how many of how many are read.
    """

    def __init__(
        self,
        parts: Iterable[Part],
        bench: Bench,
        progress: Callable[[int, int], None] | None = None,
        processes: int = 1,
    ) -> None:
        self._bench = bench
        self._files: dict[str, dict[str, bool] | SourceFailure] = {}
        self._lots: dict[str, list[Lot]] = {}
        self._got: dict[Lot, dict[Pick, list[Got]]] = {}
        self.remarks: list[str] = []
        jobs = self._jobs(part for part in parts if isinstance(part, Wanted))
        for done, (job, taken) in enumerate(zip(jobs, read_all(jobs, processes), strict=True), 1):
            self._got[job.lot] = taken.got
            self.remarks += taken.remarks
            if progress is not None:
                progress(done, len(jobs))

    def members(self, part: Part) -> Iterator[Member | SourceFailure]:
        """The runs of a part in the order of the files, and why others cannot be had."""
        if not isinstance(part, Wanted):
            judged = part if isinstance(part, RunReport) else self._judged(part)
            yield Member(judged, (id(judged.run),))
            return
        files = self._files[part.path]
        if isinstance(files, SourceFailure):
            yield files
            return
        logs = [lot for lot in self._lots[part.path] if self._got[lot]]
        if not logs:
            yield no_log_in(part.path, files)
        for lot in logs:
            for got in self._got[lot][part.pick]:
                yield got if isinstance(got, SourceFailure) else _member(got, part)

    def _jobs(self, wants: Iterable[Wanted]) -> list[Job]:
        picks: dict[Lot, dict[Pick, None]] = defaultdict(dict)
        asked = [*wants]
        self._files = {want.path: _files(want.path) for want in asked}
        read = [files for files in self._files.values() if not isinstance(files, SourceFailure)]
        named = {name for files in read for name, is_named in files.items() if is_named}
        for path, files in self._files.items():
            here = {} if isinstance(files, SourceFailure) else files
            self._lots[path] = lots({name: name in named for name in here})
        for want in asked:
            for lot in self._lots[want.path]:
                picks[lot][want.pick] = None
        return [self._job(lot, tuple(of)) for lot, of in picks.items()]

    def _job(self, lot: Lot, picks: tuple[Pick, ...]) -> Job:
        bench = self._bench
        judges = self._judges(bench.source(lot.name))
        return Job(lot, bench.stdin_name, picks, *judges, bench.told)

    def _judges(self, source: str) -> tuple[tuple[Rule, ...], Mapping[str, Severity]]:
        """Who judges a source: nobody where all rules are ignored for it; numbers need no rules."""
        severities = self._bench.settings.severities
        try:
            return self._bench.rules(source), severities
        except NoRuleError:
            return (), severities

    def _judged(self, run: Run) -> RunReport:
        return judge(run, *self._judges(run.source))


def _files(path: str) -> dict[str, bool] | SourceFailure:
    """The files of a path, each once and with whether it was named."""
    files = files_of(path)
    return files if isinstance(files, SourceFailure) else sources.without_links(files)


def _member(judged: RunReport, part: Wanted) -> Member:
    places = map(os.path.realpath, judged.run.files)
    key = (*places, judged.run.index, part.until)
    return Member(judged, key, part.until, part.run not in (-1, "all"))
