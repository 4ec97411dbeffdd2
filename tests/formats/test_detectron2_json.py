"""detectron2's metrics.json: losses by iteration, precisions in per cent, absent categories."""

from __future__ import annotations

import json
import math

import pytest

from fixtures.formats.detectron2_json import samples
from logparse.formats.detectron2_json import Detectron2Reader
from logparse.run import Run
from logparse.session import Session

TRAIN = {"iteration": 19, "total_loss": 1.5, "loss_cls": 0.5, "time": 0.2, "data_time": 0.1}


def runs(*lines: dict[str, object]) -> list[Run]:
    session = Session("metrics.json", rules=())
    session.feed("".join(json.dumps(line) + "\n" for line in lines).encode())
    found = session.runs()
    assert {run.format for run in found} == {"detectron2-json"}
    return found


def test_names_and_units() -> None:
    (run,) = runs(TRAIN | {"validation_loss": 2.0, "eta_seconds": 5.0})
    row = run.epochs.iloc[0]
    assert (row["train_loss"], row["val_loss"], row["loss_cls"]) == (1.5, 2.0, 0.5)
    assert (row["step_time_s"], row["data_time_s"], row["step"]) == (0.2, 0.1, 19)
    assert row["eta_seconds"] == 5.0


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        ({"bbox/AP": 40.0, "bbox/AP50": 60.0}, {"val_map": 0.4, "val_map50": 0.6}),
        ({"segm/AP": 30.0, "bbox/AP": 40.0}, {"val_map": 0.4, "val_map/segm": 0.3}),
        ({"segm/AP": 30.0}, {"val_map": 0.3, "val_map/segm": 0.3}),
        ({"coco_val/bbox/AP": 40.0}, {"val_map": 0.4, "val_map/coco_val/bbox": 0.4}),
        ({"bbox/AP-cat": 25.0}, {"val_bbox_ap_cat": 25.0}),
        ({"sem_seg/mIoU": 25.0}, {"val_sem_seg_miou": 25.0}),
    ],
)
def test_what_an_evaluation_says(printed: dict[str, float], expected: dict[str, float]) -> None:
    (run,) = runs(TRAIN, {"iteration": 19, **printed})
    assert {name: run.epochs[name].iloc[0] for name in expected} == pytest.approx(expected)


def test_categories_without_objects_are_left_out_but_a_loss_is_not() -> None:
    (run,) = runs(TRAIN, {"bbox/AP": 40.0, "bbox/AP-cat": math.nan, "iteration": 19},
                  TRAIN | {"iteration": 39, "total_loss": math.nan})  # fmt: skip
    assert "val_bbox_ap_cat" not in run.epochs
    assert {name: at.tolist() for name, at in run.nonfinite.items()} == {"train_loss": [2]}


def test_runs_that_were_appended_are_told_apart_and_resumed_ones_stitched() -> None:
    session = Session("metrics.json", rules=())
    session.feed(samples()["metrics_appended_and_cut.json"])
    first, second = session.runs()
    assert first.truncation is None and second.truncation is not None
    steps = [TRAIN | {"iteration": at} for at in (19, 39, 59, 39, 59, 79)]
    (run,) = runs(*steps)
    assert run.epochs["step"].tolist() == [19, 39, 59, 79] and len(run.seams) == 1


@pytest.mark.parametrize(
    ("line", "begins"),
    [
        (TRAIN, True),
        ({"iteration": 19, "eta_seconds": 1.0}, True),
        ({"iteration": 19, "loss": 1.0}, False),
        ({"total_loss": 1.0, "epoch": 1}, False),
    ],
)
def test_which_lines_tell_the_format(line: dict[str, object], begins: bool) -> None:
    assert Detectron2Reader.begins(json.dumps(line).encode()) is begins
