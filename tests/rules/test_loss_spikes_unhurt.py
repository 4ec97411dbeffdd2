"""LOSS005 where the loss of validation jumps and the quality of what it predicts does not."""

from __future__ import annotations

import numpy as np
import pytest

from logparse.findings import Severity
from logparse.run import Run
from tests.rules.asking import ask
from tests.runs import make_run, noisy


def jumped(accuracy: float) -> Run:
    """The validation loss is half as high again for six epochs, and its accuracy is this then."""
    level = 1.0 + np.exp(-np.arange(60) / 8)
    shares = np.full(60, 0.7)
    level[20:26] *= 1.5
    shares[20:26] = accuracy
    return make_run(val_loss=noisy(level), val_accuracy=noisy(shares, seed=1))


@pytest.mark.parametrize(("accuracy", "severity"), [(0.7, Severity.NOTE), (0.5, Severity.WARNING)])
def test_a_slow_spike_is_a_note_where_quality_stays(accuracy: float, severity: Severity) -> None:
    (found,), _ = ask("LOSS005", jumped(accuracy))
    assert found.severity is severity
    assert ("val_accuracy was not hurt" in found.reading) is (severity is Severity.NOTE)
