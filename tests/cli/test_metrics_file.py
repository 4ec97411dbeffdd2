"""`--metrics-file`: always whole, for all to read, and no reason for a tail to end."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import typer

from logdiag.metrics_file import REWRITE_S, SETTLE_S, MetricsFile


class Bench:
    """A metrics file with a clock and a text that the test sets."""

    def __init__(self, path: Path) -> None:
        self.now, self.value, self.asked = 1000.0, "1", 0
        self.path = path
        self.file = MetricsFile(path, self._text, clock=lambda: self.now)

    def _text(self, is_followed: bool) -> str:
        self.asked += 1
        return f"logdiag_up {is_followed:d}\nlogdiag_value {self.value}\n"

    def after(self, seconds: float, *, is_news: bool = False) -> list[str]:
        self.now += seconds
        return self.file.poll(is_news=is_news)

    @property
    def written(self) -> str:
        return self.path.read_text().split()[-1]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path / "logdiag.prom")


def test_the_file_is_written_at_once_and_when_there_is_news(bench: Bench) -> None:
    assert bench.after(0) == []
    assert bench.written == "1"
    bench.value = "2"
    assert bench.after(SETTLE_S) == []
    assert bench.written == "1"
    assert bench.after(SETTLE_S, is_news=True) == []
    assert bench.written == "2"


def test_the_file_is_written_anew_once_a_minute_to_show_that_somebody_follows(bench: Bench) -> None:
    bench.after(0)
    bench.path.write_text("untouched")
    bench.after(REWRITE_S - 1)
    assert bench.written == "untouched"
    bench.after(1)
    assert bench.written == "1"


def test_much_news_at_once_is_written_once_and_none_is_forgotten(bench: Bench) -> None:
    bench.after(0)
    for value in range(9):
        bench.value = str(value)
        bench.after(SETTLE_S / 20, is_news=True)
    assert (bench.asked, bench.written) == (1, "1")
    bench.after(SETTLE_S)
    assert (bench.asked, bench.written) == (2, "8")


def test_another_user_can_read_it_whatever_the_mask(bench: Bench) -> None:
    before = os.umask(0o077)
    try:
        bench.after(0)
    finally:
        os.umask(before)
    assert bench.path.stat().st_mode & 0o777 == 0o644


def test_no_half_written_file_has_a_name_that_is_read(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    replace = Path.replace

    def spy(path: Path, target: Path) -> Path:
        seen.extend(one.name for one in bench.path.parent.iterdir())
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", spy)
    bench.after(0)
    assert len(seen) == 1
    assert not seen[0].endswith(".prom")
    assert [one.name for one in bench.path.parent.iterdir()] == ["logdiag.prom"]


def test_what_cannot_be_written_is_told_once_and_again_when_it_is_another_thing(
    bench: Bench, tmp_path: Path
) -> None:
    bench.after(0)
    bench.path.unlink()
    bench.path.mkdir()
    complaint = f"--metrics-file: cannot write {bench.path}: Is a directory"
    assert bench.after(REWRITE_S) == [complaint]
    assert bench.after(REWRITE_S) == []
    bench.path.rmdir()
    tmp_path.rename(tmp_path.with_name("elsewhere"))
    assert bench.after(REWRITE_S) == [complaint.replace("Is a", "No such file or")]
    tmp_path.with_name("elsewhere").rename(tmp_path)
    assert bench.after(REWRITE_S) == []
    bench.path.unlink()
    bench.path.mkdir()
    assert bench.after(REWRITE_S) == [complaint]


def test_a_full_disk_leaves_the_last_whole_file(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.after(0)
    bench.value = "2"
    monkeypatch.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(OSError(28, "No space")))
    assert bench.after(REWRITE_S) == [f"--metrics-file: cannot write {bench.path}: No space"]
    assert bench.written == "1"
    assert len([*bench.path.parent.iterdir()]) == 1


def test_at_the_end_the_last_numbers_stay_and_say_that_nobody_follows(bench: Bench) -> None:
    bench.after(0)
    bench.value = "3"
    assert bench.file.close() == []
    assert bench.path.read_text() == "logdiag_up 0\nlogdiag_value 3\n"


@pytest.mark.parametrize("name", ["metrics.txt", "metrics", "-", ".prom"])
def test_a_name_that_node_exporter_does_not_read_is_wrong_usage(name: str) -> None:
    with pytest.raises(typer.BadParameter, match=r"ends in \.prom"):
        MetricsFile(Path(name), lambda _: "")


def test_a_log_is_never_written_over(tmp_path: Path) -> None:
    log = tmp_path / "run.prom"
    log.write_text("a log")
    (complaint,) = MetricsFile(log, lambda _: "", sources=[str(log)]).poll(is_news=True)
    assert "is what was read" in complaint
    assert log.read_text() == "a log"
