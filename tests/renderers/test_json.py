"""The JSON report: strict, valid by its schema, and a schema that rejects what is wrong."""

from __future__ import annotations

import copy
import json
import math
from dataclasses import replace
from datetime import timedelta, timezone
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from jsonschema import Draft202012Validator
from reports import REPORTS, full_report, judged, one_run, seed_report

from logparse.errors import UnknownNameError
from logparse.findings import Report, SourceFailure, StaleEntry, UsedBaseline
from logparse.renderers import renderer
from logparse.renderers.as_json import render, schema, strict

if TYPE_CHECKING:
    from collections.abc import Callable

VALIDATOR = Draft202012Validator(schema(), format_checker=Draft202012Validator.FORMAT_CHECKER)


def loaded(report: Report) -> Any:
    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is not JSON")

    return json.loads(render(report), parse_constant=refuse)


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(schema())


@pytest.mark.parametrize("name", REPORTS)
def test_every_report_is_valid(name: str) -> None:
    VALIDATOR.validate(loaded(REPORTS[name]()))


def test_an_empty_report_and_a_run_without_epochs_are_valid() -> None:
    VALIDATOR.validate(loaded(Report((), (SourceFailure("a.log", "no such file"),))))
    run = replace(one_run({}), started=None)
    document = loaded(Report((judged(run),)))
    VALIDATOR.validate(document)
    assert document["runs"][0]["epochs"] is None
    assert document["runs"][0]["started"] is None


def test_the_document_says_what_the_report_holds() -> None:
    document = loaded(full_report())
    (run,) = document["runs"]
    assert document["schema_version"] == 1
    assert document["tool"]["name"] == "logdiag"
    assert (run["source"], run["run"], run["format"], run["dialect"]) == (
        "run.log",
        1,
        "run-log",
        "F2",
    )
    assert run["started"] == "2025-11-03T11:48:00.611142Z"
    assert run["epochs"] == {"first": 1, "last": 70, "count": 70}
    assert run["coverage"] == {
        "lines": 2489,
        "parsed": 2431,
        "legend": 47,
        "blank": 8,
        "unparsed": 3,
        "unparsed_lines": [[118, 118], [402, 403]],
    }
    assert [finding["code"] for finding in run["findings"]] == ["BASE002", "GEN001"]
    assert list(run["findings"][0]) == [
        "code",
        "name",
        "severity",
        "confidence",
        "epochs",
        "lines",
        "measured",
        "reading",
        "causes",
        "caused_by",
        "try",
        "confirm",
    ]


def test_a_stamp_of_another_zone_is_given_in_utc() -> None:
    run = one_run({})
    assert run.started is not None
    moved = replace(run, started=run.started.astimezone(timezone(timedelta(hours=5))))
    stamp = loaded(Report((judged(moved),)))["runs"][0]["started"]
    assert stamp == "2025-11-03T11:48:00.611142Z"


def test_what_is_not_finite_is_null_and_named() -> None:
    assert strict({"a": math.nan, "b": -math.inf, "c": 1.5, "d": math.inf}) == {
        "a": None,
        "a_nonfinite": "nan",
        "b": None,
        "b_nonfinite": "-inf",
        "c": 1.5,
        "d": None,
        "d_nonfinite": "inf",
    }


def test_numbers_of_numpy_are_plain_in_the_document() -> None:
    values = strict({"i": np.int64(3), "f": np.float32("nan"), "b": np.bool_(True)})
    assert json.dumps(values) == '{"i": 3, "f": null, "f_nonfinite": "nan", "b": true}'


def test_the_text_is_ascii_whatever_a_log_holds() -> None:
    assert render(REPORTS["hostile"]()).isascii()


def test_known_findings_are_apart_and_the_baseline_is_named() -> None:
    report = full_report()
    run = replace(report.runs[0], findings=(), known=report.runs[0].findings)
    stale = StaleEntry("run.log", "run 2", "LR001")
    document = loaded(Report((run,), baseline=UsedBaseline("known.json", (stale,))))
    VALIDATOR.validate(document)
    assert document["runs"][0]["findings"] == []
    assert [one["code"] for one in document["runs"][0]["known"]] == ["BASE002", "GEN001"]
    assert document["baseline"] == {
        "file": "known.json",
        "stale": [{"source": "run.log", "run": "run 2", "code": "LR001"}],
    }
    assert loaded(report)["baseline"] is None


def test_a_document_from_before_baselines_is_valid() -> None:
    document = loaded(full_report())
    del document["baseline"], document["runs"][0]["known"]
    VALIDATOR.validate(document)


def _run(document: Any) -> Any:
    return document["runs"][0]


def _finding(document: Any) -> Any:
    return _run(document)["findings"][0]


MUTATIONS: dict[str, Callable[[Any], object]] = {
    "version": lambda d: d.update(schema_version=2),
    "tool": lambda d: d.pop("tool"),
    "more": lambda d: d.update(more=1),
    "no errors": lambda d: d.pop("errors"),
    "error without message": lambda d: d["errors"].append({"source": "a"}),
    "run from 0": lambda d: _run(d).update(run=0),
    "more in a run": lambda d: _run(d).update(more=1),
    "stamp without zone": lambda d: _run(d).update(started="2025-11-03T11:48:00"),
    "stamp of words": lambda d: _run(d).update(started="today"),
    "epochs without count": lambda d: _run(d)["epochs"].pop("count"),
    "negative lines": lambda d: _run(d)["coverage"].update(lines=-1),
    "range of three": lambda d: _run(d)["coverage"]["unparsed_lines"].append([1, 2, 3]),
    "severity": lambda d: _finding(d).update(severity="fatal"),
    "confidence": lambda d: _finding(d).update(confidence=0.9),
    "code": lambda d: _finding(d).update(code="gen001"),
    "name": lambda d: _finding(d).update(name="Over Fitting"),
    "epochs of one": lambda d: _finding(d).update(epochs=[1]),
    "line 0": lambda d: _finding(d).update(lines=[0]),
    "measured list": lambda d: _finding(d)["measured"].update(values=[1, 2]),
    "nonfinite": lambda d: _finding(d)["measured"].update(x_nonfinite="huge"),
    "no try": lambda d: _finding(d).pop("try"),
    "try text": lambda d: _finding(d).update({"try": "again"}),
    "outcome": lambda d: _run(d)["checks"][0].update(outcome="fine"),
    "known text": lambda d: _run(d).update(known=["LR001"]),
    "baseline text": lambda d: d.update(baseline="known.json"),
    "baseline without stale": lambda d: d.update(baseline={"file": "known.json"}),
    "check without reason": lambda d: _run(d)["checks"][0].pop("reason"),
}


@pytest.mark.parametrize("mutation", MUTATIONS)
def test_the_schema_rejects_a_wrong_document(mutation: str) -> None:
    document = copy.deepcopy(loaded(seed_report()))
    if mutation == "name":
        assert VALIDATOR.is_valid(document)
    MUTATIONS[mutation](document)
    assert not VALIDATOR.is_valid(document)


def test_renderers_are_found_by_name_and_the_nearest_is_suggested() -> None:
    assert renderer("json")(seed_report()) == render(seed_report())
    with pytest.raises(UnknownNameError, match="did you mean json"):
        renderer("jsn")
