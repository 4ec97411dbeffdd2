"""Arguments become sides: read once, counted once, the baseline first."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import logparse
from logparse.errors import ComparisonError
from logparse.gathering import workers
from tests.cli.logs import log_text, write_log
from tests.gathering.folder import BENCH, gathered, shape, stream_of, told


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
            workers, "read", lambda job, inner=workers.read: read.append(job.lot.name) or inner(job)
        )
        steps: list[tuple[int, int]] = []
        gathered("two.log#1", "two.log#2", "x=two.log#all@3", "base-0.log",
                 progress=lambda *step: steps.append(step))  # fmt: skip
        assert read == ["two.log", "base-0.log"]
        assert steps == [(1, 2), (2, 2)]


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

    def test_runs_that_are_lost_from_the_start_are_not_copies(self, here: Path) -> None:
        lost = re.sub(r"(TR|VAL)\[[^,]*,[^,]*,[^,]*,", r"\1[nan,nan,nan,", log_text(5))
        for name in ("l1.log", "l2.log"):
            (here / name).write_text(
                re.sub(r"(RMSE|LOSS)=\d[^,\]]*", r"\1=nan", lost), encoding="utf-8"
            )
        found = gathered("x=l1.log", "x=l2.log")
        assert len(found.sides[0]) == 2 and not found.errors and not found.remarks

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
