"""A terminal of a given size with a program in it, as a person would see it."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import pyte

from tests.cli.program import environment

PATIENCE_S = 30.0


class Terminal:
    """What stands on the screen, as the program's output comes."""

    def __init__(
        self, leader: int, process: subprocess.Popen[bytes], size: tuple[int, int]
    ) -> None:
        self._leader = leader
        self.process = process
        self._screen = pyte.Screen(*size)
        self._stream = pyte.ByteStream(self._screen)

    @property
    def lines(self) -> list[str]:
        """The lines that are not empty, without the blanks at their ends."""
        return [line.rstrip() for line in self._screen.display if line.strip()]

    def until(self, is_there: Callable[[str], bool]) -> list[str]:
        """Wait until the screen is as wanted; its lines. The test fails where it never is."""
        end = time.monotonic() + PATIENCE_S
        while not is_there("\n".join(self.lines)):
            assert time.monotonic() < end, self.lines
            if select.select([self._leader], [], [], 0.05)[0]:
                self._read()
        return self.lines

    def _read(self) -> None:
        try:
            self._stream.feed(os.read(self._leader, 1 << 16))
        except OSError:  # what Linux says at the end
            time.sleep(0.05)

    def press(self, key: bytes) -> None:
        """Type a key."""
        os.write(self._leader, key)

    def resize(self, columns: int, rows: int) -> None:
        """Change the size of the window."""
        set_size(self._leader, columns, rows)
        self._screen.resize(rows, columns)

    def end(self) -> tuple[int, str]:
        """Wait for the end; the exit code, and what stands on the screen."""
        end = time.monotonic() + PATIENCE_S
        while self.process.poll() is None:
            assert time.monotonic() < end, self.lines
            if select.select([self._leader], [], [], 0.05)[0]:
                self._read()
        while select.select([self._leader], [], [], 0.2)[0]:
            try:
                self._stream.feed(os.read(self._leader, 1 << 16))
            except OSError:
                break
        return self.process.returncode, "\n".join(self.lines)


def set_size(terminal: int, columns: int, rows: int) -> None:
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


@contextmanager
def terminal(command: Sequence[str], columns: int, rows: int, **changes: str) -> Iterator[Terminal]:
    """The command on a terminal of its own, until the block ends."""
    leader, follower = pty.openpty()
    set_size(leader, columns, rows)
    with subprocess.Popen(
        command,
        stdin=follower,
        stdout=follower,
        stderr=follower,
        env=environment(**{"TERM": "xterm-256color", **changes}),
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
    ) as process:
        os.close(follower)
        try:
            yield Terminal(leader, process, (columns, rows))
        finally:
            process.kill()
            os.close(leader)
