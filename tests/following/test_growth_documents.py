"""Documents that are written anew as a whole, and compressed files."""

import gzip
import lzma
from pathlib import Path

import pytest

from logparse.following.changes import Change
from logparse.following.documents import MOMENT_S, STILL_S
from tests.following.growing_files import Watched, append

REWRITTEN = Change.REWRITTEN


@pytest.fixture
def document(tmp_path: Path) -> Path:
    path = tmp_path / "metrics.json"
    path.write_bytes(b'{"epochs": [1]}')
    return path


@pytest.fixture
def watched(document: Path) -> Watched:
    """Its first state was delivered before it was known to be a document."""
    followed = Watched(document)
    assert followed.poll() == [b'{"epochs": [1]}']
    followed.file.is_rewritten = True
    return followed


def replace(path: Path, text: bytes) -> None:
    other = path.with_name("other")
    other.write_bytes(text)
    other.replace(path)


def test_a_document_that_does_not_change_does_not_come_again(watched: Watched) -> None:
    assert [watched.poll() for _ in range(3)] == [[], [], []]


@pytest.mark.parametrize("write", [replace, Path.write_bytes])
def test_a_document_comes_whole_when_two_polls_see_the_same(
    document: Path, watched: Watched, write: object
) -> None:
    assert callable(write)
    write(document, b'{"epochs": [1, 2]}')
    assert watched.poll() == []
    assert watched.poll() == [REWRITTEN, b'{"epochs": [1, 2]}']
    assert watched.poll() == []


def test_two_polls_in_the_same_moment_are_not_enough(document: Path, watched: Watched) -> None:
    replace(document, b'{"epochs": [1, 2]}')
    assert watched.poll() + watched.poll(MOMENT_S / 2) == []
    assert watched.poll(MOMENT_S) == [REWRITTEN, b'{"epochs": [1, 2]}']


def test_a_document_is_waited_for_while_it_is_written(document: Path, watched: Watched) -> None:
    for part in (b"", b'{"epochs"', b'{"epochs": [1', b'{"epochs": [1, 2, 3'):
        document.write_bytes(part)
        assert watched.poll() == []
    document.write_bytes(b'{"epochs": [1, 2, 3]}')
    assert watched.poll() + watched.poll() == [REWRITTEN, b'{"epochs": [1, 2, 3]}']


@pytest.mark.parametrize("text", [b"", b'{"epo'])
def test_half_a_document_comes_when_it_stays_so(
    document: Path, watched: Watched, text: bytes
) -> None:
    document.write_bytes(text)
    assert watched.poll() + watched.poll(STILL_S / 2) == []
    assert watched.poll(STILL_S) == [REWRITTEN, *([text] if text else [])]


def test_a_document_that_goes_and_comes_is_the_new_one(document: Path, watched: Watched) -> None:
    document.unlink()
    assert watched.poll() + watched.poll(1) == [Change.MISSING]
    document.write_bytes(b'{"epochs": [1, 2]}')
    assert watched.poll() == [Change.FOUND]
    assert watched.poll() == [REWRITTEN, b'{"epochs": [1, 2]}']


def test_a_document_that_is_moved_away_is_read_no_more(document: Path, watched: Watched) -> None:
    append(document.rename(document.with_name("away")), b"more")
    assert watched.poll() + watched.poll(1) == [Change.MISSING]


def test_a_document_that_turns_out_to_grow_goes_on(document: Path, watched: Watched) -> None:
    replace(document, b"one\n")
    watched.poll()
    watched.poll(STILL_S)
    watched.file.is_rewritten = False
    append(document, b"two\n")
    assert watched.poll() == [b"two\n"]


def test_a_compressed_file_comes_unfolded_and_whole_each_time(tmp_path: Path) -> None:
    path = tmp_path / "run.log.gz"
    path.write_bytes(gzip.compress(b"one\n"))
    watched = Watched(path)
    assert watched.poll() == [b"one\n"]
    append(path, gzip.compress(b"two\n"))
    assert watched.poll() + watched.poll() == []
    assert watched.poll(STILL_S) == [REWRITTEN, b"one\ntwo\n"]


def test_a_compressed_file_that_is_cut_gives_what_it_has_and_says_so_once(tmp_path: Path) -> None:
    path = tmp_path / "run.log.xz"
    # Two streams, of which the second is cut: the first can be read.
    whole = lzma.compress(b"one\n") + lzma.compress(b"two\n" * 100)
    path.write_bytes(whole[:-20])
    watched = Watched(path)
    told = watched.poll()
    assert told[-1] == Change.MISSING
    assert watched.text.startswith(b"one\n")
    assert watched.news[0].text == "the compressed data is not complete"
    assert watched.poll() + watched.poll(STILL_S) == []
    path.write_bytes(whole)
    assert watched.poll() == []
    assert watched.poll(STILL_S) == [REWRITTEN, b"one\n" + b"two\n" * 100, Change.FOUND]


def test_a_compressed_file_that_is_damaged_says_what_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "run.log.gz"
    path.write_bytes(gzip.compress(b"one\n") + b"no more of it")
    watched = Watched(path)
    assert watched.poll() == [b"one\n", Change.MISSING]
    assert "the compressed data is broken after 4 unfolded bytes" in watched.news[0].text


def test_a_compressed_log_that_still_grows_is_told_once_to_be_incomplete(tmp_path: Path) -> None:
    path = tmp_path / "run.log.gz"
    watched = Watched(path)
    told = []
    with gzip.open(path, "wb") as writer:
        for line in (b"one\n", b"two\n"):
            writer.write(line)
            writer.flush()
            told += watched.poll() + watched.poll(STILL_S)
    told += watched.poll() + watched.poll(STILL_S)
    whole = b"one\ntwo\n"
    assert told == [b"one\n", Change.MISSING, REWRITTEN, whole, REWRITTEN, whole, Change.FOUND]


def test_a_compressed_file_that_is_written_in_plain_begins_anew_and_grows(tmp_path: Path) -> None:
    path = tmp_path / "run.log"
    path.write_bytes(gzip.compress(b"one\n"))
    watched = Watched(path)
    watched.poll()
    path.write_bytes(b"plain\n")
    assert watched.poll() == []
    assert watched.poll(STILL_S) == [REWRITTEN, b"plain\n"]
    append(path, b"more\n")
    assert watched.poll() == [b"more\n"]


def test_compressed_text_in_utf_16_comes_as_utf_8(tmp_path: Path) -> None:
    path = tmp_path / "run.log.gz"
    path.write_bytes(gzip.compress("✓\n".encode("utf-16")))
    assert Watched(path).poll() == ["✓\n".encode()]
