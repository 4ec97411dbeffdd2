"""What following a log costs: at rest, until a new epoch is shown, and in memory.

A writer of its own appends epochs to the log; the program that follows it is a process, too.
"""

from __future__ import annotations

import json
import os
import pty
import re
import select
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from time import monotonic, sleep

from benchmarks.logs import f2_log
from benchmarks.measuring import Row

_WRITER = """
import sys, time
path, pause_s, size = sys.argv[1], float(sys.argv[2]), int(sys.argv[3])
blocks = sys.stdin.buffer.read()
with open(path, "ab", buffering=0) as log:
    for at in range(0, len(blocks), size) if size else [0]:
        log.write(blocks[at:at + size] if size else blocks)
        print(time.monotonic(), flush=True)
        time.sleep(pause_s)
"""
_IDLE_S = 20.0
_SHOWN = 20
"""Epochs that are waited for, one by one."""
_LONG = 10_000
_TICKS = os.sysconf("SC_CLK_TCK")


def measure() -> list[Row]:
    """(h) at rest, the time until an epoch is shown, and memory from 1,000 to 10,000 epochs."""
    head, blocks = _epochs(f2_log(_LONG + _SHOWN))
    short, long = blocks[: 70 + _SHOWN], blocks
    return [
        _idle_row(head, blocks[:70]),
        _latency_row(head, short, "70 epochs and 40 parameters"),
        _latency_row(head, long, "10,000 epochs and 40 parameters"),
        _memory_row(head, blocks[:_LONG]),
    ]


def _epochs(raw: bytes) -> tuple[bytes, list[bytes]]:
    """What stands before the first epoch, and the lines of each."""
    starts = [match.start() for match in re.finditer(rb"^E\d+ ", raw, re.MULTILINE)]
    ends = [*starts[1:], len(raw)]
    return raw[: starts[0]], [raw[a:b] for a, b in zip(starts, ends, strict=True)]


@contextmanager
def _log(*parts: bytes) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "run.log")
        path.write_bytes(b"".join(parts))
        yield path


@contextmanager
def _tail(path: Path, *options: str) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "logdiag", "tail", str(path), *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as tail:
        try:
            yield tail
        finally:
            tail.kill()


def _idle_row(head: bytes, blocks: list[bytes]) -> Row:
    """CPU of the block on a terminal, which draws its clock every second."""
    with _log(head, *blocks) as path:
        leader, follower = pty.openpty()
        command = [sys.executable, "-m", "logdiag", "tail", str(path), "--stall", "never"]
        environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "80", "LINES": "24"}
        with subprocess.Popen(
            command, stdin=follower, stdout=follower, stderr=follower, env=environment
        ) as tail:
            os.close(follower)
            _drain(leader, 8.0)
            before = _cpu_s(tail.pid)
            _drain(leader, _IDLE_S)
            share = (_cpu_s(tail.pid) - before) / _IDLE_S
            tail.kill()
        os.close(leader)
    return Row(
        "(h) `logdiag tail` on a terminal, nothing being written: share of a core",
        f"{share:.2%}",
        "< 1%",
        share < 0.01,
    )


def _drain(terminal: int, seconds: float) -> None:
    end = monotonic() + seconds
    while (left := end - monotonic()) > 0:
        if select.select([terminal], [], [], left)[0]:
            os.read(terminal, 1 << 16)


def _cpu_s(pid: int) -> float:
    """CPU seconds of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _latency_row(head: bytes, blocks: list[bytes], what: str) -> Row:
    """From the moment an epoch's last byte is written to that at which its event is read."""
    known, coming = blocks[:-_SHOWN], blocks[-_SHOWN:]
    with _log(head, *known) as path, _tail(path, "--format", "json") as tail:
        assert tail.stdout is not None
        _until_epoch(tail, len(known))
        sleep(2.0)
        waits = []
        for at, block in enumerate(coming, len(known) + 1):
            written = float(_write(path, block))
            _until_epoch(tail, at)
            waits.append((monotonic() - written) * 1000)
            sleep(0.7)
    return Row(
        f"(h) a new epoch after {what}: from its last byte to its event, {_SHOWN} times",
        f"median {median(waits):.0f} ms, at most {max(waits):.0f} ms",
        "< 300 ms",
        max(waits) < 300,
    )


def _write(path: Path, block: bytes) -> str:
    """Have another process append the block; when it had."""
    command = [sys.executable, "-c", _WRITER, str(path), "0", "0"]
    return subprocess.run(command, input=block, check=True, capture_output=True).stdout.decode()


def _until_epoch(tail: subprocess.Popen[bytes], epoch: int) -> None:
    assert tail.stdout is not None
    for line in tail.stdout:
        event = json.loads(line)
        if event["kind"] == "epoch" and event["epoch"] >= epoch:
            return


def _memory_row(head: bytes, blocks: list[bytes]) -> Row:
    """Resident memory after many epochs, judged as they came, and after one look at them all."""
    with _log(head) as path, _tail(path, "--format", "json") as tail:
        resident = {}
        at = 0
        for count in (1_000, len(blocks)):
            while at < count:
                with path.open("ab") as log:
                    log.write(b"".join(blocks[at : at + 10]))
                at += 10
                sleep(0.01)
            _until_epoch(tail, count)
            sleep(3.0)
            resident[count] = _resident_mib(tail.pid)
        with _tail(path, "--format", "json") as late:
            _until_epoch(late, len(blocks))
            sleep(3.0)
            whole = _resident_mib(late.pid)
        size = path.stat().st_size / (1 << 20)
    first, last = resident.values()
    return Row(
        f"(h) memory after {len(blocks):,} epochs ({size:.0f} MiB) that came a few at a time / "
        "that of a tail that finds them all there",
        f"{last / whole:.2f} ({last:.0f} / {whole:.0f} MiB; {first:.0f} after 1,000)",
        "<= 1.2",
        last <= 1.2 * whole,
    )


def _resident_mib(pid: int) -> float:
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found is not None
    return int(found[1]) / 1024
