"""The report as SARIF 2.1.0, which code scanning reads: results at the lines of a log."""

from __future__ import annotations

import json
from collections import Counter
from functools import cache
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, metadata
from math import isfinite
from typing import TYPE_CHECKING, Any, TypeAlias

from logparse.renderers import rule_docs
from logparse.renderers.as_json import tool_version
from logparse.renderers.places import Placed, Places, is_stream, message
from logparse.renderers.selection import RunChoice, require, spoken_of
from logparse.renderers.spans import escape

if TYPE_CHECKING:
    from collections.abc import Mapping

    from logparse.findings import Finding, Report, RunReport, SourceFailure
    from logparse.rules.base import Rule
    from logparse.run import Run

VERSION = "2.1.0"
SCHEMA_URI = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
FINGERPRINT = "logdiagFinding/v1"
"""Of a rule, a log's path, the run's number in it and the metric: the same when a log is made
or judged anew."""

_ROOT = "%SRCROOT%"
_NOT_JUDGED = "source-not-judged"
_FAULT = "TOOL"

Json: TypeAlias = dict[str, Any]
_KNOWN: Json = {"kind": "external", "status": "accepted", "justification": "in the baseline file"}


def render(report: Report, *, run: RunChoice = -1, folder: str = "", root: str = "") -> str:
    """The report as a JSON text that ends with a line end; ASCII throughout.

    `run` chooses as in the text report; `folder` and `root` are those of `Places`.
    """
    require(report, run)
    return text(document(report, Places(folder, root), run=run)) + "\n"


def text(document: Json) -> str:
    """A document as JSON text without a line end."""
    return json.dumps(document, indent=2, allow_nan=False)


def document(report: Report, places: Places, *, run: RunChoice = -1) -> Json:
    """The log file of one run of the tool, as plain dicts, lists, texts and finite numbers."""
    rules = _rules(report)
    index = {descriptor["id"]: at for at, descriptor in enumerate(rules)}
    marks = _fingerprints(report, places)
    found = [
        (Placed(judged.run, finding), mark)
        for judged in spoken_of(report, run)
        for finding, mark in zip(_all(judged), marks[id(judged)], strict=True)
    ]
    known = {id(finding) for judged in report.runs for finding in judged.known}
    notifications = [
        *(_unjudged(failure, places) for failure in report.errors),
        *(_fault(placed, places, index) for placed, _ in found if _is_fault(placed.finding)),
    ]
    return {
        "$schema": SCHEMA_URI,
        "version": VERSION,
        "runs": [
            {
                "tool": {"driver": _driver(rules)},
                "invocations": [
                    {
                        "executionSuccessful": not notifications,
                        "toolExecutionNotifications": notifications,
                    }
                ],
                "originalUriBaseIds": {
                    _ROOT: {"description": _text("The folder that paths start from.")}
                },
                "artifacts": _artifacts(report, places),
                "results": [
                    _result(placed, places, index, mark)
                    | ({"suppressions": [_KNOWN]} if id(placed.finding) in known else {})
                    for placed, mark in found
                    if not _is_fault(placed.finding)
                ],
            }
        ],
    }


def _all(judged: RunReport) -> tuple[Finding, ...]:
    """What was found, then what a baseline file hides."""
    return (*judged.findings, *judged.known)


def _is_fault(finding: Finding) -> bool:
    """True for a fault of logdiag: it says nothing of the log."""
    return finding.code.startswith(_FAULT)


def _driver(rules: list[Json]) -> Json:
    uri = information_uri()
    return {
        "name": "logdiag",
        "version": tool_version(),
        **({"informationUri": uri} if uri else {}),
        "rules": rules,
        "notifications": [
            {"id": _NOT_JUDGED, "shortDescription": _text("A source could not be judged.")},
            {"id": "TOOL001", "shortDescription": _text("A rule failed: a fault of logdiag.")},
        ],
    }


@cache
def information_uri() -> str | None:
    """The home page that the installed project declares, if it declares one."""
    try:
        declared = metadata("logdiag").get_all("Project-URL") or []
    except PackageNotFoundError:
        return None
    urls = dict(url.split(", ", 1) for url in declared)
    return next((url for label, url in urls.items() if label.lower() == "homepage"), None)


def _rules(report: Report) -> list[Json]:
    """A descriptor of every rule that was asked about any run, sorted by code."""
    from logparse.rules import all_rules

    known = {rule.code: rule for rule in all_rules()}
    asked = {check.code: check.name for judged in report.runs for check in judged.checks}
    asked |= {found.code: found.name for judged in report.runs for found in _all(judged)}
    return [
        _descriptor(code, name, known.get(code))
        for code, name in sorted(asked.items())
        if not code.startswith(_FAULT)
    ]


def _descriptor(code: str, name: str, rule: Rule | None) -> Json:
    if rule is None:
        return {"id": code, "name": name}
    return {
        "id": code,
        "name": name,
        "shortDescription": _text(rule_docs.summary(rule)),
        "fullDescription": _text(rule_docs.description(rule)),
        "help": {
            "text": _braced(rule_docs.specification(rule)),
            "markdown": _braced(rule_docs.as_markdown(rule)),
        },
        "defaultConfiguration": {"level": rule.severity.value},
    }


def _result(placed: Placed, places: Places, index: Mapping[str, int], mark: str) -> Json:
    run, finding = placed
    first, *others = tuple(dict.fromkeys(finding.lines)) or (None,)
    related = [
        {"id": at, "message": _text(f"line {line}"), **_place(run, places, line)}
        for at, line in enumerate(others, start=1)
    ]
    return {
        "ruleId": finding.code,
        "ruleIndex": index[finding.code],
        "level": finding.severity.value,
        "message": _text(message(finding)),
        "locations": [_place(run, places, first)],
        **({"relatedLocations": related} if related else {}),
        "partialFingerprints": {FINGERPRINT: mark},
        "properties": {
            "run": run.index,
            "epochs": list(finding.epochs) if finding.epochs is not None else None,
            "confidence": finding.confidence.value,
            "measured": finite(finding.measured),
            "causes": [escape(cause) for cause in finding.causes],
            "confirm": escape(finding.confirm),
        },
    }


def finite(values: Mapping[str, object]) -> Json:
    """The values as JSON has them; a number that is not finite as text: `nan`, `inf`, `-inf`."""
    return {escape(name): _plain(value) for name, value in values.items()}


def _plain(value: object) -> object:
    if not isinstance(value, float | int | str) and hasattr(value, "item"):
        value = value.item()  # a number of NumPy
    if isinstance(value, str):
        return escape(value)
    return str(value) if isinstance(value, float) and not isfinite(value) else value


def _place(run: Run, places: Places, line: int | None) -> Json:
    """Where a line of a run stands; its first file for none."""
    source, number = run.place(line or 1)
    return _location(source if line else run.files[0], places, number if line else None)


def _location(source: str, places: Places, line: int | None = None) -> Json:
    region = {"region": {"startLine": line}} if line is not None else {}
    return {"physicalLocation": {"artifactLocation": _artifact(source, places), **region}}


def _artifact(source: str, places: Places) -> Json:
    if is_stream(source):
        return {"uri": places.uri(source), "description": _text("Standard input.")}
    uri = places.uri(source)
    return {"uri": uri} if uri.startswith("file:") else {"uri": uri, "uriBaseId": _ROOT}


def _artifacts(report: Report, places: Places) -> list[Json]:
    """The logs that were read, each once."""
    sources = dict.fromkeys(name for judged in report.runs for name in judged.run.files)
    return [
        {
            "location": _artifact(source, places),
            "roles": ["analysisTarget", *(["standardStream"] if is_stream(source) else [])],
        }
        for source in sources
    ]


def _fingerprints(report: Report, places: Places) -> dict[int, list[str]]:
    """The marks of a run's findings, by the id of its report; what has all in common is counted."""
    seen: Counter[tuple[str, ...]] = Counter()

    def mark(run: Run, uri: str, finding: Finding) -> str:
        key = (finding.code, uri, str(run.index), str(finding.measured.get("metric")))
        whole = "\n".join([*key, str(seen[key])])
        seen[key] += 1
        return sha256(whole.encode("utf-8", "backslashreplace")).hexdigest()

    uris = {judged.run.source: places.uri(judged.run.files[0]) for judged in report.runs}
    return {
        id(judged): [mark(judged.run, uris[judged.run.source], one) for one in _all(judged)]
        for judged in report.runs
    }


def _unjudged(failure: SourceFailure, places: Places) -> Json:
    where = {"locations": [_location(failure.source, places)]} if failure.source else {}
    return {
        "descriptor": {"id": _NOT_JUDGED},
        "level": "error",
        "message": _text(escape(f"{failure.source}: {failure.message}")),
        **where,
    }


def _fault(placed: Placed, places: Places, index: Mapping[str, int]) -> Json:
    finding = placed.finding
    rule = str(finding.measured.get("rule"))
    known = {"associatedRule": {"id": rule, "index": index[rule]}} if rule in index else {}
    error = escape(f" ({finding.measured['error']})") if "error" in finding.measured else ""
    return {
        "descriptor": {"id": finding.code},
        "level": "error",
        "message": _text(message(finding) + error),
        "locations": [_place(placed.run, places, None)],
        **known,
    }


def _text(text: str) -> Json:
    """A message: what looks like a link or a placeholder in it is only text."""
    return {"text": _braced(text).replace("](", "] (")}


def _braced(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")
