"""What rules measure of the gap between training and validation."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from logparse.findings import Measure
    from logparse.signals.generalisation import Generalisation


def gap_facts(both: Generalisation, threshold: float) -> dict[str, Measure]:
    """Levels since validation's best, and what the second half of the run brought."""
    pair, since, half = both.twins, both.overfit, both.late_half
    return {
        "metric": pair.val_column,
        "best_epoch": since.best_epoch,
        "best_level": pair.printed(since.best_level),
        "last_level": pair.printed(since.end_level),
        "train_level": pair.printed_train(since.train_level),
        "epochs_since_best": since.age,
        "generalisation_loss": since.loss,
        "loss_threshold": threshold,
        "rise_sigmas": since.rise_sigmas,
        "val_over_train": half.ratio,
        "train_fall": half.train_fall,
        "passed_on": half.passed_on,
    }
