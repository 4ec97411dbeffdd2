"""The report for programs: strict JSON after `schema/report.schema.json`, ASCII throughout."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from typing import TYPE_CHECKING, Any, TypeAlias

from logparse.axis import is_by_epochs, noun, place
from logparse.weighing import first_step

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from logparse.findings import Check, Finding, FirstStep, Report, RunReport, UsedBaseline
    from logparse.run import Coverage, Run

SCHEMA_VERSION = 1
"""Grows when a key changes its meaning or goes; a new key leaves it as it is."""

Json: TypeAlias = dict[str, Any]


def render(report: Report) -> str:
    """The report as a JSON text that ends with a line end. Every run of every source is in it."""
    return json.dumps(document(report), indent=2, allow_nan=False) + "\n"


def document(report: Report) -> Json:
    """The report as plain dicts, lists, texts and finite numbers."""
    return {
        "schema_version": SCHEMA_VERSION,
        "tool": {"name": "logdiag", "version": tool_version()},
        "runs": [_run(judged) for judged in report.runs],
        "errors": [
            {"source": failure.source, "message": failure.message} for failure in report.errors
        ],
        "baseline": _baseline(report.baseline),
        **({"remarks": list(report.remarks)} if report.remarks else {}),
    }


def schema() -> Json:
    """The JSON Schema (2020-12) of the document."""
    text = files("logparse.renderers").joinpath("schema", "report.schema.json").read_text("utf-8")
    loaded: Json = json.loads(text)
    return loaded


@cache
def tool_version() -> str:
    """The installed version of logdiag; '0+unknown' in a tree that is not installed."""
    try:
        return version("logdiag")
    except PackageNotFoundError:
        return "0+unknown"


def _run(judged: RunReport) -> Json:
    run = judged.run
    return {
        "source": run.source,
        **({"sources": list(run.files)} if run.parts else {}),
        "run": run.index,
        "format": run.format,
        "dialect": run.dialect,
        "started": _stamp(run.started),
        "epochs": epochs(run),
        **_axis(run),
        "coverage": _coverage(run.coverage),
        "findings": [_placed(found, run) for found in judged.findings],
        "first": _first(first_step(judged.findings)),
        "suppressed": [
            {"by": one.by, "finding": _placed(one.finding, run)} for one in judged.suppressed
        ],
        "known": [_placed(found, run) for found in judged.known],
        "checks": [_check(check) for check in judged.checks],
    }


def _stamp(started: datetime | None) -> str | None:
    if started is None:
        return None
    return started.astimezone(UTC).isoformat().replace("+00:00", "Z")


def epochs(run: Run) -> Json | None:
    """First, last and number of the epochs of a run; None for a run without any."""
    if run.first_epoch is None:
        return None
    return {"first": run.first_epoch, "last": run.last_epoch, "count": len(run.epochs)}


def _axis(run: Run) -> Json:
    """What rows are and where the first and last stand, of logs by steps; they are no epochs."""
    if is_by_epochs(run) or run.first_epoch is None or run.last_epoch is None:
        return {}
    first, last = place(run, run.first_epoch), place(run, run.last_epoch)
    return {"axis": {"name": noun(run), "first": first, "last": last}}


def _placed(found: Finding, run: Run) -> Json:
    """A finding; in logs by steps with where it was, beside the numbers of the rows."""
    told = finding(found)
    if found.epochs is not None and not is_by_epochs(run):
        told["places"] = [place(run, row) for row in found.epochs]
    return told


def _coverage(coverage: Coverage) -> Json:
    return {
        "lines": coverage.lines,
        "parsed": coverage.parsed,
        "legend": coverage.legend,
        "blank": coverage.blank,
        "unparsed": coverage.unparsed,
        "unparsed_lines": [list(pair) for pair in coverage.unparsed_ranges],
    }


def _baseline(used: UsedBaseline | None) -> Json | None:
    if used is None:
        return None
    stale = [{"source": one.source, "run": one.run, "code": one.code} for one in used.stale]
    return {"file": used.file, "stale": stale}


def finding(found: Finding) -> Json:
    """A finding with everything that it says."""
    return {
        "code": found.code,
        "name": found.name,
        "severity": found.severity.value,
        "confidence": found.confidence.value,
        "epochs": list(found.epochs) if found.epochs else None,
        "lines": list(found.lines),
        "measured": strict(found.measured),
        "reading": found.reading,
        "causes": list(found.causes),
        "caused_by": list(found.caused_by),
        "try": list(found.remedies),
        "confirm": found.confirm,
    }


def _first(step: FirstStep | None) -> Json | None:
    if step is None:
        return None
    named = {"code": step.code, "name": step.name, "try": step.remedy}
    return {**named, "explains": list(step.explains)}


def _check(check: Check) -> Json:
    return {
        "code": check.code,
        "name": check.name,
        "outcome": check.outcome.value,
        "reason": check.reason,
    }


def strict(values: Mapping[str, object]) -> Json:
    """The values as JSON has them: a non-finite number is null, and `<key>_nonfinite` names it."""
    return {key: value for name, given in values.items() for key, value in _pair(name, given)}


def _pair(key: str, value: object) -> Iterator[tuple[str, object]]:
    # Numbers of NumPy are no numbers to json; they carry their plain twin.
    if not isinstance(value, float | int | str | bool | None) and hasattr(value, "item"):
        value = value.item()
    if not isinstance(value, float) or math.isfinite(value):
        yield key, value
        return
    yield key, None
    yield f"{key}_nonfinite", "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"
