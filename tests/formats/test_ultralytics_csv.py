"""Ultralytics: the columns of its versions and tasks."""

from __future__ import annotations

import numpy as np
import pytest

from logparse.formats.ultralytics_csv import UltralyticsCsvReader
from logparse.session import Session


@pytest.mark.parametrize(
    ("printed", "canonical"),
    [
        ("metrics/mAP50(B)", "val_map50"),
        ("metrics/mAP50-95(M)", "val_map/mask"),
        ("metrics/mAP50-95(P)", "val_map/pose"),
        ("metrics/mAP_0.5:0.95", "val_map"),
        ("metrics/precision(B)", "val_precision"),
        ("metrics/accuracy_top1", "val_accuracy"),
        ("train/cls_om", "train_loss/cls_om"),
        ("val/giou_loss", "val_loss/giou"),
        ("test/loss", "val_loss"),
        ("train/loss", "train_loss"),
        ("time", "since_start_s"),
        ("lr/pg0", "opt_lr/0"),
        ("lr/pg1", "lr"),
        ("x/lr2", "opt_lr/2"),
    ],
)
def test_names(printed: str, canonical: str) -> None:
    assert UltralyticsCsvReader("x").canonical([printed, "lr/pg1"])[0] == canonical


def test_the_only_group_gives_the_rate() -> None:
    assert UltralyticsCsvReader("x").canonical(["epoch", "lr/pg0"]) == ["epoch", "lr"]


@pytest.mark.parametrize(
    "header", ["epoch,train/loss,val/loss", "step,train/loss,lr/pg0", "epoch,lr/pg0,loss"]
)
def test_headers_of_others(header: str) -> None:
    assert not UltralyticsCsvReader.begins(f"{header}\n".encode())


def test_losses_are_sums_of_their_parts() -> None:
    session = Session("x", rules=())
    session.feed(
        b"epoch, train/om, train/oo, val/om, val/oo, metrics/mAP50(B)\n"
        b"1, 1, 2, 3, 4, 0.5\n2, nan, 2, 3, inf, 0.5\n3, 1, , 3, 4, 0.5\n"
    )
    (run,) = session.runs()
    assert run.format == "ultralytics-csv"
    assert run.epochs["val_loss"].tolist() == [7, np.inf, 7]
    assert run.epochs["train_loss"].fillna(-1).tolist() == [3, -1, -1]
    assert run.nonfinite["train_loss"].tolist() == [2], "a part is absent in the third"
