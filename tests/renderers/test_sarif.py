"""The SARIF report: valid by the official schema, pointing at lines, the same on every rerun."""

from __future__ import annotations

import copy
import json
import math
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from jsonschema import Draft4Validator
from reports import REPORTS, full_report, judged, learning, one_run, seed_report, three_runs
from symptoms import INERT_CLIP, OVERFITTING, WORSE_THAN_PERSISTENCE

from logparse.errors import NoSuchRunError
from logparse.findings import Check, Confidence, Finding, Outcome, Report, Severity, SourceFailure
from logparse.renderers import renderer, sarif
from logparse.rules import all_rules

if TYPE_CHECKING:
    from collections.abc import Callable

SCHEMA = json.loads(
    (Path(__file__).parents[1] / "data" / "sarif-schema-2.1.0.json").read_text(encoding="utf-8")
)
VALIDATOR = Draft4Validator(SCHEMA)
# RFC 3986: what a reference may be made of, percent signs only before two digits.
URI = re.compile(r"(?:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=-]|%[0-9A-F]{2})*")

CRASH = Finding(
    code="TOOL001",
    name="rule-crashed",
    severity=Severity.ERROR,
    confidence=Confidence.HIGH,
    reading="Rule LR001 early-lr-drop failed: a fault of the rule, not of the run.",
    measured={"rule": "LR001", "error": "ValueError: [x](y) {0}", "where": "early.py:1"},
    remedies=("report it",),
    confirm="LR001 gives a verdict.",
)


def loaded(report: Report, **options: Any) -> Any:
    """The only run of the document, which is strict JSON and valid by the schema."""

    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is not JSON")

    text = sarif.render(report, **options)
    assert text.isascii() and text.endswith("}\n")
    document = json.loads(text, parse_constant=refuse)
    VALIDATOR.validate(document)
    assert document["version"] == "2.1.0" and document["$schema"] == SCHEMA["id"]
    (run,) = document["runs"]
    return run


def from_source(source: str, *findings: Finding) -> Report:
    run = one_run(learning(12), source=source)
    return Report((judged(run, *(findings or (OVERFITTING,))),))


def location(run: Any) -> Any:
    return run["results"][0]["locations"][0]["physicalLocation"]


def test_the_schema_is_the_official_one_and_is_a_schema() -> None:
    Draft4Validator.check_schema(SCHEMA)
    assert SCHEMA["id"] == sarif.SCHEMA_URI


@pytest.mark.parametrize("which", [-1, "all"])
@pytest.mark.parametrize("name", REPORTS)
def test_every_report_is_valid(name: str, which: Any) -> None:
    loaded(REPORTS[name](), run=which)


MUTATIONS: dict[str, Callable[[Any], object]] = {
    "version": lambda d: d.update(version="2.0.0"),
    "no tool": lambda d: d["runs"][0].pop("tool"),
    "driver without name": lambda d: d["runs"][0]["tool"]["driver"].pop("name"),
    "level": lambda d: d["runs"][0]["results"][0].update(level="fatal"),
    "result without message": lambda d: d["runs"][0]["results"][0].pop("message"),
    "line 0": lambda d: location(d["runs"][0])["region"].update(startLine=0),
    "unknown key": lambda d: d["runs"][0]["results"][0].update(severity="high"),
    "no success": lambda d: d["runs"][0]["invocations"][0].pop("executionSuccessful"),
}


@pytest.mark.parametrize("mutation", MUTATIONS)
def test_the_schema_rejects_a_wrong_document(mutation: str) -> None:
    document = json.loads(sarif.render(seed_report()))
    assert VALIDATOR.is_valid(document)
    wrong = copy.deepcopy(document)
    MUTATIONS[mutation](wrong)
    assert not VALIDATOR.is_valid(wrong)


def test_a_result_says_what_was_read_and_what_to_try() -> None:
    run = loaded(full_report())
    first, second = run["results"]
    assert (first["ruleId"], first["level"]) == ("BASE002", "error")
    assert (second["ruleId"], second["level"]) == ("GEN001", "warning")
    assert first["message"]["text"] == (
        f"{WORSE_THAN_PERSISTENCE.reading}\n"
        "Try: (1) set USE_DELTA = True, so that the model predicts the change; "
        "(2) check the shift of the target against LOOK_BACK = 60; "
        "(3) do not simply train longer: val rmse is flat since E31"
    )
    assert first["properties"] == {
        "run": 1,
        "epochs": [31, 70],
        "confidence": "high",
        "measured": dict(WORSE_THAN_PERSISTENCE.measured),
        "causes": list(WORSE_THAN_PERSISTENCE.causes),
        "confirm": WORSE_THAN_PERSISTENCE.confirm,
    }
    assert loaded(seed_report())["results"][0]["level"] == "note"


def test_the_first_line_is_the_place_and_the_others_are_related_in_their_order() -> None:
    lines = replace(OVERFITTING, lines=(175, 253, 117, 175))
    run = loaded(from_source("run.log", lines))
    assert location(run)["region"] == {"startLine": 175}
    related = run["results"][0]["relatedLocations"]
    assert [one["physicalLocation"]["region"]["startLine"] for one in related] == [253, 117]
    assert [(one["id"], one["message"]["text"]) for one in related] == [
        (1, "line 253"),
        (2, "line 117"),
    ]


def test_a_finding_without_a_line_is_about_the_whole_file() -> None:
    run = loaded(from_source("run.log", replace(OVERFITTING, lines=(), epochs=None)))
    assert "region" not in location(run)
    assert "relatedLocations" not in run["results"][0]
    assert run["results"][0]["properties"]["epochs"] is None


@pytest.mark.parametrize(
    ("source", "uri"),
    [
        ("run.log", "run.log"),
        ("./runs/run.log", "runs/run.log"),
        ("runs/a b/größe#1%.log", "runs/a%20b/gr%C3%B6%C3%9Fe%231%25.log"),
        ("a:b?.log", "a%3Ab%3F.log"),
        ("漢字.log", "%E6%BC%A2%E5%AD%97.log"),
        ("not-utf8-\udcff.log", "not-utf8-%FF.log"),
        ("../other/run.log", "../other/run.log"),
        ("/projects/repo/logs/a b.log", "logs/a%20b.log"),
        ("/elsewhere/a b.log", "file:///elsewhere/a%20b.log"),
        ("/projects/repository/x.log", "file:///projects/repository/x.log"),
    ],
)
def test_a_path_is_a_uri_reference(source: str, uri: str) -> None:
    artifact = location(loaded(from_source(source), root="/projects/repo"))["artifactLocation"]
    assert artifact["uri"] == uri
    assert URI.fullmatch(uri)
    assert artifact.get("uriBaseId") == (None if uri.startswith("file:") else "%SRCROOT%")


def test_a_path_is_relative_to_the_root_wherever_the_tool_ran() -> None:
    report, places = from_source("run.log"), {"folder": "/repo/smoke", "root": "/repo"}
    assert location(loaded(report, **places))["artifactLocation"]["uri"] == "smoke/run.log"
    report = from_source("../a/run.log")
    assert location(loaded(report, **places))["artifactLocation"]["uri"] == "a/run.log"


@pytest.mark.parametrize("source", ["-", "<stdin>"])
def test_standard_input_is_a_stream_and_no_file(source: str) -> None:
    run = loaded(from_source(source), folder="/repo", root="/repo")
    artifact = location(run)["artifactLocation"]
    assert artifact["uri"] == "%3Cstdin%3E"
    assert "uriBaseId" not in artifact
    assert artifact["description"]["text"] == "Standard input."
    assert run["artifacts"][0]["roles"] == ["analysisTarget", "standardStream"]


def test_every_result_leads_to_its_rule_by_number() -> None:
    run = loaded(three_runs(), run="all")
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == sorted({rule["id"] for rule in rules})
    assert run["results"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]


@pytest.mark.parametrize("rule", all_rules(), ids=lambda rule: rule.code)
def test_a_rule_comes_with_its_specification(rule: Any) -> None:
    check = Check(rule.code, rule.name, Outcome.CLEAR)
    run = loaded(Report((replace(judged(one_run(learning(3))), checks=(check,)),)))
    (told,) = run["tool"]["driver"]["rules"]
    assert (told["id"], told["name"]) == (rule.code, rule.name)
    assert told["defaultConfiguration"] == {"level": rule.severity.value}
    short, full = told["shortDescription"]["text"], told["fullDescription"]["text"]
    assert short.endswith(".") and "\n" not in short
    assert full.startswith(short) and len(full) <= 1024
    assert told["help"]["text"].startswith(short.split()[0])
    assert "**What it does:**" in told["help"]["markdown"]
    assert "**Source:**" in told["help"]["markdown"]


def test_the_tool_is_named_and_its_home_page_only_if_there_is_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    driver = loaded(seed_report())["tool"]["driver"]
    assert driver["name"] == "logdiag" and driver["version"]
    assert ("informationUri" in driver) == bool(sarif.information_uri())
    monkeypatch.setattr(sarif, "information_uri", lambda: "https://example.org/logdiag")
    driver = loaded(seed_report())["tool"]["driver"]
    assert driver["informationUri"] == "https://example.org/logdiag"


def test_measured_numbers_are_finite_and_the_others_are_text() -> None:
    measured = {
        "a": math.nan,
        "b": -math.inf,
        "c": np.float64("inf"),
        "d": np.int64(3),
        "e": True,
        "f": 1e308,
        "g": "E31\x1b",
        "h": np.float32(0.5),
    }
    (result,) = loaded(from_source("run.log", replace(OVERFITTING, measured=measured)))["results"]
    assert result["properties"]["measured"] == {
        "a": "nan",
        "b": "-inf",
        "c": "inf",
        "d": 3,
        "e": True,
        "f": 1e308,
        "g": "E31\\x1b",
        "h": 0.5,
    }


def fingerprints(report: Report, **options: Any) -> list[str]:
    results = loaded(report, **options)["results"]
    return [result["partialFingerprints"][sarif.FINGERPRINT] for result in results]


def test_a_fingerprint_stays_when_the_run_is_made_again() -> None:
    before = from_source("run.log", OVERFITTING)
    moved = replace(OVERFITTING, lines=(9, 11), measured={"onset": "E02"}, reading="Otherwise.")
    after = from_source("./run.log", replace(moved, epochs=(2, 9), severity=Severity.ERROR))
    assert fingerprints(before) == fingerprints(after)
    assert fingerprints(before) == fingerprints(before, folder="/r", root="/r")


def test_a_fingerprint_is_of_a_rule_a_path_a_run_and_a_metric() -> None:
    first, second = one_run(learning(9), count=2), one_run(learning(9), index=2, count=2)
    elsewhere = one_run(learning(9), source="other.log")
    by_metric = [replace(OVERFITTING, measured={"metric": name}) for name in ("a", "b")]
    found = (WORSE_THAN_PERSISTENCE, OVERFITTING, OVERFITTING, *by_metric)
    report = Report(tuple(judged(run, *found) for run in (first, second, elsewhere)))
    marks = fingerprints(report, run="all")
    assert len(marks) == len(set(marks)) == 15
    assert fingerprints(report, run=2) == marks[5:10]
    assert fingerprints(report, run=-1) == marks[5:]


def test_what_could_not_be_judged_is_a_notification_beside_good_results() -> None:
    failure = SourceFailure("no such/run.log", "no such file")
    run = loaded(replace(full_report(), errors=(failure, failure, SourceFailure("", "empty"))))
    (invocation,) = run["invocations"]
    assert invocation["executionSuccessful"] is False
    first, again, unnamed = invocation["toolExecutionNotifications"]
    assert first == again
    assert first["message"]["text"] == "no such/run.log: no such file"
    assert first["level"] == "error"
    place = first["locations"][0]["physicalLocation"]["artifactLocation"]
    assert place["uri"] == "no%20such/run.log"
    assert "locations" not in unnamed
    assert len(run["results"]) == 2
    assert [one["location"]["uri"] for one in run["artifacts"]] == ["run.log"]


def test_without_findings_and_without_runs_there_are_no_results() -> None:
    run = loaded(three_runs())
    assert run["results"] == []
    assert run["invocations"] == [{"executionSuccessful": True, "toolExecutionNotifications": []}]
    run = loaded(Report((), (SourceFailure("a.log", "no such file"),)))
    assert (run["results"], run["artifacts"], run["tool"]["driver"]["rules"]) == ([], [], [])


def test_a_fault_of_the_tool_is_no_result() -> None:
    run = loaded(from_source("run.log", CRASH, OVERFITTING))
    assert [result["ruleId"] for result in run["results"]] == ["GEN001"]
    (invocation,) = run["invocations"]
    (told,) = invocation["toolExecutionNotifications"]
    assert invocation["executionSuccessful"] is False
    assert told["descriptor"] == {"id": "TOOL001"}
    rules = run["tool"]["driver"]["rules"]
    assert rules[told["associatedRule"]["index"]]["id"] == told["associatedRule"]["id"] == "LR001"
    assert told["message"]["text"].endswith("(ValueError: [x] (y) {{0}})")


def test_what_a_rule_suppressed_is_no_result() -> None:
    report = full_report()
    assert any(check.outcome is Outcome.SUPPRESSED for check in report.runs[0].checks)
    assert {one["ruleId"] for one in loaded(report)["results"]} == {"BASE002", "GEN001"}


def test_a_known_finding_is_a_suppressed_result() -> None:
    whole = judged(one_run(learning(12), source="run.log"), OVERFITTING, INERT_CLIP)
    known = replace(whole, findings=whole.findings[:1], known=whole.findings[1:])
    first, second = loaded(Report((known,)))["results"]
    assert "suppressions" not in first
    assert second["ruleId"] == whole.findings[1].code
    assert [one["kind"] for one in second["suppressions"]] == ["external"]


def test_a_message_holds_no_link_and_no_placeholder_of_a_log() -> None:
    found = replace(INERT_CLIP, reading="see [here](http://x) {0}\n\x1b[2J", remedies=("[a](b)",))
    (result,) = loaded(from_source("run.log", found))["results"]
    assert result["message"]["text"] == ("see [here] (http://x) {{0}}\\n\\x1b[2J\nTry: [a] (b)")


def test_the_runs_asked_for_are_those_of_the_results() -> None:
    report = three_runs()
    assert [one["properties"]["run"] for one in loaded(report, run="all")["results"]] == [2, 2]
    assert len(loaded(report, run=2)["results"]) == 2
    with pytest.raises(NoSuchRunError, match="no run 4, there are 3"):
        sarif.render(report, run=4)


def test_the_renderer_is_found_by_name_and_gives_the_same_text_twice() -> None:
    assert renderer("sarif")(full_report()) == sarif.render(full_report())
