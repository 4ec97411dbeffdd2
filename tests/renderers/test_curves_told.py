"""Which metrics the overview tells of, whatever a run is measured by."""

from __future__ import annotations

import numpy as np
import pytest

from logparse.renderers.curves import columns
from tests.runs import make_run

FALLING = 1.0 / np.arange(1.0, 31.0)


@pytest.mark.parametrize("name", ["val_map", "train_reward", "val_perplexity", "train_mse"])
def test_a_metric_of_one_split_is_told(name: str) -> None:
    assert name in columns(make_run(more={name: FALLING, "train_loss": FALLING}))


def test_a_metric_of_two_names_is_told_once() -> None:
    both = {"train_loss": FALLING, "val_loss": 2 * FALLING}
    told = columns(make_run(more=both, train_mse=FALLING, val_mse=2 * FALLING))
    assert [name for name in told if name.startswith("val_")] == ["val_loss"]
