"""Logs behind links, writers that do not append, servers that forget: odd, and met all the same."""

import errno
import os
import shutil
from pathlib import Path

import pytest

from logparse.following.changes import Change
from logparse.following.opened import OpenedFile
from tests.following.growing_files import Watched, append


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "run.log"
    path.write_bytes(b"one\ntwo\n")
    return path


@pytest.fixture
def watched(log: Path) -> Watched:
    followed = Watched(log)
    followed.poll()
    return followed


@pytest.mark.parametrize("is_kept", [True, False])
def test_zeros_that_truncation_leaves_before_a_writer_that_does_not_append_are_no_text(
    log: Path, watched: Watched, is_kept: bool
) -> None:
    with log.open("r+b", buffering=0) as writer:
        writer.seek(0, os.SEEK_END)
        if is_kept:
            shutil.copy(log, log.with_name("run.log.1"))
        os.truncate(log, 0)
        writer.write(b"three\n")
    assert log.read_bytes().startswith(b"\0\0")
    became = Change.ROTATED if is_kept else Change.REPLACED
    assert watched.poll() == [became, b"three\n"]


def test_a_log_that_was_rotated_before_its_first_bytes_were_seen_is_read(tmp_path: Path) -> None:
    log = tmp_path / "run.log"
    log.touch()
    watched = Watched(log)
    watched.poll()
    append(log, b"one\n")
    log.rename(tmp_path / "run.log.1")
    log.write_bytes(b"two\n")
    assert watched.poll() == [b"one\n", Change.ROTATED, b"two\n"]


def test_an_old_file_whose_handle_is_stale_is_read_by_its_new_name(
    log: Path, watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    append(log, b"three\n")
    old = log.rename(log.with_name("run.log.1")).stat().st_ino
    log.write_bytes(b"four\n")
    read = OpenedFile.at

    def stale(file: OpenedFile, position: int, size: int) -> bytes:
        if file.state.inode == old:
            raise OSError(errno.ESTALE, os.strerror(errno.ESTALE))
        return read(file, position, size)

    monkeypatch.setattr(OpenedFile, "at", stale)
    assert watched.poll() == [b"three\n", Change.ROTATED, b"four\n"]


def test_a_link_that_is_switched_to_another_run_begins_anew(tmp_path: Path) -> None:
    first, second, link = (tmp_path / name for name in ("a.log", "b.log", "latest.log"))
    first.write_bytes(b"one\n")
    second.write_bytes(b"other\n")
    link.symlink_to(first)
    watched = Watched(link)
    watched.poll()
    link.unlink()
    link.symlink_to(second)
    assert watched.poll() == [Change.REPLACED, b"other\n"]


def test_a_log_behind_a_link_is_looked_for_where_it_lies(tmp_path: Path) -> None:
    folder = tmp_path / "runs"
    folder.mkdir()
    target, link = folder / "train.log", tmp_path / "latest"
    target.write_bytes(b"one\n")
    link.symlink_to(target)
    watched = Watched(link)
    watched.poll()
    target.rename(folder / "train.log.1")
    target.write_bytes(b"two\n")
    assert watched.poll() == [Change.ROTATED, b"two\n"]


def test_every_part_of_a_rotated_log_has_its_own_encoding(tmp_path: Path) -> None:
    log = tmp_path / "run.log"
    log.write_bytes("one".encode("utf-16"))
    watched = Watched(log)
    watched.poll()
    log.rename(tmp_path / "run.log.1")
    log.write_bytes("two\n".encode("utf-16"))
    watched.poll()
    assert watched.text == b"one\ntwo\n"


def test_a_link_that_moves_on_within_a_run_takes_no_other_logs_along(tmp_path: Path) -> None:
    """Programs name their logs by date and process, and others write to the same folder."""
    link = tmp_path / "train"
    for number, text in enumerate([b"one\n", b"of another run\n", b"two\n"]):
        (tmp_path / f"train.{number}.log").write_bytes(text)
    link.symlink_to(tmp_path / "train.0.log")
    watched = Watched(link)
    watched.poll()
    link.unlink()
    link.symlink_to(tmp_path / "train.2.log")
    assert watched.poll() == [Change.ROTATED, b"two\n"]
