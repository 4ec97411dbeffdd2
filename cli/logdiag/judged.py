"""Logs judged for a command: which runs it speaks of, and what its exit code is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import typer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from logparse.configuration import Configuration
    from logparse.findings import Report, SourceFailure
    from logparse.renderers.selection import RunChoice
    from logparse.rules import Rule, Selection

FailOn: TypeAlias = Literal["error", "warning", "note", "never"]
_CLEAN, _FOUND, _FAILED = 0, 1, 2
_NEVER = 4


@dataclass(frozen=True, slots=True)
class Judges:
    """By what a command judges: its flags, the settings in effect, the name of standard input.

    `reading` is what its flags say of formats, as options of `logparse.analyze`.
    """

    flags: Selection
    settings: Configuration
    stdin_name: str
    reading: Mapping[str, Any] = field(default_factory=dict)

    @property
    def options(self) -> dict[str, Any]:
        """The same as options of `logparse.analyze` and `logparse.compare`."""
        return {
            "select": self.flags.select,
            "extend_select": self.flags.extend,
            "ignore": self.flags.ignore,
            "configuration": self.settings,
            "stdin_name": self.stdin_name,
            **self.reading,
        }

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Those that judge, with their options as configured."""
        from logparse.intake import bench

        return bench(**self.options).judges

    def report(self, paths: Sequence[str]) -> Report:
        """All runs of the paths, judged; each path once."""
        from logparse.api import analyze

        return analyze(*dict.fromkeys(paths), **self.options)


def run_choice(text: str) -> RunChoice:
    """The run asked for: a number other than 0, or 'all'; a usage error for anything else."""
    if text == "all":
        return "all"
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdecimal() and int(digits)):
        raise typer.BadParameter(f"{text!r} is no run number (1, 2, -1) and not 'all'.")
    return int(text)


def absent(report: Report, choice: RunChoice) -> Iterator[SourceFailure]:
    """A failure for every source that lacks the run asked for."""
    from logparse.findings import SourceFailure, plural
    from logparse.renderers.selection import by_source, chosen

    for source, runs in by_source(report):
        if not chosen(runs, choice):
            yield SourceFailure(source, f"no run {choice}, it has {plural(len(runs), 'run')}")


def unjudged(report: Report, choice: RunChoice) -> Iterator[SourceFailure]:
    """As `absent`, and a failure for every run asked for that no rule could judge."""
    from logparse.findings import SourceFailure
    from logparse.renderers.diagnosis import why_unjudged
    from logparse.renderers.selection import spoken_of

    yield from absent(report, choice)
    for judged in spoken_of(report, choice):
        if why := why_unjudged(judged):
            which = f"run {judged.run.index}: " if judged.run.count > 1 else ""
            yield SourceFailure(judged.run.source, f"{which}nothing was judged: {why}")


def exit_code(report: Report, choice: RunChoice, fail_on: str) -> int:
    """2 where something could not be judged, else 1 for findings that bad, else 0."""
    from logparse.findings import Severity
    from logparse.renderers.selection import spoken_of

    found = [finding for judged in spoken_of(report, choice) for finding in judged.findings]
    is_faulty = any(finding.code.startswith("TOOL") for finding in found)
    if report.errors or is_faulty or not report.runs:
        return _FAILED
    least = _NEVER if fail_on == "never" else Severity(fail_on).rank
    return _FOUND if any(finding.severity.rank >= least for finding in found) else _CLEAN
