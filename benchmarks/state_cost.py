"""What event files, and state files of one document, cost in memory."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from typing import TYPE_CHECKING

from tensorboard.compat.proto.summary_pb2 import Summary

from benchmarks.measuring import Row
from fixtures.formats.tensorboard_events import VERSION, event, framed

if TYPE_CHECKING:
    from pathlib import Path

EVENT_BYTES, STATE_ENTRIES = 100_000_000, 200_000
_PEAK = """
import json, re, sys
import logparse, logparse.readers.points.runs
{imports}
def peak():  # of this process alone: ru_maxrss begins at that of the one that started it
    return int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1])
before = peak()
{read}
print(peak() - before)
"""
_READ = "logparse.read(sys.argv[1])"


def state_rows(folder: Path) -> list[Row]:
    """Peak memory beyond the imports: of events against the file, of a state against json.load."""
    events, pictures = folder / "events.out.tfevents.1", folder / "events.out.tfevents.2"
    state = folder / "trainer_state.json"
    numbers = _write_events(events)
    _write_events(pictures, picture=bytes(20_000))
    _write_state(state)
    proto = "from tensorboard.compat.proto import event_pb2"
    of_numbers, of_pictures = _peak(_READ, events, proto), _peak(_READ, pictures, proto)
    ours, plain = _peak(_READ, state), _peak("kept = json.load(open(sys.argv[1]))", state)
    share = of_pictures / pictures.stat().st_size
    return [
        Row(
            f"(i) peak memory of reading {numbers:,} numbers from an event file of "
            f"{EVENT_BYTES / 1e6:.0f} MB, bytes a number",
            f"{of_numbers / numbers:.0f}",
            "none",
            True,
        ),
        Row(
            f"(i) the same of an event file of {EVENT_BYTES / 1e6:.0f} MB of pictures / the file",
            f"{share:.2f} ({of_pictures / 2**20:.0f} MiB)",
            "< 0.5",
            share < 0.5,
        ),
        Row(
            f"(i) the same of a trainer_state.json of {state.stat().st_size / 1e6:.0f} MB / "
            "json.load of it",
            f"{ours / plain:.2f} ({ours / 2**20:.0f} / {plain / 2**20:.0f} MiB)",
            "< 3",
            ours / plain < 3,
        ),
    ]


def _peak(read: str, path: Path, imports: str = "") -> float:
    """Bytes by which a process of its own grows at most."""
    code = _PEAK.format(imports=imports, read=read)
    command = [sys.executable, "-c", code, str(path)]
    return 1024.0 * int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def _write_events(path: Path, picture: bytes = b"") -> int:
    """Two numbers a step, each step with a picture if there is one; how many numbers."""
    rng, step, written = random.Random(0), 0, 0
    more = [Summary.Value(tag="sample", image=Summary.Image(encoded_image_string=picture))]
    with path.open("wb") as file:
        file.write(framed(VERSION))
        while written < EVENT_BYTES:
            told = event(step, train__loss=2 + rng.gauss(0, 0.1), lr=1e-3)
            told.summary.value.extend(more if picture else [])
            written += file.write(framed(told))
            step += 1
    return 2 * step


def _write_state(path: Path) -> None:
    rng = random.Random(0)
    entries = [
        {"epoch": at / 1e4, "grad_norm": abs(rng.gauss(1, 0.1)), "learning_rate": 1e-5,
         "loss": 2 + rng.gauss(0, 0.1), "step": at}
        for at in range(STATE_ENTRIES)
    ]  # fmt: skip
    path.write_text(json.dumps({"global_step": STATE_ENTRIES, "log_history": entries}, indent=2))
