"""What the surroundings of a plateau say about its cause, and what to try there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logparse.rules.edits import (
    is_strongly_regularised,
    learning_rate,
    less_regularisation,
    more_regularisation,
    plateau_patience,
    remedies,
)
from logparse.rules.schedule_edits import later_milestones

if TYPE_CHECKING:
    from logparse.run import Run
    from logparse.signals import Signals

RATE = "the learning rate is too high to settle, or fell too early to move"
REGULARISED = "the model is held back by regularisation"
LIMITED = "the model or its inputs cannot do better"
SMALL_LEAD = 0.1


def is_held_back(run: Run, signals: Signals) -> bool:
    """Strong regularisers are declared, and training is hardly better than validation."""
    return is_strongly_regularised(run) and signals.curves.lead_of_training < SMALL_LEAD


def ranked_causes(run: Run, signals: Signals) -> tuple[str, ...]:
    """Regularisation first where the run declares that it is strong."""
    first = (REGULARISED, RATE) if is_held_back(run, signals) else (RATE, REGULARISED)
    return (*first, LIMITED)


def pointed(start: int, run: Run, signals: Signals) -> tuple[str, ...]:
    """Remedies where what surrounds a plateau points at one cause; empty without any."""
    if is_held_back(run, signals):
        return less_regularisation(run)
    if any(start - 5 <= cut.epoch <= start + 2 for cut in signals.rate.cuts):
        schedule, key = signals.rate.schedule, signals.rate.plateau_patience_key
        is_step = schedule is not None and schedule.kind == "step"
        return (later_milestones(run) if is_step else plateau_patience(run, key),)
    train = signals.train_metric
    if train not in (None, signals.main_metric) and signals.progress(str(train)).is_resolvable:
        return remedies("use the best checkpoint", *more_regularisation(run))
    return ()


def general(run: Run) -> tuple[str, ...]:
    """Remedies where nothing points at one cause."""
    return remedies(learning_rate(run, 1 / 3), *less_regularisation(run))
