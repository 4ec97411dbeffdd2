"""Keras: which headers are its, and what their names mean."""

from __future__ import annotations

import pytest

from logparse.formats.keras_csv import KerasCsvReader
from logparse.session import Session


@pytest.mark.parametrize(
    ("header", "is_keras"),
    [
        ("epoch,accuracy,loss,val_accuracy,val_loss", True),
        ("epoch;loss;lr;val_loss", True),
        ("val_loss,val_accuracy,loss,accuracy", True),
        (",loss,accuracy,val_loss,val_accuracy,lr", True),
        ("epoch,train_loss,val_loss", False),
        ("epoch,loss,accuracy", False),
        ("epoch,loss,step", False),
        ("loss,val_loss,val_accuracy", False),
        ("epoch,accuracy", False),
        ("epoch: 1, loss: 2", False),
    ],
)
def test_headers(header: str, is_keras: bool) -> None:
    assert KerasCsvReader.begins(f"\ufeff\n{header}\r\n".encode()) == is_keras
    assert not KerasCsvReader.begins(header.encode()), "the line has not ended"


def test_a_metric_with_a_twin_is_of_the_training_set_and_loses_its_number() -> None:
    reader = KerasCsvReader("x")
    names = ["", "loss", "auc_2", "precision", "lr", "val_loss", "val_auc_2", "val_precision"]
    assert reader.canonical(names) == [
        "epoch", "loss", "auc", "train_precision", "lr", "val_loss", "val_auc", "val_precision",
    ]  # fmt: skip


def test_runs_that_are_appended_without_a_header() -> None:
    session = Session("x", rules=())
    session.feed(b"epoch,loss,val_loss\n0,2,3\n1,1,2\n0,5,6\n1,4,5\n0,1,1\n")
    assert [run.epochs["train_loss"].tolist() for run in session.runs()] == [[2, 1], [5, 4], [1]]
