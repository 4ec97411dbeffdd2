"""TensorBoard's CSV: the metric that a file's name tells."""

from __future__ import annotations

import pytest

from logparse.formats.tensorboard_csv import TensorboardCsvReader, metric_of


@pytest.mark.parametrize(
    ("source", "metric"),
    [
        ("logs/run-.-tag-train_loss.csv", "train_loss"),
        ("C:\\logs\\run-version_0-tag-val_loss.csv.gz", "val_loss"),
        ("run-train-tag-epoch_loss.csv", "train_loss"),
        ("run-fold2_validation-tag-epoch_accuracy.csv", "validation_accuracy"),
        ("run-train-tag-epoch_learning_rate.csv", "learning_rate"),
        ("run-constrain-tag-loss.csv", "loss"),
        ("my_best_val_acc.csv", "val_acc"),
        ("run-.-tag-Debug_queue.csv", "Debug_queue"),
        ("<stdin>", "<stdin>"),
    ],
)
def test_metric_of_a_file(source: str, metric: str) -> None:
    assert metric_of(source) == metric


def test_the_header_must_be_whole() -> None:
    assert TensorboardCsvReader.begins(b"Wall time,Step,Value\n")
    assert not TensorboardCsvReader.begins(b"Wall time,Step,Value,Loss\n")
    assert not TensorboardCsvReader.begins(b"Wall time,Step,Value")
