"""A file that grows, is not there, or cannot be had."""

import errno
import os
from pathlib import Path

import pytest

from logparse.following import growth, opened
from logparse.following.changes import Change
from tests.following.growing_files import Watched, append


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "run.log"


def refuse(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """Every opening fails from now on."""

    def refused(*_: object) -> int:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(opened.os, "open", refused)


def open_files() -> int:
    """How many descriptors this process has open."""
    return len(list(Path("/dev/fd").iterdir()))


def test_only_what_was_added_comes(log: Path) -> None:
    log.write_bytes(b"one\ntw")
    watched = Watched(log)
    assert watched.poll() == [b"one\ntw"]
    assert watched.poll() == []
    append(log, b"o\nthree\n")
    assert watched.poll() == [b"o\nthree\n"]
    assert watched.poll() == []


def test_a_large_file_comes_in_several_polls(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opened, "CHUNK_BYTES", 10)
    monkeypatch.setattr(growth, "POLL_BYTES", 25)
    text = b"".join(b"%06d\n" % number for number in range(20))
    log.write_bytes(text)
    watched = Watched(log)
    pieces = watched.file.poll()
    assert b"".join(piece for piece in pieces if isinstance(piece, bytes)) == text[:30]
    assert watched.file.is_behind
    watched.poll()
    assert watched.text == text[30:]
    assert not watched.file.is_behind


def test_a_file_that_is_not_there_yet_is_told_once(log: Path) -> None:
    watched = Watched(log)
    assert watched.poll() == [Change.MISSING]
    assert watched.news[0].text == "no such file"
    assert watched.poll() == []
    log.write_bytes(b"one\n")
    assert watched.poll() == [Change.FOUND, b"one\n"]


def test_a_file_that_appears_empty_is_found(log: Path) -> None:
    watched = Watched(log)
    watched.poll()
    log.touch()
    assert watched.poll() == [Change.FOUND]
    assert watched.poll() == []


def test_the_reason_is_told_again_when_it_changes(log: Path) -> None:
    watched = Watched(log / "inner.log")
    watched.poll()
    log.touch()
    watched.poll()
    log.unlink()
    (log / "inner.log").mkdir(parents=True)
    watched.poll()
    watched.poll()
    assert [news.text for news in watched.news] == [
        "no such file",
        "not a directory",
        "is a directory",
    ]


def test_a_file_that_is_deleted_is_missing_after_a_moment(log: Path) -> None:
    log.write_bytes(b"one\n")
    watched = Watched(log)
    watched.poll()
    log.unlink()
    assert watched.poll() == []
    assert watched.poll(1) == [Change.MISSING]
    assert watched.poll(1) == []
    log.write_bytes(b"other\n")
    assert watched.poll() == [Change.FOUND, Change.REPLACED, b"other\n"]


def test_a_file_that_comes_back_goes_on(log: Path) -> None:
    log.write_bytes(b"one\n")
    watched = Watched(log)
    watched.poll()
    away = log.rename(log.with_name("away"))
    assert watched.poll() + watched.poll(1) == [Change.MISSING]
    append(away, b"two\n")
    assert watched.poll() == [b"two\n"]
    away.rename(log)
    append(log, b"three\n")
    assert watched.poll() == [Change.FOUND, b"three\n"]


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.EACCES, "permission denied"),
        (errno.ESTALE, os.strerror(errno.ESTALE).lower()),
        (errno.EIO, "input/output error"),
    ],
)
def test_a_file_that_cannot_be_opened_is_missing_until_it_can(
    log: Path, monkeypatch: pytest.MonkeyPatch, number: int, words: str
) -> None:
    log.write_bytes(b"one\n")
    watched = Watched(log)
    watched.poll()
    append(log, b"two\n")
    with monkeypatch.context() as patch:
        refuse(patch, number)
        assert watched.poll()[-1:] == [Change.MISSING]
        assert watched.news[0].text == words
        assert watched.poll() == []
    assert watched.poll()[0] == Change.FOUND
    assert watched.text == b"one\ntwo\n"


def test_a_read_that_fails_is_told_once_and_tried_again(
    log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log.write_bytes(b"one\n")
    watched = Watched(log)
    watched.poll()
    append(log, b"two\n")
    with monkeypatch.context() as patch:

        def broken(*_: object) -> bytes:
            raise OSError(errno.EIO, os.strerror(errno.EIO))

        patch.setattr(opened.OpenedFile, "chunks", broken)
        assert watched.poll() == [Change.MISSING]
        assert watched.poll() == []
    assert watched.poll() == [Change.FOUND, b"two\n"]


def test_a_name_that_no_file_can_have_is_missing() -> None:
    watched = Watched("run\0.log")
    assert watched.poll() == [Change.MISSING]
    assert watched.poll() == []


def test_text_in_utf_16_comes_as_utf_8_however_it_is_cut(log: Path) -> None:
    text = "Epoch 1 ✓ 𝄞\r\n".encode("utf-16")
    watched = Watched(log)
    for byte in text:
        append(log, bytes([byte]))
        watched.poll()
    assert watched.text == "Epoch 1 ✓ 𝄞\r\n".encode()


def test_handles_are_let_go(log: Path) -> None:
    """At most one is open however long a file is followed, and none at the end."""
    log.write_bytes(b"one\n")
    before = open_files()
    watched = Watched(log)
    for number in range(20):
        append(log, b"more\n")
        if number % 5 == 4:
            log.rename(log.with_name(f"run.log.{number}"))
        watched.poll()
    assert open_files() <= before + 1
    watched.file.close()
    assert open_files() == before
