"""The laws of the session, on whole and damaged logs of every dialect."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz import LOGS, document_trial, trial
from tests.mutations import damaged
from tests.reading import report_however_cut


@given(
    st.integers(0, len(LOGS) - 1),
    st.integers(0, 2**32),
    st.lists(st.integers(0, 60_000), max_size=30),
)
@settings(max_examples=25, deadline=None)
def test_cutting_is_invisible(log: int, seed: int, cuts: list[int]) -> None:
    raw = damaged(LOGS[log], random.Random(seed), times=seed % 4)
    report_however_cut(raw, cuts)


@pytest.mark.parametrize("seed", range(40))
def test_nothing_is_lost_and_nothing_raises(seed: int) -> None:
    """A short run of `make fuzz`."""
    trial(seed)
    document_trial(seed)
