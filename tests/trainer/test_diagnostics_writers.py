"""JSONL diagnostics: schema, strictness, where the files are put."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.trainer.letters import RECORD, strict
from trainer.errors import TrainerError
from trainer.outputs.diagnostics import DiagnosticsWriter, diagnostics_dir

NONFINITE = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}


def lines(path: Path) -> list[dict[str, Any]]:
    text = path.read_text(encoding="utf-8")
    assert text.endswith("\n")
    return [strict(line) for line in text.splitlines()]


def test_an_epoch_is_a_line_in_each_file(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "diagnostics"
    writer = DiagnosticsWriter(folder)
    writer.epoch(replace(RECORD, skipped_batches=1, loss_scale=1024.0))
    writer.epoch(replace(RECORD, epoch=2))
    first, second = lines(folder / "train_diagnostics.jsonl")
    assert first == {
        "epoch": 1,
        "loss": 0.123456,
        "accuracy": 75.0,
        "learning_rate": 0.003,
        "mean_grad_norm": 2.5,
        "max_grad_norm": 4.0,
        "min_grad_norm": 1.0,
        "mean_batch_loss": 0.123456,
        "max_weight_change": 0.01,
        "num_batches": 3,
        "skipped_batches": 1,
        "loss_scale": 1024.0,
    }
    assert second["epoch"] == 2 and second["skipped_batches"] == 0 and "loss_scale" not in second
    found = lines(folder / "val_diagnostics.jsonl")
    assert [entry["epoch"] for entry in found] == [1, 2]
    assert found[0] == {"epoch": 1, "loss": 0.5, "accuracy": pytest.approx(56.789)}


def test_an_accuracy_that_is_not_known_is_absent(tmp_path: Path) -> None:
    DiagnosticsWriter(tmp_path).epoch(replace(RECORD, train_accuracy=None, val_accuracy=None))
    assert "accuracy" not in lines(tmp_path / "train_diagnostics.jsonl")[0]
    assert lines(tmp_path / "val_diagnostics.jsonl") == [{"epoch": 1, "loss": 0.5}]


@pytest.mark.parametrize("word", NONFINITE)
def test_what_is_not_finite_is_null_and_named(tmp_path: Path, word: str) -> None:
    bad = NONFINITE[word]
    DiagnosticsWriter(tmp_path).epoch(replace(RECORD, train_loss=bad, lr=bad, val_loss=bad))
    train = lines(tmp_path / "train_diagnostics.jsonl")[0]
    for key in ("loss", "mean_batch_loss", "learning_rate"):
        assert train[key] is None and train[f"{key}_nonfinite"] == word
    assert [key for key in train if key.endswith("_nonfinite")] == [
        "loss_nonfinite",
        "learning_rate_nonfinite",
        "mean_batch_loss_nonfinite",
    ]
    val = lines(tmp_path / "val_diagnostics.jsonl")[0]
    assert val["loss"] is None and val["loss_nonfinite"] == word


@pytest.mark.parametrize(
    ("norms", "mean", "most", "least"),
    [
        ((1.0, math.inf), "inf", "inf", 1.0),
        ((1.0, math.nan, 2.0), "nan", "nan", "nan"),
        ((math.nan, 3.0), "nan", "nan", "nan"),
        ((), "nan", "nan", "nan"),
    ],
)
def test_norms_that_are_not_finite_or_missing(
    tmp_path: Path, norms: tuple[float, ...], mean: object, most: object, least: object
) -> None:
    DiagnosticsWriter(tmp_path).epoch(replace(RECORD, step_grad_norms=norms))
    found = lines(tmp_path / "train_diagnostics.jsonl")[0]
    for key, expected in (("mean", mean), ("max", most), ("min", least)):
        name = f"{key}_grad_norm"
        assert (found.get(f"{name}_nonfinite") or found[name]) == expected
    assert found["num_batches"] == len(norms)


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        ("somewhere/else", "somewhere/else"),
        ("", "results/diagnostics"),
        (None, "results/diagnostics"),
    ],
)
def test_the_folder_can_be_named_in_the_environment(
    monkeypatch: pytest.MonkeyPatch, named: str | None, expected: str
) -> None:
    monkeypatch.delenv("DIAGNOSTICS_DIR", raising=False)
    if named is not None:
        monkeypatch.setenv("DIAGNOSTICS_DIR", named)
    assert diagnostics_dir() == Path(expected)


def test_a_folder_that_is_a_file_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(TrainerError, match=r"train_diagnostics\.jsonl: cannot be written: .+"):
        DiagnosticsWriter(tmp_path / "taken").epoch(RECORD)
