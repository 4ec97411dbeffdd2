"""A directory or a glob in which logs appear."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from typing import TYPE_CHECKING, TypeAlias

from logparse import sources
from logparse.errors import LogParseError
from logparse.findings import plural
from logparse.intake import looks_like_a_log

if TYPE_CHECKING:
    from collections.abc import Container

    from logparse.intake import Told

RECENT_S = 3600.0
"""A log that was not written to for an hour is left alone until it grows again."""

_ROTATED = re.compile(r"(?P<log>.+?)[.\-_][0-9][0-9\-_.]*(?:\.(?:gz|xz|bz2|zst))?", re.DOTALL)

_Mark: TypeAlias = tuple[int, int]


class Folder:
    """Finds logs under a directory or a glob, each once, when it has been written to lately.

    `recent_s` is how long ago the last writing may be. `files` are those that were there at the
    last look; `told` is what is told of the logs.
    """

    def __init__(self, path: str, *, recent_s: float = RECENT_S, told: Told | None = None) -> None:
        self.path = path
        self._told = told
        self.files: tuple[str, ...] = ()
        self._recent_s = recent_s
        self._looked_into: dict[str, tuple[_Mark, bool]] = {}
        self._named: set[str] = set()

    @property
    def has_logs(self) -> bool:
        return bool(self._named)

    @property
    def remark(self) -> str:
        """Which logs are not followed, in a line; '' where all are."""
        logs = sum(is_log for _, is_log in self._looked_into.values())
        if not logs:
            return f"{self.path}: no training log yet among its {plural(len(self.files), 'file')}"
        resting = plural(logs - len(self._named), "log")
        if logs == len(self._named):
            return ""
        return f"{self.path}: {resting} not followed until written to again"

    def new_logs(self, now: float) -> list[str]:
        """Logs that were not named before, at `now` seconds since 1970; rotated parts are none.

        As long as all of them rest, the one that was written to last.
        """
        try:
            found = sources.without_links(sources.expand(self.path))
        except LogParseError:
            found = {}
        self.files = tuple(found)
        logs: dict[str, float] = {}
        for name in found:
            if name not in self._named and not _is_rotated(name, found):
                with suppress(OSError):
                    status = os.stat(name)  # noqa: PTH116
                    if self._is_log(name, (status.st_mtime_ns, status.st_size)):
                        logs[name] = status.st_mtime
        new = [name for name, written in logs.items() if now - written <= self._recent_s]
        if logs and not (new or self._named):
            new = [max(logs, key=logs.__getitem__)]
        self._named.update(new)
        return new

    def _is_log(self, name: str, mark: _Mark) -> bool:
        """Whether the file is a log; it is looked into again when it has changed."""
        known = self._looked_into.get(name)
        if known is None or known[0] != mark:
            known = self._looked_into[name] = (mark, looks_like_a_log(name, self._told))
        return known[1]


def _is_rotated(name: str, names: Container[str]) -> bool:
    """True for `run.log.1` and `run.log-20260102.gz` beside `run.log`."""
    parts = _ROTATED.fullmatch(name)
    return parts is not None and parts["log"] in names
