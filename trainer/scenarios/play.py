"""Plays one scenario: trains it, interrupts and resumes it, damages its log, as it says."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch

from trainer.records import EpochRecord
from trainer.run_files import RunFiles
from trainer.scenarios.scenario import Scenario
from trainer.stopping import StopRequest
from trainer.training import Training


@dataclass(frozen=True)
class Played:
    """A finished run: its log, all its epochs, and the program in its last state."""

    log: Path
    records: tuple[EpochRecord, ...]
    training: Training


def play(
    scenario: Scenario,
    family: str,
    seed: int,
    device: torch.device,
    folder: Path,
    stop: StopRequest | None = None,
    watch: Callable[[EpochRecord], None] | None = None,
) -> Played:
    """Leaves `run.log` in the folder; raises TrainerError where the trainer does."""
    settings = scenario.resolved(family, seed)
    is_resumed = scenario.until is not None
    files = RunFiles(folder, settings, device=device.type, keeps_checkpoints=is_resumed)
    training = Training(settings, device, files, hooks=scenario.hooks())
    records = training.run(stop, until=scenario.until, watch=watch).records
    if is_resumed and not (stop and stop.name):
        hooks, last = scenario.hooks(), folder / "last.pt"
        training = Training(settings, device, files, hooks=hooks, resume=last)
        records += training.run(stop, watch=watch).records
    log = folder / "run.log"
    if scenario.rewrite is not None:
        text = log.read_text(encoding="utf-8")
        log.write_text(scenario.rewrite(text), encoding="utf-8")
    return Played(log, records, training)
