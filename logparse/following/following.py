"""Several logs at once, and directories in which new ones appear."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from logparse import sources
from logparse.errors import LogParseError
from logparse.findings import Report
from logparse.following.clocks import Clocks
from logparse.following.folder import RECENT_S, Folder
from logparse.following.pace import AtOnce
from logparse.following.watched import Watched
from logparse.intake import failure, no_log_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from concurrent.futures import Executor

    from logparse.findings import SourceFailure
    from logparse.following.events import Event
    from logparse.following.state import LogState
    from logparse.intake import Bench

POLL_S = 0.1
POLL_S_PER_LOG = 0.01
"""A look at a file takes less than 0.1 ms: so many of them take less than 1% of the time."""
LOOK_AROUND_S = 2.0
LOOK_AROUND_SHARE = 0.005
"""Directories are looked through every two seconds; large ones so seldom that this share holds."""


class Following:
    """Logs that are followed; `step` again and again, then `close`.

    A path is a file (that need not be there yet), a directory, a glob or `-`. In directories
    those logs are followed that were written to within `recent_s` seconds, or are later. Runs are
    judged by `judging`; without it a new epoch waits until the one before is judged.
    """

    def __init__(
        self,
        paths: Sequence[str],
        bench: Bench,
        clocks: Clocks | None = None,
        judging: Executor | None = None,
        *,
        stall_s: float | None = None,
        recent_s: float = RECENT_S,
    ) -> None:
        self._bench, self._clocks, self._stall_s = bench, clocks or Clocks(), stall_s
        self._judging = judging or AtOnce()
        self._watched: dict[str, Watched] = {}
        self._folders: list[Folder] = []
        self._reports: list[Report] = []
        self._ended: list[LogState] = []
        self._failures: list[SourceFailure] = []
        self._looks_at = self._clocks.seconds()
        for path in dict.fromkeys(paths):
            if sources.stands_for_several(path):
                self._folders.append(Folder(path, recent_s=recent_s, told=bench.told))
            else:
                self._watch(path)

    @property
    def is_open(self) -> bool:
        """True where logs may still appear: there are directories or globs among the paths."""
        return bool(self._folders)

    @property
    def remarks(self) -> list[str]:
        """A line for each directory or glob of which not every log is followed, or that has none;
        and for each log that cannot be."""
        told = [remark for folder in self._folders if (remark := folder.remark)]
        return [*told, *map(str, self._failures)]

    @property
    def is_behind(self) -> bool:
        """True where files hold more than was read: step again at once."""
        return any(one.is_behind for one in self._watched.values())

    @property
    def is_over(self) -> bool:
        """True where nothing is left to follow: all were pipes, and have ended."""
        return not self._watched and not self._folders

    @property
    def wait_s(self) -> float:
        """How long to wait before the next step."""
        return 0.0 if self.is_behind else max(POLL_S, POLL_S_PER_LOG * len(self._watched))

    @property
    def report(self) -> Report:
        """What the logs that have ended said; after `close`, all of it."""
        runs = tuple(run for report in self._reports for run in report.runs)
        errors = tuple(error for report in self._reports for error in report.errors)
        remarks = tuple(remark for report in self._reports for remark in report.remarks)
        return Report(runs, (*errors, *self._failures), remarks=remarks)

    def states(self) -> list[LogState]:
        """Every log that is or was followed, as it stands or ended."""
        return [*self._ended, *(one.state() for one in self._watched.values())]

    def step(self) -> Iterator[Event]:
        """What has happened since the last step."""
        self._look_around()
        for one in list(self._watched.values()):
            yield from one.step()
            if one.is_ended:
                yield from self._end(one)

    def close(self) -> Iterator[Event]:
        """Every log to its end, and its last events; `report` is whole afterwards."""
        self._look_around()
        for one in list(self._watched.values()):
            yield from self._end(one)
        for folder in self._folders:
            if not folder.has_logs:
                self._failures.append(no_log_in(folder.path, folder.files))

    def release(self) -> None:
        """Let go of all files without a word."""
        for one in self._watched.values():
            one.release()
        self._watched, self._folders = {}, []

    def _end(self, one: Watched) -> Iterator[Event]:
        del self._watched[one.path]
        for event in one.close():
            if event.report is not None:
                self._reports.append(event.report)
            yield event
        self._ended.append(one.state())

    def _look_around(self) -> None:
        """Look for new logs in the directories, now and then."""
        now = self._clocks.seconds()
        if now < self._looks_at:
            return
        for folder in self._folders:
            for name in folder.new_logs(self._clocks.utc().timestamp()):
                self._watch(name)
        took = self._clocks.seconds() - now
        self._looks_at = now + max(LOOK_AROUND_S, took / LOOK_AROUND_SHARE)

    def _watch(self, path: str) -> None:
        if any(os.path.realpath(path) == os.path.realpath(one) for one in self._watched):
            return
        try:
            watched = Watched(path, self._bench, self._clocks, self._judging, stall_s=self._stall_s)
        except LogParseError as error:
            self._failures.append(failure(path, error))
            return
        self._watched[path] = watched
