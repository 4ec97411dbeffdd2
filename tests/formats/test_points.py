"""Points to runs: what a row is, where runs begin, what names mean."""

from __future__ import annotations

from math import inf, nan

import numpy as np
import pytest

from logparse.metrics import Better
from logparse.readers.points.meanings import Hints, meaning
from logparse.readers.points.rows import MAX_ROWS
from logparse.readers.points.runs import runs_of
from logparse.readers.points.table import Block, Points
from logparse.records import Resolution, Unparsed
from logparse.run import Run


def runs(*rows: dict[str, float], hints: Hints | None = None) -> list[Run]:
    points = Points()
    for line, row in enumerate(rows, 1):
        points.add(line, row)
    points.lines = len(rows)
    return [build() for build in runs_of(points, "log", "jsonl", hints, is_sure=False)]


def one(*rows: dict[str, float], hints: Hints | None = None) -> Run:
    (run,) = runs(*rows, hints=hints)
    return run


def steps(count: int, every: int = 10, start: int = 0) -> list[dict[str, float]]:
    return [{"step": start + every * at, "loss": 3 - at / count} for at in range(1, count + 1)]


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("loss", "train_loss"),
        ("Train Loss", "train_loss"),
        ("eval_loss", "val_loss"),
        ("Validation/Loss", "val_loss"),
        ("loss/val", "val_loss"),
        ("val_acc", "val_accuracy"),
        ("train/learning_rate", "lr"),
        ("lr-Adam", "lr"),
        ("global_step", "step"),
        ("gradient_norm", "grad_norm"),
        ("valid_ppl", "val_perplexity"),
        ("test_loss", "test_loss"),
        ("lossy_bits", "lossy_bits"),
        ("closs", "closs"),
        ("avg_val_loss", "val_loss"),
        ("train_avg_loss", "train_loss"),
        ("Acc@1", "train_accuracy"),
        ("mAP", "val_map"),
        ("val_dir_accuracy", "val_dir_accuracy"),
    ],
)
def test_names_mean_columns(name: str, column: str) -> None:
    assert meaning(name).column == column


def test_canonical_names_mean_themselves() -> None:
    for name in ("train_loss", "val_map50", "grad_norm/head", "lr", "opt_lr/1", "epoch"):
        assert meaning(meaning(name).column).column == meaning(name).column == name


def test_a_line_an_epoch_is_a_row_an_epoch() -> None:
    run = one(*({"epoch": at, "loss": 1 / at, "val_loss": 2 / at} for at in range(1, 6)))
    assert run.axis == "epoch"
    assert run.epochs["epoch"].tolist() == run.epochs["line"].tolist() == [1, 2, 3, 4, 5]
    assert run.label(3) == "E03"


def test_many_epochs_of_many_steps_are_rows_of_means() -> None:
    rows = [
        {"epoch": e, "step": 4 * e + s, "loss": float(s), "lr": 1.0 - e / 10, "grad_norm": float(s)}
        for e in range(9)
        for s in range(4)
    ]
    rows[7]["loss"] = nan
    run = one(*rows)
    assert run.axis == "epoch" and len(run.epochs) == 9 and len(run.tidy())
    assert run.epochs["train_loss"].tolist()[:2] == [1.5, 1.0]
    assert run.epochs["grad_norm"].iloc[0] == run.epochs["grad_norm_step_max"].iloc[0] == 3
    assert run.epochs["step"].iloc[-1] == 35
    assert run.nonfinite["train_loss"].tolist() == [1]
    assert run.points is not None and len(run.points) == 36


def test_few_epochs_of_many_steps_are_rows_of_steps() -> None:
    run = one(*({"epoch": at // 50, "step": at, "loss": 1.0} for at in range(100)))
    assert run.axis == "step" and len(run.epochs) == 100
    assert run.label(100) == "step 99"


def test_several_validations_an_epoch_are_rows_of_steps() -> None:
    rows = [{"epoch": at // 4, "step": at, "loss": 1.0, "val_loss": 2.0} for at in range(40)]
    assert one(*rows).axis == "step"


def test_a_validation_joins_the_training_point_before_it() -> None:
    run = one(*steps(3), {"step": 33, "eval_loss": 2.5}, *steps(2, start=30))
    assert run.epochs["step"].tolist() == [10, 20, 33, 40, 50]
    assert run.epochs["val_loss"].dropna().tolist() == [2.5]
    assert run.epochs["train_loss"].notna().all()


def test_validations_alone_are_rows_of_their_own() -> None:
    run = one(*({"step": at, "val_loss": 1.0} for at in (5, 10, 15)))
    assert run.epochs["step"].tolist() == [5, 10, 15]


def test_numbers_told_twice_count_once_and_the_last_counts() -> None:
    run = one({"step": 1, "loss": 5.0}, {"step": 1, "loss": 4.0}, {"step": 2, "loss": 3.0})
    assert run.epochs["train_loss"].tolist() == [4.0, 3.0]


def test_steps_within_epochs_count_on() -> None:
    rows = [{"epoch": e, "iter": s, "loss": 1.0} for e in (1, 2, 3) for s in range(1, 21)]
    run = one(*rows)
    assert run.axis == "step" and run.epochs["step"].tolist() == list(range(1, 61))


def test_appended_runs_are_runs_of_their_own() -> None:
    fold = [{"epoch": at, "loss": 1.0, "val_loss": 1.0} for at in range(5)]
    found = runs(*fold, *fold, *fold)
    assert [(run.index, run.count, len(run.epochs)) for run in found] == [
        (1, 3, 5),
        (2, 3, 5),
        (3, 3, 5),
    ]
    assert [run.coverage.lines for run in found] == [5, 5, 5]


def test_a_resumed_run_is_stitched_and_shows_its_seam() -> None:
    run = one(*steps(10), *steps(8, start=60))
    (seam,) = run.seams
    assert (seam.line, seam.number, seam.reached, seam.dropped) == (11, 70, 100, 4)
    assert run.epochs["step"].tolist() == [*range(10, 70, 10), *range(70, 150, 10)]


def test_a_log_without_numbers_that_rise_is_counted() -> None:
    run = one(*({"loss": 1.0, "val_loss": 1.0} for _ in range(4)))
    assert run.axis == "epoch" and run.counted_from is None
    stuck = one(*({"epoch": 1, "loss": 1.0, "val_loss": 1.0} for _ in range(4)))
    assert stuck.epochs["epoch"].tolist() == [1, 2, 3, 4] and stuck.counted_from == 1
    lone = one(*({"loss": 1.0} for _ in range(4)))
    assert lone.axis == "record" and lone.label(2) == "record 2"


def test_numbers_that_are_only_an_axis_are_no_run() -> None:
    assert runs({"epoch": 1, "time": 3.0}, {"epoch": 2, "time": 3.0}) == []


def test_printed_nan_is_told_from_nothing() -> None:
    run = one({"step": 1, "loss": nan}, {"step": 2, "lr": 1.0}, {"step": 3, "loss": inf})
    assert run.nonfinite["train_loss"].tolist() == [1, 3]


def test_nan_of_what_nobody_is_judged_by_is_no_fault() -> None:
    rows = [{"step": at, "loss": 1.0, "AP-cat": nan, "eta": nan} for at in (1, 2)]
    assert not one(*rows).nonfinite


def test_per_cent_becomes_a_share_in_both_splits() -> None:
    run = one({"epoch": 1, "acc": 0.9, "val_acc": 43.1}, {"epoch": 2, "acc": 51.0, "val_acc": 60.0})
    assert run.epochs["train_accuracy"].tolist() == pytest.approx([0.009, 0.51])
    assert run.epochs["val_accuracy"].tolist() == pytest.approx([0.431, 0.6])
    assert run.resolution["val_accuracy"] == Resolution(3)


def test_digits_tell_how_finely_a_column_was_rounded() -> None:
    run = one({"step": 1, "loss": 0.12345, "lr": 4e-08, "val_loss": 1 / 3}, {"step": 2, "loss": 1})
    assert run.resolution["train_loss"] == Resolution(5)
    assert run.resolution["lr"] == Resolution(8)
    assert "val_loss" not in run.resolution


def test_twins_by_step_and_by_epoch_are_kept_apart() -> None:
    run = one({"step": 1, "train_loss_step": 2.0}, {"step": 2, "train_loss_epoch": 1.0})
    assert run.has("train_loss") and run.has("train_loss_step")
    assert one({"step": 1, "train_loss_step": 2.0}).has("train_loss")


def test_two_names_of_one_meaning_lose_nothing() -> None:
    run = one({"epoch": 1, "micro_f1": 0.5, "macro_f1": 0.1, "loss": 1.0})
    assert run.epochs[["train_f1", "macro_f1"]].to_numpy().tolist() == [[0.5, 0.1]]


def test_the_user_says_what_a_name_means() -> None:
    hints = Hints({"my_loss": "loss", "zeit": "step"}, {"score": Better.HIGHER})
    run = one({"zeit": 5, "my_loss": 1.0, "score": 2.0}, hints=hints)
    assert run.epochs[["step", "train_loss"]].to_numpy().tolist() == [[5, 1.0]]
    assert run.better == {"score": Better.HIGHER}


def test_a_very_long_run_is_a_bounded_number_of_rows() -> None:
    count = 2 * MAX_ROWS + 10
    points, numbers = Points(), np.arange(count, dtype=np.float64)
    points.add_block(Block(np.arange(1, count + 1), {"step": numbers, "loss": numbers}))
    points.lines = count
    (build,) = runs_of(points, "log", "csv")
    run = build()
    assert len(run.epochs) <= MAX_ROWS and run.axis == "step"
    assert run.epochs["train_loss"].iloc[0] == 1.0
    assert run.epochs["step"].iloc[-1] == count - 1


def test_lines_of_every_kind_are_counted_in_the_run_they_stand_in() -> None:
    points = Points()
    points.legend(1)
    points.blank(2)
    for line, epoch in ((3, 1), (4, 2), (6, 1), (8, 2)):
        points.add(line, {"epoch": epoch, "loss": 1.0})
    points.lose(Unparsed(5, "x"))
    points.lose(Unparsed(7, "y"))
    points.lines = 8
    first, second = (build().coverage for build in runs_of(points, "log", "csv"))
    assert (first.lines, first.parsed, first.legend, first.blank) == (5, 2, 1, 1)
    assert first.unparsed_ranges == ((5, 5),)
    assert (second.lines, second.parsed, second.unparsed_ranges) == (3, 2, ((7, 7),))


def test_a_file_that_is_called_as_validation_is_of_validation() -> None:
    points = Points()
    points.add(1, {"epoch": 1, "loss": 1.0, "acc": 0.5})
    points.lines = 1
    (build,) = runs_of(points, "logs/val_log.csv", "csv")
    assert {"val_loss", "val_accuracy"} <= {*build().epochs}
    points.add(2, {"epoch": 2, "loss": 1.0, "val_loss": 0.5})
    (build,) = runs_of(points, "logs/val_log.csv", "csv")
    assert {"train_loss", "val_loss", "train_accuracy"} <= {*build().epochs}


def test_hundreds_of_columns_are_a_frame_and_no_warning() -> None:
    rows = [{"step": at, **{f"loss_{n}": 1.0 for n in range(300)}} for at in range(5)]
    assert one(*rows).epochs.shape == (5, 303)
