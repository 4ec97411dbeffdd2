"""W&B's local file: names in objects, which count is the step, blocks, and damage to them."""

from __future__ import annotations

import pytest
from wandb.proto.wandb_internal_pb2 import HistoryItem, HistoryRecord, Record, RunExitRecord

from fixtures.formats.wandb_file import BEGUN, framed, history, run, samples, summary
from logparse.readers.framing import BlockedRecords
from logparse.run import Run
from logparse.session import Session


def read(raw: bytes) -> Run:
    session = Session("run-abc.wandb", rules=())
    session.feed(raw)
    return session.run(-1)


def test_history_settings_and_the_end_are_read() -> None:
    one = read(samples()["run-finished.wandb"])
    assert one.settings["lr"] == 1e-3 and one.settings["optimizer.name"] == "adamw"
    assert not [key for key in one.settings if key.startswith("_")]
    assert one.micro == {
        "run_name": "bright-sun-7", "project": "digits", "exit_code": 0,
        "summary/best_val_loss": 0.29,
    }  # fmt: skip
    assert one.started is not None and one.started.timestamp() == BEGUN
    assert one.points is not None and len(one.points) == 160
    assert one.points["since_start_s"].iloc[3] == 3.5
    assert one.points["clock_s"].iloc[3] == BEGUN + 3.5
    assert {"train_loss", "val_loss", "val_accuracy", "lr"} <= {*one.epochs}


def test_the_programs_own_count_of_steps_is_the_step() -> None:
    one = read(samples()["run-crashed.wandb"])
    assert one.epochs["step"].tolist() == [10.0 * at for at in range(1, 31)]
    assert one.settings["warmup_steps"] == 10
    assert one.truncation is not None and "exit_code" not in one.micro
    assert one.nonfinite["train_loss"].tolist() == [27, 28, 29, 30]


def test_what_is_logged_between_two_steps_has_the_step_before() -> None:
    rows = [history(0, {"trainer/global_step": 50, "loss": 2.0}), history(1, {"val_loss": 1.0})]
    one = read(framed(run({}), *rows, history(2, {"trainer/global_step": 100, "loss": 1.5})))
    assert one.points is not None and one.points["step"].tolist() == [50.0, 50.0, 100.0]


def test_old_files_name_a_key_and_a_step_apart() -> None:
    rows = []
    for at in range(3):
        row = HistoryRecord(item=[HistoryItem(key="loss", value_json=str(3 - at))])
        row.step.num = at * 4
        rows.append(Record(history=row))
    one = read(framed(run({}), *rows))
    assert one.epochs["step"].tolist() == [0.0, 4.0, 8.0]
    assert one.epochs["train_loss"].tolist() == [3.0, 2.0, 1.0]


def test_pictures_and_torn_values_are_passed_over() -> None:
    item = HistoryItem(nested_key=["broken"], value_json="{")
    deep = HistoryItem(nested_key=["deep"], value_json='{"a":' * 50_000 + "1" + "}" * 50_000)
    row = history(1, {"loss": 1.0, "weights": {"_type": "histogram", "bins": 3}})
    row.history.item.extend([item, deep])
    one = read(framed(run({}), row))
    assert {*one.epochs} <= {"epoch", "train_loss", "step", "since_start_s", "clock_s", "line"}


def test_a_call_that_logs_no_number_is_a_legend() -> None:
    one = read(framed(run({}), history(0, {"loss": 1.0}), history(1, {"note": "half way"})))
    assert one.coverage.legend == 1 and len(one.epochs) == 1


def test_a_summary_repeats_no_history() -> None:
    one = read(
        framed(run({}), summary({"loss": 9.0}), history(0, {"loss": 1.0}), summary({"b": 2}))
    )
    assert {key for key in one.micro if key.startswith("summary/")} == {"summary/b"}


def test_the_exit_code_of_a_crash_is_told() -> None:
    end = Record(exit=RunExitRecord(exit_code=255))
    assert read(framed(run({}), history(0, {"loss": 1.0}), end)).micro["exit_code"] == 255


@pytest.mark.parametrize("short", range(12))
def test_a_record_ends_wherever_its_block_does(short: int) -> None:
    first = history(0, {"loss": 2.0, "note": ""})
    room = BlockedRecords.BLOCK - len(framed(first))
    padded = history(0, {"loss": 2.0, "note": "n" * (room - short)})
    one = read(framed(padded, *(history(at, {"loss": 1.0}) for at in range(1, 40))))
    assert len(one.epochs) == 40 and one.coverage.unparsed == 0


def test_damage_costs_its_block_only() -> None:
    rows = [history(at, {"loss": 1.0, "note": "n" * 1000}) for at in range(100)]
    raw = bytearray(framed(*rows))
    raw[BlockedRecords.BLOCK + 5000] ^= 1
    one = read(bytes(raw))
    assert 60 < len(one.epochs) < 80 and one.coverage.unparsed == 1
    assert one.epochs["step"].iloc[-1] == 99
