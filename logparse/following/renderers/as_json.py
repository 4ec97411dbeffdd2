"""An event for programs: one line of strict JSON after `schema/event.schema.json`, ASCII only."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.resources import files
from typing import TYPE_CHECKING

from logparse.renderers import as_json

if TYPE_CHECKING:
    from logparse.following.events import Event
    from logparse.following.progress import Progress
    from logparse.renderers.as_json import Json

SCHEMA_VERSION = 1
"""Grows when a key changes its meaning or goes; a new key leaves it as it is."""


def render(event: Event) -> str:
    """The event as one line of JSON that ends with a line end."""
    return json.dumps(document(event), allow_nan=False) + "\n"


def document(event: Event) -> Json:
    """The event as plain dicts, lists, texts and finite numbers."""
    found, progress, report = event.finding, event.progress, event.report
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": event.kind.value,
        "source": event.source,
        "at": _stamp(event.at),
        "run": event.run,
        "epoch": event.epoch,
        "severity": None if event.severity is None else event.severity.value,
        "text": event.text,
        "finding": None if found is None else as_json.finding(found),
        "progress": None if progress is None else _progress(progress),
        "report": None if report is None else as_json.document(report),
    }


def schema() -> Json:
    """The JSON Schema (2020-12) of the document, with that of the report inside it."""
    folder = files("logparse.renderers").joinpath("schema")
    loaded: Json = json.loads(folder.joinpath("event.schema.json").read_text("utf-8"))
    loaded["$defs"]["report"] = as_json.schema()
    return loaded


def _progress(progress: Progress) -> Json:
    ends = None if progress.ends_at is None else _stamp(progress.ends_at)
    return as_json.strict({**asdict(progress), "ends_at": ends})


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
