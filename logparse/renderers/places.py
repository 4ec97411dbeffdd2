"""Where findings are and what they say, for programs that mark the lines of a log."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from logparse.axis import span
from logparse.findings import Confidence
from logparse.renderers.selection import RunChoice, spoken_of
from logparse.renderers.spans import escape

if TYPE_CHECKING:
    from logparse.findings import Finding, Report
    from logparse.run import Run

STREAM = "<stdin>"
_STREAMS = ("-", STREAM)


@dataclass(frozen=True, slots=True)
class Places:
    """How the paths of sources are written for others.

    `folder` is the absolute path that relative sources start from, `root` the one that written
    paths start from, as the checkout of a repository. Without them a path stays as it was given.
    """

    folder: str = ""
    root: str = ""

    def path(self, source: str) -> str:
        """The source with forward slashes: relative where it lies below `root` or was relative."""
        whole = PurePath(os.path.normpath(PurePath(self.folder, source)))
        if self.root and whole.is_relative_to(self.root):
            return whole.relative_to(self.root).as_posix()
        return PurePath(os.path.normpath(source)).as_posix()

    def uri(self, source: str) -> str:
        """The path as a URI reference, percent-encoded; `file:` where the path is absolute."""
        if is_stream(source):
            return quote(STREAM)
        path = PurePath(self.path(source))
        return path.as_uri() if path.is_absolute() else quote(os.fsencode(path.as_posix()))


class Placed(NamedTuple):
    """A finding with the run it speaks of."""

    run: Run
    finding: Finding


def is_stream(source: str) -> bool:
    """True for standard input under its usual names: it is no file that could be opened."""
    return source in _STREAMS


def worst_first(report: Report, run: RunChoice = -1) -> list[Placed]:
    """The findings of the runs asked for, the worst and surest first, else in the report's order.

    Who reads them may take the first ones only, as GitHub does.
    """
    found = [Placed(one.run, finding) for one in spoken_of(report, run) for finding in one.findings]
    sure = list(Confidence)
    return sorted(found, key=lambda placed: _rank(placed.finding, sure))


def _rank(finding: Finding, sure: list[Confidence]) -> tuple[int, int]:
    return (-finding.severity.rank, sure.index(finding.confidence))


def title(placed: Placed) -> str:
    """Code, name and which part of which run: `GEN001 overfitting, E31-E70`."""
    run, finding = placed
    parts = [f"{finding.code} {finding.name}"]
    parts += [f"run {run.index}"] if run.count > 1 else []
    parts += [span(run, *finding.epochs)] if finding.epochs is not None else []
    return escape(", ".join(parts))


def message(finding: Finding) -> str:
    """The reading, and on a second line what to try, ranked."""
    reading = escape(finding.reading)
    if not finding.remedies:
        return reading
    ranked = [f"({rank}) {escape(edit)}" for rank, edit in enumerate(finding.remedies, start=1)]
    edits = ranked if len(ranked) > 1 else [escape(finding.remedies[0])]
    return f"{reading}\nTry: {'; '.join(edits)}"
