"""Several files as one run: joined side by side, stitched one after another, rotated."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

import logparse
from logparse.findings import Report
from logparse.lots import run_at
from tests.assembly.logs import epochs, steps, write


def sources(report: Report) -> list[str]:
    return [Path(one.run.source).name for one in report.runs]


class TestPairs:
    def test_training_and_validation_are_one_run(self, tmp_path: Path) -> None:
        train = write(tmp_path / "train_diagnostics.jsonl", epochs(12))
        val = write(tmp_path / "val_diagnostics.jsonl", epochs(12, level=2.0))
        for paths in ([train, val], [val, train], [str(tmp_path)], [train]):
            report = logparse.analyze(*paths)
            assert sources(report) == ["train_diagnostics.jsonl + val_diagnostics.jsonl"]
            run = report.runs[0].run
            assert run.files == (train, val) and (run.index, run.count) == (1, 1)
            assert run.epochs["train_loss"].tolist() == [1 / at for at in range(1, 13)]
            assert run.epochs["val_loss"].tolist() == [2 / at for at in range(1, 13)]
            assert run.epochs["line"].tolist() == [*range(1, 13)]
            assert run.coverage.lines == run.coverage.parsed == 24

    def test_one_place_gives_the_run_of_a_folder(self, tmp_path: Path) -> None:
        train = write(tmp_path / "train.jsonl", epochs(6))
        write(tmp_path / "val.jsonl", epochs(6, level=2.0))
        for path in (train, str(tmp_path)):
            run, remarks = run_at(path, -1)
            assert {"train_loss", "val_loss"} <= {*run.epochs} and not remarks
        write(tmp_path / "other.jsonl", epochs(6))
        with pytest.raises(logparse.LogParseError, match="holds 2 logs"):
            run_at(str(tmp_path), -1)
        (side,) = logparse.compare(train, str(tmp_path / "other.jsonl")).sides[:1]
        assert side.entrants[0].run.has("val_loss")

    def test_only_validation_is_read_as_it_is(self, tmp_path: Path) -> None:
        write(tmp_path / "train_diagnostics.jsonl", epochs(5))
        val = write(tmp_path / "val_diagnostics.jsonl", epochs(5))
        assert sources(logparse.analyze(val)) == ["val_diagnostics.jsonl"]
        assert logparse.read(tmp_path / "train_diagnostics.jsonl").parts == ()

    @pytest.mark.parametrize("printed", [[0, *[1] * 7], [1] * 8], ids=["from 0", "from 1"])
    def test_epochs_that_are_stuck_are_counted(self, tmp_path: Path, printed: list[int]) -> None:
        stuck = [{"epoch": min(at, 1), "loss": 1.0 / (at + 1)} for at in range(8)]
        held = [{"epoch": at, "loss": 2.0 / (n + 1)} for n, at in enumerate(printed)]
        train = write(tmp_path / "train_diagnostics.jsonl", stuck)
        write(tmp_path / "val_diagnostics.jsonl", held)
        (judged,) = logparse.analyze(train).runs
        assert judged.run.counted_from is not None
        assert judged.run.epochs["epoch"].tolist() == [*range(8)]
        assert judged.run.epochs["val_loss"].tolist() == [2.0 / (n + 1) for n in range(8)]

    def test_what_is_not_finite_stays_at_its_epoch(self, tmp_path: Path) -> None:
        rows = epochs(6)
        rows[4]["loss"] = float("inf")
        train = write(tmp_path / "train_diagnostics.jsonl", epochs(6))
        write(tmp_path / "val_diagnostics.jsonl", rows)
        (judged,) = logparse.analyze(train).runs
        assert {k: v.tolist() for k, v in judged.run.nonfinite.items()} == {"val_loss": [4]}

    def test_validation_by_steps_joins_the_training_before_it(self, tmp_path: Path) -> None:
        train = write(tmp_path / "train.jsonl", steps(10, 400))
        held = [{"step": at, "loss": 5.0 - at / 100} for at in range(100, 401, 100)]
        write(tmp_path / "valid.jsonl", held)
        (judged,) = logparse.analyze(train).runs
        known = judged.run.epochs.dropna(subset=["val_loss"])
        assert judged.run.axis == "step"
        assert known["step"].tolist() == [100, 200, 300, 400]
        assert known["val_loss"].tolist() == [4.0, 3.0, 2.0, 1.0]
        assert known["train_loss"].notna().all()

    def test_what_does_not_fit_stays_apart_and_says_why(self, tmp_path: Path) -> None:
        train = write(tmp_path / "train.jsonl", steps(10, 400))
        val = write(tmp_path / "val.jsonl", steps(90_000, 90_400))
        report = logparse.analyze(train, val)
        assert sources(report) == ["train.jsonl", "val.jsonl"]
        assert len(report.remarks) == 1 and "stay apart" in report.remarks[0]
        assert "stay apart" in logparse.render(report).replace("\n", " ")
        assert sources(logparse.analyze(train)) == ["train.jsonl"]

    def test_a_part_that_cannot_be_read_does_not_cost_the_other(self, tmp_path: Path) -> None:
        train = write(tmp_path / "train_diagnostics.jsonl", epochs(5))
        (tmp_path / "val_diagnostics.jsonl").write_bytes(b"")
        assert not logparse.analyze(train).errors
        report = logparse.analyze(train, str(tmp_path / "val_diagnostics.jsonl"))
        assert sources(report) == ["train_diagnostics.jsonl"]
        assert [Path(one.source).name for one in report.errors] == ["val_diagnostics.jsonl"]


class TestSeries:
    def test_a_resumed_run_is_stitched_and_the_seam_is_told(self, tmp_path: Path) -> None:
        write(tmp_path / "log.0001.jsonl", steps(10, 1000))
        second = write(tmp_path / "log.0002.jsonl", steps(810, 1500, level=8.0))
        report = logparse.analyze(tmp_path, select=["LOG002"])
        (judged,) = report.runs
        run = judged.run
        assert run.epochs["step"].tolist() == [*range(10, 1501, 10)]
        (seam,) = run.seams
        assert (seam.number, seam.reached, seam.dropped) == (810.0, 1000.0, 20)
        assert seam.source == second and run.place(seam.line) == (second, 1)
        (found,) = judged.findings
        assert (found.code, found.severity.value) == ("LOG002", "warning")
        assert "step 810 after 1,000" in found.reading and "20 points again" in found.reading
        assert found.measured["loss"] == "train_loss"
        sarif = logparse.render(report, "sarif")
        assert '"startLine": 1\n' in sarif and "log.0002.jsonl" in sarif

    def test_a_seam_without_a_break_is_a_note(self, tmp_path: Path) -> None:
        write(tmp_path / "log.0001.jsonl", steps(10, 1000))
        write(tmp_path / "log.0002.jsonl", steps(810, 1500))
        (judged,) = logparse.analyze(tmp_path, select=["LOG002"]).runs
        assert [one.severity.value for one in judged.findings] == ["note"]

    def test_runs_of_their_own_stay_so(self, tmp_path: Path) -> None:
        write(tmp_path / "log.0001.jsonl", steps(10, 1000))
        write(tmp_path / "log.0002.jsonl", steps(50, 1000, by=50))
        report = logparse.analyze(tmp_path)
        assert sources(report) == ["log.0001.jsonl", "log.0002.jsonl"]
        assert not any(one.run.seams for one in report.runs)
        compared = logparse.compare(tmp_path)
        assert len(compared.sides) == 2

    def test_rotated_parts_are_one_stream(self, tmp_path: Path) -> None:
        rows = steps(10, 300)
        oldest = gzip.compress(Path(write(tmp_path / "old", rows[:10])).read_bytes())
        (tmp_path / "old").unlink()
        (tmp_path / "run.jsonl.2.gz").write_bytes(oldest)
        middle = write(tmp_path / "run.jsonl.1", rows[10:20])
        write(tmp_path / "run.jsonl", rows[20:])
        (judged,) = logparse.analyze(tmp_path).runs
        run = judged.run
        assert run.epochs["step"].tolist() == [*range(10, 301, 10)]
        assert run.coverage.lines == 30 and run.place(11) == (middle, 1)
        assert np.isfinite(run.epochs["train_loss"]).all() and not run.seams

    def test_of_checkpoints_the_last_is_the_run(self, tmp_path: Path) -> None:
        for at in (100, 200):
            write(tmp_path / f"checkpoint-{at}" / "trainer_state.json", steps(10, at))
        report = logparse.analyze(tmp_path)
        assert [one.run.epochs["step"].max() for one in report.runs] == [200]
        assert "checkpoint-100" in report.remarks[0]


class TestAppended:
    @pytest.mark.parametrize("fold", [steps(10, 300), epochs(9), epochs(9, first=1)])
    def test_folds_in_one_file_are_no_restarts(
        self, tmp_path: Path, fold: list[dict[str, object]]
    ) -> None:
        log = write(tmp_path / "folds.jsonl", 3 * fold)
        report = logparse.analyze(log, select=["LOG001", "LOG002"])
        assert len(report.runs) == 3
        assert not any(one.findings for one in report.runs)
