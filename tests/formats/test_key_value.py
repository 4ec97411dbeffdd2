"""Lines of names with numbers: which count, what they mean, and where they stand."""

from __future__ import annotations

import pytest

from logparse.errors import LogParseError
from logparse.formats.key_value import KeyValueReader
from logparse.readers.key_value_names import named, value
from logparse.run import Run
from logparse.session import Session


def run_of(text: str) -> Run:
    session = Session("test", rules=())
    session.feed(text.encode())
    (run,) = session.runs()
    assert run.format == "key-value"
    return run


def values(run: Run, column: str) -> list[float]:
    return [round(float(number), 6) for number in run.epochs[column].dropna()]


@pytest.mark.parametrize(
    "line",
    [
        "Epoch {0}/50 - loss: 0.52 - acc: 0.81 - val_loss: 0.61",
        "Epoch [{0}/50], Loss: 0.52, Val Loss: 0.61",
        "epoch={0} train_loss=0.52 val/loss=0.61 lr=1e-3",
        "Epoch {0}: train loss 0.52, validation loss 0.61",
        "INFO | epoch: {0} | Train Loss: 0.520 | Valid. Loss: 0.610",
        "[Epoch {0}] Train - loss: 0.52 | Val - loss: 0.61",
        "Ep {0} avg_loss=tensor(0.52, device='cuda:0') avg_val_loss=0.61",
        "{{'epoch': {0}, 'loss': '0.52', 'eval_loss': '0.61'}}",
    ],
)
def test_lines_of_epochs(line: str) -> None:
    run = run_of("".join(line.format(epoch) + "\n" for epoch in (1, 2, 3)))
    assert [*run.epochs["epoch"]] == [1, 2, 3] and run.axis == "epoch"
    assert values(run, "train_loss") == [0.52] * 3 and values(run, "val_loss") == [0.61] * 3


def test_steps_that_count_anew_in_each_epoch_go_on() -> None:
    line = "Epoch [{}/2], Step [{}/600], Loss: 0.5\n"
    run = run_of("".join(line.format(e, s) for e in (1, 2) for s in (200, 400, 600)))
    assert values(run, "step") == [200, 400, 600, 800, 1000, 1200] and not run.seams
    assert 2 in run.settings.values()


def test_steps_that_count_on_stay_as_printed() -> None:
    line = "epoch {} step {} loss 0.5\n"
    run = run_of("".join(line.format(1 + s // 300, s) for s in range(100, 600, 100)))
    assert values(run, "step") == [100, 200, 300, 400, 500]


def test_of_a_bar_the_last_frame_counts() -> None:
    bar = "Epoch {}:  {}%|##  | {}/100 [00:10<00:12,  4.4it/s, loss={}]\r"
    text = "".join(bar.format(e, p, p, 5 - e - p / 100) for e in range(4) for p in (10, 50, 100))
    run = run_of(text)
    assert values(run, "train_loss") == [4.0, 3.0, 2.0, 1.0]


def test_a_validation_under_way_counts_once_with_its_mean() -> None:
    text = "".join(
        f"Epoch: [{e}][ 10/50]\tTime 0.5 ( 0.5)\tLoss 2.0e+00 (3.0e+00)\tAcc@1 10.0 ( 9.0)\n"
        f"Test: [ 0/19]\tLoss 9.0 (9.0)\tAcc@1 1.0 ( 1.0)\n"
        f"Test: [10/19]\tLoss 8.0 (2.5)\tAcc@1 2.0 ( 2.0)\n * Acc@1 12.500 Acc@5 40.0\n"
        for e in range(3)
    )
    run = run_of(text)
    assert values(run, "val_loss") == [2.5] * 3 and values(run, "val_accuracy") == [0.125] * 3
    assert values(run, "train_loss") == [2.0] * 3


def test_blocks_with_colours_and_headings() -> None:
    text = "".join(
        f"\x1b[4m\x1b[1m > EPOCH: {e}/100\x1b[0m\n > TRAINING (2023-01-01 10:00:00)\n"
        f"\x1b[1m   --> STEP: 24/100 -- GLOBAL_STEP: {e * 100 + 25}\x1b[0m\n"
        f"     | > loss: 1.2  (1.3)\n > EVALUATION\n   --> STEP: 0\n     | > loss: 1.9  (1.9)\n"
        f"  --> EVAL PERFORMANCE\n     | > avg_loss:\x1b[92m 1.5 \x1b[0m(-0.2)\n"
        for e in range(3)
    )
    run = run_of(text)
    assert values(run, "train_loss") == [1.2] * 3 and values(run, "val_loss") == [1.5] * 3


def test_skipped_batches_are_counted_in_their_epoch() -> None:
    said = "NaN loss at batch {}, skipping\n"
    text = "Epoch 1 loss: 0.5\n" + said.format(3) + said.format(9)
    text += "Epoch 2 loss: 0.4\nEpoch 3 loss: 0.3\n"
    run = run_of(text)
    assert [*run.epochs["skipped_batches"].fillna(0)] == [0, 2, 0] and not run.nonfinite
    text = "Epoch 1\n" + said.format(3) + "loss: 0.5\nEpoch 2\nloss: 0.4\nEpoch 3\nloss: 0.3\n"
    assert [*run_of(text).epochs["skipped_batches"].fillna(0)] == [1, 0, 0]


@pytest.mark.parametrize(
    "line", ["Warning: NaN loss at epoch 2", "NaN Loss at epoch 2. Stopping.", "Loss is nan"]
)
def test_a_guard_that_skips_nothing_prints_a_nan(line: str) -> None:
    run = run_of(f"Epoch 1 loss: 0.5\n{line}\nEpoch 2 loss: 0.4\nEpoch 3 loss: 0.3\n")
    assert [*run.nonfinite["train_loss"]] == [2]


def test_a_test_set_is_the_validation_where_there_is_none() -> None:
    line = "Epoch {} train loss: 0.5 test loss: 0.6\n"
    assert run_of(line.format(1) + line.format(2)).has("val_loss")
    run = run_of(line.replace("test", "val loss: 0.7 test").format(1) * 2)
    assert values(run, "val_loss")[0] == 0.7 and run.has("test_loss")


def test_what_is_told_again_does_not_count() -> None:
    text = "".join(
        f"Epoch {e} loss: 0.5 val_loss: 0.{9 - e}\nSaved best model with val_loss: 0.1\n"
        f"Best val loss: 0.1\n"
        for e in (1, 2, 3)
    )
    assert values(run_of(text), "val_loss") == [0.8, 0.7, 0.6]


@pytest.mark.parametrize(
    "text",
    [
        "We trained for 3 epochs.\nThe loss was 0.5, and later 0.3.\nIn step 2 we looked at it.\n",
        "lr: 0.001\nbatch_size: 64\nepochs: 3\nseed = 42\n",
        "temperature: 21.5\nhumidity: 40%\ntemperature: 21.7\nhumidity: 41%\n",
        "GET /index.html 200 epoch=1699999999 bytes=512\n" * 5,
        "The best loss: 0.5\n",
        '{\n  "epoch": 1,\n  "loss": 0.5,\n  "acc": 0.5\n}\n',
        "INFO loaded 3/10 files\nINFO loaded 10/10 files\n",
    ],
)
def test_other_texts_are_not_taken(text: str) -> None:
    assert not KeyValueReader.begins(text.encode())
    session = Session("test", rules=())
    session.feed(text.encode())
    with pytest.raises(LogParseError):
        session.runs()


@pytest.mark.parametrize(
    ("text", "number"),
    [("1,234", 1234.0), ("45%", 0.45), ("3ms", 0.003), ("1e-3", 1e-3), (".5", 0.5), ("-inf", -1)],
)
def test_numbers_with_units(text: str, number: float) -> None:
    found = value(text)
    assert found is not None
    assert found.scaled == (number if text != "-inf" else float("-inf"))


@pytest.mark.parametrize("text", ["0:10:00", "abc", "1.2.3", "", "3)"])
def test_what_is_no_number(text: str) -> None:
    assert value(text) is None


@pytest.mark.parametrize(
    ("name", "split", "column"),
    [
        ("Val Loss: ", "", "val_loss"),
        ("loss: ", "val", "val_loss"),
        ("learning rate: ", "val", "lr"),
        ("value_loss=", "", "value_loss"),
        ("Average loss: ", "train", "train_loss"),
        ("Acc@1 ", "", "train_accuracy"),
    ],
)
def test_names(name: str, split: str, column: str) -> None:
    assert named(name, split).column == column


@pytest.mark.parametrize("name", ["best_val_loss=", "model with val loss: ", "min loss: "])
def test_names_of_another_moment(name: str) -> None:
    assert named(name, "").kind == "none"
