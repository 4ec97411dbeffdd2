"""However a log is written, rotated and polled: nothing is lost, nothing comes twice."""

import gzip
import lzma
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from logparse.following.changes import Change
from logparse.following.growth import GrowingFile, News
from tests.following.growing_files import Watched, append

FOLD: dict[str, Callable[[bytes], bytes]] = {"": bytes, ".gz": gzip.compress, ".xz": lzma.compress}


class Rotated:
    """A log that is written and rotated as logrotate does it, and all that went into it."""

    def __init__(self, path: Path, *, by_copy: bool) -> None:
        self.path = path
        self.written = b""
        self._by_copy = by_copy
        self._count = 0
        self._is_torn = False
        path.touch()

    def append(self, end: bytes) -> None:
        self._count += 1
        text = b"<%d>%s" % (self._count, end)
        append(self.path, text)
        if self._is_torn:
            self.written += b"\n"
        self._is_torn = False
        self.written += text

    def rotate(self, suffix: str) -> None:
        for number in range(25, 0, -1):
            for known in FOLD:
                old = self.path.with_name(f"run.log.{number}{known}")
                if old.exists():
                    old.rename(self.path.with_name(f"run.log.{number + 1}{known}"))
        moved = self.path.with_name("run.log.1")
        if self._by_copy:
            shutil.copy2(self.path, moved)
            os.truncate(self.path, 0)
        else:
            self.path.rename(moved)
            self.path.touch()
            self._is_torn = bool(self.written) and not self.written.endswith(b"\n")
        if suffix:
            folded = moved.with_name(moved.name + suffix)
            folded.write_bytes(FOLD[suffix](moved.read_bytes()))
            shutil.copystat(moved, folded)
            moved.unlink()


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("append"), st.sampled_from(["", "\n", " longer " * 200 + "\n"])),
        st.tuples(st.just("rotate"), st.sampled_from(list(FOLD))),
        st.tuples(st.just("poll"), st.just("")),
    ),
    max_size=25,
)


@given(STEPS, st.booleans())
@settings(max_examples=100, deadline=None)
def test_all_bytes_come_once_and_in_order(steps: list[tuple[str, str]], by_copy: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        log = Rotated(Path(folder) / "run.log", by_copy=by_copy)
        log.append(b"\n")
        watched = Watched(log.path)
        watched.poll()
        for step, detail in steps:
            if step == "append":
                log.append(detail.encode())
            elif step == "rotate":
                log.rotate(detail)
            else:
                watched.poll()
        log.append(b"\n")
        watched.poll()
        assert watched.text == log.written
        assert {news.change for news in watched.news} <= {Change.ROTATED}


WRITER = """
import logging, logging.handlers, sys, time
handler = logging.handlers.RotatingFileHandler(sys.argv[1], maxBytes=1500, backupCount=99)
logger = logging.getLogger("run")
logger.addHandler(handler)
for number in range(400):
    logger.warning("epoch %d: loss %f", number, 1 / (number + 1))
    time.sleep(0.001)
"""


def test_a_writer_that_rotates_by_itself_loses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "run.log"
    text, rotations = b"", 0
    file = GrowingFile(path)
    with subprocess.Popen([sys.executable, "-c", WRITER, str(path)]) as writer:
        is_running = True
        while is_running:
            is_running = writer.poll() is None
            for piece in file.poll():
                if isinstance(piece, News):
                    rotations += piece.change == Change.ROTATED
                else:
                    text += piece
            time.sleep(0.003)
    file.close()
    lines = [f"epoch {number}: loss {1 / (number + 1):f}\n" for number in range(400)]
    assert text.decode() == "".join(lines)
    assert rotations == len(list(tmp_path.glob("run.log.*"))) > 3
