"""What a production log tells, whole or as a console filter has left it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from fixtures.production import Production, bare, piped, production_log, spaced
from logparse.findings import RunReport
from logparse.run import Run
from logparse.session import Session
from tests.reading import report_of

PLAIN = Production(epochs=3, planned=9)


def runs_in(text: str) -> list[Run]:
    """The runs in a text, by the session."""
    session = Session("test.log", rules=())
    session.feed(text.encode())
    return session.runs()


def judged(run: Production) -> RunReport:
    """The last run of a made-up log, judged."""
    return report_of([production_log(run).encode()]).runs[-1]


def codes(run: Production) -> set[str]:
    return {finding.code for finding in judged(run).findings}


def test_an_epoch_has_what_its_lines_print() -> None:
    text = (
        "Epoch 2/9 - production training\n"
        "BATCH 1/21 | Epoch 2/9 | loss=1.000000 | dir_acc=40.0% | Time=2.0s\n"
        "BATCH 21/21 | Epoch 2/9 | loss=3.000000 | dir_acc=50.0% | Time=42.0s\n"
        "Validation complete | Epoch 2/9 | val_loss=0.500000 | batches=7 | dir_acc=51.2%\n"
        "🎯 EPOCH 2/9 COMPLETE | ⏱️  50.25s | 🔥 0.02h elapsed | ⏳ 0.20h remaining\n"
        "📊 LOSSES: Train=1.500000 | Val=0.500000 | Δ=-1.000000 | LR=0.00050000\n"
        "🎯 DIRECTIONAL ACCURACY: 51.23% | Trend Quality: Good\n"
    )
    (run,) = runs_in(text)
    (row,) = run.epochs.to_dict("records")
    assert row == {
        "epoch": 2, "lr": 0.0005, "train_loss": 1.5, "train_batch_loss": 2.0,
        "train_dir_accuracy": 45.0, "val_loss": 0.5, "val_dir_accuracy": 51.23,
        "elapsed_s": 50.25, "batches_per_s": 0.5, "line": 7,
    }  # fmt: skip
    assert run.resolution["val_dir_accuracy"].decimals == 2
    assert run.planned_epochs == 9 and run.planned_key == "train_epochs"
    assert run.settings.raw["train_epochs"] == "9" and run.settings.lines["train_epochs"] == 1


def test_the_one_line_form_says_the_same() -> None:
    old, new = (
        runs_in(production_log(Production(epochs=3, planned=9, is_old=is_old)))[0].epochs
        for is_old in (True, False)
    )
    both = ["epoch", "lr", "train_loss", "elapsed_s", "batches_per_s"]
    assert old[both].equals(new[both]) and len(old) == 3


@pytest.mark.parametrize("prefix", [piped, spaced, bare])
def test_the_prefix_does_not_matter(prefix: object) -> None:
    (run,) = runs_in(production_log(Production(epochs=3, planned=9, prefix=prefix)))
    (as_piped,) = runs_in(production_log(PLAIN))
    assert run.epochs.drop(columns="line").equals(as_piped.epochs.drop(columns="line"))


@pytest.mark.parametrize(
    "before",
    [
        "2025-11-03 08:38:31,081 - scripts.train.celestial - INFO - ", "INFO:root:",
        "2025-11-03 08:38:31 INFO ", "2025-11-03 08:38:31.081 [INFO] a.b: ", "[WARNING] ",
        "[2025-11-03 08:38:31,081] INFO a.b: ", "2025-11-03 08:38:31,081: ", "DEBUG: ",
    ],
)  # fmt: skip
def test_other_prefixes_of_logging_are_known(before: str) -> None:
    losses = "LOSSES: Train=1.500000 | Val=0.500000 | (delta)=-1.000000 | LR=0.00050000"
    (run,) = runs_in(f"{before}Epoch 1/9 - production training\n{before}{losses}\n{before}\n")
    assert run.epochs["train_loss"].tolist() == [1.5]
    assert run.coverage.parsed == 2 and run.coverage.blank == 1


def test_the_header_gives_settings_model_and_machine() -> None:
    (run,) = runs_in(production_log(PLAIN))
    known = {
        "d_model": 416, "batch_size": 1, "learning_rate": 0.001, "early_stopping_patience": 3,
        "target": "log_Open,log_High", "target_wave_indices": [0, 1, 2, 3], "seed": 2024,
        "gradient_accumulation_steps": 3, "warmup_epochs": 2, "train_epochs": 9,
        "batches_per_epoch": 41, "val_batches": 12,
    }  # fmt: skip
    assert {key: run.settings[key] for key in known} == known
    assert run.model == {"total_params": 235212800, "trainable_params": 235212800}
    assert run.micro["env"] == {"device": "cuda"}
    assert run.started == datetime(2025, 11, 3, 8, 38, 31, 81_000, tzinfo=UTC)


def test_memory_is_that_of_the_newest_snapshot_of_each_epoch() -> None:
    (run,) = runs_in(production_log(PLAIN))
    assert run.epochs["gpu_gib"].tolist() == [9216.25 / 1024] * 3
    assert run.epochs["rss_gib"].between(30, 31).all()
    assert run.micro["gpu_total_mb"] == 24210.06 and run.micro["gpu_reserved_mb"] == 9984.0


def test_a_console_filter_takes_no_number_but_the_exact_time() -> None:
    console = Production(epochs=3, planned=9, is_console=True)
    (left,), (whole,) = runs_in(production_log(console)), runs_in(production_log(PLAIN))
    shared = ["epoch", "lr", "train_loss", "val_loss", "val_dir_accuracy", "train_batch_loss"]
    assert left.epochs[shared].equals(whole.epochs[shared])
    assert left.epochs["elapsed_s"].sub(whole.epochs["elapsed_s"]).abs().max() < 0.01


def test_without_any_train_loss_the_batches_stay_under_their_own_name() -> None:
    text = production_log(Production(epochs=3, planned=9, is_console=True))
    kept = [line for line in text.split("\n") if "LOSSES" not in line]
    (run,) = runs_in("\n".join(kept))
    assert "train_loss" not in run.epochs and run.has("train_batch_loss") and run.has("val_loss")


def test_decoys_are_read_and_give_no_number() -> None:
    (run,) = runs_in(production_log(PLAIN))
    assert not (run.epochs["train_batch_loss"] == 0).any() and len(run.epochs) == 3
    decoys = "Starting epoch 4/9 with loss=0.000000 (test message)\nTEST: loss=0.000000\n"
    (more,) = runs_in(production_log(PLAIN) + decoys)
    assert more.epochs.equals(run.epochs) and more.coverage.parsed == run.coverage.parsed + 2


def test_a_nan_batch_and_skipped_ones_are_told_by_epoch() -> None:
    (run,) = runs_in(production_log(Production(epochs=3, planned=9, nan_at=2)))
    assert run.nonfinite["train_batch_loss"].tolist() == [2]
    assert run.epochs["skipped_batches"].fillna(0).tolist() == [0, 2, 0]


def test_the_checkpoints_are_those_with_a_path() -> None:
    (run,) = runs_in(production_log(PLAIN))
    assert [one.val for one in run.checkpoints] == run.epochs["val_loss"].tolist()
    assert run.epochs["checkpoint"].tolist() == [1.0] * 3


def test_a_run_that_is_killed_tells_how_far_its_epoch_was() -> None:
    (run,) = runs_in(production_log(Production(epochs=4, planned=9, killed_at=30)))
    assert run.last_epoch == 3 and run.truncation is None
    place = {key: run.micro[key] for key in ("epoch", "batch", "batches")}
    assert place == {"epoch": 4, "batch": 21, "batches": 41}
    assert "batch" not in runs_in(production_log(PLAIN))[0].micro


@pytest.mark.parametrize("is_old", [True, False])
@pytest.mark.parametrize("is_console", [True, False])
def test_an_appended_run_is_a_run_of_its_own(is_old: bool, is_console: bool) -> None:
    first = Production(
        epochs=3, planned=9, killed_at=20, is_old=is_old, is_console=is_console, prefix=spaced
    )
    killed, again = runs_in(2 * production_log(first))
    assert killed.epochs["epoch"].tolist() == again.epochs["epoch"].tolist() == [1, 2]
    assert killed.micro["epoch"] == 3 and again.predecessor is not None
    assert again.settings["train_epochs"] == 9 and again.started == killed.started


def test_lines_that_two_handlers_print_twice_make_no_second_run() -> None:
    text = production_log(Production(epochs=3, planned=9, is_console=True))
    doubled = "".join(f"{line}\n{line}\n" for line in text.rstrip("\n").split("\n"))
    (run,), (once,) = runs_in(doubled), runs_in(text)
    assert run.epochs.drop(columns="line").equals(once.epochs.drop(columns="line"))


def test_a_line_that_was_cut_is_told_as_such() -> None:
    text = production_log(Production(epochs=3, planned=9, is_console=True))
    for line in ("LOSSES", "BATCH", "Validation complete"):
        end = text.rindex(line)
        (run,) = runs_in(text[: end + len(line) + 12])
        assert run.truncation is not None and run.truncation.epoch == 3, line


def test_an_epoch_that_ends_before_its_losses_is_torn() -> None:
    text = production_log(PLAIN)
    (run,) = runs_in(text[: text.rindex("\n", 0, text.rindex("LOSSES")) + 1])
    assert run.truncation is not None and run.truncation.missing == "the losses"


def test_a_healthy_run_raises_no_alarm() -> None:
    assert codes(Production()) <= {"REP001"}


def test_a_dead_directional_accuracy_is_found() -> None:
    found = {f.code: f for f in judged(Production(directions=0.0)).findings}
    assert "val_dir_accuracy" in found["LOG005"].reading


def test_an_early_stop_is_known_as_one() -> None:
    report = judged(Production(is_old=True, epochs=40, planned=60, stops_at=8))
    assert report.run.micro["stopped_early"] == report.run.last_epoch
    assert "early stopping at E11" in str([f.measured for f in report.findings])


def test_the_questions_of_time_are_answered() -> None:
    told = str(judged(Production(epochs=8, planned=60)).checks)
    assert "106 s per epoch, 1.6 s per batch, 106 min as planned" in told
