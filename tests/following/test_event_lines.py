"""An event in one line of plain text."""

from __future__ import annotations

from datetime import timedelta, timezone

import pytest
from states import HOSTILE, event, found

from logparse.findings import Severity
from logparse.following.events import Event, Kind
from logparse.following.renderers.lines import is_told, plain_line
from logparse.renderers.layout import Page
from logparse.renderers.spans import cells, plain

ZONE = timezone(timedelta(hours=2))


def told(one: Event, *, width: int = 80, source: str = "", is_cut: bool = False) -> str:
    return plain(plain_line(one, Page(width), source=source, zone=ZONE, is_cut=is_cut))


def test_a_finding_is_told_with_local_time_severity_code_epoch_and_reading() -> None:
    assert told(event()) == (
        "2026-11-22 14:01:30  raised    warning  GRAD003 gradient-spike  E15  "
        "The gradient norm was 0.412, which is 11.8 times the median of ten epochs."
    )


def test_kinds_and_severities_stand_in_columns() -> None:
    note = found("HYP001", Severity.NOTE, "clipnorm-inert")
    told_of = [event(kind, finding=note) for kind in (Kind.RAISED, Kind.WORSE, Kind.CLEARED)]
    assert {told(one).index("HYP001") for one in (*told_of, event(finding=note))} == {40}


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.EPOCH])
def test_news_is_told_in_words(kind: Kind) -> None:
    line = told(event(kind, text="this is what happened"))
    assert is_told(event(kind)) and line[21:30].strip() == kind.value
    assert line.endswith("  E15  this is what happened")


def test_an_epoch_alone_is_no_news() -> None:
    assert not is_told(event(Kind.EPOCH))


def test_the_log_and_the_run_are_named_where_there_are_several() -> None:
    line = told(event(run=2), source="b.log ")
    assert line.startswith("2026-11-22 14:01:30  b.log   raised    warning")
    assert "  run 2 E15  " in line
    assert "  run 2  gone" in told(event(Kind.WAITING, run=2, epoch=None, text="gone"))


def test_a_page_cuts_the_line_and_a_pipe_does_not() -> None:
    wide = event(text="日本語" * 40)
    assert cells(told(wide, is_cut=True)) <= 80 and told(wide, is_cut=True).endswith("…")
    assert told(wide).endswith("日本語" * 40)


def test_an_event_stays_on_one_line_whatever_its_text_holds() -> None:
    line = told(event(text=HOSTILE), source=HOSTILE)
    assert line.isprintable() and "\\x1b[31m\\n<script>" in line
    ascii_line = plain(plain_line(event(text=HOSTILE), Page(80, ascii_only=True), zone=ZONE))
    assert ascii_line.isascii()
