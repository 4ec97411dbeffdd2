"""Metrics documents for tests, and what is said of them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fixtures.letters import letters_document
from logparse.errors import NotALogError
from logparse.run import Run
from logparse.session import Session

TEXT_OF_RUN = letters_document()
RAW = TEXT_OF_RUN.encode()
ONE_LINE = json.dumps(json.loads(RAW)).encode()


def run_of(raw: bytes | str) -> Run:
    """The run of a document, by the session."""
    session = Session("test.json", rules=())
    session.feed(raw.encode() if isinstance(raw, str) else raw)
    (run,) = session.runs()
    return run


def entries(*rows: dict[str, Any] | str, **parts: Any) -> str:
    """A document with these epochs, a text as it stands."""
    listed = ", ".join(row if isinstance(row, str) else json.dumps(row) for row in rows)
    more = "".join(f", {json.dumps(key)}: {json.dumps(part)}" for key, part in parts.items())
    return f'{{"epochs": [{listed}]{more}}}'


def with_metadata(**metadata: Any) -> Run:
    document = json.loads(RAW) | {"metadata": metadata}
    return run_of(json.dumps(document, indent=2))


def why_not(raw: bytes | str) -> str:
    """Why a text is no log."""
    with pytest.raises(NotALogError) as told:
        run_of(raw)
    return str(told.value)


def adds_up(run: Run, raw: bytes) -> bool:
    found = run.coverage
    parts = found.parsed + found.legend + found.blank + found.unparsed
    lines = raw.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return parts == found.lines == len(lines) - (lines[-1] == "")
