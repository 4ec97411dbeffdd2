"""`logparse.follow`: events as they happen, in a loop."""

from __future__ import annotations

from itertools import count
from pathlib import Path

import pytest

import logparse
from fixtures.dialects import simulate, write
from logparse.errors import UnknownNameError


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "run.log"
    path.write_text(write(simulate("F2", epochs=6)))
    return path


def test_it_tells_what_happens_and_ends_with_the_report_of_analyze(log: Path) -> None:
    looks = count()
    events = list(logparse.follow(log, stop=lambda: next(looks) > 20))
    kinds = [event.kind for event in events]
    assert kinds[:2] == ["begun", "epoch"]
    assert kinds[-1] == "ended"
    report = events[-1].report
    assert report is not None
    assert logparse.render(report, "json") == logparse.render(logparse.analyze(log), "json")
    raised = [event.finding.code for event in events if event.finding is not None]
    assert sorted(raised) == sorted(found.code for found in report.runs[0].findings)


def test_who_leaves_early_leaves_no_file_open(log: Path) -> None:
    for event in logparse.follow(log):
        assert event.kind == "begun"
        break


def test_judges_are_chosen_as_for_analyze(log: Path) -> None:
    events = list(logparse.follow(log, select="REP001", stop=lambda: True))
    assert {event.finding.code for event in events if event.finding} == {"REP001"}
    with pytest.raises(UnknownNameError):
        next(logparse.follow(log, select="XX999"))
