"""Pipes and standard input: what is there comes at once, and nothing is waited for."""

import gzip
import io
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from logparse.following.changes import Change
from tests.following.growing_files import Watched


@pytest.fixture
def ends() -> Iterator[list[int]]:
    """The reading and the writing end of a pipe; closed ones are taken off by the test."""
    descriptors = list(os.pipe())
    yield descriptors
    for descriptor in descriptors:
        os.close(descriptor)


def test_a_pipe_gives_what_is_there_and_then_its_end(ends: list[int]) -> None:
    watched = Watched(f"/dev/fd/{ends[0]}")
    assert watched.poll() == []
    os.write(ends[1], b"one\nt")
    assert watched.poll() == [b"one\nt"]
    assert watched.poll() == []
    os.write(ends[1], b"wo")
    os.close(ends.pop())
    assert watched.poll() == [b"wo", Change.ENDED]
    assert watched.poll() == []


def test_a_named_pipe_waits_for_its_writer(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    watched = Watched(path)
    assert watched.poll() + watched.poll() == []
    with path.open("wb", buffering=0) as writer:
        assert watched.poll() == []
        writer.write(b"one\n")
        assert watched.poll() == [b"one\n"]
    assert watched.poll() == [Change.ENDED]


def test_a_named_pipe_that_comes_later_is_found(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    watched = Watched(path)
    watched.poll()
    os.mkfifo(path)
    assert watched.poll() == [Change.FOUND]


def test_standard_input_is_read_without_waiting(
    ends: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    with open(ends[0], closefd=False) as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        watched = Watched("-")
        assert watched.poll() == []
        os.write(ends[1], "one ✓\n".encode("utf-16"))
        assert watched.poll() == ["one ✓\n".encode()]
        os.close(ends.pop())
        assert watched.poll() == [Change.ENDED]


def test_standard_input_from_a_file_ends_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "run.log"
    path.write_bytes(b"one\n")
    with path.open() as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        assert Watched("-").poll() == [b"one\n", Change.ENDED]


@pytest.mark.parametrize("stdin", [None, io.TextIOWrapper(io.BytesIO(b""))])
def test_standard_input_that_is_none_ends_at_once(
    monkeypatch: pytest.MonkeyPatch, stdin: object
) -> None:
    monkeypatch.setattr(sys, "stdin", stdin)
    assert Watched("-").poll() == [Change.ENDED]


def test_compressed_data_in_a_pipe_is_refused_in_words(ends: list[int]) -> None:
    os.write(ends[1], gzip.compress(b"one\n"))
    watched = Watched(f"/dev/fd/{ends[0]}")
    assert watched.poll() == [Change.MISSING, Change.ENDED]
    assert "unfold it first" in watched.news[0].text
    assert watched.poll() == []
