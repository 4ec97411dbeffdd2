"""TensorBoard event files: steps, rates, restarts, kinds of scalars, and where a file breaks."""

from __future__ import annotations

import math

import pytest
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.compat.proto.tensor_pb2 import TensorProto

from fixtures.formats.tensorboard_events import (
    BEGUN,
    VERSION,
    event,
    framed,
    hyperparameters,
    record,
    samples,
    tensor_event,
)
from logparse.errors import NotALogError
from logparse.formats.tensorboard_events import TensorBoardReader, scalar
from logparse.readers.framing import masked_crc
from logparse.run import Run, Seam
from logparse.session import Session


def run(raw: bytes, source: str = "events.out.tfevents.1") -> Run:
    session = Session(source, rules=())
    session.feed(raw)
    return session.run(-1)


def test_tags_at_different_rates_make_one_point_a_step() -> None:
    read = run(samples()["events.out.tfevents.rates"])
    assert read.points is not None and read.axis == "step"
    assert read.points["step"].tolist() == [10.0 * at for at in range(1, 41)]
    assert read.points["val_loss"].notna().tolist() == [at % 5 == 0 for at in range(1, 41)]
    assert read.points["clock_s"].iloc[0] == BEGUN + 10
    assert dict(read.settings) == {
        "lr": 1e-3, "batch_size": 32, "optimizer": "adamw", "amp": True
    }  # fmt: skip


def test_a_histogram_is_a_legend() -> None:
    assert run(samples()["events.out.tfevents.rates"]).coverage.legend == 8 + 1


def test_a_restart_is_a_seam_and_a_torn_record_is_told() -> None:
    read = run(samples()["events.out.tfevents.restarted"])
    assert read.seams == (Seam(63, 210.0, 300.0, 10),)
    assert read.truncation is not None and read.truncation.line == 142
    assert read.last_epoch == 60


def test_a_tag_that_counts_epochs_stands_where_it_was_written() -> None:
    read = run(samples()["events.out.tfevents.by_epochs"])
    assert read.axis == "epoch" and read.first_epoch == 0 and read.last_epoch == 11
    assert read.epochs["step"].tolist() == [20.0 * at for at in range(1, 13)]
    assert read.points is not None and len(read.points) == 240
    assert read.nonfinite["train_batch_loss"].tolist() == [6]


def test_two_tags_that_fall_at_one_restart_are_one_seam() -> None:
    before = [event(at, loss=1.0) for at in (10, 20, 30)] + [event(30, val_loss=2.0)]
    after = [event(at, loss=0.5) for at in (20, 30, 40)] + [event(25, val_loss=1.0)]
    assert len(run(framed(VERSION, *before, *after)).seams) == 1


def test_writers_that_share_a_file_are_no_restarts() -> None:
    mixed = [event(at % 2 * 50 + at, loss=1 / at) for at in range(1, 400)]
    read = run(framed(VERSION, *mixed))
    assert not read.seams and read.points is not None
    assert read.points["step"].is_monotonic_increasing


def test_values_without_steps_are_counted() -> None:
    read = run(framed(VERSION, *(event(0, loss=1 / at) for at in range(1, 6))))
    assert read.axis == "record" and len(read.epochs) == 5


@pytest.mark.parametrize("dtype", ["<f4", "<f8", "<f2", "<i4", "<i8"])
def test_tensors_of_one_number_are_scalars(dtype: str) -> None:
    read = run(framed(VERSION, *(tensor_event(at, "loss", 4 - at, dtype) for at in range(3))))
    assert read.epochs["train_loss"].tolist() == [4.0, 3.0, 2.0]


@pytest.mark.parametrize(
    ("tensor", "number"),
    [
        (TensorProto(dtype=1, float_val=[1.5]), 1.5),
        (TensorProto(dtype=2, double_val=[0.1]), 0.1),
        (TensorProto(dtype=9, int64_val=[7]), 7.0),
        (TensorProto(dtype=19, half_val=[0x3E00]), 1.5),
        (TensorProto(dtype=14, half_val=[0x3FC0]), 1.5),
        (TensorProto(dtype=14, tensor_content=b"\xc0\x3f"), 1.5),
        (TensorProto(dtype=1, float_val=[1, 2]), None),
        (TensorProto(dtype=14, half_val=[1, 2]), None),
        (TensorProto(dtype=1, tensor_content=b"123"), None),
        (TensorProto(dtype=7, string_val=[b"text"]), None),
    ],
)
def test_tensors_hold_their_number_in_many_ways(tensor: object, number: float | None) -> None:
    assert scalar(tensor) == number


def test_a_plugin_told_only_with_the_first_value_holds_for_the_tag() -> None:
    first = tensor_event(0, "text", 1.0)
    first.summary.value[0].metadata.plugin_data.plugin_name = "pr_curves"
    later = tensor_event(1, "text", 1.0)
    later.summary.value[0].ClearField("metadata")
    read = run(framed(VERSION, first, later, event(1, loss=1.0)))
    assert "text" not in read.epochs and read.coverage.legend == 3


@pytest.mark.parametrize(
    ("source", "tag", "column"),
    [
        ("logs/validation/events.out.tfevents.1", "epoch_loss", "val_loss"),
        ("logs/train/events.out.tfevents.1", "epoch_accuracy", "train_accuracy"),
        ("logs/validation/events.out.tfevents.1", "epoch_learning_rate", "lr"),
        ("logs/train/events.out.tfevents.1", "batch_loss", "train_batch_loss"),
        ("logs/run/events.out.tfevents.1", "evaluation_loss_vs_iterations", "val_loss"),
        ("runs/Loss_val/events.out.tfevents.1", "Loss", "val_loss"),
        ("runs/1/events.out.tfevents.1", "step", "step_value"),
    ],
)
def test_folders_and_prefixes_tell_the_split(source: str, tag: str, column: str) -> None:
    values = [Summary.Value(tag=tag, simple_value=0.5)]
    events = [Event(step=at, summary=Summary(value=values)) for at in range(3)]
    assert column in run(framed(VERSION, *events, event(2, other=1.0)), source).epochs


def test_the_crc_is_that_of_tensorflow() -> None:
    assert masked_crc((24).to_bytes(8, "little")).hex() == "a37f4b22"


def test_after_a_broken_length_nothing_is_guessed() -> None:
    good, rest = framed(VERSION, event(1, loss=1.0)), framed(event(2, loss=0.5))
    read = run(good + b"\1" + rest[1:] + rest)
    assert len(read.epochs) == 1 and read.coverage.unparsed_ranges == ((3, 3),)


def test_a_record_that_is_no_event_is_lost_alone() -> None:
    read = run(framed(VERSION) + record(b"\xff\xff") + framed(event(1, loss=1.0)))
    assert read.coverage.unparsed_ranges == ((2, 2),) and len(read.epochs) == 1


def test_a_giant_record_is_passed_over_without_being_held() -> None:
    length = (200 << 20).to_bytes(8, "little")
    reader = TensorBoardReader("x")
    reader.feed(framed(VERSION) + length + masked_crc(length))
    for _ in range(200):
        reader.feed(bytes(1 << 20))
        assert not reader._frames._held
    reader.feed(bytes(4) + framed(event(1, loss=1.0)))
    (build,) = reader.close()
    assert build().coverage.unparsed == 1 and build().truncation is None


def test_a_file_without_scalars_says_so() -> None:
    session = Session("events.out.tfevents.1")
    session.feed(framed(VERSION, hyperparameters(lr=0.1)))
    with pytest.raises(NotALogError, match="tensorboard-events: 2 records, no numbers of a run"):
        session.close()


def test_much_that_is_no_scalar_is_no_reason_to_give_up() -> None:
    session = Session("events.out.tfevents.1", rules=())
    picture = Summary.Value(tag="p", image={"encoded_image_string": bytes(3 << 20)})
    session.feed(framed(VERSION, *[Event(summary=Summary(value=[picture]))] * 4))
    assert not session.is_hopeless
    session.feed(framed(event(1, loss=math.inf)))
    assert session.run(1).nonfinite["train_loss"].tolist() == [1]
