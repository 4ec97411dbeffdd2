"""OpenMMLab's JSON lines: evaluations belong to the epoch and the step they follow."""

from __future__ import annotations

import json
import math

import pytest

from fixtures.formats.mmengine_json import samples
from logparse.formats.mmengine_json import MMEngineReader
from logparse.run import Run
from logparse.session import Session


def run_of(*lines: dict[str, object]) -> Run:
    session = Session("x.json", rules=())
    session.feed("".join(json.dumps(line) + "\n" for line in lines).encode())
    (run,) = session.runs()
    assert run.format == "mmengine-json"
    return run


def mmcv(epoch: int, within: int, **more: object) -> dict[str, object]:
    return {"mode": "train", "epoch": epoch, "iter": within, "loss": 1.0, **more}


def places(run: Run) -> list[tuple[float, float]]:
    assert run.points is not None
    return [*zip(run.points["epoch"], run.points["step"], strict=True)]


def test_iterations_that_begin_anew_in_each_epoch_become_steps() -> None:
    val = {"mode": "val", "iter": 9, "lr": 0.0, "AP": 0.5}
    run = run_of(
        {}, mmcv(1, 50), mmcv(1, 60), {**val, "epoch": 1}, mmcv(2, 50), mmcv(2, 60),
        {**val, "epoch": 2}, mmcv(3, 50),
    )  # fmt: skip
    assert places(run) == [(1, 50), (1, 60), (1, 60), (2, 110), (2, 120), (2, 120), (3, 170)]
    assert run.epochs["val_map"].notna().tolist() == [False, True, False, True, False]
    assert "lr" not in run.epochs


def test_iterations_that_go_on_are_steps() -> None:
    val = {"mode": "val", "epoch": 1, "iter": 250, "mIoU": 0.5}
    run = run_of(mmcv(1, 50), mmcv(1, 100), val, mmcv(2, 150), mmcv(3, 200))
    assert [step for _, step in places(run)] == [50, 100, 100, 150, 200]


def test_the_step_of_an_evaluation_is_an_epoch_where_epochs_are_counted() -> None:
    train = [{"loss": 1.0, "data_time": 0.1, "time": 0.2, "epoch": e, "iter": 9 * e, "step": 9 * e}
             for e in (1, 2, 3)]  # fmt: skip
    vals: list[dict[str, object]] = [{"accuracy/top1": 50.0 + e, "step": e} for e in (1, 2, 3)]
    run = run_of(*(line for pair in zip(train, vals, strict=True) for line in pair))
    assert places(run) == [(1, 9), (1, 9), (2, 18), (2, 18), (3, 27), (3, 27)]
    assert run.axis == "epoch" and run.epochs["val_accuracy"].tolist() == [0.51, 0.52, 0.53]


def test_the_step_of_an_evaluation_is_a_step_where_iterations_are_counted() -> None:
    train = [{"loss": 1.0, "data_time": 0.1, "iter": at, "step": at} for at in (50, 100, 150)]
    run = run_of(*train[:2], {"mIoU": 40.0, "step": 100}, train[2])
    assert run.points is not None and run.points["step"].tolist() == [50, 100, 100, 150]
    assert run.axis == "step" and run.epochs["val_miou"].notna().tolist() == [False, True, False]


def test_units_parts_and_rates() -> None:
    line = mmcv(1, 1, memory=2048, time=0.5, data_time=0.1, base_lr=0.2, lr=0.1, loss_cls=0.4)
    row = run_of(line).epochs.iloc[0]
    assert (row["gpu_gib"], row["step_time_s"], row["data_time_s"]) == (2.0, 0.5, 0.1)
    assert (row["lr"], row["opt_lr/base"], row["loss_cls"]) == (0.1, 0.2, 0.4)


@pytest.mark.parametrize("nothing", [-1.0, math.nan])
def test_precisions_of_what_there_is_nothing_of_are_left_out(nothing: float) -> None:
    val = {"mode": "val", "epoch": 1, "iter": 9, "bbox_mAP": 0.5, "bbox_mAP_s": nothing}
    last = {"mode": "val", "epoch": 2, "loss": 1.0, "iter": 9, "bias": -1.0}
    run = run_of(mmcv(1, 1), {**val, "loss": math.nan}, mmcv(2, 1), last, mmcv(3, 1))
    assert "val_bbox_map_s" not in run.epochs and run.epochs["val_map"].iloc[0] == 0.5
    assert run.nonfinite["val_loss"].tolist() == [1] and run.epochs["val_bias"].iloc[1] == -1.0


def test_the_environment_is_settings_but_for_long_texts() -> None:
    run = run_of({"env_info": "x" * 999, "seed": 3, "hook_msgs": {}}, mmcv(1, 1))
    assert dict(run.settings) == {"seed": 3} and run.coverage.legend == 1


@pytest.mark.parametrize(
    ("line", "begins"),
    [
        ({"mode": "train", "epoch": 1, "iter": 1}, True),
        ({"lr": 0.1, "data_time": 0.1, "iter": 5, "step": 5}, True),
        ({"mode": "train", "epoch": 1, "loss": 1}, False),
        ({"iter": 5, "step": 5, "loss": 1}, False),
        ({"mode": "max", "iter": 5}, False),
    ],
)
def test_which_lines_tell_the_format(line: dict[str, object], begins: bool) -> None:
    assert MMEngineReader.begins(json.dumps(line).encode()) is begins


def test_a_resumed_run_shows_its_seam() -> None:
    session = Session("x", rules=())
    session.feed(samples()["scalars_by_iterations.json"])
    (run,) = session.runs()
    (seam,) = run.seams
    assert (seam.number, seam.reached) == (850, 900)
