"""The laws of the session, on whole and damaged logs of every dialect."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from fixtures.dialects import DIALECTS, simulate, write
from logparse.errors import NotALogError
from logparse.findings import Report
from logparse.renderers import render
from logparse.session import Session
from tests.mutations import damaged
from tests.reading import assert_same_report, report_of

LOGS = [
    write(simulate(dialect, epochs=14, seed=at)).encode() for at, dialect in enumerate(DIALECTS)
]


def report_or_none(chunks: list[bytes]) -> Report | None:
    try:
        return report_of(chunks)
    except NotALogError:
        return None


@given(
    st.integers(0, len(LOGS) - 1),
    st.integers(0, 2**32),
    st.lists(st.integers(0, 60_000), max_size=30),
)
@settings(max_examples=25, deadline=None)
def test_cutting_is_invisible(log: int, seed: int, cuts: list[int]) -> None:
    raw = damaged(LOGS[log], random.Random(seed), times=seed % 4)
    places = sorted(cut % (len(raw) + 1) for cut in cuts)
    chunks = [raw[a:b] for a, b in zip([0, *places], [*places, len(raw)], strict=True)]
    whole, pieces = report_or_none([raw]), report_or_none(chunks)
    assert (whole is None) == (pieces is None)
    if whole is not None and pieces is not None:
        assert_same_report(whole, pieces)


@given(st.lists(st.integers(0, len(LOGS) - 1), min_size=1, max_size=3), st.integers(0, 2**32))
@settings(max_examples=40, deadline=None)
def test_nothing_is_lost_and_nothing_raises(logs: list[int], seed: int) -> None:
    raw = damaged(b"".join(LOGS[at] for at in logs), random.Random(seed), times=40)
    report = report_or_none([raw])
    if report is None:
        return
    coverages = [run.run.coverage for run in report.runs]
    for coverage in coverages:
        known = coverage.parsed + coverage.legend + coverage.blank
        assert known + coverage.unparsed == coverage.lines
    session = Session("lines")
    lines = session._assembler.feed(raw) + session._assembler.close()
    assert sum(coverage.lines for coverage in coverages) == len(lines)
    crashes = [f.measured for run in report.runs for f in run.findings if f.code == "TOOL001"]
    assert not crashes
    for form in ("text", "json"):
        assert render(report, form)
