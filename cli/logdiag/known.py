"""The baseline of a command: known findings taken from a report, or written down from one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from logdiag.console import OutputError, complain, output
from logparse.baseline_file import (
    baseline_text,
    is_replaceable,
    known_count,
    read_baseline,
    without_known,
)
from logparse.findings import plural

if TYPE_CHECKING:
    from collections.abc import Sequence

    from logparse.baseline_file import Baseline
    from logparse.configuration import Configuration
    from logparse.findings import Report, UsedBaseline

_NAMED = 3
"""So many stale entries are named, the rest is counted."""


def known_findings(flag: Path | None, configuration: Configuration) -> Baseline | None:
    """What the file of the flag knows, else that of the configuration; None without either.

    Raises BaselineError where the file cannot be used.
    """
    if flag is not None:
        return read_baseline(flag)
    if configuration.baseline is None:
        return None
    return read_baseline(Path(configuration.folder, configuration.baseline))


def hide_known(report: Report, known: Baseline) -> Report:
    """The report without what is known; stale entries are told on standard error."""
    hidden = without_known(report, known)
    if hidden.baseline is not None and hidden.baseline.stale:
        complain(_about_stale(hidden.baseline))
    return hidden


def write_known(report: Report, path: Path, sources: Sequence[str]) -> None:
    """Write all findings of the report down as known. OutputError where that would do harm."""
    if not report.runs:
        raise OutputError(f"{path} is not written: no run was read")
    if not is_replaceable(path):
        raise OutputError(f"{path} is there and is no baseline file: name another, or remove it")
    with output(path, sources=sources) as console:
        console.stream.write(baseline_text(report, path))
    known = plural(known_count(report), "known finding")
    complain(f"{known} of {plural(len(report.runs), 'run')} written to {path}")


def _about_stale(used: UsedBaseline) -> str:
    count = len(used.stale)
    some = "; ".join(f"{one.source} {one.run} {one.code}" for one in used.stale[:_NAMED])
    more = f"; and {count - _NAMED} more" if count > _NAMED else ""
    entries = "1 entry is" if count == 1 else f"{count} entries are"
    return f"{used.file}: {entries} stale, --write-baseline renews it: {some}{more}"
