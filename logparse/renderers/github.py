"""The report as workflow commands: what GitHub Actions shows at the lines of a log.

A line that begins with `::` is a command to the runner, so nothing else may begin one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from logparse.findings import Severity
from logparse.renderers.places import STREAM, Placed, Places, is_stream, message, title, worst_first
from logparse.renderers.selection import RunChoice, require
from logparse.renderers.spans import escape

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logparse.findings import Report, SourceFailure

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}
_DATA = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY = _DATA | str.maketrans({":": "%3A", ",": "%2C"})


def render(
    report: Report,
    *,
    run: RunChoice = -1,
    folder: str = "",
    root: str = "",
    ascii_only: bool = False,
) -> str:
    """One command a line, the worst finding first; '' where nothing was found.

    `run` chooses as in the text report; `folder` and `root` are those of `Places`.
    """
    require(report, run)
    found = lines(report, Places(folder, root), run=run, ascii_only=ascii_only)
    return "".join(f"{line}\n" for line in found)


def lines(
    report: Report, places: Places, *, run: RunChoice = -1, ascii_only: bool = False
) -> Iterator[str]:
    """The commands without line ends: sources that could not be judged, then findings."""
    for failure in report.errors:
        yield escape(_not_judged(failure, places), ascii_only=ascii_only)
    for placed in worst_first(report, run):
        yield escape(_annotation(placed, places), ascii_only=ascii_only)


def command(name: str, text: str, **properties: str) -> str:
    """`::name key=value,key=value::text`, with everything escaped that would end a part."""
    given = ",".join(f"{key}={value.translate(_PROPERTY)}" for key, value in properties.items())
    return defused(f"::{name} {given}::{text.translate(_DATA)}")


def defused(text: str) -> str:
    """The text without the start of the older form of a command, which may stand anywhere."""
    return text.replace("##[", "## [")


def _annotation(placed: Placed, places: Places) -> str:
    run, finding = placed
    source, line = run.place(finding.lines[0] if finding.lines else 1)
    where = _file(source, places)
    if where and finding.lines:
        where["line"] = str(line)
    heading = f"{title(placed)}, {finding.confidence} confidence"
    return command(_COMMANDS[finding.severity], message(finding), **where, title=heading)


def _not_judged(failure: SourceFailure, places: Places) -> str:
    text = f"{STREAM if is_stream(failure.source) else failure.source}: {failure.message}"
    where = _file(failure.source, places)
    return command("error", escape(text), **where, title="logdiag could not judge this")


def _file(source: str, places: Places) -> dict[str, str]:
    """The file that a source is, as a property; none for standard input."""
    return {} if is_stream(source) or not source else {"file": escape(places.path(source))}
