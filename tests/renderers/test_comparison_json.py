"""The comparison as JSON: strict, valid by its schema, with the data behind every number."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from logparse.renderers.comparison.as_json import render, schema
from tests.comparison.comparisons import COMPARISONS, groups, hostile, pair, ranked

VALIDATOR = Draft202012Validator(schema())


def loaded(name: str) -> Any:
    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is not JSON")

    return json.loads(render(COMPARISONS[name]()), parse_constant=refuse)


def objects(node: Any) -> Iterator[dict[str, Any]]:
    """Every object of a schema that has properties."""
    for one in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from objects(one)
    if isinstance(node, dict) and isinstance(node.get("properties"), dict):
        yield node


def test_the_schema_is_one_and_closed() -> None:
    Draft202012Validator.check_schema(schema())
    assert all(one["additionalProperties"] is False for one in objects(schema()))


@pytest.mark.parametrize("name", COMPARISONS)
def test_every_comparison_is_valid(name: str) -> None:
    VALIDATOR.validate(loaded(name))


@pytest.mark.parametrize("name", COMPARISONS)
def test_the_text_is_ascii_whatever_a_log_holds(name: str) -> None:
    assert render(COMPARISONS[name]()).isascii()


def test_the_data_behind_a_number_is_there() -> None:
    document = loaded("groups")
    assert document["reference"] == "base"
    assert [len(one["runs"]) for one in document["sides"]] == [5, 5]
    assert document["sides"][0]["runs"][0] == {
        "name": "base-0",
        "source": "base-0",
        "run": 1,
        "until": None,
        "epochs": {"first": 1, "last": 3, "count": 3},
        "findings": ["GEN001"],
        "measures": {"best_val_rmse": {"number": 0.04, "epoch": 3}},
    }
    (row, *_) = document["rows"]
    told = groups().rows[0].summaries[0]
    assert told is not None
    assert [one["number"] for one in row["summaries"][0]["values"]] == [*told.numbers]
    assert row["summaries"][0]["median"] == told.median
    assert row["summaries"][0]["sd"] == told.sd
    assert row["changes"][0] is None
    assert row["changes"][1]["verdict"] == "better"
    assert row["changes"][1]["holm"] == 0.0159


def test_what_rep002_says_is_whole() -> None:
    (one,) = loaded("pair")["resolutions"]
    finding = pair().resolutions[0].finding
    assert finding is not None
    assert one["finding"]["try"] == [*finding.remedies]
    assert (one["said"], one["unknown"]) == ("", "")


def test_the_ranking_points_at_the_sides() -> None:
    document, told = loaded("ranked"), ranked().ranking
    assert told is not None
    assert [one["side"] for one in document["ranking"]["places"]] == [
        one.side for one in told.places
    ]
    assert document["ranking"]["places"][-1]["summary"] is None


def test_what_is_not_finite_is_null_and_named() -> None:
    document = loaded("hostile")
    (first, *_) = document["rows"]
    assert first["summaries"][0]["values"][0]["number"] is None
    assert first["summaries"][0]["values"][0]["number_nonfinite"] == "nan"
    assert first["summaries"][1]["median_nonfinite"] == "inf"
    assert document["at"] is None and document["at_nonfinite"] == "inf"
    assert hostile().sides[0].label == document["sides"][0]["label"]


MUTATIONS: dict[str, Callable[[Any], object]] = {
    "version": lambda d: d.update(schema_version=2),
    "more": lambda d: d.update(more=1),
    "one side": lambda d: d["sides"].pop(),
    "no reference": lambda d: d.pop("reference"),
    "axis": lambda d: d.update(axis="weeks"),
    "more in a row": lambda d: d["rows"][0].update(more=1),
    "verdict": lambda d: d["rows"][0]["changes"][1].update(verdict="proven"),
    "p of text": lambda d: d["rows"][0]["changes"][1].update(p="0.05"),
    "no values": lambda d: d["rows"][0]["summaries"][0].update(values=[]),
    "nonfinite": lambda d: d["rows"][0]["summaries"][0].update(mean_nonfinite="huge"),
    "counts of text": lambda d: d["found"][0].update(counts=["1"]),
    "finding without try": lambda d: d["resolutions"][0]["finding"].pop("try"),
    "outcome": lambda d: d["regressions"][0].update(outcome="fine"),
}


@pytest.mark.parametrize("mutation", MUTATIONS)
def test_the_schema_rejects_a_wrong_document(mutation: str) -> None:
    document = copy.deepcopy(loaded("pair"))
    assert VALIDATOR.is_valid(document)
    MUTATIONS[mutation](document)
    assert not VALIDATOR.is_valid(document)
