"""The metrics document: schema, rounding, strictness, atomicity, resumption."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.trainer.letters import RECORD, strict
from trainer.errors import TrainerError
from trainer.outputs.metrics_json import MetricsJson, metrics_path
from trainer.outputs.strict_json import dumps, plain

START = datetime(2026, 1, 30, 23, 8, 22, 999999, timezone(timedelta(hours=1)))


def writer(path: Path, *, task: str = "letter_counting", resume: bool = False) -> MetricsJson:
    return MetricsJson(
        path,
        task=task,
        timestamp=START,
        device="cpu",
        model={"layers": 2, "heads": (1, 2)},
        training={"lr": 0.003, "clip": math.inf, "out": Path("a/b")},
        resume=resume,
    )


def document(path: Path) -> Any:
    return strict(path.read_text(encoding="utf-8"))


def test_the_document_has_the_shape_that_was_asked_for(tmp_path: Path) -> None:
    path = metrics_path("part1", tmp_path / "output")
    assert path == tmp_path / "output" / "part1_training_metrics.json"
    assert metrics_path("part2") == Path("output/part2_training_metrics.json")
    metrics = writer(path)
    assert not path.exists()
    metrics.epoch(RECORD)
    partial = document(path)
    metrics.finish(0.996349, 0.99541, 417.1287)
    metrics.inference("i like ", [[-0.001234567891, -7.5]], [[[0.1, 0.9]], [[1.0, 0.0]]])
    found = document(path)
    assert found == {
        "metadata": {
            "task": "letter_counting",
            "timestamp": "2026-01-30T22:08:22Z",
            "device": "cpu",
            "hyperparameters": {
                "model": {"layers": 2, "heads": [1, 2]},
                "training": {"lr": 0.003, "clip": None, "out": "a/b"},
            },
        },
        "epochs": [
            {
                "epoch": 1,
                "train_loss": 0.1235,
                "train_accuracy": 0.75,
                "dev_accuracy": 0.5679,
                "gradient_norm": 2.5,
                "elapsed_seconds": 12.35,
            }
        ],
        "final_results": {
            "train_accuracy": 0.9963,
            "dev_accuracy": 0.9954,
            "total_time_seconds": 417.13,
        },
        "final_inference": {
            "example_input": "i like ",
            "log_probs": [[-0.001234567891, -7.5]],
            "attention_weights": [[[0.1, 0.9]], [[1.0, 0.0]]],
        },
    }
    assert list(found) == ["metadata", "epochs", "final_results", "final_inference"]
    assert partial == {key: found[key] for key in ("metadata", "epochs")}


def test_what_is_not_finite_is_null_and_listed(tmp_path: Path) -> None:
    path = tmp_path / "m.json"
    metrics = writer(path)
    metrics.epoch(replace(RECORD, train_loss=math.nan, train_accuracy=None, step_grad_norms=()))
    metrics.finish(None, math.nan, 1.0)
    metrics.inference("x", [[-math.inf, 0.0]], [[[1.0]]])
    found = document(path)
    [epoch] = found["epochs"]
    assert epoch["nonfinite"] == ["train_loss", "gradient_norm"]
    assert epoch["train_loss"] is epoch["gradient_norm"] is epoch["train_accuracy"] is None
    assert found["final_results"]["dev_accuracy"] is None
    assert found["final_results"]["nonfinite"] == ["dev_accuracy"]
    assert found["final_inference"]["log_probs"] == [[None, 0.0]]
    assert found["final_inference"]["nonfinite"] == ["log_probs"]


@pytest.mark.parametrize("call", ["replace", "fsync"])
def test_a_failing_write_leaves_the_old_document_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    path = tmp_path / "m.json"
    metrics = writer(path)
    metrics.epoch(RECORD)
    before = path.read_bytes()

    def fail(*_: object) -> None:
        assert len(list(tmp_path.iterdir())) == 2
        assert path.read_bytes() == before
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, call, fail)
        with pytest.raises(TrainerError) as caught:
            metrics.epoch(replace(RECORD, epoch=2))
    assert str(caught.value) == f"{path}: cannot be written: No space left on device"
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_the_new_document_is_on_disk_before_it_takes_the_place_of_the_old(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    replaced, synced = os.replace, os.fsync

    def note_replace(source: Path, target: Path) -> None:
        assert strict(Path(source).read_text())["epochs"]
        assert Path(source).parent == Path(target).parent
        calls.append("replace")
        replaced(source, target)

    def note_sync(handle: int) -> None:
        calls.append("fsync")
        synced(handle)

    monkeypatch.setattr(os, "replace", note_replace)
    monkeypatch.setattr(os, "fsync", note_sync)
    writer(tmp_path / "m.json").epoch(RECORD)
    assert calls == ["fsync", "replace"]


def test_a_resumed_training_continues_the_document(tmp_path: Path) -> None:
    path = tmp_path / "m.json"
    first = writer(path)
    for number in range(1, 6):
        first.epoch(replace(RECORD, epoch=number, train_loss=1.0))
    first.finish(0.5, 0.5, 5.0)
    later = MetricsJson(
        path,
        task="letter_counting",
        timestamp=START + timedelta(days=1),
        device="cuda",
        model={},
        training={"epochs": 9},
        resume=True,
    )
    later.epoch(replace(RECORD, epoch=4, train_loss=0.25))
    found = document(path)
    assert [(e["epoch"], e["train_loss"]) for e in found["epochs"]] == [
        (1, 1.0),
        (2, 1.0),
        (3, 1.0),
        (4, 0.25),
    ]
    assert found["metadata"]["timestamp"] == "2026-01-30T22:08:22Z"
    assert found["metadata"]["device"] == "cuda"
    assert found["metadata"]["hyperparameters"]["training"] == {"epochs": 9}
    assert "final_results" not in found


def test_without_resume_or_without_a_file_the_document_is_new(tmp_path: Path) -> None:
    path = tmp_path / "m.json"
    writer(path, resume=True).epoch(replace(RECORD, epoch=3))
    assert [epoch["epoch"] for epoch in document(path)["epochs"]] == [3]
    path.write_text("no JSON at all")
    writer(path).epoch(replace(RECORD, epoch=4))
    assert [epoch["epoch"] for epoch in document(path)["epochs"]] == [4]


def broken(change: Callable[[Any], object]) -> str:
    found: Any = {"metadata": {"task": "letter_counting", "timestamp": "x"}, "epochs": []}
    return json.dumps(change(found))


@pytest.mark.parametrize(
    "text",
    [
        "",
        '{"metadata": {"task": "letter_cou',
        "[" * 100_000,
        broken(lambda found: [found]),
        broken(lambda found: found | {"metadata": None}),
        broken(lambda found: found | {"metadata": {"task": "letter_counting"}}),
        broken(lambda found: found | {"epochs": {"epoch": 1}}),
        broken(lambda found: found | {"epochs": None}),
        broken(lambda found: found | {"epochs": [{"epoch": "1"}]}),
        broken(lambda found: found | {"epochs": [{"loss": 1}]}),
        broken(lambda found: found | {"epochs": [{"epoch": 1, "train_loss": math.nan}]}),
        broken(lambda found: found | {"metadata": found["metadata"] | {"task": "other"}}),
        "\udcff",
    ],
)
def test_a_foreign_or_broken_file_is_not_continued(tmp_path: Path, text: str) -> None:
    path = tmp_path / "m.json"
    path.write_text(text, encoding="utf-8", errors="surrogateescape")
    before = path.read_bytes()
    with pytest.raises(TrainerError) as caught:
        writer(path, resume=True)
    assert str(caught.value).startswith(f"{path}: cannot be continued: ")
    assert "\n" not in str(caught.value)
    assert path.read_bytes() == before


def test_a_file_that_cannot_be_read_is_one_clear_line(tmp_path: Path) -> None:
    folder = tmp_path / "m.json"
    folder.mkdir()
    with pytest.raises(TrainerError, match=r"m\.json: cannot be read: .+"):
        writer(folder, resume=True)
    with pytest.raises(TrainerError, match=r"m\.json: cannot be written: .+"):
        writer(folder).epoch(RECORD)
    assert list(tmp_path.iterdir()) == [folder]


NESTED = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(NESTED)
def test_whatever_is_made_plain_can_be_written_and_read(value: object) -> None:
    assert strict(dumps(plain(value))) == plain(value)
