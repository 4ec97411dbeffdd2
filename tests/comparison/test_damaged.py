"""Damaged logs are compared without a fault, in every form."""

from __future__ import annotations

import pytest

from tests.fuzz import comparison_trial


@pytest.mark.parametrize("seed", range(25))
def test_whatever_is_in_the_logs_they_are_compared_or_refused(seed: int) -> None:
    comparison_trial(seed)
