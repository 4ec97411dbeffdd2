"""Lightning: which headers are its, and the rates of groups."""

from __future__ import annotations

import pytest

from logparse.formats.lightning_csv import LightningCsvReader
from logparse.session import Session


@pytest.mark.parametrize(
    ("header", "is_lightning"),
    [
        ("epoch,step,train_loss,val_loss", True),
        ("train_loss_step,epoch,step", True),
        ("lr-AdamW/pg1,lr-AdamW/pg2,step,epoch", True),
        ("epoch,step,loss,acc", False),
        ("epoch,train_loss_epoch", False),
        ("epoch,step", False),
    ],
)
def test_headers(header: str, is_lightning: bool) -> None:
    assert LightningCsvReader.begins(f"{header}\n".encode()) == is_lightning


def test_rates_of_groups() -> None:
    names = ["lr-Adam", "lr-SGD/pg1", "lr-SGD/pg3", "lr-SGD-momentum"]
    assert LightningCsvReader("x").canonical(names) == ["lr", "lr", "opt_lr/2", "lr-SGD-momentum"]


def test_blank_cells_are_absent_and_twins_are_kept_apart() -> None:
    session = Session("x", rules=())
    session.feed(
        b"epoch,step,train_loss_epoch,train_loss_step,val_loss\n"
        + b"".join(b"%d,%d,,0.5,\n%d,%d,,,0.9\n%d,%d,0.6,,\n" % ((i, i * 9) * 3) for i in range(4))
    )
    (run,) = session.runs()
    assert run.epochs["train_loss"].tolist() == [0.6] * 4
    assert run.epochs["train_loss_step"].tolist() == [0.5] * 4
    assert run.epochs["val_loss"].tolist() == [0.9] * 4
    assert not run.nonfinite
