"""`logdiag tail` in a process of its own, and what it says, as it says it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Timer
from typing import Any

from tests.cli.program import environment

PATIENCE_S = 40.0
"""Longer than anything takes on a busy machine."""


class Tail:
    """The running program, with its events as JSON."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.events: list[dict[str, Any]] = []

    def wait_for(self, kind: str, *, epoch: int = 0) -> dict[str, Any]:
        """Read on until such an event comes; the test fails when the program ends before."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.events.append(json.loads(line))
            event = self.events[-1]
            if event["kind"] == kind and (event["epoch"] or 0) >= epoch:
                return event
        raise AssertionError(f"no {kind} among {[event['kind'] for event in self.events]}")

    def end(self, number: int = signal.SIGINT) -> tuple[int, dict[str, Any]]:
        """End it as Ctrl-C does; its exit code, and the report of its last event."""
        self.process.send_signal(number)
        ended = self.wait_for("ended")
        return self.process.wait(PATIENCE_S), ended["report"]

    def kinds(self) -> list[str]:
        """What has happened so far, epochs left out."""
        return [event["kind"] for event in self.events if event["kind"] != "epoch"]


@contextmanager
def tailed(*arguments: str | Path, **changes: str) -> Iterator[Tail]:
    """`logdiag tail --format json` on the arguments, until the block ends."""
    command = [sys.executable, "-m", "logdiag", "tail", "--format", "json", *map(str, arguments)]
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env=environment(**changes),
    ) as process:
        # Who waits for an event that never comes reads the end of the output instead.
        watchdog = Timer(PATIENCE_S, process.kill)
        watchdog.start()
        try:
            yield Tail(process)
        finally:
            watchdog.cancel()
            process.kill()
