"""Checkpoints: everything that a run needs to go on as if it had not stopped."""

import pickle
from pathlib import Path
from typing import Any

import torch

from trainer.errors import TrainerError

_FORMAT = "logdiag reference trainer, checkpoint 1"


def save(path: Path, state: dict[str, Any]) -> None:
    """Writes the state whole or not at all; raises TrainerError where the folder refuses."""
    part = path.with_suffix(".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        torch.save({"format": _FORMAT, **state}, part)
        part.replace(path)
    except (OSError, RuntimeError) as problem:
        part.unlink(missing_ok=True)
        raise TrainerError(f"{path}: the checkpoint cannot be written: {problem}") from None


def load(path: Path, device: torch.device) -> dict[str, Any]:
    """The state that `save` wrote; raises TrainerError for anything else.

    Only tensors and plain values are unpickled, so a foreign file cannot run code.
    """
    try:
        state = torch.load(path, map_location=device, weights_only=True)
    except FileNotFoundError:
        raise TrainerError(f"{path}: no such checkpoint") from None
    except (OSError, RuntimeError, EOFError, ValueError, pickle.UnpicklingError):
        state = None
    if not isinstance(state, dict) or state.get("format") != _FORMAT:
        raise TrainerError(f"{path}: not a checkpoint of this trainer")
    return state
