"""The comparison for programs: strict JSON after `schema/comparison.schema.json`, ASCII throughout.

Everything that it is made of: each number with the values of the runs behind it. What has one
entry for each side has them in the order of the sides.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from logparse.comparison.model import Summary
from logparse.findings import Finding
from logparse.renderers import as_json

if TYPE_CHECKING:
    from collections.abc import Collection

    from logparse.comparison import Comparison
    from logparse.comparison.model import Entrant, Measure, Value
    from logparse.renderers.as_json import Json

SCHEMA_VERSION = 1
"""Grows when a key changes its meaning or goes; a new key leaves it as it is."""


def render(comparison: Comparison) -> str:
    """The comparison as a JSON text that ends with a line end."""
    return json.dumps(document(comparison), indent=2, allow_nan=False) + "\n"


def document(comparison: Comparison) -> Json:
    """The comparison as plain dicts, lists, texts and finite numbers."""
    return {
        "schema_version": SCHEMA_VERSION,
        "tool": {"name": "logdiag", "version": as_json.tool_version()},
        "reference": comparison.sides[0].label,
        **_fields(comparison, but=("measured", "sides")),
        "sides": [
            {"label": side.label, "runs": [*map(_run, side.entrants, measured)]}
            for side, measured in zip(comparison.sides, comparison.measured, strict=True)
        ],
    }


def schema() -> Json:
    """The JSON Schema (2020-12) of the document."""
    folder = files("logparse.renderers").joinpath("schema")
    loaded: Json = json.loads(folder.joinpath("comparison.schema.json").read_text("utf-8"))
    return loaded


def _plain(value: object) -> Any:
    if isinstance(value, Finding):
        return as_json.finding(value)
    if isinstance(value, Summary):
        return _summary(value)
    if is_dataclass(value):
        return _fields(value)
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, tuple) else value


def _fields(value: Any, *, but: Collection[str] = ()) -> Json:
    names = (one.name for one in fields(value) if one.name not in but)
    return as_json.strict({name: _plain(getattr(value, name)) for name in names})


def _run(one: Entrant, measured: Mapping[Measure, Value]) -> Json:
    run = one.run
    return {
        "name": one.name,
        "source": run.source,
        "run": run.index,
        "until": one.until,
        "epochs": as_json.epochs(run),
        "findings": [found.code for found in one.judged.findings],
        "measures": {measure.name: _value(value) for measure, value in measured.items()},
    }


def _summary(told: Summary) -> Json:
    values = zip(told.names, told.values, strict=True)
    middle = {"n": told.n, "median": told.median, "mean": told.mean, "sd": told.sd}
    return {
        **as_json.strict({**middle, "lacking": told.lacking}),
        "values": [{"run": name, **_value(value)} for name, value in values],
    }


def _value(value: Value) -> Json:
    """A number with its epoch; where it stands as the log counts, if not by epochs."""
    return _fields(value, but=() if value.place else ("place",))
