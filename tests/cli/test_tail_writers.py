"""Logs that others write: a trainer, and a writer that is killed, truncates and rotates."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import logparse
from fixtures.dialects import simulate, write
from tests.cli.tailed import Tail, tailed
from tests.trainer.test_app import TINY

ROOT = Path(__file__).parent.parent.parent
TEXT = write(simulate("F2", epochs=12))


@contextmanager
def written(log: Path, text: Path, *ways: str, options: Sequence[str] = ()) -> Iterator[Tail]:
    """A tail of the log that waits for it already when the writer begins."""
    command = [sys.executable, "-m", "tests.following.writer", str(text), str(log), *ways]
    with tailed(log, *options) as tail:
        tail.wait_for("waiting")
        with subprocess.Popen(command, cwd=ROOT):
            yield tail


@pytest.fixture
def text(tmp_path: Path) -> Path:
    path = tmp_path / "text"
    path.write_text(TEXT, encoding="utf-8")
    return path


def as_analyzed(report: dict[str, Any], log: Path) -> bool:
    """True where the report is that of `analyze`."""
    whole = json.loads(logparse.render(logparse.analyze(log), "json"))
    return report == whole


def test_a_log_that_grows_by_halves_is_told_as_analyze_tells_it(tmp_path: Path, text: Path) -> None:
    log = tmp_path / "run.log"
    with written(log, text, "--half") as tail:
        tail.wait_for("epoch", epoch=12)
        code, report = tail.end()
    assert tail.kinds()[:2] == ["waiting", "begun"]
    assert as_analyzed(report, log)
    assert code == 0


def test_a_writer_that_is_killed_in_a_line_is_missed(tmp_path: Path, text: Path) -> None:
    log = tmp_path / "run.log"
    with written(log, text, "--kill-after", "5", options=["--stall", "1"]) as tail:
        stalled = tail.wait_for("stalled")
        _, report = tail.end()
    assert (stalled["epoch"], stalled["severity"]) == (5, "warning")
    assert as_analyzed(report, log)


def test_a_log_that_is_begun_anew_is_forgotten(tmp_path: Path, text: Path) -> None:
    log = tmp_path / "run.log"
    with written(log, text, "--truncate-after", "6") as tail:
        tail.wait_for("replaced")
        tail.wait_for("epoch", epoch=12)
        _, report = tail.end()
    assert as_analyzed(report, log)


def test_a_run_goes_on_through_a_rotation(tmp_path: Path, text: Path) -> None:
    log, whole = tmp_path / "run.log", tmp_path / "whole.log"
    with written(log, text, "--rotate-after", "6") as tail:
        tail.wait_for("rotated")
        tail.wait_for("epoch", epoch=12)
        _, report = tail.end()
    whole.write_bytes((tmp_path / "run.log.1").read_bytes() + log.read_bytes())
    for run in report["runs"]:
        run["source"] = str(whole)
    assert as_analyzed(report, whole)


def test_the_trainer_is_followed_to_its_last_epoch(tmp_path: Path) -> None:
    config = tmp_path / "settings.toml"
    config.write_text(TINY)
    command = [sys.executable, "-m", "trainer", "--config", config, "--out", tmp_path]
    log = tmp_path / "run.log"
    with (
        tailed(log) as tail,
        subprocess.Popen([*map(str, command)], cwd=ROOT, stderr=subprocess.DEVNULL) as trainer,
    ):
        progress = tail.wait_for("epoch", epoch=3)["progress"]
        assert trainer.wait(20) == 0
        code, report = tail.end()
    assert (progress["done"], progress["planned"]) == (3, 3)
    assert as_analyzed(report, log)
    assert code in (0, 1)
