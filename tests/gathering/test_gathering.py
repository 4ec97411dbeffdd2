"""What cannot be had is told, whoever judges and however many processes read."""

from __future__ import annotations

import gzip
import multiprocessing
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

import logparse
from logparse.configuration import Configuration
from logparse.errors import ComparisonError, NoRuleError
from logparse.findings import Severity
from logparse.gathering import Gathered, gather, workers
from logparse.intake import Bench
from logparse.rules.base import Clear, Rule, rule
from logparse.run import Run
from logparse.signals import Signals
from tests.cli.logs import log_text, write_log
from tests.gathering.folder import BENCH, gathered, shape, stream_of, told


class TestFailures:
    """What cannot be read or counted is said, and the rest is gathered all the same."""

    def test_files_that_cannot_be_read(self, here: Path) -> None:
        (here / "empty.log").touch()
        (here / "picture.jpg").write_bytes(b"\xff\xd8\xff\xe0" + bytes(range(256)) * 50)
        whole = gzip.compress(log_text(40).encode())
        (here / "torn.log.gz").write_bytes(whole[: len(whole) // 2])
        found = gathered("base-0.log", "no.log", "empty.log", "picture.jpg", "torn.log.gz", "x*")
        assert list(shape(found)) == ["base-0.log"]
        no_file, empty, picture, torn, glob = told(found)
        assert no_file == "no.log: no such file"
        assert empty == "empty.log: the file is empty"
        assert picture.startswith("picture.jpg: binary data")
        assert torn.startswith("torn.log.gz: the compressed data is broken")
        assert glob == "x*: no file matches"

    def test_a_directory_without_logs(self, here: Path) -> None:
        (here / "docs").mkdir()
        (here / "docs" / "notes.txt").write_text("nothing to see\n")
        found = gathered("docs", "base-0.log")
        assert told(found) == ["docs: no training log among its 1 file"]

    def test_a_torn_file_in_a_directory_is_no_half_run(self, here: Path) -> None:
        (here / "runs").mkdir()
        whole = gzip.compress(os.urandom(10) + b"\n" + log_text(400).encode())
        (here / "runs" / "torn.log.gz").write_bytes(whole[: len(whole) // 2])
        write_log(here / "runs", "whole.log")
        found = gathered("runs")
        assert list(shape(found)) == ["whole.log"]
        assert [error.source for error in found.errors] == ["runs/torn.log.gz"]

    def test_runs_and_epochs_that_a_file_lacks(self, here: Path) -> None:
        late = log_text(9).replace("E01", "E71").replace("E02", "E72").replace("E03", "E73")
        (here / "late.log").write_text(late.partition("E04")[0], encoding="utf-8")
        found = gathered("base-0.log#2", "late.log@30", "two.log#-3", "base-1.log")
        assert told(found) == [
            "base-0.log: no run 2, the file has 1",
            "late.log: run 1 has no epoch up to E30, it starts at E71",
            "two.log: no run -3, the file has 2",
        ]
        assert list(shape(found)) == ["base-1.log"]

    def test_of_all_runs_those_that_have_the_epoch_are_kept(self, here: Path) -> None:
        second = log_text(9).partition("E04")[0].replace("E01", "E71").replace("E02", "E72")
        (here / "resumed.log").write_text(log_text(5) + second.replace("E03", "E73"))
        found = gathered("resumed.log#all@3")
        assert list(shape(found)) == ["resumed.log@3"]
        assert told(found) == ["resumed.log: run 2 has no epoch up to E03, it starts at E71"]

    def test_a_label_of_which_nothing_is_left_is_said(self) -> None:
        found = gathered("x=no*.log", "base-0.log", {"y": []}, "base-1.log")
        assert told(found) == [
            "no*.log: no file matches",
            "x: no run could be read",
            "y: no run could be read",
        ]
        assert list(shape(found)) == ["base-0.log", "base-1.log"]

    @pytest.mark.parametrize("name", ["a\0b", "a\0*", "x=a\0b#2", "", "x" * 5000, "?" * 300])
    def test_names_that_no_file_can_have(self, name: str) -> None:
        found = gathered(name, "base-0.log")
        assert list(shape(found)) == ["base-0.log"]
        assert found.errors


class TestRules:
    """Who judges, as for analyze."""

    def test_a_configuration_judges(self) -> None:
        settings = Configuration(per_path_ignores={"wide-*": ("LOG",), "base-1*": ("LOG001",)})
        found = gather(
            ["base-0.log", "base-1.log", "wide-0.log"], Bench(settings, BENCH.judges, "<stdin>")
        )
        counts = [len(side.entrants[0].judged.checks) for side in found.sides]
        assert counts == [len(BENCH.judges), len(BENCH.judges) - 1, 0]
        assert not found.errors

    def test_no_rule_at_all_is_refused(self) -> None:
        with pytest.raises(NoRuleError):
            logparse.compare("base-0.log", "base-1.log", select=["LOG"], ignore=["LOG"])


class TestCompare:
    """The function over all of it."""

    def test_options_are_texts_or_several(self) -> None:
        for given in ("val_rmse:1%", ["val_rmse:1%"]):
            found = logparse.compare("base-0.log", "base-1.log", fail_if=given, metrics="val_rmse")
            assert isinstance(found, logparse.Comparison)
            assert found.main == "val_rmse"
            assert [one.limit.text for one in found.regressions] == ["val_rmse:1%"]

    def test_errors_and_remarks_are_in_the_comparison(self, here: Path) -> None:
        (here / "copy.log").write_bytes((here / "base-0.log").read_bytes())
        found = logparse.compare("base-0.log", "copy.log", "no.log")
        assert [str(error) for error in found.errors] == ["no.log: no such file"]
        assert found.remarks[0].startswith("the same numbers in base-0.log, copy.log")

    def test_a_rule_that_is_ignored_does_not_judge_the_difference(self) -> None:
        assert logparse.compare("base-0.log", "base-1.log").resolutions
        assert not logparse.compare("base-0.log", "base-1.log", ignore=["REP002"]).resolutions

    def test_one_side_is_nothing_to_compare(self) -> None:
        for items in (["base-0.log"], ["base-0.log", "no.log"], [["base-0.log", "base-1.log"]], []):
            with pytest.raises(ComparisonError, match="to compare"):
                logparse.compare(*items)  # type: ignore[arg-type]
        with pytest.raises(ComparisonError) as failed:
            logparse.compare("base-0.log", "no.log")
        assert failed.value.because == ("no.log: no such file",)


@rule
class Deadly(Rule):
    """Kills every process but the first."""

    code = "XXX001"
    name = "deadly"
    severity = Severity.NOTE

    def check(self, run: Run, signals: Signals) -> Iterator[Clear]:
        if multiprocessing.parent_process() is not None:
            os._exit(1)
        yield Clear("alive")


class TestWorkers:
    """Several processes read what one would have read."""

    @pytest.fixture(autouse=True)
    def _always_worth_it(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(workers, "BYTES_A_WORKER", 1)

    def test_the_result_is_the_same(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def both(processes: int) -> Gathered:
            monkeypatch.setattr("sys.stdin", stream_of(log_text(7)))
            return gathered(".", "two.log#1", "-", "no.log", processes=processes)

        alone, together = both(1), both(2)
        assert shape(alone) == shape(together)
        assert told(alone) == told(together) == ["no.log: no such file"]
        for one, other in zip(alone.sides, together.sides, strict=True):
            assert one.entrants[0].judged.findings == other.entrants[0].judged.findings
            assert one.entrants[0].judged.checks == other.entrants[0].judged.checks
            assert one.entrants[0].run.epochs.equals(other.entrants[0].run.epochs)
            assert one.entrants[0].run.settings == other.entrants[0].run.settings

    def test_workers_that_are_killed_are_done_without(self) -> None:
        deadly = Bench(Configuration(), (Deadly(),), "<stdin>")
        found = gather(["base-0.log", "base-1.log", "two.log"], deadly, processes=2)
        assert not found.errors
        reasons = [side.entrants[0].judged.checks[0].reason for side in found.sides]
        assert reasons == ["alive"] * 3
