"""A log that is rotated, truncated or replaced: by what is kept, the run goes on or begins anew."""

import bz2
import gzip
import lzma
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from logparse.following import growth
from logparse.following.changes import Change
from tests.following.growing_files import Watched, append

FOLD: dict[str, Callable[[bytes], bytes]] = {
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
}


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


@pytest.fixture(params=["posix", "windows"])
def keeping(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the old file kept open between polls, and without."""
    monkeypatch.setattr(growth, "_KEEPS_OPEN", request.param == "posix")


@pytest.mark.usefixtures("keeping")
@pytest.mark.parametrize("name", ["run.log.1", "run.log-20260102", "run.1.log", "run-old.txt"])
def test_a_renamed_log_is_read_to_its_end_first(log: Path, watched: Watched, name: str) -> None:
    append(log, b"three\n")
    log.rename(log.with_name(name))
    log.write_bytes(b"four\n")
    assert watched.poll() == [b"three\n", Change.ROTATED, b"four\n"]
    assert name in watched.news[0].text


@pytest.mark.usefixtures("keeping")
@pytest.mark.parametrize("suffix", FOLD)
def test_a_log_that_was_renamed_and_compressed_is_read_to_its_end_first(
    log: Path, watched: Watched, suffix: str
) -> None:
    append(log, b"three\n")
    folded = log.with_name(f"run.log.1{suffix}")
    folded.write_bytes(FOLD[suffix](log.read_bytes()))
    log.unlink()
    log.write_bytes(b"four\n")
    assert watched.poll() == [b"three\n", Change.ROTATED, b"four\n"]


@pytest.mark.parametrize("suffix", ["", *FOLD])
def test_a_log_that_was_copied_and_truncated_goes_on(
    log: Path, watched: Watched, suffix: str
) -> None:
    append(log, b"thr")
    fold = FOLD.get(suffix, bytes)
    log.with_name(f"run.log.1{suffix}").write_bytes(fold(log.read_bytes()))
    os.truncate(log, 0)
    assert watched.poll() == [b"thr"]
    assert watched.poll() == []
    append(log, b"ee\nfour\n")
    assert watched.poll() == [Change.ROTATED, b"ee\nfour\n"]


def test_a_log_that_was_truncated_and_has_outgrown_its_old_size_is_noticed(
    log: Path, watched: Watched
) -> None:
    shutil.copy(log, log.with_name("run.log.1"))
    log.write_bytes(b"a longer text than before\n")
    assert watched.poll() == [Change.ROTATED, b"a longer text than before\n"]


@pytest.mark.parametrize("text", [b"new\n", b"eno\nowt\n", b"one\nTWO\nand more than before\n"])
def test_a_log_that_is_written_anew_begins_anew(log: Path, watched: Watched, text: bytes) -> None:
    log.write_bytes(text)
    assert watched.poll() == [Change.REPLACED, text]


def test_a_log_that_is_emptied_says_nothing_until_there_is_more(
    log: Path, watched: Watched
) -> None:
    os.truncate(log, 0)
    assert watched.poll() == []
    append(log, b"new\n")
    assert watched.poll() == [Change.REPLACED, b"new\n"]


def test_another_file_in_its_place_begins_anew(log: Path, watched: Watched) -> None:
    other = log.with_name("other")
    other.write_bytes(b"something else\n")
    other.replace(log)
    assert watched.poll() == [Change.REPLACED, b"something else\n"]


def test_a_longer_copy_in_its_place_goes_on(log: Path, watched: Watched) -> None:
    """As rsync leaves it, and file systems whose inodes do not last."""
    other = log.with_name("other")
    other.write_bytes(b"one\ntwo\nthree\n")
    other.replace(log)
    assert watched.poll() == [b"three\n"]


def test_a_kept_copy_that_is_shorter_than_what_was_read_is_no_evidence(
    log: Path, watched: Watched
) -> None:
    log.with_name("run.log.bak").write_bytes(b"one\n")
    log.write_bytes(b"new\n")
    assert watched.poll() == [Change.REPLACED, b"new\n"]


def test_a_kept_file_of_another_run_is_no_evidence(log: Path, watched: Watched) -> None:
    log.with_name("run.log.1").write_bytes(b"one\ntwa\nthree\n")
    log.write_bytes(b"new\n")
    assert watched.poll() == [Change.REPLACED, b"new\n"]


def test_runs_with_a_long_beginning_in_common_are_told_apart(log: Path, watched: Watched) -> None:
    append(log, settings := b"setting\n" * 200)
    append(log, b"epoch 1: 0.5\n")
    watched.poll()
    other = b"one\ntwo\n" + settings + b"epoch 1: 0.7\nepoch 2: 0.6\n"
    log.with_name("run.log.1").write_bytes(other)
    log.write_bytes(other)
    assert watched.poll() == [Change.REPLACED, other]


def test_a_copy_that_is_still_being_compressed_is_read_in_plain(
    log: Path, watched: Watched
) -> None:
    append(log, more := b"".join(b"%d\n" % (number**3) for number in range(9000)))
    folded = log.with_name("run.log.1.gz")
    folded.write_bytes(gzip.compress(log.read_bytes())[:-20])
    os.utime(folded, (0, 0))
    shutil.copy(log, log.with_name("run.log.1"))
    log.write_bytes(b"four\n")
    assert watched.poll() == [more, Change.ROTATED, b"four\n"]


def test_the_old_file_is_read_on_until_the_new_one_has_bytes(log: Path, watched: Watched) -> None:
    with log.open("ab", buffering=0) as writer:
        old = log.rename(log.with_name("run.log.1"))
        writer.write(b"three\n")
        assert watched.poll() == [b"three\n"]
        log.touch()
        writer.write(b"four\n")
        assert watched.poll() == [b"four\n"]
        writer.write(b"five\n")
    log.write_bytes(b"six\n")
    assert watched.poll() == [b"five\n", Change.ROTATED, b"six\n"]
    append(old, b"too late\n")
    assert watched.poll() == []


def test_a_line_torn_by_rotation_stays_alone(log: Path, watched: Watched) -> None:
    append(log, b"thr")
    log.rename(log.with_name("run.log.1"))
    log.write_bytes(b"four\n")
    assert watched.poll() == [b"thr\n", Change.ROTATED, b"four\n"]


def test_rotations_that_were_missed_are_caught_up_with(log: Path, watched: Watched) -> None:
    append(log, b"three\n")
    log.rename(log.with_name("run.log.3"))
    log.with_name("run.log.2.gz").write_bytes(gzip.compress(b"four\n"))
    log.with_name("run.log.1").write_bytes(b"five\n")
    log.with_name("run-eval.log").write_bytes(b"of another run\n")
    for name in ("run.log.3", "run.log.2.gz", "run.log.1", "run-eval.log"):
        os.utime(log.with_name(name), (0, 0))
    log.write_bytes(b"six\n")
    watched.poll()
    assert watched.text == b"one\ntwo\nthree\nfour\nfive\nsix\n"
    assert [news.change for news in watched.news] == [Change.ROTATED] * 3


def test_dated_generations_come_in_the_order_of_their_writing(log: Path, watched: Watched) -> None:
    for day, text in enumerate([b"", b"three\n", b"four\n"], 1):
        dated = log.with_name(f"run.log-2026010{day}")
        if day == 1:
            log.rename(dated)
        else:
            dated.write_bytes(text)
        os.utime(dated, (day * 86400, day * 86400))
    log.write_bytes(b"five\n")
    watched.poll()
    assert watched.text == b"one\ntwo\nthree\nfour\nfive\n"
