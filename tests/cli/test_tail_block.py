"""The live block, on a terminal of 80 x 24 and under tmux."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from fixtures.dialects import epoch_block, header, simulate
from tests.cli.program import environment
from tests.cli.terminal import terminal

RUN = simulate("F2", epochs=20)
CTRL_C = b"\x03"


def tail_of(log: Path) -> list[str]:
    return [sys.executable, "-m", "logdiag", "tail", str(log)]


def blocks(first: int, last: int) -> str:
    return "".join(epoch_block(RUN, at) for at in range(first, last))


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "run.log"
    path.write_text(header(RUN) + blocks(0, 7))
    return path


def test_one_block_refreshes_in_place_and_ctrl_c_ends_with_the_report(log: Path) -> None:
    with terminal(tail_of(log), 80, 24) as screen:
        first = screen.until(lambda text: "epoch  7 of 20" in text or "epoch 7 of 20" in text)
        with log.open("a") as more:
            more.write(blocks(7, 9))
        lines = screen.until(lambda text: "epoch  9 of 20" in text or "epoch 9 of 20" in text)
        assert len(lines) <= 24
        assert sum("of 20" in line for line in lines) == 1, "nothing of before is left"
        assert lines[0].split()[0] == first[0].split()[0]
        for word in ("s/epoch", "ETA", "val rmse", "learning rate", "grad norm", "last growth"):
            assert any(word in line for line in lines), word
        screen.press(CTRL_C)
        code, text = screen.end()
    assert code == 0
    assert "next  logdiag explain" in text


def test_the_block_fits_when_the_window_changes_its_size(log: Path) -> None:
    with terminal(tail_of(log), 120, 40) as screen:
        wide = screen.until(lambda text: "of 20" in text and "last growth" in text)
        assert max(map(len, wide)) > 80
        screen.resize(60, 10)
        lines = screen.until(lambda text: "of 20" in text and len(text.splitlines()) <= 10)
        time.sleep(0)
        assert max(map(len, lines)) <= 60
        screen.press(CTRL_C)
        assert screen.end()[0] == 0


def test_a_terminal_that_shows_nothing_but_text_gets_lines(log: Path) -> None:
    with terminal(tail_of(log), 80, 24, TERM="dumb") as screen:
        screen.until(lambda text: "the run is at E07" in text)
        screen.press(CTRL_C)
        assert screen.end()[0] == 0


@pytest.fixture
def session() -> Iterator[str]:
    if shutil.which("tmux") is None:
        pytest.skip("tmux is not installed")
    name = "logdiag-test"
    yield name
    subprocess.run(["tmux", "-L", name, "kill-server"], check=False, capture_output=True)


def test_the_block_under_tmux(log: Path, session: str) -> None:
    tmux = ["tmux", "-L", session]

    def shown() -> str:
        done = subprocess.run([*tmux, "capture-pane", "-p"], capture_output=True, text=True)
        return done.stdout

    def wait(text: str) -> str:
        end = time.monotonic() + 30
        while text not in shown():
            assert time.monotonic() < end, shown()
            time.sleep(0.1)
        return shown()

    command = [*tmux, "-f", "/dev/null", "new-session", "-d", "-x", "80", "-y", "24"]
    subprocess.run([*command, "sh"], check=True, env=environment())
    program = " ".join(tail_of(log))
    subprocess.run([*tmux, "send-keys", f"{program}; echo left with $?", "Enter"], check=True)
    screen = wait("of 20")
    assert "last growth" in screen and len(screen.rstrip().splitlines()) <= 24
    subprocess.run([*tmux, "send-keys", "C-c"], check=True)
    assert "next  logdiag explain" in wait("left with 0")
