"""Which files belong together, by their names."""

from __future__ import annotations

import pytest

from logparse.assembly import bundles, sifted, twins


def told(*files: str) -> list[tuple[str, tuple[str, ...]]]:
    return [(one.kind, one.files) for one in bundles(files)]


EVENTS = "tb/events.out.tfevents.1700000{}.host.1.0"


@pytest.mark.parametrize(
    ("files", "kind", "order"),
    [
        (["a/val_diagnostics.jsonl", "a/train_diagnostics.jsonl"], "pair", [1, 0]),
        (["training.csv", "validation.csv"], "pair", [0, 1]),
        (["log-train.txt", "log-dev.txt"], "pair", [0, 1]),
        (["run.log", "run.log.1", "run.log.10", "run.log.2.gz"], "rotated", [2, 3, 1, 0]),
        (["run.log", "run.log-20260102", "run.log.2026-01-01"], "rotated", [2, 1, 0]),
        (["log.0002.txt", "log.0001.txt"], "series", [1, 0]),
        (["l/version_10/metrics.csv", "l/version_9/metrics.csv"], "series", [1, 0]),
        ([EVENTS.format(200), EVENTS.format(100)], "events", [1, 0]),
        (["r/metrics/loss", "r/metrics/val/loss"], "tags", [0, 1]),
        (
            ["o/trainer_state.json", "o/checkpoint-900/trainer_state.json",
             "o/checkpoint-1000/trainer_state.json"], "prefixes", [1, 2, 0],
        ),
    ],
)  # fmt: skip
def test_files_that_belong_together(files: list[str], kind: str, order: list[int]) -> None:
    assert told(*files) == [(kind, tuple(files[at] for at in order))]


@pytest.mark.parametrize(
    "files",
    [
        ["a/train.jsonl", "b/val.jsonl"],
        ["train.jsonl", "val.csv"],
        ["trainer.log", "valued.log"],
        ["train.log", "val.log", "dev.log"],
        ["train_val.log", "val_val.log"],
        ["run.log.1", "run.log.2"],
        ["run_1.log", "run_2.log"],
        ["metrics.json", "metrics.json.1"],
        ["a/version_0/metrics.csv", "b/version_1/metrics.csv"],
        ["a/checkpoint-1/trainer_state.json", "b/checkpoint-2/trainer_state.json"],
    ],
)
def test_files_that_do_not(files: list[str]) -> None:
    assert told(*files) == [("file", (name,)) for name in files]


def test_event_files_of_both_splits_are_a_pair_of_series() -> None:
    train = [f"tb/train/events.out.tfevents.{at}.h.1.0" for at in (1, 2)]
    val = "tb/validation/events.out.tfevents.1.h.2.0"
    (pair,) = bundles([*train, val])
    assert pair.kind == "pair" and pair.files == (*train, val)


def test_order_is_that_of_the_first_file() -> None:
    assert told("z.log", "val.log", "a.log", "train.log") == [
        ("file", ("z.log",)), ("pair", ("train.log", "val.log")), ("file", ("a.log",)),
    ]  # fmt: skip


def test_a_bundle_without_files_that_are_no_logs() -> None:
    (pair,) = bundles(["train.csv", "val.csv"])
    left = sifted(pair, lambda name: name == "train.csv")
    assert left is not None and (left.kind, left.files) == ("file", ("train.csv",))
    assert sifted(pair, lambda name: False) is None
    (rotated,) = bundles(["run.log", "run.log.1"])
    assert sifted(rotated, lambda name: name == "run.log") == rotated


def test_the_validation_beside_a_training() -> None:
    there = ["d/val_x.jsonl", "d/train_x.jsonl", "d/val_y.jsonl", "e/val_x.jsonl"]
    assert twins("d/train_x.jsonl", there) == ["d/val_x.jsonl"]
    assert twins("d/val_x.jsonl", there) == []
