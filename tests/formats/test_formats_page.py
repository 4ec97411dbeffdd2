"""docs/formats.md: its tables are current, and the format that it shows how to add works."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from benchmarks import format_pages
from logdiag.main import main
from logparse import formats, read
from logparse.errors import NotALogError
from logparse.readers.points.reader import PointLines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

TEXT = format_pages.PAGE.read_text(encoding="utf-8")
LOG = "".join(f"beacon {step}: err {2 / step:.4f} rate 0.001\n" for step in range(100, 2000, 100))


@dataclass(frozen=True)
class Entry:
    """An entry point of another package."""

    name: str
    load: Callable[[], Any]
    value: str = "beacon_logs:BeaconReader"
    dist: Any = None


@pytest.fixture
def bring(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Makes these the entry points of formats."""

    def clear() -> None:
        formats.all_formats.cache_clear()
        formats._brought.cache_clear()

    def these(*entries: Entry) -> None:
        monkeypatch.setattr(formats, "entry_points", lambda group: entries)
        clear()

    yield these
    monkeypatch.undo()
    clear()


def reader_shown() -> type[PointLines]:
    (code,) = re.findall(r"```python\n(import re.+?)```", TEXT, re.DOTALL)
    names: dict[str, Any] = {}
    exec(code, names)
    found = names["BeaconReader"]
    assert issubclass(found, PointLines)
    return found


def test_the_tables_are_current() -> None:
    """`make formats` writes them."""
    assert format_pages.filled(TEXT) == TEXT


def test_the_format_shown_is_found_listed_and_used(
    bring: Callable[..., None], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    bring(Entry("beacon", reader_shown))
    log = tmp_path / "x.log"
    log.write_text(LOG + "beacon 2000: err high rate 0.001\n")
    run = read(log)
    assert (run.format, run.axis, len(run.epochs)) == ("beacon", "step", 19)
    assert run.epochs[["train_loss", "lr"]].iloc[0].tolist() == [0.02, 0.001]
    assert run.coverage.unparsed_ranges == ((20, 20),)
    assert main(["formats"]) == 0
    assert "the text log of Beacon" in capfd.readouterr().out


def test_what_cannot_be_had_is_told_and_takes_nothing_else_away(
    bring: Callable[..., None], capfd: pytest.CaptureFixture[str]
) -> None:
    def broken() -> None:
        raise ImportError("no module\nnamed beacon")

    again = type("Again", (reader_shown(),), {"format": "run-log"})
    bring(Entry("a", broken), Entry("b", lambda: str), Entry("c", lambda: again))
    assert "run-log" in {one.format for one in formats.all_formats()}
    whys = {one.name: one.why for one in formats.broken_formats()}
    assert whys == {
        "a": "cannot be loaded: ImportError: no module named beacon",
        "b": "is no reader: beacon_logs:BeaconReader",
        "c": "there is a format run-log already",
    }
    assert main(["formats"]) == 0
    assert "not there: cannot be loaded: ImportError" in capfd.readouterr().out


def test_a_reader_that_fails_keeps_no_other_from_reading(
    bring: Callable[..., None], tmp_path: Path
) -> None:
    def fails(_: object) -> bool:
        raise ZeroDivisionError

    bring(Entry("x", lambda: type("X", (reader_shown(),), {"begins": fails, "owns": fails})))
    log = tmp_path / "x.csv"
    log.write_text("epoch,loss\n1,0.5\n2,0.4\n")
    assert read(log).format == "keras-csv"
    log.write_text("nothing of a log\n")
    with pytest.raises(NotALogError, match="no training run found; tried"):
        read(log)
