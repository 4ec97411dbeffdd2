"""The report on paper: every part is there, equal arguments give equal bytes."""

from __future__ import annotations

import builtins
import re
import zlib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import logparse
from logparse.errors import MissingExtraError
from logparse.pages import pdf

FIXTURES = Path(__file__).parents[2] / "fixtures"
MADE = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)


def report_of(*names: str) -> logparse.Report:
    return logparse.analyze(*(FIXTURES / name for name in names))


def streams(data: bytes) -> list[bytes]:
    """What stands in the document's compressed streams."""
    found = []
    for match in re.finditer(rb"stream\r?\n(.*?)\r?\nendstream", data, re.DOTALL):
        try:
            found.append(zlib.decompress(match[1]))
        except zlib.error:
            continue
    return found


def glyphs(data: bytes) -> int:
    """How many strokes of text are shown."""
    return sum(stream.count(b" Tj") + stream.count(b" TJ") for stream in streams(data))


def pages(data: bytes) -> int:
    return len(re.findall(rb"/Type /Page\b", data))


def test_the_document_is_whole_and_has_figures() -> None:
    data = pdf.render(report_of("early_lr_drop.log"), command="logdiag report x", made=MADE)
    assert data.startswith(b"%PDF") and data.rstrip().endswith(b"%%EOF")
    assert pages(data) >= 3 and data.count(b"/Subtype /Image") >= 4
    assert b"D:20260102030400" in data


def test_equal_arguments_give_equal_bytes() -> None:
    report = report_of("early_lr_drop.log")
    assert pdf.render(report) == pdf.render(report)


def test_a_comparison_takes_pages_of_its_own() -> None:
    report = report_of("seed_run.log", "dialect_e.log")
    alone = pdf.render(report, made=MADE)
    compared = pdf.render(report, logparse.compare(*report.runs), made=MADE)
    assert pages(compared) > pages(alone)
    why = pdf.render(report, why_not_compared="they have nothing in common", made=MADE)
    assert glyphs(why) > glyphs(alone)


def test_many_runs_take_few_pages_each() -> None:
    report = report_of("early_lr_drop.log")
    many = replace(report, runs=report.runs * 20)
    assert pages(pdf.render(many)) < 20 * pages(pdf.render(report)) / 2


@pytest.mark.parametrize(
    "name", ["seed_run.log", "headless_tail.log", "diverging_to_nan.log", "appended_runs.log"]
)
def test_any_log_fits_on_paper(name: str) -> None:
    assert pdf.render(report_of(name)).startswith(b"%PDF")


def test_signs_that_the_font_lacks_and_controls_are_shown_as_such(tmp_path: Path) -> None:
    log = tmp_path / "run\u202e 漢字 <b>.log"
    log.write_bytes((FIXTURES / "early_lr_drop.log").read_bytes())
    assert pdf.render(logparse.analyze(log)).startswith(b"%PDF")


def test_an_empty_report_says_that_nothing_was_read() -> None:
    report = logparse.analyze("no such file")
    assert not report.runs and pages(pdf.render(report)) >= 1


def test_without_fpdf2_the_way_out_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    really = builtins.__import__

    def lacking(name: str, *args: Any, **options: Any) -> Any:
        if name == "fpdf" or name.startswith("fpdf."):
            raise ModuleNotFoundError("No module named 'fpdf'", name="fpdf")
        return really(name, *args, **options)

    monkeypatch.delitem(__import__("sys").modules, "logparse.pages.paper", raising=False)
    monkeypatch.setattr(builtins, "__import__", lacking)
    with pytest.raises(MissingExtraError, match=r"logdiag\[pdf\]"):
        pdf.render(report_of("early_lr_drop.log"))
