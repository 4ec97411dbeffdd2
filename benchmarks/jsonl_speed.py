"""How fast JSON lines are read, against pandas' own reader on the same file."""

from __future__ import annotations

import json
import random
from functools import partial
from typing import TYPE_CHECKING

import pandas as pd

import logparse
from benchmarks.measuring import Row, in_turns

if TYPE_CHECKING:
    from pathlib import Path

BYTES = 100_000_000
SHARE = 1 / 3
"""Of pandas' speed, that must be reached."""


def jsonl_speed(folder: Path, *, size: int = BYTES, rounds: int = 1) -> Row:
    """Write a log of that many bytes into a folder, and read it both ways, in turns."""
    path = folder / "steps.jsonl"
    write_log(path, size)
    seconds = in_turns(
        {"ours": partial(logparse.read, path), "pandas": partial(pd.read_json, path, lines=True)},
        rounds=rounds,
    )
    share = seconds["pandas"] / seconds["ours"]
    speed = {name: size / 1e6 / took for name, took in seconds.items()}
    return Row(
        f"(i) JSON lines of {size / 1e6:.0f} MB, from the file to a run / pandas.read_json of it",
        f"{share:.2f} ({speed['ours']:.0f} / {speed['pandas']:.0f} MB/s)",
        f">= {SHARE:.2f}",
        share >= SHARE,
    )


def write_log(path: Path, size: int) -> None:
    """A line a step, with a validation every hundred; at least `size` bytes."""
    rng, written, step = random.Random(0), 0, 0
    with path.open("w", encoding="utf-8") as file:
        while written < size:
            step += 10
            loss = 0.2 + 2.1 / (1 + step / 1e5) + rng.gauss(0, 0.02)
            line: dict[str, object] = {"step": step, "epoch": step // 50_000, "loss": loss}
            line |= {"lr": 1e-3 / (1 + step / 1e6), "grad_norm": abs(rng.gauss(1, 0.1))}
            if step % 1000 == 0:
                line |= {"val_loss": loss * 1.05, "best": None, "time": f"t{step}"}
            written += file.write(json.dumps(line) + "\n")
