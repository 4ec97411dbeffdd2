"""What a checkpoint holds of a run, and how a run goes on from it."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from trainer import checkpoints
from trainer.errors import TrainerError
from trainer.schedules import Schedule, start_lr

if TYPE_CHECKING:
    from trainer.training import Training


def state(run: "Training") -> dict[str, Any]:
    """Weights, optimizer, schedule, loss scale, random generators, counters, settings."""
    scaler = run.precision.scaler
    return {
        "settings": run.settings.printed(),
        "model": run.model.state_dict(),
        "optimizer": run.optimizer.state_dict(),
        "schedule": run.schedule.state_dict(),
        "scaler": None if scaler is None else scaler.state_dict(),
        "generators": [g.get_state() for g in (run.order, *run.task.generators())],
        "torch": torch.get_rng_state(),
        "cuda": torch.cuda.get_rng_state_all() if run.device.type == "cuda" else [],
        "done": run.done,
        "best": run.best,
        "stale": run.stale,
        "saved_best": run.saved_best,
        "total_s": run.total_s,
    }


def restore(run: "Training", path: Path) -> None:
    """Puts a new run where the checkpoint was written; TrainerError if it is of another run."""
    kept = checkpoints.load(path, run.device)
    mine, theirs = run.settings.printed(), kept["settings"]
    other = sorted(key for key in mine | theirs if mine.get(key) != theirs.get(key))
    if other:
        raise TrainerError(f"{path}: made with other settings: {', '.join(other)}")
    if kept["done"] >= run.settings.MAX_EPOCHS:
        raise TrainerError(f"{path}: that run has had all its {kept['done']} epochs")
    run.model.load_state_dict(kept["model"])
    run.gradients.restart()
    run.optimizer.load_state_dict(kept["optimizer"])
    if run.precision.scaler is not None and kept["scaler"] is not None:
        run.precision.scaler.load_state_dict(kept["scaler"])
    _restore_schedule(run, kept)
    if run.hooks.restores_data_order:
        _restore_generators(run, kept)
    run.done, run.best, run.stale = kept["done"], kept["best"], kept["stale"]
    run.saved_best, run.total_s = kept["saved_best"], kept["total_s"]


def _restore_schedule(run: "Training", kept: dict[str, Any]) -> None:
    """The schedule goes on, or, where a scenario wants it so, starts again."""
    if run.hooks.restores_schedule:
        run.schedule.load_state_dict(kept["schedule"])
        return
    for group in run.optimizer.param_groups:
        group["lr"] = start_lr(run.settings)
        group.pop("initial_lr", None)
    run.schedule = Schedule(run.settings, run.optimizer, run.steps_per_epoch)


def _restore_generators(run: "Training", kept: dict[str, Any]) -> None:
    own = (run.order, *run.task.generators())
    for generator, state_then in zip(own, kept["generators"], strict=True):
        generator.set_state(state_then.cpu())
    torch.set_rng_state(kept["torch"].cpu())
    if run.device.type == "cuda":
        torch.cuda.set_rng_state_all([state_then.cpu() for state_then in kept["cuda"]])
