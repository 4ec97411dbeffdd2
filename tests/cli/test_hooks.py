"""`--on-finding`: which events call the command, and what it is told."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from logdiag.hooks import Hook, variables
from logparse.findings import Severity
from logparse.following.events import Event, Kind
from logparse.renderers.as_json import tool_version
from tests.cli.alarms import FINDING, event, poll_until

NASTY = "$(touch x) `touch x` ; touch x '\" & \n touch x\n\0 \ud800 \x1b[2J"


def as_line(happened: Event) -> str:
    return json.dumps({"event": happened.kind, "text": happened.text})


def called(command: str, *events: Event, severity: Severity = Severity.NOTE) -> list[str]:
    """What is complained of when the hook has got the events."""
    hook = Hook(command, severity, as_line)
    for one in events:
        hook.on(one)
    return hook.close(10)


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_finding_that_bad_is_a_call_and_nothing_else_is() -> None:
    asked = [event(kind, severity=severity) for kind in Kind for severity in Severity]
    assert called("echo $LOGDIAG_EVENT $LOGDIAG_SEVERITY >> said", *asked) == []
    kinds, levels = ("raised", "worse", "stalled"), ("error", "warning", "note")
    said = Path("said").read_text().splitlines()
    assert sorted(said) == sorted(f"{kind} {level}" for kind in kinds for level in levels)


@pytest.mark.parametrize(("severity", "calls"), [("error", 1), ("warning", 2), ("note", 3)])
def test_the_severity_is_the_least(severity: str, calls: int) -> None:
    asked = [event(severity=one) for one in Severity] + [event(Kind.STALLED, severity=None)]
    assert called("echo >> said", *asked, severity=Severity(severity)) == []
    assert len(Path("said").read_text()) == calls


def test_the_variables_tell_the_event() -> None:
    assert called("env -0 > said", event()) == []
    told = [part.partition("=") for part in Path("said").read_text().split("\0")]
    message = "error LR003 early-lr-drop, run.log run 2 E07: The learning rate fell."
    expected = {
        "LOGDIAG_EVENT": "raised",
        "LOGDIAG_SOURCE": str(Path.cwd() / "run.log"),
        "LOGDIAG_RUN": "2",
        "LOGDIAG_EPOCH": "7",
        "LOGDIAG_CODE": "LR003",
        "LOGDIAG_NAME": "early-lr-drop",
        "LOGDIAG_SEVERITY": "error",
        "LOGDIAG_LINE": "107",
        "LOGDIAG_TEXT": "The learning rate fell.",
        "LOGDIAG_MESSAGE": message,
        "LOGDIAG_MESSAGE_JSON": f'"{message}"',
        "LOGDIAG_VERSION": tool_version(),
    }
    assert {key: value for key, _, value in told if key in expected} == expected


def test_what_there_is_none_of_is_empty_whatever_the_outer_environment_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LOGDIAG_CODE", "of another logdiag")
    stall = event(Kind.STALLED, finding=None, run=None, epoch=None, source="<stdin>")
    command = 'echo "[$LOGDIAG_CODE$LOGDIAG_RUN$LOGDIAG_EPOCH]$LOGDIAG_MESSAGE" > said'
    assert called(f"set -u; {command}", stall) == []
    told = "[]error stalled, <stdin>: The learning rate fell."
    assert Path("said").read_text().strip() == told
    assert variables(stall)["LOGDIAG_SOURCE"] == "<stdin>"


def test_the_event_is_one_line_on_standard_input() -> None:
    assert called("cat > said", event(text=NASTY)) == []
    (line,) = Path("said").read_text().splitlines()
    assert json.loads(line) == {"event": "raised", "text": NASTY}


def test_text_of_a_log_is_never_run_and_always_one_line() -> None:
    command = (
        """printf '%s\\n' "$LOGDIAG_TEXT" "$LOGDIAG_MESSAGE_JSON" > said; echo $LOGDIAG_TEXT"""
    )
    assert called(command, event(text=NASTY, source="$(touch x).log")) == []
    text, quoted = Path("said").read_text().splitlines()
    assert text == "$(touch x) `touch x` ; touch x '\" & \\n touch x\\n\\x00 \\ud800 \\x1b[2J"
    assert json.loads(quoted) == f"error LR003 early-lr-drop, $(touch x).log run 2 E07: {text}"
    assert not Path("x").exists()


def test_a_text_without_end_is_cut_so_that_the_command_starts() -> None:
    long = event(text="\N{COMBINING ACUTE ACCENT}" * 3_000_000)
    assert called('test "$(printf %s "$LOGDIAG_TEXT" | tail -c 3)" = ...', long) == []
    assert sum(map(len, variables(long).values())) < 64 << 10


def test_a_name_that_is_no_text_reaches_the_command_exactly() -> None:
    name = os.fsdecode(b"run-\xff.log")
    Path(name).touch()
    assert called('test -f "$LOGDIAG_SOURCE"', event(source=name)) == []


def test_a_working_folder_that_is_gone_disturbs_nobody(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    os.chdir(gone)
    gone.rmdir()
    assert variables(event())["LOGDIAG_SOURCE"] == "run.log"


def test_a_hundred_events_at_once_are_a_hundred_calls() -> None:
    assert called("echo >> said", *[event()] * 100) == []
    assert len(Path("said").read_text()) == 100


def test_a_command_that_fails_is_told_by_the_finding_and_goes_on_being_called() -> None:
    complaints = called("echo no route >&2; exit 7", event(), event(Kind.WORSE))
    assert sorted(complaints) == [
        "--on-finding: error LR003 early-lr-drop worse, run.log run 2 E07: exit status 7: no route",
        "--on-finding: error LR003 early-lr-drop, run.log run 2 E07: exit status 7: no route",
    ]


def test_a_command_that_hangs_is_stopped_after_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("logdiag.background.KILL_AFTER_S", 0.2)
    hook = Hook("sleep 60", Severity.NOTE, as_line, timeout_s=0.2)
    hook.on(event(finding=FINDING))
    (complaint,) = poll_until(hook.poll, bool)
    assert complaint.endswith("run.log run 2 E07: still ran after 0.2 s, stopped")
