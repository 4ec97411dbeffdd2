"""Metrics of a run as one JSON document, written anew as a whole after every epoch."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias

from trainer.errors import TrainerError
from trainer.outputs.diagnostics import mean_of
from trainer.outputs.files import replace_text
from trainer.outputs.strict_json import dumps, finite, plain, word
from trainer.records import EpochRecord

Nested: TypeAlias = "float | Sequence[Nested]"
"""A number or lists of numbers, however deep."""


def metrics_path(part: str, folder: Path = Path("output")) -> Path:
    """The usual place: `output/<part>_training_metrics.json`."""
    return folder / f"{part}_training_metrics.json"


class MetricsJson:
    """Collects the document and writes it after each call, so that a run cut short leaves it.

    Accuracies are shares between 0 and 1, times seconds. Metrics are rounded to 4 decimals, times
    to 2. What is not known is null; so is a number that JSON cannot hold, and then the list
    `nonfinite` beside it names its key.
    """

    def __init__(
        self,
        path: Path,
        *,
        task: str,
        timestamp: datetime,
        device: str,
        model: Mapping[str, object],
        training: Mapping[str, object],
        resume: bool = False,
    ) -> None:
        """`timestamp` is the aware start of the training; nothing is written yet.

        With `resume` the epochs and the timestamp of the file are taken over, if there is one;
        raises TrainerError if it cannot be read or is of another task.
        """
        self._path = path
        self._metadata: dict[str, object] = {
            "task": task,
            "timestamp": _stamp(timestamp),
            "device": device,
            "hyperparameters": {"model": plain(model), "training": plain(training)},
        }
        self._epochs: list[dict[str, Any]] = []
        self._final: dict[str, object] = {}
        earlier = _earlier(path, task) if resume else None
        if earlier is not None:
            self._metadata["timestamp"], self._epochs = earlier

    def epoch(self, record: EpochRecord) -> None:
        """Add an epoch in place of it and all later ones; raises TrainerError."""
        entry = _rounded(
            train_loss=(record.train_loss, 4),
            train_accuracy=(record.train_accuracy, 4),
            dev_accuracy=(record.val_accuracy, 4),
            gradient_norm=(mean_of(record.step_grad_norms), 4),
            elapsed_seconds=(record.total_s, 2),
        )
        kept = [old for old in self._epochs if old["epoch"] < record.epoch]
        self._epochs = [*kept, {"epoch": record.epoch, **entry}]
        self._write()

    def finish(
        self,
        train_accuracy: float | None,
        dev_accuracy: float | None,
        total_time_seconds: float,
    ) -> None:
        """Add the final results; raises TrainerError."""
        self._final["final_results"] = _rounded(
            train_accuracy=(train_accuracy, 4),
            dev_accuracy=(dev_accuracy, 4),
            total_time_seconds=(total_time_seconds, 2),
        )
        self._write()

    def inference(
        self,
        example_input: str,
        log_probs: Sequence[Nested],
        attention_weights: Sequence[Nested],
    ) -> None:
        """Add one example in full precision; raises TrainerError.

        log_probs          by position and class
        attention_weights  by layer, position and position attended to
        """
        tables = {"log_probs": log_probs, "attention_weights": attention_weights}
        found: dict[str, object] = {"example_input": example_input}
        found |= {key: plain(table) for key, table in tables.items()}
        self._final["final_inference"] = found | _lost(
            [key for key, table in tables.items() if _has_nonfinite(table)]
        )
        self._write()

    def _write(self) -> None:
        document = {"metadata": self._metadata, "epochs": self._epochs, **self._final}
        replace_text(self._path, dumps(document, indent=2) + "\n")


def _stamp(moment: datetime) -> str:
    """Whole seconds of an aware time in UTC, ending in Z."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def _rounded(**values: tuple[float | None, int]) -> dict[str, object]:
    """Values rounded to their decimals, and the names of those that JSON cannot hold."""
    found: dict[str, object] = {}
    for key, (value, decimals) in values.items():
        known = finite(value)
        found[key] = None if known is None else round(known, decimals)
    return found | _lost([key for key, (value, _) in values.items() if word(value)])


def _lost(keys: list[str]) -> dict[str, object]:
    return {"nonfinite": keys} if keys else {}


def _has_nonfinite(table: Nested) -> bool:
    if isinstance(table, Sequence):
        return any(map(_has_nonfinite, table))
    return word(table) is not None


def _earlier(path: Path, task: str) -> tuple[str, list[dict[str, Any]]] | None:
    """Timestamp and epochs of a document written before, None where there is no file."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        dumps(document)  # a bare NaN would make every later document unreadable
        found, stamp = document["metadata"]["task"], document["metadata"]["timestamp"]
        epochs = [dict(epoch) for epoch in document["epochs"]]
        if not all(isinstance(epoch["epoch"], int) for epoch in epochs):
            raise TypeError("an epoch without a number")
    except FileNotFoundError:
        return None
    except OSError as problem:
        raise TrainerError(f"{path}: cannot be read: {problem.strerror or problem}") from None
    except (ValueError, TypeError, KeyError, RecursionError):
        raise TrainerError(f"{path}: cannot be continued: no metrics of this trainer") from None
    if found != task:
        raise TrainerError(f"{path}: cannot be continued: it is of task {found!r}, not {task!r}")
    return str(stamp), epochs
