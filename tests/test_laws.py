"""The laws of the session, on whole and damaged logs of every dialect."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logparse.errors import NotALogError
from logparse.findings import Report
from tests.fuzz import LOGS, document_trial, trial
from tests.mutations import damaged
from tests.reading import assert_same_report, report_of


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


@pytest.mark.parametrize("seed", range(40))
def test_nothing_is_lost_and_nothing_raises(seed: int) -> None:
    """A short run of `make fuzz`."""
    trial(seed)
    document_trial(seed)
