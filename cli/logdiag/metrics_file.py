"""`--metrics-file`: numbers for node_exporter's textfile collector."""

from __future__ import annotations

from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

import typer

from logdiag.console import OutputError, whole_file

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from logdiag.background import Clock

REWRITE_S = 60.0
"""Its age tells (`node_textfile_mtime_seconds`) that nobody writes it any more."""
SETTLE_S = 1.0
"""No scrape comes more often than that, and the text takes time to make."""

# node_exporter runs as a user of its own.
_FOR_ALL_TO_READ = 0o644


class MetricsFile:
    """A file that always is whole, written when there is news and once a minute at least.

    `text` makes it, and is told whether the following still goes on. A usage error where the
    name does not end in `.prom`.
    """

    def __init__(
        self,
        path: Path,
        text: Callable[[bool], str],
        *,
        sources: Sequence[str] = (),
        clock: Clock = monotonic,
    ) -> None:
        if path.suffix != ".prom":
            raise typer.BadParameter(
                f"--metrics-file {path}: node_exporter reads only files whose name ends in .prom."
            )
        self._path = path
        self._text = text
        self._sources = sources
        self._clock = clock
        self._written = float("-inf")
        self._has_news = False
        self._complaint = ""

    def poll(self, *, is_news: bool) -> list[str]:
        """Write the file where that is due. A complaint comes once, until it is another one."""
        self._has_news = self._has_news or is_news
        now = self._clock()
        if now < self._written + (SETTLE_S if self._has_news else REWRITE_S):
            return []
        self._has_news, self._written = False, now
        return self._write(self._text(True))

    def close(self) -> list[str]:
        """Write the file a last time, and leave it; as `poll`.

        What was found last may not have been scraped yet, by none or by one of several servers:
        the file stays, as those of finished jobs do, and says that nobody follows any more.
        """
        return self._write(self._text(False))

    def _write(self, text: str) -> list[str]:
        before, self._complaint = self._complaint, ""
        try:
            with whole_file(self._path, sources=self._sources) as stream:
                Path(stream.name).chmod(_FOR_ALL_TO_READ)
                stream.write(text.encode("utf-8", "replace"))
        except OutputError as error:
            self._complaint = f"--metrics-file: {error}"
        return [self._complaint] if self._complaint not in ("", before) else []
