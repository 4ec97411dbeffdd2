"""How far a run is: its epoch of how many, the time it takes, what is left."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import UTC, timedelta
from statistics import median
from typing import TYPE_CHECKING

import numpy as np

from logparse.axis import declared_length, is_by_epochs, label
from logparse.signals import Signals
from logparse.signals.rate.phases import find_phases
from logparse.signals.rate.plans import plans

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from logparse.run import Run

RECENT_EPOCHS = 5
"""The pace is the median of so many epochs: one slow epoch says nothing, a new pace soon counts."""
RATES = 100
"""The phase of the learning rate shows in so few points of it. Of thousands neighbours are printed
alike, and each would look constant."""
FARTHEST_END = timedelta(days=36_525)
"""An end beyond a century is no date that helps anyone."""

_PHASES = {"warm-up": "warming up", "plateau": "constant", "anneal": "annealing", "cut": "just cut"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a run is. What the log does not tell is None, never 0.

    epoch           the newest complete epoch, as printed
    noun            what rows of the log are: `epoch`, or `point` in a log by steps
    done, planned   how many epochs are done, and of how many
    batch, batches  of the epoch that is going on, where the log tells it
    epoch_s         seconds per epoch: median of the last few that the log tells, else of the
                    arrivals of epochs while they were watched
    place           where the newest row of a log by steps stands: `step 300 of 1,000`; else ''
    left_s          seconds until the planned end; 0 where it is reached
    ends_at         when that will be, in UTC
    throughput      of the newest epoch that tells it, in samples (or segments) a second
    batches_per_s   likewise
    memory_gib      on the device, likewise
    rss_gib         main memory of the process, likewise
    lr              learning rate of the newest epoch
    lr_place        where in its schedule: '24% of the schedule, annealing', '' where unknown
    grad_norm       of the newest epoch; NaN where that is what it printed
    main_metric     the column by which the run is judged
    main_value      its newest value, likewise
    main_best       its best value, finite, and the epoch of it
    since_best      epochs since then
    patience        the early stop's declared patience, in epochs
    """

    epoch: int | None = None
    done: int = 0
    planned: int | None = None
    place: str = ""
    batch: int | None = None
    batches: int | None = None
    epoch_s: float | None = None
    left_s: float | None = None
    ends_at: datetime | None = None
    throughput: float | None = None
    batches_per_s: float | None = None
    memory_gib: float | None = None
    rss_gib: float | None = None
    lr: float | None = None
    lr_place: str = ""
    grad_norm: float | None = None
    main_metric: str | None = None
    main_value: float | None = None
    main_best: float | None = None
    best_epoch: int | None = None
    since_best: int | None = None
    patience: float | None = None
    noun: str = "epoch"

    @property
    def is_done(self) -> bool:
        """True when all planned epochs are."""
        return self.planned is not None and self.done >= self.planned

    def at(self, now: datetime, since_s: float | None = None) -> Progress:
        """The same at another moment, `since_s` after the newest epoch came: what is left of it."""
        left_s = self._left_s(since_s)
        is_dated = left_s is not None and left_s <= FARTHEST_END.total_seconds()
        ends_at = now.astimezone(UTC) + timedelta(seconds=left_s or 0.0) if is_dated else None
        return replace(self, left_s=left_s, ends_at=ends_at)

    def _left_s(self, since_s: float | None) -> float | None:
        if self.planned is None or self.epoch_s is None:
            return None
        if since_s is None:
            since_s = self.epoch_s * (self.batch or 0) / (self.batches or 1)
        # The epoch that is going on has taken no more than its share, however late it is.
        gone_s = min(max(since_s, 0.0), self.epoch_s)
        return _finite(max((self.planned - self.done) * self.epoch_s - gone_s, 0.0))


def progress_of(
    run: Run, now: datetime, arrivals: Sequence[float] = (), since_s: float | None = None
) -> Progress:
    """How far the run is at `now`.

    `arrivals` are the seconds between the last epochs as they were watched, for logs that tell
    no times; `since_s` those since the newest one came.
    """
    signals = Signals(run)
    batch, batches = _batch(run)
    stop, main = signals.rate.declared_stop, signals.main_metric
    best = None if main is None else signals.series(main).best
    progress = Progress(
        epoch=run.last_epoch,
        done=_done(run),
        planned=run.planned_epochs,
        batch=batch,
        batches=batches,
        epoch_s=_epoch_s(signals, arrivals),
        throughput=_finite(newest(run, "throughput")),
        batches_per_s=_finite(newest(run, "batches_per_s")),
        memory_gib=_finite(newest(run, "gpu_gib")),
        rss_gib=_finite(newest(run, "rss_gib")),
        lr=signals.lr.last.value if len(signals.lr) else None,
        lr_place=_lr_place(run, signals),
        grad_norm=newest(run, "grad_norm"),
        main_metric=main,
        main_value=None if main is None else newest(run, main),
        main_best=None if best is None else best.value,
        best_epoch=None if best is None else best.epoch,
        since_best=None if best is None else (run.last_epoch or best.epoch) - best.epoch,
        patience=None if stop is None else stop.epochs,
        place=_place(run),
        noun="epoch" if is_by_epochs(run) else "point",
    )
    signals.forget()
    return progress.at(now, since_s)


def newest(run: Run, column: str) -> float | None:
    """The last value that the log prints of a column, NaN and infinities too; None without one."""
    if column not in run.epochs:
        return None
    values = run.epochs[column].to_numpy(dtype=np.float64)
    told = np.flatnonzero(~np.isnan(values))
    broken = run.nonfinite.get(column, ())
    last = int(run.epochs["epoch"].iloc[told[-1]]) if len(told) else None
    if len(broken) and (last is None or int(max(broken)) > last):
        return math.nan
    return float(values[told[-1]]) if len(told) else None


def _place(run: Run) -> str:
    if is_by_epochs(run) or run.last_epoch is None:
        return ""
    length = declared_length(run) if run.planned_epochs is not None else None
    return label(run, run.last_epoch) + ("" if length is None else f" of {length:,.10g}")


def _done(run: Run) -> int:
    """Epochs done, those before a resumed log included."""
    last = run.last_epoch
    return 0 if last is None else last + (run.first_epoch == 0)


def _epoch_s(signals: Signals, arrivals: Sequence[float]) -> float | None:
    for times in (signals.series("elapsed_s").values.tolist(), arrivals):
        # A time that was rounded to 0 tells nothing.
        known = [one for one in times if math.isfinite(one) and one > 0]
        if known:
            return median(known[-RECENT_EPOCHS:])
    return None


def _batch(run: Run) -> tuple[int | None, int | None]:
    """The batch of the epoch that is going on and their number; None where an epoch is complete."""
    batch, batches, epoch = (run.micro.get(name) for name in ("batch", "batches", "epoch"))
    is_old = isinstance(epoch, int) and run.last_epoch is not None and epoch <= run.last_epoch
    if is_old or not isinstance(batch, int) or batch < 0:
        return None, None
    return batch, batches if isinstance(batches, int) and batches >= max(batch, 1) else None


def _finite(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else value


def _lr_place(run: Run, signals: Signals) -> str:
    """The share of the schedule that the log tells, else that of the declared one; the phase."""
    share, planned = _finite(newest(run, "sched_pct")), run.planned_epochs
    if share is None and planned is not None and len(signals.lr) and _has_course(run):
        share = min(100.0 * _done(run) / planned, 100.0)
    words = [] if share is None else [f"{share:.0f}% of the schedule"]
    return ", ".join([*words, *_phase(signals)])


def _phase(signals: Signals) -> list[str]:
    """What the learning rate does at present; two equal values are no change of it yet."""
    rates = signals.lr.thinned(RATES)
    phases = find_phases(rates)
    is_short = len(phases) > 1 and phases[-1].kind == "plateau"
    is_short = is_short and phases[-1].first_epoch == int(rates.epochs[-2])
    return [_PHASES[phase.kind] for phase in (phases[:-1] if is_short else phases)[-1:]]


def _has_course(run: Run) -> bool:
    """True where the settings declare a schedule that the clock moves from start to end."""
    return any(plan.kind not in ("constant", "plateau-driven") for plan in plans(run))
