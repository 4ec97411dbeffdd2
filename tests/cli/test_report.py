"""`logdiag report` as a process: its files, exit codes, and what cannot be read."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from logdiag.demo import SAMPLES
from tests.cli.program import caller

Call = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    for sample in SAMPLES[:2]:
        (tmp_path / f"{sample.name}.log").write_bytes(sample.log())
    return tmp_path


@pytest.fixture
def report(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Call:
    return caller("report", monkeypatch, capfd)


def test_a_report_goes_beside_its_log_and_its_name_to_standard_output(
    report: Call, logs: Path
) -> None:
    done = report(logs.parent, f"{logs.name}/early-lr-drop.log")
    assert (done.returncode, done.stdout) == (0, f"{logs.name}/early-lr-drop.report.html\n")
    text = (logs / "early-lr-drop.report.html").read_text(encoding="utf-8")
    assert "LR001" in text and "LR_FACTOR" in text and 'id="comparison"' not in text


def test_several_runs_are_compared(report: Call, logs: Path) -> None:
    done = report(logs, ".")
    assert (done.returncode, done.stdout) == (0, "report.html\n")
    assert 'id="comparison"' in (logs / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(("name", "start"), [("r.md", b"## logdiag"), ("r.pdf", b"%PDF")])
def test_the_suffix_says_the_format(report: Call, logs: Path, name: str, start: bytes) -> None:
    done = report(logs, "healthy.log", "early-lr-drop.log", "-o", name)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    data = (logs / name).read_bytes()
    assert data.startswith(start)


def test_another_suffix_is_refused_before_logs_are_read(report: Call, logs: Path) -> None:
    done = report(logs, "none.log", "-o", "report.docx")
    assert done.returncode == 2 and ".html, .md or .pdf" in done.stderr
    assert "none.log" not in done.stderr


def test_the_time_of_a_repeatable_report_is_given(report: Call, logs: Path) -> None:
    for name in ("a.html", "b.html"):
        done = report(logs, "healthy.log", "-o", name, SOURCE_DATE_EPOCH="1700000000")
        assert done.returncode == 0, done.stderr
    first, second = ((logs / name).read_text(encoding="utf-8") for name in ("a.html", "b.html"))
    assert first.replace("a.html", "b.html") == second and "2023-11-14" in first


def test_findings_set_the_exit_code_where_that_is_asked_for(report: Call, logs: Path) -> None:
    assert report(logs, "early-lr-drop.log", "--fail-on", "warning").returncode == 1
    assert report(logs, "healthy.log", "--fail-on", "warning").returncode == 0


def test_what_cannot_be_read_is_on_the_page_and_in_the_exit_code(report: Call, logs: Path) -> None:
    (logs / "empty.log").write_text("")
    done = report(logs, "healthy.log", "empty.log", "-o", "r.html")
    assert done.returncode == 2 and "the file is empty" in done.stderr
    assert "the file is empty" in (logs / "r.html").read_text(encoding="utf-8")


def test_no_log_at_all_makes_no_file(report: Call, logs: Path) -> None:
    (logs / "picture.jpeg").write_bytes(b"\xff\xd8\xff\xe0" + bytes(range(256)) * 40)
    done = report(logs, "picture.jpeg", "-o", "r.html")
    assert done.returncode == 2 and done.stderr.count("\n") == 1
    assert not (logs / "r.html").exists()


def test_a_log_is_never_overwritten_by_its_report(report: Call, logs: Path) -> None:
    (logs / "log.html").write_bytes((logs / "healthy.log").read_bytes())
    done = report(logs, "log.html", "-o", "log.html")
    assert done.returncode == 2 and "what was read" in done.stderr


def test_a_dash_is_standard_output_and_makes_no_file(report: Call, logs: Path) -> None:
    before = sorted(logs.iterdir())
    done = report(logs, "healthy.log", "-o", "-")
    assert done.returncode == 0 and done.stdout.rstrip().endswith("</html>")
    assert sorted(logs.iterdir()) == before
