"""JSONL diagnostics: one JSON object an epoch, a file for training and one for validation."""

import os
from collections.abc import Mapping, Sequence
from math import isnan, nan
from pathlib import Path

from trainer.outputs.files import append_text
from trainer.outputs.strict_json import dumps, word
from trainer.records import EpochRecord

TRAIN_FILE = "train_diagnostics.jsonl"
VAL_FILE = "val_diagnostics.jsonl"


def diagnostics_dir() -> Path:
    """Where the files belong: $DIAGNOSTICS_DIR if set, else results/diagnostics."""
    return Path(os.environ.get("DIAGNOSTICS_DIR") or "results/diagnostics")


class DiagnosticsWriter:
    """Appends to both files of a folder, which is made if missing.

    Accuracies are per cent. A key whose value is not known is absent. A number that JSON cannot
    hold is null, and `<key>_nonfinite` says which it was: `nan`, `inf` or `-inf`.
    """

    def __init__(self, folder: Path) -> None:
        self._train = folder / TRAIN_FILE
        self._val = folder / VAL_FILE

    def epoch(self, record: EpochRecord) -> None:
        """Add an epoch to both files; raises TrainerError if one cannot be written."""
        append_text(self._train, _line(_training(record)))
        append_text(self._val, _line(_validation(record)))


def _training(record: EpochRecord) -> dict[str, float | None]:
    mean, most, least = _spread(record.step_grad_norms)
    return {
        "epoch": record.epoch,
        "loss": record.train_loss,
        "accuracy": _per_cent(record.train_accuracy),
        "learning_rate": record.lr,
        "mean_grad_norm": mean,
        "max_grad_norm": most,
        "min_grad_norm": least,
        "mean_batch_loss": record.train_loss,
        "max_weight_change": record.max_weight_change,
        "num_batches": len(record.step_grad_norms),
        "skipped_batches": record.skipped_batches,
        "loss_scale": record.loss_scale,
    }


def _validation(record: EpochRecord) -> dict[str, float | None]:
    accuracy = _per_cent(record.val_accuracy)
    return {"epoch": record.epoch, "loss": record.val_loss, "accuracy": accuracy}


def _per_cent(share: float | None) -> float | None:
    return None if share is None else 100.0 * share


def _spread(norms: Sequence[float]) -> tuple[float, float, float]:
    """Mean, largest and smallest; nan for all three when one is nan or there is none."""
    if not norms or any(map(isnan, norms)):
        return nan, nan, nan
    return mean_of(norms), max(norms), min(norms)


def mean_of(norms: Sequence[float]) -> float:
    """The arithmetic mean in the unit of the numbers; nan of none."""
    return sum(norms) / len(norms) if norms else nan


def _line(values: Mapping[str, float | None]) -> str:
    known: dict[str, object] = {}
    for key, value in values.items():
        lost = word(value)
        if lost:
            known |= {key: None, f"{key}_nonfinite": lost}
        elif value is not None:
            known[key] = value
    return dumps(known) + "\n"
