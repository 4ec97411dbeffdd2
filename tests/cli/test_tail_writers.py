"""Logs that other processes write: a trainer, and a writer that is killed, truncates and rotates."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import logparse
from fixtures.dialects import simulate, write
from tests.cli.tailed import tailed

ROOT = Path(__file__).parent.parent.parent
TEXT = write(simulate("F2", epochs=12))

CONFIG = """\
TASK = "series"
MAX_EPOCHS = 3
"""


def start(*arguments: str | Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.following.writer", *map(str, arguments)]
    return subprocess.Popen(command, cwd=ROOT)


@pytest.fixture
def text(tmp_path: Path) -> Path:
    path = tmp_path / "text"
    path.write_text(TEXT, encoding="utf-8")
    return path


def as_analyzed(report: dict[str, object], log: Path) -> bool:
    """True where the report is that of `analyze`."""
    whole = json.loads(logparse.render(logparse.analyze(log), "json"))
    return report == whole


def test_a_log_that_grows_by_halves_is_told_as_analyze_tells_it(tmp_path: Path, text: Path) -> None:
    log = tmp_path / "run.log"
    with tailed(log) as tail, start(text, log, "--half"):
        tail.wait_for("epoch", epoch=12)
        code, report = tail.end()
    assert tail.kinds()[:2] == ["waiting", "begun"]
    assert as_analyzed(report, log)
    assert code == 0


def test_a_writer_that_is_killed_in_a_line_is_missed(tmp_path: Path, text: Path) -> None:
    log = tmp_path / "run.log"
    with tailed(log, "--stall", "1") as tail, start(text, log, "--kill-after", "5"):
        stalled = tail.wait_for("stalled")
        _, report = tail.end()
    assert (stalled["epoch"], stalled["severity"]) == (4, "warning")
    assert as_analyzed(report, log)


def test_a_log_that_is_begun_anew_is_forgotten(tmp_path: Path, text: Path) -> None:
    log = tmp_path / "run.log"
    with tailed(log) as tail, start(text, log, "--truncate-after", "6"):
        tail.wait_for("replaced")
        tail.wait_for("epoch", epoch=12)
        _, report = tail.end()
    assert as_analyzed(report, log)


def test_a_run_goes_on_through_a_rotation(tmp_path: Path, text: Path) -> None:
    log, whole = tmp_path / "run.log", tmp_path / "whole.log"
    with tailed(log) as tail, start(text, log, "--rotate-after", "6"):
        tail.wait_for("rotated")
        tail.wait_for("epoch", epoch=12)
        _, report = tail.end()
    whole.write_bytes((tmp_path / "run.log.1").read_bytes() + log.read_bytes())
    for run in report["runs"]:
        run["source"] = str(whole)
    assert as_analyzed(report, whole)


def test_the_trainer_is_followed_to_its_last_epoch(tmp_path: Path) -> None:
    config = tmp_path / "settings.toml"
    config.write_text(CONFIG)
    command = [sys.executable, "-m", "trainer", "--config", config, "--out", tmp_path]
    log = tmp_path / "run.log"
    with (
        tailed(log, "--until", "error") as tail,
        subprocess.Popen([*map(str, command)], cwd=ROOT, stderr=subprocess.DEVNULL) as trainer,
    ):
        tail.wait_for("epoch", epoch=3)
        assert trainer.wait(60) == 0
        ended = tail.wait_for("ended")
        code = tail.process.wait(20)
    assert ended["progress"]["planned"] == 3
    assert as_analyzed(ended["report"], log)
    assert code == (1 if any(f["severity"] == "error" for f in ended["report"]["runs"][0]["findings"]) else 0)
