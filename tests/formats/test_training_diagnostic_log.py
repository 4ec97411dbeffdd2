"""The production trainer's side file: parameter lists, places of batches, runs in one file."""

from __future__ import annotations

from math import isnan

import pytest

from fixtures.formats.training_diagnostic_log import samples
from logparse.formats.training_diagnostic_log import TrainingDiagnosticReader
from logparse.run import Run
from logparse.session import Session

WHOLE = samples()["training_diagnostic.log"]


def runs(raw: bytes) -> list[Run]:
    session = Session("training_diagnostic.log", rules=())
    session.feed(raw)
    return session.runs()


def test_each_row_has_the_last_step_of_its_epoch() -> None:
    run = runs(WHOLE)[0]
    lists = run.parameters.groupby("epoch")["name"].agg(list)
    assert [*lists.index] == [*run.epochs["epoch"]]
    assert all(names == [*run.parameters["name"][:4]] for names in lists)
    lines = WHOLE.decode().split("\n")
    for line in run.parameters["line"].unique():
        assert any("BATCH 50/100" in text for text in lines[line - 4 : line])


def test_the_ratio_is_change_over_norm_before() -> None:
    block = (
        "--- OPTIMIZER STEP DIAGNOSTICS ---\na.weight:\n  weight_norm_before: 2.00000000\n"
        "  weight_norm_after: 2.10000000\n  weight_change: 0.10000000\n  grad_norm: 0.30000000\n"
        "a.bias:\n  weight_norm_before: 0.00000000\n  weight_norm_after: 0.10000000\n"
        "  weight_change: 0.10000000\n  grad_norm: nan\n"
        "optimizer_step_executed: {}\ncurrent_lr: 0.00100000\n\n"
        "EPOCH 1 | BATCH {}/10 | TRAINING MODE\nraw_loss (full batch loss): 1.00000000\n"
    )
    run = runs((block.format("True", 0) + block.format("False", 1)).encode())[0]
    assert len(run.epochs) == 2 and len(run.parameters) == 2
    assert run.parameters["update_ratio"][0] == pytest.approx(0.05)
    assert isnan(run.parameters["update_ratio"][1]) and isnan(run.parameters["grad_norm"][1])


def test_rows_of_a_first_epoch_are_batches() -> None:
    run = runs(samples()["killed_training_diagnostic.log"])[0]
    assert run.axis == "step" and [*run.epochs["step"]] == [1.0, 51.0]
    assert [*run.parameters["epoch"].unique()] == [1, 2]


def test_a_file_of_two_runs() -> None:
    first, second = runs(WHOLE + WHOLE)
    assert first.parameters["grad_norm"].equals(second.parameters["grad_norm"])
    assert second.start_text == "2025-10-27 13:15:54"
    assert set(second.parameters["line"]).isdisjoint(first.parameters["line"])


@pytest.mark.parametrize(
    ("line", "is_own"),
    [
        ("--- OPTIMIZER STEP DIAGNOSTICS ---", True),
        ("  weight_norm_before: 1.00000000", True),
        ("EPOCH 1 | BATCH 0/3529 | TRAINING MODE", True),
        ("EPOCH 1/60 COMPLETE | 5123.42s | 1.42h elapsed | 83.97h remaining", False),
        ("  grad_norm: 0.04356183", False),
    ],
)
def test_lines_that_only_it_has(line: str, is_own: bool) -> None:
    assert TrainingDiagnosticReader.owns(line) == is_own
