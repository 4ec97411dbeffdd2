"""Findings that are known: a file that names them, so that only new and worse ones are shown.

{"format": "logdiag-baseline", "version": 1,
 "logs": {"runs/a.log": {"2025-11-03T11:48:00.611142Z": {"BASE002": "error"}}}}

A log goes by its path from the file's folder; a run by its start, or by its number in the log
where it has none; a rule by its code. What is kept is the worst severity of its findings.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from logparse.errors import BaselineError
from logparse.findings import Outcome, Report, RunReport, Severity, StaleEntry, UsedBaseline
from logparse.paths import absolute, name_for_people, seen_from
from logparse.small_files import read_small, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from logparse.findings import Finding

FORMAT = "logdiag-baseline"
VERSION = 1
MAX_BYTES = 64 << 20
TOOL_FAMILY = "TOOL"
"""Findings about the tool itself are never known: a crash is to be mended, not to be hidden."""

Known: TypeAlias = dict[str, dict[str, dict[str, Severity]]]
"""Worst known severity by log, run and code."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """The known findings of a file: its path, its name for people, and what it holds."""

    path: str
    file: str
    known: Known


def read_baseline(path: Path) -> Baseline:
    """The known findings in a file. Raises BaselineError, in one line, where there are none."""
    name = name_for_people(str(path))
    try:
        text = text_of(read_small(path, max_bytes=MAX_BYTES))
    except ValueError as error:
        hint = "" if os.path.lexists(path) else f"; --write-baseline {name} makes it"
        raise BaselineError(f"{name}: {error}{hint}") from error
    try:
        return Baseline(str(path), name, _checked(json.loads(text)))
    except (ValueError, RecursionError) as error:
        raise BaselineError(f"{name}: no baseline file: {error}") from error


def is_replaceable(path: Path) -> bool:
    """True where a baseline may be written: nothing, nothing but blanks, a device, a baseline."""
    if not path.is_file():
        return True
    try:
        text = text_of(read_small(path, max_bytes=MAX_BYTES))
        return not text.strip() or json.loads(text).get("format") == FORMAT
    except (ValueError, RecursionError, AttributeError):
        return False


def baseline_text(report: Report, path: Path) -> str:
    """All findings of the report as the text of a baseline file that will lie at the path."""
    known: Known = {}
    folder = _folder(str(path))
    for judged, run in _named(report.runs):
        if codes := _worst(judged.findings):
            known.setdefault(_log(judged.run.source, folder), {})[run] = codes
    document = {"format": FORMAT, "version": VERSION, "logs": dict(sorted(known.items()))}
    return json.dumps(document, indent=2) + "\n"


def known_count(report: Report) -> int:
    """How many findings of the report a baseline file can hide."""
    found = (finding for judged in report.runs for finding in judged.findings)
    return sum(not finding.code.startswith(TOOL_FAMILY) for finding in found)


def without_known(report: Report, baseline: Baseline) -> Report:
    """The report with known findings set apart, unless they got worse; and what is stale."""
    folder = _folder(baseline.path)
    # Where a source broke off, a run that is missing may still be there.
    failed = {failure.source for failure in report.errors}
    sources = dict.fromkeys(judged.run.source for judged in report.runs)
    left = {source: dict(baseline.known.get(_log(source, folder), {})) for source in sources}
    runs: list[RunReport] = []
    stale: list[StaleEntry] = []
    for judged, run in _named(report.runs):
        codes = left[judged.run.source].pop(run, {})
        runs.append(_split(judged, codes))
        stale += [StaleEntry(judged.run.source, run, code) for code in _gone(judged, codes)]
    for source, missing in left.items():
        if source not in failed:
            stale += [StaleEntry(source, run, code) for run in missing for code in missing[run]]
    return replace(report, runs=tuple(runs), baseline=UsedBaseline(baseline.file, tuple(stale)))


def _split(judged: RunReport, codes: Mapping[str, Severity]) -> RunReport:
    is_known = [_is_known(finding, codes) for finding in judged.findings]
    pairs = list(zip(judged.findings, is_known, strict=True))
    return replace(
        judged,
        findings=tuple(finding for finding, known in pairs if not known),
        known=tuple(finding for finding, known in pairs if known),
    )


def _is_known(finding: Finding, codes: Mapping[str, Severity]) -> bool:
    known = codes.get(finding.code)
    is_about_the_run = not finding.code.startswith(TOOL_FAMILY)
    return is_about_the_run and known is not None and finding.severity.rank <= known.rank


def _gone(judged: RunReport, codes: Mapping[str, Severity]) -> list[str]:
    """Known codes whose rule judged the run and was silent; one that could not is no proof."""
    silent = {check.code for check in judged.checks if check.outcome is Outcome.CLEAR}
    return [code for code in codes if code in silent]


def _worst(findings: Sequence[Finding]) -> dict[str, Severity]:
    worst: dict[str, Severity] = {}
    for finding in sorted(findings, key=lambda one: (one.code, one.severity.rank)):
        if not finding.code.startswith(TOOL_FAMILY):
            worst[finding.code] = finding.severity
    return worst


def _named(runs: Sequence[RunReport]) -> Iterator[tuple[RunReport, str]]:
    """Each run with its name in its log: its start, its number where it has none."""
    times: Counter[tuple[str, str]] = Counter()
    for judged in runs:
        started = judged.run.started
        stamp = started.isoformat().replace("+00:00", "Z") if started else ""
        name = stamp or f"run {judged.run.index}"
        times[judged.run.source, name] += 1
        count = times[judged.run.source, name]
        yield judged, name if count == 1 else f"{name} #{count}"


def _log(source: str, folder: str) -> str:
    # Standard input is no file; it has the name that the user gave it.
    return source if source.startswith("<") else seen_from(folder, source)


def _folder(path: str) -> str:
    return absolute(path).rpartition("/")[0] or "/"


def _checked(document: object) -> Known:
    """What the JSON holds; ValueError with the first thing that is wrong with it."""
    top = _object(document, "the file")
    if top.get("format") != FORMAT:
        raise ValueError(f'"format" is not "{FORMAT}"')
    if top.get("version") != VERSION:
        raise ValueError(f"version {top.get('version')}, this logdiag reads {VERSION}")
    return {
        log: {
            run: {
                code: _severity(severity, f"{log}, {run}, {code}")
                for code, severity in _object(codes, f"{log}, {run}").items()
            }
            for run, codes in _object(runs, log).items()
        }
        for log, runs in _object(top.get("logs"), '"logs"').items()
    }


def _object(value: object, what: str) -> dict[str, object]:
    if not isinstance(value, dict):
        raise ValueError(f"{what} is no object")
    return value


def _severity(value: object, where: str) -> Severity:
    try:
        return Severity(str(value))
    except ValueError as error:
        raise ValueError(f"{where}: {value!r} is no severity") from error
