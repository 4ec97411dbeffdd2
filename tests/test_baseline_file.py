"""Known findings: what is written down, what it hides, what it does not, what is stale."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from logparse.baseline_file import (
    Baseline,
    baseline_text,
    is_replaceable,
    read_baseline,
    without_known,
)
from logparse.errors import BaselineError
from logparse.findings import (
    Check,
    Confidence,
    Finding,
    Outcome,
    Report,
    RunReport,
    Severity,
    SourceFailure,
    StaleEntry,
)
from tests.runs import make_run

STAMP = "2025-11-03T11:48:00Z"
STARTED = datetime(2025, 11, 3, 11, 48, tzinfo=UTC)


def found(code: str, severity: str = "warning") -> Finding:
    return Finding(
        code=code,
        name="a-name",
        severity=Severity(severity),
        confidence=Confidence.HIGH,
        reading="x",
        measured={},
        remedies=(),
        confirm="y",
    )


def judged(
    *findings: Finding,
    source: str = "runs/a.log",
    index: int = 1,
    started: datetime | None = STARTED,
    silent: tuple[str, ...] = (),
    unable: tuple[str, ...] = (),
) -> RunReport:
    outcomes = {
        **{finding.code: Outcome.FIRED for finding in findings},
        **dict.fromkeys(silent, Outcome.CLEAR),
        **dict.fromkeys(unable, Outcome.TOO_SHORT),
    }
    checks = tuple(Check(code, "a-name", outcome) for code, outcome in outcomes.items())
    run = replace(make_run(val_rmse=[0.1, 0.2]), source=source, index=index, started=started)
    return RunReport(run, findings, checks)


def written(report: Report, path: Path) -> Baseline:
    path.write_text(baseline_text(report, path), encoding="utf-8")
    return read_baseline(path)


def shown_and_known(report: Report) -> list[tuple[list[str], list[str]]]:
    return [
        ([finding.code for finding in one.findings], [finding.code for finding in one.known])
        for one in report.runs
    ]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_what_is_written_goes_by_log_run_and_code(here: Path) -> None:
    report = Report(
        (
            judged(found("LR001"), found("LR001", "error"), found("BASE001", "note")),
            judged(found("NUM001"), index=2, started=None),
            judged(index=3, started=None),
            judged(found("LR001"), source=str(here / "b.log")),
            judged(found("TOOL001", "error"), source="c.log"),
            judged(found("LR001"), source="<stdin>"),
        )
    )
    assert json.loads(baseline_text(report, here / "known" / "k.json")) == {
        "format": "logdiag-baseline",
        "version": 1,
        "logs": {
            "../b.log": {STAMP: {"LR001": "warning"}},
            "../runs/a.log": {
                STAMP: {"BASE001": "note", "LR001": "error"},
                "run 2": {"NUM001": "warning"},
            },
            "<stdin>": {STAMP: {"LR001": "warning"}},
        },
    }


def test_everything_written_is_hidden_wherever_it_is_asked_from(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = Report((judged(found("LR001"), found("BASE001")), judged(found("X1"), index=2)))
    written(report, here / "k.json")
    hidden = without_known(report, read_baseline(Path("k.json")))
    assert shown_and_known(hidden) == [([], ["LR001", "BASE001"]), ([], ["X1"])]
    assert hidden.baseline is not None
    assert (hidden.baseline.file, hidden.baseline.stale) == ("k.json", ())
    (here / "runs").mkdir()
    monkeypatch.chdir(here / "runs")
    below = Report((judged(found("LR001"), source="a.log"),))
    assert shown_and_known(without_known(below, read_baseline(Path("../k.json")))) == [
        ([], ["LR001"])
    ]


def test_what_is_new_is_shown(here: Path) -> None:
    known = written(Report((judged(found("LR001")),)), here / "k.json")
    other_rule = judged(found("LR001"), found("BASE001"))
    other_run = judged(found("LR001"), index=2, started=STARTED.replace(year=2026))
    other_log = judged(found("LR001"), source="runs/b.log")
    report = without_known(Report((other_rule, other_run, other_log)), known)
    assert shown_and_known(report) == [(["BASE001"], ["LR001"]), (["LR001"], []), (["LR001"], [])]


@pytest.mark.parametrize(
    ("was", "now", "is_shown"),
    [
        ("warning", "error", True),
        ("note", "warning", True),
        ("warning", "warning", False),
        ("error", "note", False),
    ],
)
def test_what_got_worse_is_shown(here: Path, was: str, now: str, is_shown: bool) -> None:
    known = written(Report((judged(found("LR001", was)),)), here / "k.json")
    report = without_known(Report((judged(found("LR001", now)),)), known)
    assert bool(report.runs[0].findings) == is_shown
    assert bool(report.runs[0].known) != is_shown
    assert report.baseline is not None and report.baseline.stale == ()


def test_a_crash_is_never_known(here: Path) -> None:
    known = Baseline(
        str(here / "k.json"), "k.json", {"runs/a.log": {STAMP: {"TOOL001": Severity.ERROR}}}
    )
    crash = Report((judged(found("TOOL001", "error")),))
    assert "TOOL001" not in baseline_text(crash, here / "k.json")
    assert shown_and_known(without_known(crash, known)) == [(["TOOL001"], [])]


def test_runs_of_the_same_start_are_told_apart(here: Path) -> None:
    both = Report((judged(found("LR001")), judged(found("BASE001"), index=2)))
    known = written(both, here / "k.json")
    swapped = Report((judged(found("BASE001")), judged(found("LR001"), index=2)))
    assert shown_and_known(without_known(swapped, known)) == [(["BASE001"], []), (["LR001"], [])]
    assert shown_and_known(without_known(both, known)) == [([], ["LR001"]), ([], ["BASE001"])]


def test_only_what_was_judged_and_not_found_is_stale(here: Path) -> None:
    old = judged(found("A1"), found("B1"), found("C1"))
    known = written(
        Report((old, judged(found("A1"), source="b.log"), judged(found("D1"), index=2))),
        here / "k.json",
    )
    now = judged(found("A1"), silent=("B1",), unable=("C1",))
    used = without_known(Report((now,)), known).baseline
    assert used is not None
    assert used.stale == (
        StaleEntry("runs/a.log", STAMP, "B1"),
        StaleEntry("runs/a.log", f"{STAMP} #2", "D1"),
    )
    broken = Report((now,), (SourceFailure("runs/a.log", "breaks off"),))
    used = without_known(broken, known).baseline
    assert used is not None and [one.code for one in used.stale] == ["B1"]


GOOD = {"format": "logdiag-baseline", "version": 1, "logs": {}}


@pytest.mark.parametrize(
    ("document", "told"),
    [
        ("", "Expecting value"),
        ("[" * 100_000, ""),
        ("[]", "the file is no object"),
        ("{}", '"format" is not "logdiag-baseline"'),
        (GOOD | {"version": 2}, "version 2, this logdiag reads 1"),
        (GOOD | {"logs": []}, '"logs" is no object'),
        (GOOD | {"logs": {"a.log": 1}}, "a.log is no object"),
        (GOOD | {"logs": {"a.log": {"run 1": 1}}}, "a.log, run 1 is no object"),
        (GOOD | {"logs": {"a.log": {"run 1": {"LR001": "bad"}}}}, "'bad' is no severity"),
        (GOOD | {"logs": {"a.log": {"run 1": {"LR001": 3}}}}, "a.log, run 1, LR001: 3 is no"),
    ],
)
def test_a_file_that_is_no_baseline_is_one_line(here: Path, document: object, told: str) -> None:
    text = document if isinstance(document, str) else json.dumps(document)
    Path("k.json").write_text(text)
    with pytest.raises(BaselineError) as caught:
        read_baseline(Path("k.json"))
    assert str(caught.value).startswith("k.json: no baseline file: ")
    assert told in str(caught.value) and "\n" not in str(caught.value)


def test_a_file_that_is_not_there_is_told_how_to_make(here: Path) -> None:
    with pytest.raises(BaselineError, match=r"^k\.json: no such .*; --write-baseline k\.json"):
        read_baseline(Path("k.json"))
    with pytest.raises(BaselineError, match=r"is a directory$"):
        read_baseline(here)
    Path("k.json").write_bytes(b"\xff")
    with pytest.raises(BaselineError, match=r"^k\.json: no UTF-8 at byte 0$"):
        read_baseline(Path("k.json"))
    with pytest.raises(BaselineError, match=r"^/dev/zero: larger than 64 MiB$"):
        read_baseline(Path("/dev/zero"))


@pytest.mark.parametrize(
    ("text", "is_free"),
    [
        ("", True),
        (" \n", True),
        (json.dumps(GOOD), True),
        (json.dumps(GOOD | {"version": 2}), True),
        ("{}", False),
        ("[1]", False),
        ("epoch 1 loss 0.3", False),
        ("\ufeff<<<<<<< HEAD", False),
    ],
)
def test_only_nothing_or_a_baseline_is_replaced(here: Path, text: str, is_free: bool) -> None:
    path = here / "k.json"
    assert is_replaceable(path)
    path.write_text(text, encoding="utf-8")
    assert is_replaceable(path) is is_free
