"""What an argument stands for, and what runs are called."""

from __future__ import annotations

from pathlib import Path

import pytest

from logparse.gathering.names import group_name, told_apart
from logparse.gathering.wanted import Wanted, wanted
from logparse.paths import short_names
from tests.cli.logs import write_log


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
