"""Events as JSON: strict, one a line, valid by a schema that rejects what is wrong."""

from __future__ import annotations

import copy
import json
import math
from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from states import HOSTILE, NOW, event, learning_run

from logparse.findings import Report, RunReport
from logparse.following.events import Event, Kind
from logparse.following.progress import Progress, progress_of
from logparse.following.renderers.as_json import render, schema

VALIDATOR = Draft202012Validator(schema(), format_checker=Draft202012Validator.FORMAT_CHECKER)
PROGRESS = progress_of(learning_run(17), NOW, since_s=21.0)
BROKEN = Progress(epoch=3, done=3, grad_norm=math.nan, main_metric="val_rmse", main_value=math.inf)
REPORT = Report((RunReport(learning_run(17), (), ()),))

EVENTS: dict[str, Event] = {
    **{kind.value: event(kind) for kind in Kind},
    "progress": replace(event(Kind.EPOCH), progress=PROGRESS),
    "begun before an epoch": replace(event(Kind.BEGUN, epoch=None), progress=Progress()),
    "broken": replace(event(Kind.EPOCH), progress=BROKEN),
    "report": replace(event(Kind.ENDED), report=REPORT),
    "before a run": replace(event(Kind.WAITING, epoch=None), run=None),
    "hostile": event(text=HOSTILE, source=HOSTILE),
}


def loaded(one: Event) -> Any:
    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is not JSON")

    text = render(one)
    assert text.isascii() and text.endswith("\n") and text.count("\n") == 1
    return json.loads(text, parse_constant=refuse)


def test_the_schema_is_one_and_needs_no_other_file() -> None:
    Draft202012Validator.check_schema(schema())
    assert schema()["$defs"]["report"]["title"] == "logdiag report"


@pytest.mark.parametrize("name", EVENTS)
def test_every_event_is_a_valid_line(name: str) -> None:
    VALIDATOR.validate(loaded(EVENTS[name]))


def test_the_line_says_what_the_event_holds() -> None:
    raised = loaded(event())
    assert (raised["kind"], raised["source"], raised["at"]) == (
        "raised",
        "run.log",
        "2026-11-22T12:01:30Z",
    )
    assert (raised["run"], raised["epoch"], raised["severity"]) == (1, 15, "warning")
    assert raised["finding"]["code"] == "GRAD003" and raised["text"] == raised["finding"]["reading"]
    assert raised["finding"]["measured"] == {
        "ratio": 11.8,
        "worst": None,
        "worst_nonfinite": "nan",
    }
    assert raised["progress"] is None and raised["report"] is None


def test_progress_is_told_in_full_and_what_is_unknown_is_null() -> None:
    told = loaded(EVENTS["progress"])["progress"]
    assert set(told) == {field.name for field in fields(Progress)}
    assert (told["done"], told["planned"], told["batch"]) == (17, 70, None)
    assert told["ends_at"].endswith("Z")
    broken = loaded(EVENTS["broken"])["progress"]
    assert (broken["grad_norm"], broken["grad_norm_nonfinite"]) == (None, "nan")
    assert (broken["main_value"], broken["main_value_nonfinite"]) == (None, "inf")


def test_the_end_carries_the_whole_report() -> None:
    report = loaded(EVENTS["report"])["report"]
    assert report["tool"]["name"] == "logdiag" and report["runs"][0]["epochs"]["last"] == 17


def test_the_text_of_a_log_arrives_as_it_was() -> None:
    assert loaded(EVENTS["hostile"])["text"] == HOSTILE


MUTATIONS: dict[str, Callable[[Any], object]] = {
    "version": lambda d: d.update(schema_version=2),
    "kind": lambda d: d.update(kind="exploded"),
    "more": lambda d: d.update(more=1),
    "no text": lambda d: d.pop("text"),
    "run 0": lambda d: d.update(run=0),
    "time without zone": lambda d: d.update(at="2026-11-22T12:01:30"),
    "raised without finding": lambda d: d.update(finding=None),
    "raised without severity": lambda d: d.update(severity=None),
    "finding on an epoch": lambda d: d.update(kind="epoch", severity=None),
    "finding of words": lambda d: d["finding"].update(code="gen001"),
    "progress without done": lambda d: d["progress"].pop("done"),
    "progress with more": lambda d: d["progress"].update(speed=1),
    "time that runs backwards": lambda d: d["progress"].update(left_s=-1),
    "report of words": lambda d: d.update(report="fine"),
}


@pytest.mark.parametrize("mutation", MUTATIONS)
def test_the_event_schema_rejects_a_wrong_line(mutation: str) -> None:
    document = copy.deepcopy(loaded(replace(event(), progress=PROGRESS)))
    VALIDATOR.validate(document)
    MUTATIONS[mutation](document)
    assert not VALIDATOR.is_valid(document)
