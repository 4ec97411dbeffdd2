"""Arguments of a comparison become sides: read once, judged, counted once, told apart."""

from __future__ import annotations

import gzip
import io
import multiprocessing
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import logparse
from logparse.configuration import Configuration
from logparse.errors import ComparisonError, NoRuleError
from logparse.findings import Severity
from logparse.gathering import Gathered, Item, gather, workers
from logparse.gathering.names import group_name, short_names, told_apart
from logparse.gathering.wanted import Wanted, wanted
from logparse.intake import Bench, bench
from logparse.rules.base import Clear, Rule, rule
from logparse.run import Run
from logparse.signals import Signals
from tests.cli.logs import log_text, write_log

BENCH = bench(["LOG"], (), (), None, "<stdin>")


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a few logs, no two of them alike, as the current one."""
    monkeypatch.chdir(tmp_path)
    for epochs, name in enumerate(("base-0", "base-1", "wide-0", "wide-1"), start=8):
        write_log(tmp_path, f"{name}.log", epochs=epochs)
    (tmp_path / "two.log").write_text(log_text(5) + log_text(6), encoding="utf-8")
    return tmp_path


def gathered(*items: Item, **options: object) -> Gathered:
    return gather(items, BENCH, **options)  # type: ignore[arg-type]


def shape(found: Gathered) -> dict[str, list[str]]:
    return {side.label: [one.name for one in side.entrants] for side in found.sides}


def told(found: Gathered) -> list[str]:
    return [str(error) for error in found.errors]


def stream_of(text: str) -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BufferedReader(io.BytesIO(text.encode())))  # type: ignore[arg-type]


class TestWanted:
    """What the text of one argument stands for."""

    @pytest.mark.parametrize(
        ("text", "path", "label", "run", "until"),
        [
            ("two.log", "two.log", "", -1, None),
            ("two.log#2", "two.log", "", 2, None),
            ("two.log#-1", "two.log", "", -1, None),
            ("two.log#all", "two.log", "", "all", None),
            ("two.log@30", "two.log", "", -1, 30),
            ("two.log#2@30", "two.log", "", 2, 30),
            ("x=two.log#2@30", "two.log", "x", 2, 30),
            ("x=base-*.log@3", "base-*.log", "x", -1, 3),
            ("-#2", "-", "", 2, None),
            ("x=-", "-", "x", -1, None),
            ("x=no.log#2", "no.log", "x", 2, None),
            ("no.log@0", "no.log@0", "", -1, None),
            ("no.log#0", "no.log#0", "", -1, None),
            ("no.log#x@y", "no.log#x@y", "", -1, None),
            ("no.log@30#2", "no.log@30", "", 2, None),
            ("./x=no.log", "./x=no.log", "", -1, None),
            ("x=", "x=", "", -1, None),
            ("=two.log", "=two.log", "", -1, None),
            ("#2", "#2", "", -1, None),
            ("@30", "@30", "", -1, None),
            ("no.log@9999999999", "no.log@9999999999", "", -1, None),
            ("", "", "", -1, None),
            (r"C:\logs\no.log#2", r"C:\logs\no.log", "", 2, None),
            ("a\0b=*", "*", "a\0b", -1, None),
            ("a\0*/b@3", "a\0*/b", "", -1, 3),
        ],
    )
    def test_its_parts_are_read(
        self, text: str, path: str, label: str, run: int | str, until: int | None
    ) -> None:
        assert wanted(text) == Wanted(text, path, label, run, until)  # type: ignore[arg-type]

    @pytest.mark.parametrize("name", ["a=b.log", "a.log#2", "a.log@30", "x=a.log#2@30", "a@3=b"])
    def test_a_file_of_that_very_name_is_never_split(self, here: Path, name: str) -> None:
        write_log(here, name)
        assert wanted(name) == Wanted(name, name)
        assert wanted(f"{name}#1@5") == Wanted(f"{name}#1@5", name, "", 1, 5)
        assert wanted(f"y={name}@5") == Wanted(f"y={name}@5", name, "y", -1, 5)

    def test_a_glob_that_matches_is_never_split(self, here: Path) -> None:
        write_log(here, "lr=1-a.log")
        assert wanted("lr=*.log").label == ""
        assert wanted("rl=*.log").label == "rl"
        write_log(here, "b.log@3")
        assert wanted("b*@3") == Wanted("b*@3", "b*@3")

    def test_a_link_that_leads_nowhere_is_a_file_all_the_same(self, here: Path) -> None:
        (here / "x=gone.log").symlink_to(here / "gone.log")
        assert wanted("x=gone.log").label == ""


class TestSides:
    """Which runs stand together, and what they are called."""

    def test_a_label_makes_one_side_and_paths_without_one_a_side_each(self) -> None:
        found = gathered("base=base-*.log", "wide-*.log")
        assert shape(found) == {
            "base": ["base-0.log", "base-1.log"],
            "wide-0.log": ["wide-0.log"],
            "wide-1.log": ["wide-1.log"],
        }
        assert not found.errors
        assert not found.remarks

    def test_a_label_given_twice_is_one_group_at_its_first_place(self) -> None:
        found = gathered("base=base-0.log", "wide-0.log", "base=base-1.log")
        assert shape(found) == {"base": ["base-0.log", "base-1.log"], "wide-0.log": ["wide-0.log"]}

    def test_the_last_run_of_a_file_is_meant_unless_another_is_named(self) -> None:
        found = gathered("two.log", "base-0.log")
        assert shape(found) == {"two.log": ["two.log"], "base-0.log": ["base-0.log"]}
        assert found.sides[0].entrants[0].run.index == 2

    def test_all_runs_of_a_file_are_sides_or_one_group(self) -> None:
        assert shape(gathered("two.log#all")) == {
            "two.log#1": ["two.log#1"],
            "two.log#2": ["two.log#2"],
        }
        assert shape(gathered("x=two.log#all")) == {"x": ["two.log#1", "two.log#2"]}

    def test_numbers_and_epochs_that_were_asked_for_are_in_the_name(self) -> None:
        found = gathered("two.log#1", "base-0.log#1@4", "wide-0.log@3")
        assert list(shape(found)) == ["two.log#1", "base-0.log#1@4", "wide-0.log@3"]
        assert [side.entrants[0].run.last_epoch for side in found.sides] == [5, 4, 3]
        assert [side.entrants[0].until for side in found.sides] == [None, 4, 3]

    def test_a_run_and_its_beginning_are_two_runs(self) -> None:
        assert list(shape(gathered("base-0.log", "base-0.log@4"))) == ["base-0.log", "base-0.log@4"]

    def test_an_epoch_beyond_the_end_is_kept_as_asked(self) -> None:
        (side,) = gathered("base-0.log@99").sides
        assert side.entrants[0].until == 99
        assert side.entrants[0].run.last_epoch == 8

    def test_one_run_up_to_two_epochs_is_said_to_be_one(self) -> None:
        (remark,) = gathered("base-0.log", "base-0.log@3").remarks
        assert remark == "base-0.log and base-0.log@3 are one run"
        assert not gathered("base-0.log", "base-1.log@3").remarks

    def test_names_grow_until_they_tell_files_apart(self, here: Path) -> None:
        for folder in ("one", "two"):
            (here / folder / "seed-0").mkdir(parents=True)
            write_log(here / folder / "seed-0", epochs=3 + len(folder) + (folder == "two"))
        assert list(shape(gathered("one", "two", "base-0.log"))) == [
            "one/seed-0/run.log",
            "two/seed-0/run.log",
            "base-0.log",
        ]

    def test_a_label_that_a_file_is_called_by_stays_with_its_group(self) -> None:
        found = gathered("wide-0.log", "wide-0.log=base-0.log")
        assert list(shape(found)) == ["wide-0.log (2)", "wide-0.log"]

    def test_files_of_a_directory_that_are_no_logs_are_passed_over(self, here: Path) -> None:
        folder = here / "runs"
        folder.mkdir()
        write_log(folder, "a.log", epochs=4)
        write_log(folder, "b.log", epochs=5)
        (folder / "notes.txt").write_text("nothing to see\n")
        (folder / "empty.log").touch()
        (folder / "picture.jpg").write_bytes(b"\xff\xd8\xff\xe0" + bytes(range(256)) * 50)
        (folder / "broken.gz").write_bytes(b"\x1f\x8b\x08nothing")
        (folder / "latest.log").symlink_to("b.log")
        found = gathered("runs")
        assert shape(found) == {"a.log": ["a.log"], "b.log": ["b.log"]}
        assert not found.errors

    def test_runs_and_reports_are_taken_as_they_are(self) -> None:
        run, report = logparse.read("base-0.log"), logparse.analyze("base-1.log").runs[0]
        found = gathered(run, report, run.up_to(4))
        assert list(shape(found)) == ["base-0.log", "base-1.log", "base-0.log (2)"]
        assert found.sides[0].entrants[0].run is run
        assert len(found.sides[0].entrants[0].judged.checks) == len(BENCH.judges)
        assert found.sides[1].entrants[0].judged is report

    def test_sequences_and_mappings_are_groups(self) -> None:
        found = gathered(
            ["base-0.log", Path("base-1.log")], {"x": "wide-*.log", "y": [logparse.read("two.log")]}
        )
        assert shape(found) == {
            "base": ["base-0.log", "base-1.log"],
            "x": ["wide-0.log", "wide-1.log"],
            "y": ["two.log"],
        }

    def test_a_label_inside_a_group_is_refused(self) -> None:
        with pytest.raises(ComparisonError, match=r"'x=base-0\.log' is inside a group"):
            gathered(["x=base-0.log", "base-1.log"])
        with pytest.raises(TypeError, match="neither a path nor a run"):
            gathered(["base-0.log", 3])  # type: ignore[list-item]

    def test_standard_input_is_read_once(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("sys.stdin", stream_of(log_text(5) + log_text(6)))
        assert list(shape(gathered("-#1", "-@3", "-#-1"))) == [
            "<stdin>#1", "<stdin>#2@3", "<stdin>#2",
        ]  # fmt: skip

    def test_each_file_is_read_once_and_told(self, monkeypatch: pytest.MonkeyPatch) -> None:
        read: list[str] = []
        monkeypatch.setattr(
            workers, "read", lambda job, inner=workers.read: read.append(job.name) or inner(job)
        )
        steps: list[tuple[int, int]] = []
        gathered("two.log#1", "two.log#2", "x=two.log#all@3", "base-0.log",
                 progress=lambda *step: steps.append(step))  # fmt: skip
        assert read == ["two.log", "base-0.log"]
        assert steps == [(1, 2), (2, 2)]


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


class TestTwice:
    """A run counts once, wherever it is asked for."""

    def test_in_one_group(self, here: Path) -> None:
        found = gathered("x=base-0.log", f"x={here / 'base-0.log'}", "x=base-1.log", "wide-0.log")
        assert shape(found)["x"] == ["base-0.log", "base-1.log"]
        assert told(found) == [f"{here / 'base-0.log'}: is given twice in x: counted once"]

    def test_on_two_sides_the_first_one_has_it(self) -> None:
        found = gathered("x=base-*.log", "y=base-1.log", "y=wide-0.log", "base-0.log")
        assert shape(found) == {"x": ["base-0.log", "base-1.log"], "y": ["wide-0.log"]}
        assert told(found) == [
            "base-1.log: stands in x already: not counted again in y",
            "base-0.log: stands in x already: not counted again in base-0.log",
        ]

    def test_as_two_arguments(self, here: Path) -> None:
        (here / "link.log").symlink_to("base-0.log")
        found = gathered("base-0.log", "./base-0.log", "link.log", "base-0.log#1", "base-1.log")
        assert list(shape(found)) == ["base-0.log", "base-1.log"]
        assert [message.partition(": ")[2] for message in told(found)] == (
            ["is given twice: counted once"] * 3
        )

    def test_a_group_that_has_nothing_of_its_own_is_said(self) -> None:
        found = gathered("x=base-0.log", "y=base-0.log", "base-1.log")
        assert told(found)[1] == "y: no run is left to compare"

    def test_a_copy_in_one_group_tells_nothing_new(self, here: Path) -> None:
        text = (here / "base-0.log").read_text(encoding="utf-8")
        (here / "copy.log").write_text(text.replace("T=50.2s", "T=61.7s"), encoding="utf-8")
        found = gathered("x=base-0.log", "x=copy.log", "x=base-1.log", "wide-0.log")
        assert shape(found)["x"] == ["base-0.log", "base-1.log"]
        assert told(found) == ["copy.log: has the same numbers as base-0.log: counted once in x"]

    def test_a_copy_on_another_side_is_remarked(self, here: Path) -> None:
        (here / "copy.log").write_bytes((here / "base-0.log").read_bytes())
        found = gathered("base-0.log", "copy.log", "base-1.log")
        assert len(found.sides) == 3
        assert not found.errors
        assert found.remarks == (
            "the same numbers in base-0.log, copy.log: copies, or repetitions with the same seed",
        )

    def test_nan_equals_nan_and_one_digit_makes_a_difference(self, here: Path) -> None:
        text = (here / "base-0.log").read_text(encoding="utf-8")
        (here / "nan-1.log").write_text(text.replace("VAL[0.1050", "VAL[nan"), encoding="utf-8")
        (here / "nan-2.log").write_text(text.replace("VAL[0.1050", "VAL[nan"), encoding="utf-8")
        (here / "other.log").write_text(text.replace("VAL[0.1050", "VAL[0.1051"), encoding="utf-8")
        found = gathered("base-0.log", "nan-1.log", "nan-2.log", "other.log")
        assert [remark.partition(":")[0] for remark in found.remarks] == [
            "the same numbers in nan-1.log, nan-2.log"
        ]

    def test_headers_without_epochs_are_not_alike(self, here: Path) -> None:
        for name in ("h1.log", "h2.log"):
            (here / name).write_text(log_text(0), encoding="utf-8")
        found = gathered("x=h1.log", "x=h2.log")
        assert len(found.sides[0]) == 2


class TestBaseline:
    """The reference is named, or is the first."""

    @pytest.mark.parametrize("name", ["wide-0.log", "./wide-0.log", "wide-0.log#1"])
    def test_a_run_among_the_sides_moves_to_the_front(self, name: str) -> None:
        found = gathered("base-0.log", "base-1.log", "wide-0.log", baseline=name)
        assert [label.partition("#")[0] for label in shape(found)] == [
            "wide-0.log", "base-0.log", "base-1.log",
        ]  # fmt: skip
        assert not found.errors

    def test_a_run_in_a_directory_moves_to_the_front(self) -> None:
        found = gathered(".", baseline="wide-0.log")
        assert list(shape(found)) == [
            "wide-0.log", "base-0.log", "base-1.log", "two.log", "wide-1.log",
        ]  # fmt: skip
        assert not found.errors

    def test_a_label_or_its_argument_moves_the_group(self) -> None:
        for name in ("wide", "wide=wide-*.log", "wide-*.log"):
            found = gathered("base=base-*.log", "wide=wide-*.log", baseline=name)
            assert list(shape(found)) == ["wide", "base"]

    def test_a_name_that_only_the_table_shows_will_do(self, here: Path) -> None:
        (here / "runs").mkdir()
        write_log(here / "runs", "a.log", epochs=3)
        write_log(here / "runs", "b.log", epochs=4)
        assert list(shape(gathered("runs", baseline="b.log"))) == ["b.log", "a.log"]

    def test_any_other_run_or_group_is_one_side_more(self) -> None:
        assert list(shape(gathered("base-0.log", baseline="wide-0.log"))) == [
            "wide-0.log", "base-0.log",
        ]  # fmt: skip
        found = gathered("base-0.log", "base-1.log", baseline="wide-*.log")
        assert shape(found) == {
            "wide": ["wide-0.log", "wide-1.log"],
            "base-0.log": ["base-0.log"],
            "base-1.log": ["base-1.log"],
        }

    def test_objects_are_known_by_being_the_same(self) -> None:
        one, other = logparse.read("base-0.log"), logparse.read("base-1.log")
        group = [logparse.read("wide-0.log"), logparse.read("wide-1.log")]
        assert next(iter(shape(gathered(one, other, group, baseline=other)))) == "base-1.log"
        assert next(iter(shape(gathered(one, other, group, baseline=group)))) == "wide"

    def test_without_it_nothing_is_compared(self) -> None:
        for name in ("no.log", "base-0.log#7", "x=no*.log"):
            with pytest.raises(ComparisonError, match=rf"the baseline {re.escape(name)} "):
                gathered("base-0.log", "base-1.log", baseline=name)
        with pytest.raises(ComparisonError) as failed:
            gathered("base-0.log", "base-1.log", baseline="base-0.log#7")
        assert failed.value.because == ("base-0.log: no run 7, the file has 1",)


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


class TestNames:
    """The shortest names that tell files apart."""

    def test_last_parts_grow_only_where_they_must(self) -> None:
        paths = ["runs/a/x.log", "runs/b/x.log", "y.log", "other/b/x.log"]
        short = ["a/x.log", "runs/b/x.log", "y.log", "other/b/x.log"]
        assert short_names(paths) == dict(zip(paths, short, strict=True))

    def test_a_path_that_ends_another_is_told_whole(self) -> None:
        names = short_names(["/x.log", "/a/x.log"])
        assert len({*names.values()}) == 2

    def test_names_that_are_taken_get_a_number(self) -> None:
        assert told_apart(["a", "a", "a", "b"], ["b", "a (2)"]) == ["a", "a (3)", "a (4)", "b (2)"]

    @pytest.mark.parametrize(
        ("names", "group"),
        [
            (["base-0.log", "base-1.log"], "base"),
            (["lr0.1-seed1", "lr0.1-seed12"], "lr0.1-seed"),
            (["a.log", "b.log"], "group"),
            (["a.log"], "a.log"),
            ([], "group"),
        ],
    )
    def test_a_group_is_called_by_what_its_runs_have_in_common(
        self, names: list[str], group: str
    ) -> None:
        assert group_name(names) == group
