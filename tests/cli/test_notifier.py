"""`--notify`: who notifies, and that a log's text is text to it."""

from __future__ import annotations

from pathlib import Path

import pytest

from logdiag.notifier import find_notifier
from logparse.findings import Severity
from logparse.following.events import Event, Kind
from tests.cli.alarms import event

TITLE = "logdiag: error LR003 early-lr-drop"


def program(folder: Path, name: str, script: str) -> dict[str, str]:
    """An environment in which a program of that name is all there is to find."""
    path = folder / "bin" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return {"PATH": str(path.parent), "DISPLAY": ":0"}


def told(folder: Path, happened: Event, name: str = "notify-send", platform: str = "linux") -> str:
    """The arguments that the notifier of the platform gets for an event, a line each."""
    environ = program(folder, name, f"printf '%s\\n' \"$@\" > {folder}/said")
    notifier = find_notifier(Severity.NOTE, environ, platform)
    assert notifier is not None
    notifier.on(happened)
    assert notifier.close(5) == []
    return (folder / "said").read_text()


def test_notify_send_gets_urgency_title_and_text(tmp_path: Path) -> None:
    said = told(tmp_path, event()).splitlines()
    text = "run.log run 2 E07: The learning rate fell."
    assert said == ["--urgency=critical", "--", TITLE, text]
    assert told(tmp_path, event(severity=Severity.NOTE)).startswith("--urgency=low\n")


def test_markup_and_backslashes_of_a_log_are_shown_as_they_stand(tmp_path: Path) -> None:
    text = "<b>a & b</b> \\n \x1b $(touch x)"
    said = told(tmp_path, event(text=text, source="--help")).splitlines()
    shown = "--help run 2 E07: &lt;b&gt;a &amp; b&lt;/b&gt; \\\\n \\\\x1b $(touch x)"
    assert said[1:] == ["--", TITLE, shown]


def test_on_a_mac_the_text_is_an_argument_and_no_part_of_the_script(tmp_path: Path) -> None:
    text = '" & (do shell script "touch x") & "'
    said = told(tmp_path, event(text=text), "osascript", "darwin").splitlines()
    script, arguments = said[:6], said[6:]
    assert not any(text in line for line in script)
    assert arguments == [TITLE, f"run.log run 2 E07: {text}"]


def test_a_long_text_is_cut(tmp_path: Path) -> None:
    said = told(tmp_path, event(text="long " * 1000)).splitlines()[-1]
    assert len(said) == 300
    assert said.endswith("...")


@pytest.mark.parametrize("missing", ["PATH", "DISPLAY"])
def test_without_a_program_or_a_session_there_is_no_notifier(tmp_path: Path, missing: str) -> None:
    environ = program(tmp_path, "notify-send", "")
    assert find_notifier(Severity.NOTE, environ, "linux") is not None
    assert find_notifier(Severity.NOTE, environ | {missing: ""}, "linux") is None
    assert find_notifier(Severity.NOTE, environ, "darwin") is None


def test_the_first_failure_is_told_and_no_other(tmp_path: Path) -> None:
    environ = program(tmp_path, "notify-send", f"echo x >> {tmp_path}/said; echo no bus; exit 1")
    notifier = find_notifier(Severity.NOTE, environ, "linux")
    assert notifier is not None
    for _ in range(3):
        notifier.on(event())
    (complaint,) = notifier.close(5)
    assert complaint == "--notify: logdiag: error LR003 early-lr-drop: exit status 1: no bus"
    assert (tmp_path / "said").read_text().split() == ["x"] * 3
    assert notifier.poll() == []


def test_only_alarms_of_the_severity_are_shown(tmp_path: Path) -> None:
    environ = program(tmp_path, "notify-send", f'echo "$3" >> {tmp_path}/said')
    notifier = find_notifier(Severity.ERROR, environ, "linux")
    assert notifier is not None
    events = event(Kind.CLEARED), event(severity=Severity.NOTE), event(Kind.EPOCH, severity=None)
    for one in (*events, event(Kind.STALLED, finding=None)):
        notifier.on(one)
    assert notifier.close(5) == []
    assert (tmp_path / "said").read_text() == "logdiag: error stalled\n"
