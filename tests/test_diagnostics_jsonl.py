"""JSONL diagnostics: which key is which column, where runs begin, and epochs that are stuck."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fixtures.diagnostics import EPOCHS, OVERFLOWS, diagnostics, without_epochs
from logparse.api import analyze, read, read_all
from logparse.errors import NotALogError
from logparse.run import Run
from logparse.session import Session

TRAIN, VAL = diagnostics().values()


def lines(*rows: dict[str, Any] | str) -> str:
    return "".join(f"{row if isinstance(row, str) else json.dumps(row)}\n" for row in rows)


def runs_in(text: str, source: str = "x.jsonl") -> list[Run]:
    session = Session(source, rules=())
    session.feed(text.encode())
    return session.runs()


def numbered(*epochs: int) -> list[Run]:
    return runs_in(lines(*({"epoch": at, "loss": 1.0} for at in epochs)))


def test_the_file_of_the_training_gives_canonical_columns() -> None:
    (run,) = runs_in(TRAIN)
    assert (run.format, run.dialect, run.last_epoch) == ("diagnostics-jsonl", "", EPOCHS)
    assert run.epochs.columns.tolist() == [
        *("epoch", "lr", "train_loss", "train_batch_loss", "train_accuracy", "grad_norm"),
        *("grad_norm_step_max", "grad_norm_step_min", "max_weight_change", "num_batches"),
        *("skipped_batches", "loss_scale", "line"),
    ]
    first = json.loads(TRAIN.splitlines()[0])
    row = run.epochs.iloc[0]
    assert row["train_accuracy"] == pytest.approx(first["accuracy"] / 100, rel=1e-12)
    assert row["grad_norm"] == first["mean_grad_norm"] and row["lr"] == first["learning_rate"]
    assert run.epochs["line"].tolist() == run.epochs["epoch"].tolist()


def test_a_number_that_json_cannot_hold_is_named_beside_its_null() -> None:
    (run,) = runs_in(TRAIN)
    assert {name: epochs.tolist() for name, epochs in run.nonfinite.items()} == {
        "grad_norm": [OVERFLOWS],
        "grad_norm_step_max": [OVERFLOWS],
    }
    assert run.epochs["grad_norm"][OVERFLOWS - 1] == np.inf


def test_what_is_null_alone_was_not_printed() -> None:
    row = {"epoch": 1, "loss": None, "accuracy": None, "accuracy_nonfinite": ["nan"]}
    (run,) = runs_in(lines(row, {"epoch": 2, "loss": 1.0}))
    assert "train_accuracy" not in run.epochs and "train_loss" not in run.nonfinite
    assert np.isnan(run.epochs["train_loss"][0])


def test_bare_nan_and_infinities_are_read() -> None:
    (run,) = runs_in(
        '{"epoch": 1, "loss": NaN, "mean_grad_norm": Infinity}\n'
        '{"epoch": 2, "loss": -Infinity, "mean_grad_norm": 1e999}\n'
    )
    assert run.nonfinite["train_loss"].tolist() == [1, 2]
    assert run.nonfinite["grad_norm"].tolist() == [1, 2]


@pytest.mark.parametrize(
    ("source", "text", "split"),
    [
        ("val_diagnostics.jsonl", VAL, "val"),
        (r"C:\runs\Validation-2.jsonl.gz", VAL, "val"),
        ("val/diagnostics.jsonl", VAL, "train"),
        ("evaluate.jsonl", VAL, "train"),
        ("<stdin>", VAL, "train"),
        ("val_diagnostics.jsonl", TRAIN, "train"),
    ],
)
def test_the_name_tells_validation_unless_the_keys_tell_training(
    source: str, text: str, split: str
) -> None:
    (run,) = runs_in(text, source)
    assert f"{split}_loss" in run.epochs and f"{split}_accuracy" in run.epochs


def test_keys_of_other_making_keep_their_names() -> None:
    row = {"epoch": 3, "loss": 1.0, "val_loss": 2.0, "val_accuracy": 50.0, "f1": 1, "is_best": True}
    (run,) = runs_in(lines({**row, "train_loss": 9.0, "line": 7, "note": "x", "tags": [1, {}]}))
    found = run.epochs.iloc[0].to_dict()
    assert found == {
        "epoch": 3,
        "line": 1,
        "train_loss": 1.0,
        "val_loss": 2.0,
        "val_accuracy": 0.5,
        "f1": 1.0,
        "is_best": 1.0,
    }


def test_a_key_that_comes_late_or_goes_is_nan_elsewhere() -> None:
    rows = [{"epoch": at, "loss": 1.0, **({"f1": at} if at in (2, 3) else {})} for at in range(5)]
    (run,) = runs_in(lines(*rows))
    assert run.epochs["f1"].fillna(-1).tolist() == [-1, -1, 2, 3, -1]


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        ((0, 1, 2), [[0, 1, 2]]),
        ((1, 2, 4), [[1, 2, 4]]),
        ((0, 1, 1, 1), [[0, 1, 2, 3]]),
        ((0, 1, 1, 0, 1, 1, 1), [[0, 1, 2], [0, 1, 2, 3]]),
        ((1, 1, 2, 3), [[1], [1, 2, 3]]),
        ((1, 1, 1, 2), [[1], [1], [1, 2]]),
        ((1, 1, 1, 1, 1), [[1], [1], [1, 2, 3]]),
        ((0, 0), [[0], [0]]),
        ((0, 1, 2, 0, 1), [[0, 1, 2], [0, 1]]),
        ((1, 2, 3, 1, 2), [[1, 2, 3], [1, 2]]),
        ((1, 2, 3, 3, 4), [[1, 2, 3], [3, 4]]),
        ((0, 1, 1, 1, 2), [[0, 1, 2, 3], [2]]),
    ],
)
def test_epochs_are_as_printed_but_for_a_1_that_is_stuck(
    printed: tuple[int, ...], expected: list[list[int]]
) -> None:
    assert [run.epochs["epoch"].tolist() for run in numbered(*printed)] == expected


def test_epochs_that_were_counted_are_told() -> None:
    session = Session("x.jsonl")
    session.feed(without_epochs().encode())
    (judged,) = session.close().runs
    assert judged.run.counted_from == 2
    (told,) = [one for one in judged.findings if one.code == "LOG001"]
    assert "counted by their lines" in told.reading and told.measured["counted_epochs"] == 12
    assert judged.run.up_to(1).counted_from is None and judged.run.up_to(2).counted_from == 2
    assert all(run.counted_from is None for run in numbered(0, 1, 2, 0, 1))


def test_a_torn_line_counts_where_lines_count() -> None:
    rows = lines({"epoch": 0, "loss": 3.0}, *[{"epoch": 1, "loss": 2.0}] * 3).splitlines()
    (run,) = runs_in(lines(*rows[:3], rows[3][:12], "", "stray text", rows[3]))
    assert run.epochs["epoch"].tolist() == [0, 1, 2, 4]
    assert run.coverage.unparsed_ranges == ((4, 4), (6, 6)) and run.coverage.blank == 1


def test_a_run_that_goes_back_knows_the_run_before_and_one_of_its_own_does_not() -> None:
    first, back = numbered(1, 2, 3, 3, 4)
    assert first.predecessor is None and back.predecessor is not None
    assert back.predecessor.last_epoch == 3 and back.predecessor.last_line == 3
    assert [facts.epoch for facts in back.predecessor.head] == [1, 2, 3]
    assert back.predecessor.tail[-1].get("train_loss") == 1.0
    assert numbered(1, 2, 3, 1, 2)[1].predecessor is None


def test_a_rollback_is_found() -> None:
    rows = [json.loads(line) for line in TRAIN.splitlines()]
    session = Session("x.jsonl")
    session.feed(lines(*rows[:12], *rows[8:]).encode())
    _, second = session.close().runs
    assert {"LOG001", "LOG002"} <= {finding.code for finding in second.findings}


def test_runs_so_far_are_those_of_the_whole_lines_and_do_not_change() -> None:
    raw = without_epochs().encode()
    session = Session("x.jsonl", rules=())
    half = raw.index(b"\n", len(raw) // 2) + 30
    session.feed(raw[:half])
    (build,) = session.so_far()
    early = build()
    kept = early.epochs.copy()
    assert len(kept) == raw[:half].count(b"\n") and early.truncation is None
    session.feed(raw[half:])
    assert early.epochs.equals(kept) and not build().epochs.equals(kept)
    assert session.runs()[0].epochs.equals(build().epochs)


def test_files_are_read_found_and_told_apart(tmp_path: Path) -> None:
    for name, text in (("train_x.jsonl", TRAIN), ("val_x.jsonl", VAL), ("n.jsonl", '{"a": 1}\n')):
        (tmp_path / name).write_text(text)
    assert read(tmp_path / "val_x.jsonl").has("val_accuracy")
    assert [run.last_epoch for run in read_all(tmp_path / "train_x.jsonl")] == [EPOCHS]
    (judged,) = analyze(tmp_path).runs
    assert {"train_loss", "val_loss"} <= {*judged.run.epochs}
    with pytest.raises(NotALogError, match="no metric among"):
        read(tmp_path / "n.jsonl")


def test_an_overflow_that_the_scaler_skipped_is_no_fault() -> None:
    for text in (TRAIN, without_epochs(40)):
        session = Session("x.jsonl")
        session.feed(text.encode())
        (judged,) = session.close().runs
        codes = {finding.code for finding in judged.findings}
        assert not codes & {"NUM001", "NUM003", "GRAD002", "GRAD003"}
