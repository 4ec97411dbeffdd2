"""Steps that changed no weight, because a loss scaler or a guard skipped them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from logparse.run import Run
    from logparse.signals.series import FloatArray, Series

HEALTHY_SKIPS = 0.005
"""Share of an epoch's steps: ten times what a scaler that tries a larger scale every 2,000 has."""


def too_many(skipped: Series, run: Run, lost: set[int]) -> FloatArray:
    """Skipped steps of each epoch that prints them; 0 for few of its batches, and in `lost` ones.

    Where the training metric is lost, no scaler mends it by skipping.
    """
    rows = np.isin(run.epochs["epoch"].to_numpy(), skipped.epochs)
    batches = run.epochs["num_batches"].to_numpy()[rows] if "num_batches" in run.epochs else 0.0
    is_few = skipped.values <= HEALTHY_SKIPS * batches
    return np.where(is_few | np.isin(skipped.epochs, [*lost]), 0.0, skipped.values)


def partly_skipped(run: Run) -> set[int]:
    """Epochs that print norms of all their steps, of which some were skipped, but not all.

    Where they are not counted, a least norm that is finite tells of steps that were not skipped.
    """
    epochs = run.epochs
    if "grad_norm_step_max" not in epochs:
        return set()
    if "skipped_batches" in epochs:
        counts, batches = epochs["skipped_batches"], epochs.get("num_batches", np.inf)
        is_part = (counts > 0) & ~(counts >= batches)
    else:
        is_part = np.isfinite(epochs.get("grad_norm_step_min", epochs["grad_norm_step_max"]))
    return set(epochs.loc[is_part, "epoch"].tolist())
