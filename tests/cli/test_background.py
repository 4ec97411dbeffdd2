"""Commands in the background: their room, their time, their output, and that none is left."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from logdiag.background import MOST_WAITING, Background, Job
from tests.cli.alarms import poll_until


@pytest.fixture(autouse=True)
def _soon_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("logdiag.background.KILL_AFTER_S", 0.2)


def background(at_once: int = 4) -> Background:
    return Background("--hook", 60, at_once=at_once)


def run(command: str, **more: str) -> list[str]:
    """What is complained of by the time that the command is over."""
    commands = background()
    commands.start(Job("it", command, **more))
    return poll_until(commands.poll, lambda _: not commands._running) + commands.poll()


def is_written(pid_file: Path) -> bool:
    """True once a command has told its number."""
    return pid_file.exists() and pid_file.read_text().endswith("\n")


def is_alive(pid_file: Path) -> bool:
    """True while the process runs whose number the file holds; a zombie is dead."""
    try:
        stat = Path(f"/proc/{int(pid_file.read_text())}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


@pytest.mark.parametrize(
    ("command", "complaint"),
    [
        ("echo hello; echo there >&2", None),
        ("echo first >&2; printf 'last\\n\\n' >&2; exit 3", "exit status 3: last"),
        ("exit 1", "exit status 1"),
        ("kill -KILL $$", "killed by SIGKILL"),
        ("printf '\\033[31m\\377\\0\\r\\n'; exit 1", "exit status 1: \\x1b[31m\ufffd\\x00"),
    ],
)
def test_only_what_fails_is_told_with_its_last_line(command: str, complaint: str | None) -> None:
    assert run(command) == ([f"--hook: it: {complaint}"] if complaint else [])


def test_a_command_that_is_not_there_is_told_by_the_shell() -> None:
    (complaint,) = run("no-such-command-anywhere")
    assert complaint.startswith("--hook: it: exit status 127: ")
    assert "no-such-command-anywhere" in complaint


def test_a_program_that_cannot_be_started_is_told_and_the_next_one_runs() -> None:
    commands = background()
    commands.start(Job("a", ["/no/such/program"]))
    commands.start(Job("b", ["/bin/sh", "-c", "exit 4"]))
    complaints = poll_until(commands.poll, lambda complaints: len(complaints) == 2)
    assert complaints[0] == "--hook: a: cannot be started: No such file or directory"
    assert complaints[1] == "--hook: b: exit status 4"


def test_input_that_is_never_read_holds_nobody_up() -> None:
    started = time.monotonic()
    assert run("true", stdin="x" * (1 << 20)) == []
    assert time.monotonic() - started < 2


def test_input_is_all_there_for_who_reads_it() -> None:
    assert run("test $(wc -c) = 1048576", stdin="x" * (1 << 20)) == []


def run_too_long(command: str, is_begun: Callable[[Background], bool]) -> list[str]:
    """What is complained of when an hour passes once the command has begun."""
    late = [0.0]
    commands = Background("--hook", 60, clock=lambda: time.monotonic() + late[0])
    commands.start(Job("it", command))
    poll_until(commands.poll, lambda _: is_begun(commands))
    late[0] = 3600
    return poll_until(commands.poll, bool)


def test_a_command_that_hangs_is_stopped_with_all_that_it_has_called(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    command = f"echo begun; sleep 60 & echo $! > {pid}; sleep 60"
    complaints = run_too_long(command, lambda _: is_written(pid))
    assert complaints == ["--hook: it: still ran after 60 s, stopped: begun"]
    assert not is_alive(pid)


def test_a_child_that_does_not_listen_is_killed_after_the_shell_is_gone(tmp_path: Path) -> None:
    pid, script = tmp_path / "pid", tmp_path / "deaf.sh"
    script.write_text(f"trap '' TERM; echo $$ > {pid}; sleep 60; sleep 60")
    run_too_long(f"sh {script} & sleep 60", lambda _: is_written(pid))
    poll_until(list, lambda _: not is_alive(pid))


def test_a_flood_of_output_is_held_back_and_only_its_end_kept() -> None:
    kept: list[int] = []

    def is_flooded(commands: Background) -> bool:
        kept.append(len(commands._running[0]._tail))
        return len(kept) > 10 and kept[-1] > 0

    complaints = run_too_long("yes", is_flooded)
    assert complaints == ["--hook: it: still ran after 60 s, stopped: y"]
    assert max(kept) == 4096


def test_what_a_command_leaves_in_the_background_is_its_own_business(tmp_path: Path) -> None:
    assert run(f"(sleep 0.1; echo done > {tmp_path}/mark) & exit 0") == []
    poll_until(list, lambda _: (tmp_path / "mark").exists())


def test_so_many_at_once_and_the_rest_in_order(tmp_path: Path) -> None:
    commands = background(at_once=2)
    for number in range(5):
        commands.start(Job(str(number), f"echo {number} >> {tmp_path}/said; sleep 0.05; exit 1"))
        assert len(commands._running) <= 2
    complaints = poll_until(commands.poll, lambda complaints: len(complaints) == 5)
    assert sorted(complaints) == [f"--hook: {number}: exit status 1" for number in range(5)]
    said = (tmp_path / "said").read_text().split()
    assert sorted(said) == list("01234")
    assert max(abs(int(one) - place) for place, one in enumerate(said)) <= 1


def test_of_too_many_the_oldest_are_dropped_and_counted() -> None:
    commands = background(at_once=1)
    for number in range(MOST_WAITING + 4):
        commands.start(Job(str(number), "sleep 60"))
    assert commands.poll() == ["--hook: 3 calls dropped, 100 later ones were waiting"]
    assert commands.poll() == []
    assert commands._waiting[0].what == "4"
    assert commands.close(0) == [
        "--hook: 100 calls not made, logdiag ends",
        "--hook: 0: stopped, logdiag ends",
    ]


def test_at_the_end_what_is_quick_may_finish_and_what_waits_has_its_turn(tmp_path: Path) -> None:
    commands = background(at_once=1)
    for number in range(3):
        commands.start(Job(str(number), f"sleep 0.05; echo {number} >> {tmp_path}/said"))
    assert commands.close(5) == []
    assert (tmp_path / "said").read_text().split() == ["0", "1", "2"]


def test_a_second_interruption_kills_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands = background()
    commands.start(Job("it", f"trap '' TERM; echo $$ > {tmp_path}/pid; sleep 60"))
    poll_until(commands.poll, lambda _: is_written(tmp_path / "pid"))

    waiting = iter([KeyboardInterrupt])
    naps = time.sleep

    def interrupted(seconds: float) -> None:
        for interruption in waiting:
            raise interruption
        naps(seconds)

    monkeypatch.setattr(time, "sleep", interrupted)
    with pytest.raises(KeyboardInterrupt):
        commands.close(60)
    assert not is_alive(tmp_path / "pid")


def test_no_ctrl_c_of_ours_reaches_a_command(tmp_path: Path) -> None:
    commands = background()
    commands.start(Job("it", f"echo $$ > {tmp_path}/pid; sleep 60"))
    poll_until(commands.poll, lambda _: is_written(tmp_path / "pid"))
    assert os.getsid(int((tmp_path / "pid").read_text())) != os.getsid(0)
    commands.close(0)
