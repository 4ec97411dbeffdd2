"""Directories and globs: new runs are picked up, old ones left alone, rotated parts are none."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from fixtures.dialects import simulate, write
from logparse.following.events import Kind
from logparse.following.folder import RECENT_S, Folder
from tests.following.stage import START, Stage

TEXT = write(simulate("F2", epochs=4))
NOW = START.timestamp()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "sub").mkdir()
    return tmp_path


def log(path: Path, *, age_s: float = 0.0, text: str = TEXT) -> Path:
    path.write_text(text)
    os.utime(path, (NOW - age_s, NOW - age_s))
    return path


def found(folder: Folder, now: float = NOW) -> list[str]:
    return [Path(name).name for name in folder.new_logs(now)]


def test_each_log_is_named_once_and_other_files_never(folder: Path) -> None:
    log(folder / "b.log")
    log(folder / "sub" / "a.log")
    log(folder / "notes.txt", text="nothing of the kind\n")
    looking = Folder(str(folder))
    assert sorted(found(looking)) == ["a.log", "b.log"]
    assert found(looking) == []
    log(folder / "c.log")
    assert found(looking) == ["c.log"]


def test_a_log_that_rests_is_named_when_it_is_written_to(folder: Path) -> None:
    old = log(folder / "old.log", age_s=2 * RECENT_S)
    log(folder / "new.log")
    looking = Folder(str(folder))
    assert found(looking) == ["new.log"]
    assert looking.remark == f"{folder}: 1 log not followed until written to again"
    log(old, text=TEXT + "\n")
    assert found(looking) == ["old.log"]
    assert looking.remark == ""


def test_where_all_logs_rest_the_newest_is_named(folder: Path) -> None:
    log(folder / "a.log", age_s=3 * RECENT_S)
    log(folder / "b.log", age_s=2 * RECENT_S)
    looking = Folder(str(folder))
    assert found(looking) == ["b.log"]
    assert found(looking) == []


def test_a_file_becomes_a_log_with_its_first_line_of_one(folder: Path) -> None:
    path = log(folder / "run.log", text="")
    looking = Folder(str(folder))
    assert found(looking) == []
    assert looking.remark == f"{folder}: no training log yet among its 1 file"
    log(path, age_s=-1)
    assert found(looking) == ["run.log"]


def test_rotated_parts_are_no_logs_of_their_own(folder: Path) -> None:
    for name in ("run.log", "run.log.1", "run.log-20260130", "run.log.2.gz", "run.log.old"):
        log(folder / name)
    log(folder / "other.1.log")
    assert sorted(found(Folder(str(folder)))) == ["other.1.log", "run.log", "run.log.old"]


def test_a_glob_is_looked_through_again(folder: Path) -> None:
    looking = Folder(str(folder / "*.log"))
    assert found(looking) == []
    log(folder / "x.log")
    log(folder / "x.txt")
    assert found(looking) == ["x.log"]


def test_new_runs_of_a_directory_are_followed(folder: Path) -> None:
    stage = Stage(folder)
    assert stage.step() == []
    assert "no training log yet" in stage.following.remarks[0]
    log(folder / "a.log")
    log(folder / "sub" / "b.log")
    stage.step(5)
    assert {Path(event.source).name for event in stage.told(Kind.BEGUN)} == {"a.log", "b.log"}
    assert stage.following.remarks == []
    assert len(stage.close().runs) == 2


def test_a_directory_without_logs_is_a_failure_at_the_end(folder: Path) -> None:
    log(folder / "notes.txt", text="nothing of the kind\n")
    stage = Stage(folder)
    stage.step()
    assert [str(error) for error in stage.close().errors] == [
        f"{folder}: no training log among its 1 file"
    ]


def test_a_log_that_is_named_and_lies_in_the_directory_is_followed_once(folder: Path) -> None:
    path = log(folder / "a.log")
    stage = Stage(path, folder)
    stage.step()
    stage.step(5)
    assert len(stage.told(Kind.BEGUN)) == 1
