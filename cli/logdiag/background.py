"""Commands in the background: never waited for, stopped in time, and none left behind."""

from __future__ import annotations

import os
import signal
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from subprocess import DEVNULL, PIPE, STDOUT, Popen, TimeoutExpired
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, TypeAlias

from logdiag.alarms import safe
from logparse.findings import plural

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

Clock: TypeAlias = "Callable[[], float]"

MOST_WAITING = 100
"""Calls that wait for their turn; of more, the oldest are the ones that matter least by then."""
KILL_AFTER_S = 2.0
"""What was asked to stop has so long to clean up."""

_READ_BYTES = 1 << 16
# What floods its output is read no faster than a MiB a poll; its pipe holds it back.
_MOST_READS = 16
_TAIL_BYTES = 4096
_LAST_LINE_CHARS = 200
_NAP_S = 0.02
# Elsewhere a pipe cannot be read without waiting, and a command has no group.
_IS_POSIX = os.name == "posix"
_KILL = getattr(signal, "SIGKILL", signal.SIGTERM)


@dataclass(frozen=True, slots=True)
class Job:
    """A command to run once.

    what       what a complaint calls it
    arguments  the program and its arguments; a text is a command for the shell
    variables  what its environment has besides our own
    stdin      what it may read, or leave
    """

    what: str
    arguments: str | Sequence[str]
    variables: Mapping[str, str] = field(default_factory=dict)
    stdin: str = ""


class Background:
    """Runs jobs, a few at once, each in a session of its own that no Ctrl-C of ours reaches.

    Complaints are single lines, safe to show, and begin with `title`. `poll` has to be called
    again and again: it is what reads, reaps, stops and starts.
    """

    def __init__(
        self, title: str, timeout_s: float, *, at_once: int = 4, clock: Clock = time.monotonic
    ) -> None:
        self._title = title
        self._timeout_s = timeout_s
        self._at_once = at_once
        self._clock = clock
        self._waiting: deque[Job] = deque()
        self._running: list[_Running] = []
        self._complaints: list[str] = []
        self._dropped = 0

    def start(self, job: Job) -> None:
        """Run the job as soon as there is room; what goes wrong is told by the next `poll`."""
        self._waiting.append(job)
        self._start_waiting()
        if len(self._waiting) > MOST_WAITING:
            self._waiting.popleft()
            self._dropped += 1

    def poll(self) -> list[str]:
        """See to the commands; what went wrong since the last poll, a line each."""
        now = self._clock()
        for running in [*self._running]:
            complaint = running.attend(now)
            if complaint is not None:
                self._running.remove(running)
                if complaint:
                    self._complain(complaint)
        self._start_waiting()
        if self._dropped:
            dropped = plural(self._dropped, "call")
            self._complain(f"{dropped} dropped, {MOST_WAITING} later ones were waiting")
            self._dropped = 0
        complaints, self._complaints = self._complaints, []
        return complaints

    def close(self, grace_s: float) -> list[str]:
        """Wait for what runs and waits, at most so long, and stop the rest; as `poll`.

        An exception, such as a second Ctrl-C, kills at once what still runs.
        """
        try:
            complaints = self._poll_until(self._clock() + grace_s)
            if self._waiting:
                self._complain(f"{plural(len(self._waiting), 'call')} not made, logdiag ends")
                self._waiting.clear()
            for running in self._running:
                running.stop("stopped, logdiag ends", self._clock())
            return complaints + self._poll_until(self._clock() + 2 * KILL_AFTER_S)
        finally:
            for running in self._running:
                running.kill()
            for running in self._running:
                running.reap()
            self._running.clear()

    def _poll_until(self, end: float) -> list[str]:
        complaints = self.poll()
        while (self._running or self._waiting) and self._clock() < end:
            time.sleep(_NAP_S)
            complaints += self.poll()
        return complaints

    def _start_waiting(self) -> None:
        while self._waiting and len(self._running) < self._at_once:
            job = self._waiting.popleft()
            try:
                self._running.append(_Running(job, self._clock(), self._timeout_s))
            except OSError as error:
                self._complain(f"{job.what}: cannot be started: {error.strerror or error}")

    def _complain(self, text: str) -> None:
        self._complaints.append(f"{self._title}: {text}")


class _Running:
    """One command that runs. OSError where it cannot be started."""

    def __init__(self, job: Job, now: float, timeout_s: float) -> None:
        self._what = job.what
        self._timeout_s = timeout_s
        self._stop_at = now + timeout_s
        self._kill_at = float("inf")
        self._why_stopped = ""
        self._tail = b""
        # A file, not a pipe: nobody has to wait until all of it is read.
        with _file_in_memory() as stdin:
            stdin.write(job.stdin.encode("utf-8", "backslashreplace"))
            stdin.seek(0)
            self._process = Popen(
                job.arguments,
                shell=isinstance(job.arguments, str),
                stdin=stdin,
                stdout=PIPE if _IS_POSIX else DEVNULL,
                stderr=STDOUT,
                bufsize=0,
                env={**os.environ, **job.variables},
                start_new_session=True,
            )
        if self._process.stdout is not None:
            os.set_blocking(self._process.stdout.fileno(), False)

    def attend(self, now: float) -> str | None:
        """What went wrong, '' for nothing, once the command is over; None while it runs."""
        status = self._process.poll()
        self._read()
        if status is None and not self._why_stopped and now >= self._stop_at:
            self.stop(f"still ran after {self._timeout_s:g} s, stopped", now)
        if now >= self._kill_at:
            self._signal(_KILL)
        elif self._why_stopped and self._signal(0):
            return None  # the shell may be gone before what it has called
        if status is None:
            return None
        if self._process.stdout is not None:
            self._process.stdout.close()
        return self._complaint(status)

    def stop(self, why: str, now: float) -> None:
        """Ask the command, and all that it has called, to stop; what does not is killed later."""
        self._why_stopped = self._why_stopped or why
        self._kill_at = min(self._kill_at, now + KILL_AFTER_S)
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """Kill the command and all that it has called."""
        self._signal(_KILL)

    def reap(self) -> None:
        """Wait for what was killed, and let go of it."""
        with suppress(TimeoutExpired):  # another user's, or hanging in the kernel
            self._process.wait(KILL_AFTER_S)
        if self._process.stdout is not None:
            self._process.stdout.close()

    def _signal(self, sent: int) -> bool:
        """Send a signal to the command's group; False where there is nobody who can get it."""
        if not _IS_POSIX:
            self._process.terminate()
            return False
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, sent)
            return True
        return False

    def _read(self) -> None:
        """Keep the end of what the command has said by now."""
        for _ in range(_MOST_READS):
            stdout = self._process.stdout
            chunk = stdout.read(_READ_BYTES) if stdout is not None else b""
            if not chunk:
                return
            self._tail = (self._tail + chunk)[-_TAIL_BYTES:]

    def _complaint(self, status: int) -> str:
        if self._why_stopped:
            why = self._why_stopped
        elif status < 0:
            why = f"killed by {_signal_name(-status)}"
        else:
            why = f"exit status {status}" if status else ""
        lines = self._tail.decode("utf-8", "replace").split("\n")
        last = next((line.strip() for line in reversed(lines) if line.strip()), "")
        parts = (self._what, why, safe(last, _LAST_LINE_CHARS))
        return ": ".join(part for part in parts if part) if why else ""


def _file_in_memory() -> IO[bytes]:
    """A nameless file, where possible one that a full disk does not concern."""
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("stdin"), "w+b")
    return TemporaryFile()


def _signal_name(number: int) -> str:
    with suppress(ValueError):
        return signal.Signals(number).name
    return f"signal {number}"
