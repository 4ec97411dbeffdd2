"""The metrics JSON: what is read, and where from."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from fixtures.letters import EPOCHS, TEXT, letters_document
from logparse.records import Resolution
from tests.documents import (
    RAW,
    TEXT_OF_RUN,
    adds_up,
    entries,
    run_of,
    with_metadata,
)
from tests.reading import report_of


def test_epochs_carry_canonical_names_and_their_lines() -> None:
    run = run_of(RAW)
    lines = TEXT_OF_RUN.split("\n")
    assert list(run.epochs) == [
        *("epoch", "train_loss", "train_accuracy", "val_accuracy", "grad_norm", "elapsed_s", "line")
    ]
    document = json.loads(RAW)
    assert run.epochs["val_accuracy"].tolist() == [
        row["dev_accuracy"] for row in document["epochs"]
    ]
    for epoch, line in zip(run.epochs["epoch"], run.epochs["line"], strict=True):
        assert lines[line - 1].strip() == "{" and f'"epoch": {epoch},' in lines[line]
    assert (run.format, run.dialect, run.index, run.count) == ("metrics-json", "", 1, 1)
    assert run.coverage.unparsed == 0 and adds_up(run, RAW)


def test_the_time_of_an_epoch_is_that_since_the_epoch_before() -> None:
    since_start = [row["elapsed_seconds"] for row in json.loads(RAW)["epochs"]]
    np.testing.assert_allclose(run_of(RAW).epochs["elapsed_s"].cumsum(), since_start)


def test_a_time_that_cannot_be_known_is_absent() -> None:
    rows = [{"epoch": at, "elapsed_seconds": at * 1.5} for at in (3, 4, 7, 8)]
    times = run_of(entries(*rows)).epochs["elapsed_s"].tolist()
    assert math.isnan(times[0]) and times[1] == 1.5 and math.isnan(times[2]) and times[3] == 1.5


def test_a_clock_that_starts_anew_counts_from_there() -> None:
    rows = [{"epoch": at, "elapsed_seconds": s} for at, s in ((1, 5.0), (2, 10.0), (3, 4.0))]
    assert run_of(entries(*rows)).epochs["elapsed_s"].tolist() == [5.0, 5.0, 4.0]


def test_settings_keep_their_keys_texts_and_lines() -> None:
    run = run_of(RAW)
    assert run.settings["SCHEDULE"] == "onecycle" and run.settings.raw["CLIPNORM"] == "3.0"
    line = run.settings.lines["SEED"]
    assert '"SEED": 3,' in TEXT_OF_RUN.split("\n")[line - 1]
    assert run.planned_epochs == EPOCHS
    assert run.started == datetime(2026, 1, 30, 22, 8, 22, tzinfo=UTC)
    assert run.model == {"task": "letter_counting"} and run.micro["env"] == {"device": "cpu"}
    assert (
        run.micro["final_results/dev_accuracy"] == json.loads(RAW)["final_results"]["dev_accuracy"]
    )


def test_hyperparameters_of_any_shape_are_unfolded() -> None:
    parameters = {
        "model": {"width": 8, "encoder": {"layers": 2}, "dropout": 0.1, "tied": True},
        "training": {"dropout": 0.2, "epochs": 30, "steps": [4, 8], "note": None},
        "seed": 7,
    }
    run = with_metadata(hyperparameters=parameters, commit="abc")
    assert dict(run.settings) == {
        "width": 8, "encoder.layers": 2, "dropout": 0.1, "tied": True, "training.dropout": 0.2,
        "epochs": 30, "steps": [4, 8], "note": None, "seed": 7, "commit": "abc",
    }  # fmt: skip
    assert run.settings.raw["tied"] == "True" and run.settings.raw["steps"] == "[4, 8]"
    assert (run.planned_key, run.planned_epochs) == ("epochs", 30)


@pytest.mark.parametrize(
    ("stamp", "hour"),
    [("2026-01-30T22:08:22+02:00", 20), ("2026-01-30T22:08:22", 22), ("2026-01-30 22:08:22Z", 22)],
)
def test_stamps_are_utc_unless_they_say_otherwise(stamp: str, hour: int) -> None:
    started = with_metadata(timestamp=stamp).started
    assert started == datetime(2026, 1, 30, hour, 8, 22, tzinfo=UTC)


@pytest.mark.parametrize("metadata", [{"timestamp": "soon"}, {"timestamp": 5}, {"task": [1]}])
def test_metadata_of_another_kind_is_unparsed(metadata: dict[str, Any]) -> None:
    run = with_metadata(**metadata)
    assert run.started is None and len(run.epochs) == EPOCHS
    assert run.coverage.unparsed >= 1 and run.unparsed[0].expected.startswith("a")


def test_metrics_are_rounded_to_four_decimals_even_where_zeros_end_them() -> None:
    run = run_of(RAW)
    assert run.resolution["val_accuracy"] == run.resolution["train_loss"] == Resolution(4)
    assert run.resolution["elapsed_s"] == Resolution(2)
    fine = run_of(entries({"epoch": 1, "train_loss": 0.1234567, "f1": 1 / 3, "steps": 12}))
    assert fine.resolution == {"train_loss": Resolution(7)}


def test_what_is_not_finite_is_told_from_what_is_absent() -> None:
    run = run_of(
        entries(
            {"epoch": 1, "train_loss": None, "dev_accuracy": None, "nonfinite": ["train_loss"]},
            '{"epoch": 2, "train_loss": NaN, "gradient_norm": Infinity}',
            {"epoch": 3, "train_loss": 0.5, "gradient_norm": None, "nonfinite": ["gradient_norm"]},
        )
    )
    found = {name: epochs.tolist() for name, epochs in run.nonfinite.items()}
    assert found == {"train_loss": [1, 2], "grad_norm": [2, 3]}
    assert "val_accuracy" not in run.epochs
    assert run.epochs["grad_norm"].iloc[1] == math.inf and run.epochs["train_loss"].iloc[2] == 0.5


def test_further_numbers_become_columns_of_their_own_name() -> None:
    run = run_of(
        entries({"epoch": 1, "dev_f1": 0.5, "learning_rate": 1e-3, "is_best": True, "x": "y"})
    )
    assert run.epochs.iloc[0].to_dict() == {
        "epoch": 1, "val_f1": 0.5, "lr": 1e-3, "is_best": 1.0, "line": 1
    }  # fmt: skip


def test_inference_keeps_full_precision() -> None:
    run, document = run_of(RAW), json.loads(RAW)["final_inference"]
    assert run.inference is not None and run.inference.example == TEXT
    assert run.inference.log_probs is not None and run.inference.attention is not None
    assert run.inference.log_probs.tolist() == document["log_probs"]
    assert run.inference.attention.shape == (2, 1, len(TEXT), len(TEXT))
    assert run.inference.attention[:, 0].tolist() == document["attention_weights"]


def test_heads_are_kept_apart() -> None:
    maps = np.arange(2 * 3 * 4 * 4, dtype=float).reshape(2, 3, 4, 4)
    run = run_of(entries({"epoch": 1}, final_inference={"attention_weights": maps.tolist()}))
    assert run.inference is not None and run.inference.log_probs is None
    np.testing.assert_array_equal(run.inference.attention, maps)


@pytest.mark.parametrize(
    "table",
    [
        [[[1.0, 2.0], [3.0]]],
        [[[1.0]], [[1.0, 2.0]]],
        "all",
        [["a"]],
        [],
        [[[]]],
        {"a": 1},
        [[[[[1]]]]],
    ],
    ids=str,
)
def test_maps_of_no_one_shape_are_left_out_and_said_so(table: Any) -> None:
    inference = {"example_input": "ab", "log_probs": [[-1.0, -2.0]], "attention_weights": table}
    run = run_of(entries({"epoch": 1}, final_inference=inference))
    assert run.inference is not None and run.inference.attention is None
    assert run.inference.log_probs is not None and run.coverage.unparsed == 1


def test_an_unfinished_document_is_an_unfinished_run() -> None:
    run = run_of(letters_document(5, is_finished=False))
    assert run.truncation is None and run.inference is None and run.coverage.unparsed == 0
    assert (run.last_epoch, run.planned_epochs) == (5, EPOCHS)


def test_the_inference_is_not_that_of_an_earlier_epoch() -> None:
    cut = run_of(RAW).up_to(7)
    assert cut.last_epoch == 7 and cut.inference is None


def test_healthy_documents_have_no_error_and_no_warning_and_hardly_a_chance_note() -> None:
    odd = 0
    for seed in range(20):
        (judged,) = report_of([letters_document(24, planned=24, seed=seed).encode()]).runs
        assert {finding.severity for finding in judged.findings} <= {"note"}, seed
        odd += bool({finding.code for finding in judged.findings} - {"REP001", "LOSS004"})
    assert odd <= 1
