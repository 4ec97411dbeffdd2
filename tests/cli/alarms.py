"""Events as a followed log gives them, made by hand."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from logparse.findings import Confidence, Finding, Severity
from logparse.following.events import Event, Kind

FINDING = Finding(
    code="LR003",
    name="early-lr-drop",
    severity=Severity.ERROR,
    confidence=Confidence.HIGH,
    reading="The learning rate fell at E05.",
    measured={"drop": 0.5},
    remedies=("PATIENCE = 10",),
    confirm="It falls later.",
    lines=(107, 110),
)


def event(kind: Kind = Kind.RAISED, **changes: Any) -> Event:
    """A raised error of run 2 of `run.log` at E07; a finding has the severity of its event."""
    told: dict[str, Any] = {
        "source": "run.log",
        "at": datetime(2025, 11, 3, 11, 48, tzinfo=UTC),
        "text": "The learning rate fell.",
        "run": 2,
        "epoch": 7,
        "severity": Severity.ERROR,
        "finding": FINDING,
    }
    told |= changes
    if told["finding"] is not None and told["severity"] is not None:
        told["finding"] = replace(told["finding"], severity=told["severity"])
    return Event(kind=kind, **told)


def poll_until(poll: Callable[[], list[str]], is_done: Callable[[list[str]], bool]) -> list[str]:
    """What is complained of until that is enough; fails after five seconds."""
    complaints: list[str] = []
    end = time.monotonic() + 5
    while not is_done(complaints):
        assert time.monotonic() < end, complaints
        time.sleep(0.005)
        complaints += poll()
    return complaints
