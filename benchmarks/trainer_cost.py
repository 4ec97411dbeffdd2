"""What the trainer's diagnostics cost: the same steps with and without them, in turns.

`python -m benchmarks.trainer_cost` (`make bench-trainer`) prints a table. Both trainings have the
same weights, batches and updates; only one measures norms, guards losses and reads everything
back at the end of the epoch. Epochs alternate, so that both see the same machine.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import torch

from trainer import devices
from trainer.run_files import RunFiles
from trainer.settings import Settings
from trainer.stopping import StopRequest
from trainer.training import Training

ROUNDS = 25
LIMITS = {"cuda": 0.03, "cpu": 0.10}
"""The largest share of a step's time that diagnostics may cost."""
_MODELS: dict[str, dict[str, Any]] = {
    "conv": {"USE_CONV": True},
    "tcn": {"USE_TCN": True},
    "short_lstm": {"USE_SHORT_LSTM": True},
    "long_lstm": {"USE_LONG_LSTM": True},
    "transformer": {},
    "transformer, 322 K": {
        "TRANSFORMER_D_MODEL": 80,
        "TRANSFORMER_LAYERS": 4,
        "TRANSFORMER_HEADS": 4,
        "TRANSFORMER_FF_MULT": 4,
        "TRAIN_WINDOWS": 320,
    },
}


def step_times(given: dict[str, Any], device: torch.device, rounds: int) -> tuple[float, float]:
    """Median seconds of a training step without and with diagnostics."""
    settings = Settings.from_mapping({"PRECISION": "fp32", "MAX_EPOCHS": rounds + 1, **given})
    with tempfile.TemporaryDirectory() as folder:
        pair = [_training(settings, device, Path(folder), wants) for wants in (False, True)]
        times: tuple[list[float], list[float]] = ([], [])
        for epoch in range(1, rounds + 2):
            turns = list(zip(pair, times, strict=True))
            for run, found in turns if epoch % 2 else reversed(turns):
                found.append(_epoch(run, epoch, device))
    steps = pair[0].steps_per_epoch
    without, with_them = (statistics.median(found[1:]) / steps for found in times)
    return without, with_them


def _training(settings: Settings, device: torch.device, folder: Path, wants: bool) -> Training:
    files = RunFiles(folder, settings, device=device.type, keeps_checkpoints=False)
    return Training(settings, device, files, diagnostics=wants)


def _epoch(run: Training, epoch: int, device: torch.device) -> float:
    """Seconds of one epoch's training pass and of reading its figures back."""
    devices.synchronize(device)
    started = time.perf_counter()
    train = run.train_pass(epoch, StopRequest())
    if run.last_val is None:
        run.last_val = run.validate()
        started = time.perf_counter()
    run.read_back(train, run.last_val)
    devices.synchronize(device)
    return time.perf_counter() - started


def main() -> int:
    """Prints the table; 1 where the median over the models is above the limit."""
    device = devices.choose("auto")
    limit, shares = LIMITS[device.type], []
    print(f"{device.type}: {devices.environment(device)['device_name']}, torch {torch.__version__}")
    print(f"{'model':<20}{'without':>10}{'with':>10}{'cost':>8}")
    for name, given in _MODELS.items():
        without, with_them = step_times(given, device, ROUNDS)
        shares.append(with_them / without - 1)
        print(f"{name:<20}{without * 1e3:>7.2f} ms{with_them * 1e3:>7.2f} ms{shares[-1]:>8.1%}")
    middle = statistics.median(shares)
    print(f"median {middle:.1%}, largest {max(shares):.1%}; at most {limit:.0%} are allowed")
    return int(middle > limit)


if __name__ == "__main__":
    sys.exit(main())
