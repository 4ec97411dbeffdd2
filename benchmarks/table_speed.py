"""How fast CSV is read, against pandas' own reader on the same file."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

import logparse
from benchmarks.measuring import Row, in_turns

_ROWS = 1_200_000


def csv_file(folder: Path, rows: int = _ROWS) -> Path:
    """A log of steps with a validation every hundred, in the digits of a float: 100 bytes a row."""
    rng, step = np.random.default_rng(0), np.arange(rows)
    loss = 0.3 + 2 * np.exp(-5 * step / rows) + rng.normal(0, 0.05, rows)
    frame = pd.DataFrame(
        {
            "step": step,
            "epoch": step // (rows // 50),
            "train_loss": loss,
            "lr": 1e-3 * (1 - step / rows),
            "grad_norm": rng.random(rows),
            "train_accuracy": 1 / (1 + loss),
            "val_loss": np.where(step % 100 == 99, loss * 1.1, np.nan),
        }
    )
    path = folder / "metrics.csv"
    frame.to_csv(path, index=False)
    return path


def table_speed(rows: int = _ROWS, rounds: int = 3) -> Row:
    """`logparse.read` of CSV against pandas.read_csv, the same file."""
    with tempfile.TemporaryDirectory() as folder:
        path = csv_file(Path(folder), rows)
        size = path.stat().st_size / 1e6
        seconds = in_turns(
            {"ours": lambda: logparse.read(path), "pandas": lambda: pd.read_csv(path)},
            rounds=rounds,
        )
    speed = {name: size / took for name, took in seconds.items()}
    share = speed["ours"] / speed["pandas"]
    return Row(
        f"(i) CSV of {size:.0f} MB, from the file to a run / pandas.read_csv on the same file",
        f"{share:.2f} ({speed['ours']:.0f} / {speed['pandas']:.0f} MB/s)",
        ">= 0.33",
        share >= 1 / 3,
    )
