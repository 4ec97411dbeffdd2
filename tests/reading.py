"""Reads logs from text in tests, by the session, as the tool does."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd
import pytest

from logparse.errors import NotALogError
from logparse.findings import Report
from logparse.formats.run_log import RunLogReader
from logparse.run import Run
from logparse.session import Session


def runs_of(text: str | bytes, *, learn: bool = True) -> list[Run]:
    """All runs in a text, by the reader alone."""
    reader = RunLogReader("test.log", learn=learn)
    raw = text.encode() if isinstance(text, str) else text
    session = Session("test.log", rules=())
    session._reader = reader
    session.feed(raw)
    return session.runs()


def report_of(chunks: Iterable[bytes]) -> Report:
    """The report of bytes that arrive in these chunks."""
    session = Session("test.log")
    for chunk in chunks:
        session.feed(chunk)
    return session.close()


def report_however_cut(raw: bytes, cuts: Iterable[int]) -> Report | None:
    """The report of the bytes, which must be the same for those cut here; None for no log."""
    places = sorted(cut % (len(raw) + 1) for cut in cuts)
    pieces = [raw[a:b] for a, b in zip([0, *places], [*places, len(raw)], strict=True)]
    try:
        whole = report_of([raw])
    except NotALogError:
        with pytest.raises(NotALogError):
            report_of(pieces)
        return None
    assert_same_report(whole, report_of(pieces))
    return whole


def assert_same_run(left: Run, right: Run) -> None:
    """Equal in every frame and fact."""
    pd.testing.assert_frame_equal(left.epochs, right.epochs)
    names = [
        run.parameters.assign(name=run.parameters["name"].astype(str)) for run in (left, right)
    ]
    pd.testing.assert_frame_equal(*names)
    pd.testing.assert_frame_equal(left.features, right.features)
    for fact in ("index", "count", "dialect", "started", "baselines", "coverage", "truncation"):
        assert getattr(left, fact) == getattr(right, fact), fact
    for mapping in ("settings", "model", "batch", "optimizer", "micro"):
        assert str(dict(getattr(left, mapping))) == str(dict(getattr(right, mapping))), mapping


def assert_same_report(left: Report, right: Report) -> None:
    """Equal runs, findings and checks."""
    assert len(left.runs) == len(right.runs)
    for one, other in zip(left.runs, right.runs, strict=True):
        assert_same_run(one.run, other.run)
        assert str(one.findings) == str(other.findings)
        assert one.checks == other.checks
