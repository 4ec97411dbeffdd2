"""How far a run is: its epoch of how many, the time it takes, what is left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from logparse.run import Run


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a run is. What the log does not tell is None, never 0.

    epoch          the newest epoch, as printed
    done, planned  how many epochs are done, and of how many
    epoch_s        seconds per epoch: median of the last few that the log tells, else of the
                   arrivals of epochs while they were watched
    left_s         seconds until the planned end; 0 where it is reached
    ends_at        when that will be, in UTC
    throughput     of the newest epoch that tells it, in `throughput_unit` a second
    memory_gib     on the device, likewise
    lr             learning rate of the newest epoch
    lr_place       where in its schedule: '24% of the schedule, annealing', '' where unknown
    grad_norm      of the newest epoch
    since_best     epochs since the main metric's best value
    patience       the early stop's declared patience, in epochs
    """

    epoch: int | None = None
    done: int = 0
    planned: int | None = None
    epoch_s: float | None = None
    left_s: float | None = None
    ends_at: datetime | None = None
    throughput: float | None = None
    throughput_unit: str = ""
    memory_gib: float | None = None
    lr: float | None = None
    lr_place: str = ""
    grad_norm: float | None = None
    main_metric: str | None = None
    since_best: int | None = None
    patience: int | None = None


def progress_of(
    run: Run, now: datetime, arrivals: tuple[float, ...] = (), since_s: float | None = None
) -> Progress:
    """How far the run is at `now`."""
    return Progress(epoch=run.last_epoch, done=len(run.epochs), planned=run.planned_epochs)
