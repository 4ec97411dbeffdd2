"""Commands in the background: their room, their time, their output, and that none is left."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from logdiag.background import MOST_WAITING, Background, Job
from tests.cli.alarms import poll_until


def background(timeout_s: float = 20.0, at_once: int = 4) -> Background:
    return Background("--hook", timeout_s, at_once=at_once)


def run(command: str, timeout_s: float = 20.0, **more: str) -> list[str]:
    """What is complained of by the time that the command is over."""
    commands = background(timeout_s)
    commands.start(Job("it", command, **more))
    return poll_until(commands.poll, lambda _: not commands._running) + commands.poll()


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


def test_a_command_that_hangs_is_stopped_with_all_that_it_has_called(tmp_path: Path) -> None:
    command = f"echo begun; (echo $$; exec sleep 60) > {tmp_path}/one & sleep 61"
    assert run(command, timeout_s=0.3) == ["--hook: it: still ran after 0.3 s, stopped: begun"]
    assert not is_alive(tmp_path / "one")


def test_a_child_that_does_not_listen_is_killed_after_the_shell_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("logdiag.background.KILL_AFTER_S", 0.2)
    (tmp_path / "deaf.sh").write_text(f"trap '' TERM; echo $$ > {tmp_path}/deaf; sleep 9; sleep 9")
    run(f"sh {tmp_path}/deaf.sh & sleep 60", timeout_s=0.2)
    assert (tmp_path / "deaf").exists()
    poll_until(list, lambda _: not is_alive(tmp_path / "deaf"))


def test_a_flood_of_output_is_held_back_and_only_its_end_kept() -> None:
    commands = background(timeout_s=0.3)
    commands.start(Job("it", "yes"))
    running = commands._running[0]
    complaints = poll_until(commands.poll, bool)
    assert complaints == ["--hook: it: still ran after 0.3 s, stopped: y"]
    assert len(running._tail) <= 4096


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
    poll_until(commands.poll, lambda _: (tmp_path / "pid").exists())

    def interrupted(_: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("logdiag.background.time.sleep", interrupted)
    with pytest.raises(KeyboardInterrupt):
        commands.close(60)
    assert not is_alive(tmp_path / "pid")


def test_no_ctrl_c_of_ours_reaches_a_command(tmp_path: Path) -> None:
    commands = background()
    commands.start(Job("it", f"ps -o sid= -p $$ > {tmp_path}/session; exit 0"))
    commands.close(5)
    session = int((tmp_path / "session").read_text())
    assert session != os.getsid(0)
