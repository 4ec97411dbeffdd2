"""MMEngine's and mmcv's text logs: what is a number of the run, and where it stands."""

from __future__ import annotations

import pytest

from fixtures.formats.mmengine_text import samples
from logparse.formats.mmengine_text import MMEngineTextReader
from logparse.run import Run
from logparse.session import Session

SAID = "06/11 03:36:14 - mmengine - INFO - "
TRAIN = SAID + "Epoch(train) [{}][{}/6]  base_lr: 1.0e-02 lr: 2.0000e-02  eta: 2 days, 7:32:05  "


def run_of(text: str) -> Run:
    session = Session("test", rules=())
    session.feed(text.encode())
    (run,) = session.runs()
    return run


def test_a_validation_belongs_to_its_epoch() -> None:
    run = run_of(samples()["mmengine_epochs.log"].decode())
    assert run.axis == "epoch" and len(run.epochs) == 12
    assert run.epochs["val_accuracy"].notna().all() and run.epochs["train_loss"].notna().all()
    assert run.planned_epochs == 12 and run.settings["optimizer"] == "SGD"


def test_units_and_names() -> None:
    text = "".join(
        TRAIN.format(epoch, step) + "time: 0.5  data_time: 0.1  memory: 2048  loss: 1.25\n"
        for epoch in range(1, 10)
        for step in (3, 6)
    )
    epochs = run_of(text).epochs
    first = epochs.iloc[0]
    assert (first["lr"], first["gpu_gib"], first["step_time_s"]) == (0.02, 2.0, 0.5)
    assert [*epochs["step"]] == [6.0 * epoch for epoch in range(1, 10)] and "base_lr" not in epochs


def test_the_configuration_says_nothing_of_the_course() -> None:
    dump = "optimizer = dict(type='AdamW', lr=0.0001)\nloss: 3.5\nEpoch 1 loss: 2.0\n"
    text = f"{SAID}Config:\n{dump}{TRAIN.format(1, 6)}loss: 1.25\n{TRAIN.format(2, 6)}loss: 1.0\n"
    run = run_of(text)
    assert [*run.epochs["train_loss"]] == [1.25, 1.0]
    assert run.settings["optimizer"] == "AdamW" and not run.coverage.unparsed


def test_what_does_not_apply_is_no_fault() -> None:
    run = run_of(samples()["mmengine_iterations.log"].decode())
    assert not run.nonfinite and "val_macc" not in run.epochs
    run = run_of(samples()["mmcv_resumed_cut.log"].decode())
    assert not [name for name in run.epochs if "map_s" in name]


def test_a_loss_that_is_nan_is_one() -> None:
    text = TRAIN.format(1, 6) + "grad_norm: 1.5  loss: 1.25\n"
    text += TRAIN.format(2, 6) + "grad_norm: nan  loss: nan\n"
    assert set(run_of(text).nonfinite) == {"train_loss", "grad_norm"}


def test_a_resumed_run_is_one_with_a_seam() -> None:
    run = run_of(samples()["mmcv_resumed_cut.log"].decode())
    assert len(run.seams) == 1 and run.seams[0].dropped == 3
    assert [*run.epochs["epoch"]] == [*range(1, 13)]
    assert run.coverage.unparsed == 1


@pytest.mark.parametrize(
    ("line", "is_own"),
    [
        (SAID + "Epoch(train) [1][ 1/38]  loss: 1.0", True),
        ("2022-01-01 10:00:00,123 - mmdet - INFO - Iter [50/40000]\tlr: 9.989e-03", True),
        (SAID + "Exp name: rtmdet_tiny", False),
        ("2022-01-01 10:00:00,123 - train - INFO - Epoch 1/60 - loss: 1.0", False),
    ],
)
def test_lines_that_only_it_has(line: str, is_own: bool) -> None:
    assert MMEngineTextReader.owns(line) == is_own


def test_another_program_that_uses_logging_is_not_taken() -> None:
    assert not MMEngineTextReader.begins(b"2022-01-01 10:00:00,123 - root - INFO - Start\n")
    assert MMEngineTextReader.begins(b"\n2022-01-01 10:00:00,123 - mmdet - INFO - Environment:\n")
