"""`logdiag tail`: what it shows at once, when it leaves, what it refuses."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import logparse
from fixtures.dialects import header, simulate, write
from logparse.following.renderers.as_json import schema
from tests.cli.program import caller, environment
from tests.cli.tailed import tailed

FIXTURES = Path(__file__).parent.parent.parent / "fixtures"
HEALTHY = write(simulate("F2", epochs=12))
Call = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def tail(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Call:
    return caller("tail", monkeypatch, capfd)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "run.log"
    path.write_text(HEALTHY)
    return path


def test_once_shows_the_state_and_leaves_with_the_code_of_analyze(
    tail: Call, log: Path, tmp_path: Path
) -> None:
    done = tail(tmp_path, "run.log", "--once")
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0].startswith("run.log  run-log F2")
    assert lines[1].startswith("epoch 12 of 12")
    assert max(map(len, lines)) <= 80
    bad = tail(FIXTURES, "diverging_to_nan.log", "--once")
    assert bad.returncode == 1
    assert "NUM001" in bad.stdout
    assert tail(FIXTURES, "diverging_to_nan.log", "--once", "--fail-on", "never").returncode == 0


def test_once_as_json_ends_with_the_report_of_analyze(tail: Call) -> None:
    done = tail(FIXTURES, "early_lr_drop.log", "--once", "--format", "json")
    events = [json.loads(line) for line in done.stdout.splitlines()]
    kinds = [event["kind"] for event in events]
    assert kinds[:3] == ["begun", "epoch", "finished"]
    assert set(kinds[3:-1]) == {"raised"}
    ended = events[-1]
    whole = logparse.analyze("early_lr_drop.log")
    assert ended["report"] == json.loads(logparse.render(whole, "json"))
    codes = [event["finding"]["code"] for event in events[3:-1]]
    assert sorted(codes) == sorted(found.code for found in whole.runs[0].findings)


def test_once_shows_several_logs_in_a_row_each(tail: Call, log: Path, tmp_path: Path) -> None:
    (tmp_path / "other.log").write_text(write(simulate("G", epochs=6)))
    done = tail(tmp_path, ".", "--once")
    assert done.stdout.startswith("2 logs")
    assert "run.log" in done.stdout and "other.log" in done.stdout


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("empty.log", b"", "the file is empty"),
        ("picture.jpg", b"\xff\xd8\xff\xe0\0\x10JFIF\0" * 40, "binary data, no training log"),
        ("notes.txt", b"bread\nmilk\n", "no training run found"),
        ("missing.log", None, "no such file"),
    ],
)
def test_once_says_what_is_there_instead_of_a_log(
    tail: Call, tmp_path: Path, name: str, content: bytes | None, why: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    done = tail(tmp_path, name, "--once")
    assert (done.returncode, done.stdout) == (2, "")
    assert f"logdiag: {name}: {why}" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_run_that_nothing_could_be_said_of_has_no_clean_exit_code(
    tail: Call, tmp_path: Path
) -> None:
    (tmp_path / "run.log").write_text(header(simulate("F2", epochs=12)))
    done = tail(tmp_path, "run.log", "--once", "--select", "LR")
    assert done.returncode == 2
    assert "nothing to judge yet" in done.stdout and "no symptom" not in done.stdout
    assert "run.log: nothing was judged" in done.stderr


def test_a_directory_without_logs_is_a_failure(tail: Call, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("bread\n")
    done = tail(tmp_path, ".", "--once")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "logdiag: .: no training log among its 1 file\n"


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (["--stall", "soon"], "--stall soon: give a time as 90s, 15m or 2h, or never"),
        (["--stall", "-5"], "--stall -5"),
        (["--metrics-file", "numbers.txt"], "ends? in .prom|end in .prom"),
        (["--until", "doom"], "--until"),
        (["--select", "XX999"], "unknown rule 'XX999'"),
        ([], "Missing argument"),
    ],
)
def test_wrong_usage_is_one_message(
    tail: Call, log: Path, tmp_path: Path, options: list[str], why: str
) -> None:
    done = tail(tmp_path, *(["run.log", *options] if options else []))
    assert (done.returncode, done.stdout) == (2, "")
    assert re.search(why, done.stderr.replace("\n", " "))


def test_until_leaves_at_once_where_such_a_finding_stands(tail: Call) -> None:
    done = tail(FIXTURES, "diverging_to_nan.log", "--until", "error")
    assert done.returncode == 1
    assert "raised" in done.stdout and "NUM001" in done.stdout


def test_until_leaves_with_0_once_the_run_is_over(tail: Call, log: Path, tmp_path: Path) -> None:
    long_ago = time.time() - 60
    os.utime(log, (long_ago, long_ago))
    done = tail(tmp_path, "run.log", "--until", "error")
    assert done.returncode == 0
    assert "run.log  run-log F2" in done.stdout, "the report of analyze"


def test_events_are_lines_as_the_schema_has_them(log: Path) -> None:
    validator = pytest.importorskip("jsonschema").Draft202012Validator(schema())
    with tailed(log) as tail:
        tail.wait_for("epoch", epoch=12)
        code, report = tail.end()
    assert code == 0
    assert report["runs"][0]["epochs"] == {"first": 1, "last": 12, "count": 12}
    for event in tail.events:
        validator.validate(event)


def test_a_pipe_is_followed_to_its_end(log: Path) -> None:
    command = [sys.executable, "-m", "logdiag", "tail", "-", "--stdin-name", "train.py"]
    done = subprocess.run(
        command, input=HEALTHY, capture_output=True, text=True, timeout=60, env=environment()
    )
    assert done.returncode == 0
    first, *_ = done.stdout.splitlines()
    assert "begun" in first and "the run is at E12, 12 epochs planned" in first
    assert "train.py  run-log F2" in done.stdout


def test_the_events_of_a_directory_name_their_log(log: Path) -> None:
    command = [sys.executable, "-m", "logdiag", "tail", str(log.parent), "--until", "note"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=environment())
    assert done.returncode == 1
    assert str(log) in done.stdout.splitlines()[0]


def test_sigterm_is_a_wish_to_end_as_ctrl_c_is(log: Path) -> None:
    with tailed(log) as tail:
        tail.wait_for("begun")
        code, report = tail.end(15)
    assert code == 0
    assert len(report["runs"]) == 1


def test_commands_and_numbers_follow_the_events(tmp_path: Path) -> None:
    pytest.importorskip("prometheus_client")
    log, called, numbers = (tmp_path / name for name in ("run.log", "called", "run.prom"))
    log.write_bytes((FIXTURES / "diverging_to_nan.log").read_bytes())
    command = f'echo "$LOGDIAG_CODE $LOGDIAG_SEVERITY" >> {called}; exit 3'
    options = ["--on-finding", command, "--severity", "error", "--metrics-file", str(numbers)]
    with tailed(log, *options) as tail:
        tail.wait_for("raised")
        code, _ = tail.end()
        assert tail.process.stderr is not None
        complaints = tail.process.stderr.read()
    assert code == 1
    assert "NUM001 error" in called.read_text()
    assert "--on-finding" in complaints and "3" in complaints
    text = numbers.read_text()
    assert 'code="NUM001"' in text and text.endswith("# EOF\n")
    assert f'logdiag_up{{log="{log}"}} 0.0' in text


def test_who_reads_no_further_ends_it_in_silence(log: Path) -> None:
    command = f"({sys.executable} -m logdiag tail {log}; echo left with $? >&2) | head -1"
    done = subprocess.run(
        ["sh", "-c", command], capture_output=True, text=True, timeout=60, env=environment()
    )
    assert "begun" in done.stdout and done.stderr == "left with 0\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_output_that_cannot_be_written_is_one_line(log: Path) -> None:
    command = f"{sys.executable} -m logdiag tail {log} > /dev/full"
    done = subprocess.run(
        ["sh", "-c", command], capture_output=True, text=True, timeout=60, env=environment()
    )
    assert done.returncode == 2
    assert done.stderr == "logdiag: cannot write to standard output: No space left on device\n"
