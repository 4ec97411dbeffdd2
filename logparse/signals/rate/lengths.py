"""What a run declares in steps, shares or epochs, told in epochs."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from logparse.axis import is_by_epochs
from logparse.keys import (
    BATCH_KEYS,
    MILESTONE_KEYS,
    SAMPLES_KEYS,
    STEPS_KEYS,
    WARM_UP_EPOCHS_KEYS,
    WARM_UP_SHARE_KEYS,
    WARM_UP_STEPS_KEYS,
    number,
)

if TYPE_CHECKING:
    from logparse.run import Run
    from logparse.settings import Settings


def steps_per_epoch(run: Run) -> float | None:
    """Optimizer steps of an epoch, as far as the log tells them; none in logs by steps."""
    if not is_by_epochs(run):
        return None
    declared = number(run.settings, STEPS_KEYS)
    total, planned = run.optimizer.get("total_steps"), run.planned_epochs
    samples, batch = number(run.settings, SAMPLES_KEYS), number(run.settings, BATCH_KEYS)
    if declared is None and isinstance(total, int) and planned:
        declared = total / planned
    if declared is None and samples and batch and batch > 0:
        declared = float(math.ceil(samples / batch))
    return declared if declared is not None and declared >= 1 else None


def warm_up_epochs(run: Run) -> float | None:
    """Epochs of the declared warm-up; None when steps are declared and an epoch's are unknown."""
    epochs = number(run.settings, WARM_UP_EPOCHS_KEYS)
    steps, share = (
        number(run.settings, WARM_UP_STEPS_KEYS),
        number(run.settings, WARM_UP_SHARE_KEYS),
    )
    if epochs is not None and epochs > 0:
        return epochs
    if share is not None and 0 < share <= 1 and run.planned_epochs:
        return share * run.planned_epochs
    if steps is not None and steps > 0:
        per_epoch = steps_per_epoch(run)
        return None if per_epoch is None else steps / per_epoch
    return 0.0


def readings(run: Run, count: float) -> tuple[float, ...]:
    """A declared count in epochs: as it stands and, where the run has fewer, read as steps."""
    planned, steps = run.planned_epochs, steps_per_epoch(run)
    if planned is None or steps is None or count <= planned:
        return (count,)
    return (count, count / steps)


def milestones(settings: Settings) -> tuple[float, ...]:
    """The epochs of the declared milestones, from a list or its text; none when not declared."""
    names = {key.upper(): key for key in settings}
    key = next((names[key] for key in MILESTONE_KEYS if key in names), None)
    text = "" if key is None else str(settings[key])
    parts = text.strip("[]() ").replace(";", ",").split(",")
    try:
        found = sorted(float(part) for part in parts if part.strip())
    except ValueError:
        return ()
    return tuple(epoch for epoch in found if 0 < epoch < math.inf)[:1000]
