"""Generic JSON lines: which files they are, and what is read from a line."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from benchmarks.jsonl_speed import write_log
from logparse import read
from logparse.errors import NotALogError
from logparse.formats.jsonl import JsonLinesReader
from logparse.run import Run
from logparse.session import Session


def runs(*lines: object, name: str = "x.jsonl") -> list[Run]:
    session = Session(name, rules=())
    text = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    session.feed("".join(line + "\n" for line in text).encode())
    return session.runs()


def points(*lines: object) -> list[dict[str, float]]:
    (run,) = runs(*lines)
    assert run.format == "jsonl" and run.points is not None
    rows = run.points.drop(columns="line").to_dict("records")
    return [{str(n): x for n, x in row.items() if not math.isnan(x)} for row in rows]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ({"metrics": {"loss": 0.5}}, {"train_loss": 0.5}),
        ({"loss": 2, "metrics": {"loss": 0.5}}, {"train_loss": 2, "metrics/loss": 0.5}),
        ({"opt": {"main": {"gain": 3}}, "loss": 1}, {"train_loss": 1, "opt/main/gain": 3}),
        ({"train": {"loss": 1}, "val": {"loss": 2}}, {"train_loss": 1, "val_loss": 2}),
        ({"loss": "0.12", "acc": "93.5%", "at": "12:30"}, {"train_loss": 0.12,
                                                           "train_accuracy": 0.935}),
        ({"loss": 1, "lr": None, "best": True, "top": [1, 2]}, {"train_loss": 1}),
        ({"loss": 1, "phase": "VAL", "lr": 3}, {"val_loss": 1, "lr": 3}),
        ({"loss": 1, "foo": 2, "split": "valid"}, {"val_loss": 1, "val_foo": 2}),
        ({"lr": 1, "loss": 1, "mode": "test"}, {"lr": 1, "test_loss": 1}),
        ({"loss": 1, "phase": "WARMUP"}, {"train_loss": 1}),
        ({"loss": 10**400, "val_loss": 1}, {"val_loss": 1}),
    ],
)  # fmt: skip
def test_the_numbers_of_an_object(line: dict[str, object], expected: dict[str, float]) -> None:
    step = {"step": 7}
    assert points({**step, **line}) == [{**step, **expected}]


def test_a_nan_is_printed_and_a_null_is_not() -> None:
    (run,) = runs(*({"epoch": at, "loss": x} for at, x in enumerate((1.0, math.nan, None, 2.0))))
    assert run.nonfinite["train_loss"].tolist() == [1]


def test_settings_stand_above_the_first_numbers() -> None:
    (run,) = runs(
        {"args": {"lr": 0.1, "model": {"width": 8}}},
        {"batch_size": 4, "epochs": 3, "name": "x"},
        {"epoch": 0, "lr": 0.1},
        {"epoch": 1, "loss": 2.0},
    )
    assert dict(run.settings) == {
        "lr": 0.1, "model/width": 8, "batch_size": 4, "epochs": 3, "name": "x"
    }  # fmt: skip
    assert (run.coverage.legend, run.coverage.parsed) == (2, 2)


@pytest.mark.parametrize(
    ("head", "begins"),
    [
        (b'{"loss": 1}\n', True),
        (b'\xef\xbb\xbf{"loss": 1}\n', True),
        (b'{"a": {"b": 1}}\n{"a": {"b": ', True),
        (b'{"loss": 1, "lr', True),
        (b'{"loss": 1}\nstopped\n', True),
        (b'12:00 INFO {"loss": 1}\n', False),
        (b'epoch 1 done\nepoch 2 done\n{"loss": 1}\n', False),
        (b'{"name": "x"}\n', False),
        (b'{"x": "yyyy', False),
        (b"{\n", False),
        (b"", False),
    ],
)
def test_what_is_taken_for_lines(head: bytes, begins: bool) -> None:
    assert JsonLinesReader.begins(head) is begins


def test_lines_of_no_metric_are_no_log_until_one_is_named() -> None:
    with pytest.raises(NotALogError, match="1 line, no metric among"):
        runs({"id": 1, "width": 640})


def test_what_is_no_object_is_unparsed_and_a_cut_end_is_told() -> None:
    good = [{"step": at, "loss": 1} for at in (1, 2, 3)]
    (run,) = runs(good[0], "Traceback: x", "[1]", *good[1:], '{"st')
    assert run.coverage.unparsed_ranges == ((2, 3), (6, 6))
    assert run.truncation is not None and run.truncation.line == 6
    (run,) = runs({"step": 1, "loss": 1}, '{"st', {"step": 2, "loss": 1})
    assert run.truncation is None


ODD = (
    {"loss": 1.0, "extra": "text"}, {"loss": "0.25"}, {"loss": None, "val_loss": 2},
    {"loss": True}, {"loss": math.nan}, {"split": "val", "loss": 3}, {"m": {"loss": 1}},
    {"loss": 10**400}, [1], "{", {}, {"loss": -math.inf, "\ud800": 1}, {"a": None, "b": 1},
    {"b": 2, "a": 2},
)  # fmt: skip


@pytest.mark.parametrize("odd", ODD, ids=str)
def test_many_lines_at_once_are_read_as_each_alone(odd: object) -> None:
    plain = [json.dumps({"step": at, "loss": 1 / at, "lr": 0.1}) + "\n" for at in range(1, 101)]
    plain[70] = (odd if isinstance(odd, str) else json.dumps(odd)) + "\n"
    whole, alone = JsonLinesReader("x"), JsonLinesReader("x")
    whole.feed(plain[0].encode())
    whole.feed("".join(plain[1:]).encode())
    for line in plain:
        alone.feed(line.encode())
    (left,), (right,) = whole.close(), alone.close()
    one, other = left(), right()
    assert one.points is not None and other.points is not None
    assert one.points.equals(other.points) and one.coverage == other.coverage
    assert {n: a.tolist() for n, a in one.nonfinite.items()} == {
        n: a.tolist() for n, a in other.nonfinite.items()
    }


def test_the_log_of_the_benchmark_is_read_to_its_last_line(tmp_path: Path) -> None:
    write_log(tmp_path / "x.jsonl", 300_000)
    run = read(tmp_path / "x.jsonl")
    assert run.coverage.parsed == run.coverage.lines > 2000 and run.points is not None
    assert int(run.points["val_loss"].notna().sum()) == run.coverage.lines // 100
