"""What a cut of the learning rate did to the metric, and what had triggered it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from logparse.axis import is_by_epochs
from logparse.findings import epoch_label
from logparse.keys import FLOOR_KEYS, number
from logparse.signals.noise import MAD_TO_SD, print_floor

if TYPE_CHECKING:
    from logparse.findings import Measure
    from logparse.signals import Signals
    from logparse.signals.progress import Progress
    from logparse.signals.rate.phases import Cut
    from logparse.signals.rate.replay import Replay
    from logparse.signals.series import Series

PLATEAU_THRESHOLD = 1e-4
HASTY_BAD_EPOCHS = 1
MAX_NOISE_POINTS = 20
HIGH_SHARE = 0.1
DECLARED_FLOOR = 1e-2
ROUNDED = 1.01


@dataclass(frozen=True, slots=True)
class CutEffect:
    """A cut with the metric's progress around it.

    near        over the last few epochs before the cut
    settled     over the last two thirds of the epochs from the LR's peak to the cut, so that
                the first steep fall does not speak for what came after it
    after       over as many epochs after it, up to the next cut; few points have slope 0
    average     mean improvement per epoch from the LR's peak to the cut, end to end
    bad_epochs  epochs without a new best when the scheduler cut (threshold 1e-4, relative)
    patience    the plateau scheduler's declared patience, None if undeclared
    replay      the plateau scheduler that explains the cuts, None if none does
    noise       SD of what the scheduler watched (else the metric) between the LR's peak and the
                cut, by third differences; NaN with fewer than six values
    best        its best value up to the cut, without its sign
    """

    cut: Cut
    near: Progress
    settled: Progress
    after: Progress
    average: float
    bad_epochs: int
    patience: float | None
    replay: Replay | None
    noise: float
    best: float

    def pace_of(self, before: Progress) -> float:
        """A slope before the cut as a share of the average since the peak."""
        return before.slope / self.average if self.average > 0 else 0.0

    def facts(self) -> dict[str, Measure]:
        """What a finding shows of the cut; gains per epoch, positive is better."""
        known: dict[str, Measure] = {
            "cut_epoch": self.cut.epoch,
            "lr_before": self.cut.before,
            "lr_after": self.cut.after,
            **({"gain_per_epoch_after": self.after.slope} if self.after.points > 2 else {}),
            "bad_epochs": self.bad_epochs if self.replay is None else self.replay.bad_epochs,
        }
        if self.patience is not None:
            known["patience"] = self.patience
        if self.replay is not None:
            known["replayed"] = f"{self.replay.counting}, on {self.replay.name}"
            known["threshold"] = self.replay.threshold
        noise = self.noise_of_threshold
        return known if noise is None else {**known, "noise": noise}

    @property
    def trigger(self) -> str | None:
        """Why the scheduler cut, as replayed: `3 epochs each brought less than 1e-4`."""
        if self.replay is None:
            return None
        waited, at = self.replay.bad_epochs, self.cut.epoch - self.replay.lag
        count = f"{waited} epochs in a row" if waited > 1 else "one epoch"
        of_it = " of the best" if self.replay.counting == "torch" else ""
        noise = self.noise_of_threshold
        return (
            f"cut after {epoch_label(at)} because {count} brought less than "
            f"{self.replay.threshold:.2g}{of_it} ({self.replay.counting} patience "
            f"{self.replay.patience}, on {self.replay.name})"
            + ("" if noise is None else f"; noise is {noise:.1g}{of_it}")
        )

    @property
    def noise_of_threshold(self) -> float | None:
        """The noise of what the scheduler watched, in the unit of its threshold; None without a
        replay or a known noise."""
        return None if self.replay is None else self.as_threshold(self.noise)

    def as_threshold(self, change: float) -> float | None:
        """A change of the metric in the unit of the scheduler's threshold: a share of the best as
        torch counts, and as is thought without a replay; absolute as Keras does."""
        if not math.isfinite(change) or self.best <= 0:
            return None
        power = 1 if self.replay is None else self.replay.power
        relative = power * change / self.best
        is_absolute = self.replay is not None and self.replay.counting == "keras"
        return relative * self.best**power if is_absolute else relative

    @property
    def hidden_gain(self) -> float:
        """What the settled slope gains while the patience runs out, in sigma."""
        waited = max(self.bad_epochs - 1, 1) if self.patience is None else self.patience
        noise = self.settled.sigma
        return self.settled.slope * waited / noise if noise > 0 else math.inf


def cut_effect(signals: Signals, cut: Cut, metric: str, window: int) -> CutEffect:
    """The effect of one cut. The cut's own epoch is on neither side: logs differ in whether an
    epoch's LR is the one it ran with or the next one's."""
    later = [other.epoch for other in signals.rate.cuts if other.epoch > cut.epoch]
    end = min([cut.epoch + window, *(epoch - 1 for epoch in later)])
    between = signals.progress_between
    peak = lr_peak_epoch(signals)
    start = peak + (cut.epoch - peak) // 3
    watched = signals.series(metric if signals.rate.replay is None else signals.rate.replay.column)
    watched = watched.between(peak, cut.epoch - 1)
    return CutEffect(
        cut=cut,
        near=between(metric, cut.epoch - window, cut.epoch - 1),
        settled=between(metric, start, cut.epoch - 1),
        after=between(metric, cut.epoch + 1, end),
        average=_average(signals.series(metric).between(peak, cut.epoch - 1)),
        bad_epochs=_bad_epochs(signals, cut, metric),
        patience=signals.run.settings.number(signals.rate.plateau_patience_key or ""),
        replay=signals.rate.replay,
        noise=_local_noise(watched),
        best=abs(watched.best.value) if len(watched) else 0.0,
    )


def early_cuts(signals: Signals, least: int, share: float) -> tuple[Cut, ...]:
    """Cuts within max(least, share of the planned epochs) of the LR's peak, and hasty ones.

    Hasty is what a plateau scheduler does within the first third of the plan after at most one
    epoch without a new best. Cuts from a warm-up's overshoot are left out, and so are those of a
    stepped schedule in the last two thirds of the plan. In logs by steps `least`, which is of
    epochs, counts for nothing.
    """
    epochs = signals.run.planned_epochs or len(signals.run.epochs)
    least = least if is_by_epochs(signals.run) else 0
    bound, third = max(least, int(share * epochs)), (epochs - 1) // 3
    if signals.rate.schedule is not None and signals.rate.schedule.is_planned:
        bound = min(bound, third)
    held = [(cut, cut.epoch - lr_peak_epoch(signals)) for cut in signals.rate.cuts if cut.held]
    return tuple(
        cut for cut, age in held if age <= bound or (age <= third and _is_hasty(signals, cut))
    )


def _is_hasty(signals: Signals, cut: Cut) -> bool:
    metric = signals.main_metric
    if signals.rate.replay is None or metric is None:
        return False
    return _bad_epochs(signals, cut, metric) <= HASTY_BAD_EPOCHS


def lr_peak_epoch(signals: Signals) -> int:
    """First epoch at the highest LR; 1 when a trimmed log starts at it. The log has an LR."""
    peak = int(np.argmax(signals.lr.values))
    return int(signals.lr.epochs[peak]) if peak else min(1, int(signals.lr.epochs[0]))


@np.errstate(all="ignore")
def _local_noise(before: Series) -> float:
    """From third differences, which a bent curve hardly enters; at least the rounding."""
    if len(before) < 6:
        return math.nan
    bends = np.diff(before.tail(MAX_NOISE_POINTS).values, n=3)
    spread = MAD_TO_SD * float(np.median(np.abs(bends))) / math.sqrt(20)
    return max(spread, print_floor(before))


def _average(before: Series) -> float:
    if len(before) < 2:
        return 0.0
    gain = before.improvement(before.first.value, before.best.value)
    return gain / (before.last.epoch - before.first.epoch)


def _bad_epochs(signals: Signals, cut: Cut, metric: str) -> int:
    """The count when the scheduler cut: at the cut's epoch or the one before, as the replay
    tells; without one the larger of the two, for the LR may be printed a row late."""
    counts = signals.bad_epochs(metric, PLATEAU_THRESHOLD)
    epochs = signals.series(metric).epochs
    lags = (0, 1) if signals.rate.replay is None else (signals.rate.replay.lag,)
    at = np.searchsorted(epochs, [cut.epoch - lag for lag in lags]).tolist()
    return max(
        (
            counts[place]
            for place, lag in zip(at, lags, strict=True)
            if place < len(epochs) and epochs[place] == cut.epoch - lag
        ),
        default=0,
    )


@dataclass(frozen=True, slots=True)
class Descent:
    """The LR's way to a floor that it never left, and the metric before and after.

    before  progress over the last epochs with an LR above a tenth of its peak
    pace    its slope as a share of the average since the peak
    after   progress from the first epoch at the floor on
    share   its gain as a share of the gain from the peak to the descent
    """

    peak: float
    floor_epoch: int
    epochs_at_floor: int
    before: Progress
    pace: float
    after: Progress
    share: float


def _unprinted(lr: Series, limit: float) -> float:
    """What a rate printed as 0 may be where so few decimals cannot tell a floor; else 0."""
    if lr.resolution is None or lr.resolution.scientific or (half := lr.print_step / 2) <= limit:
        return 0.0
    return half


def descent(signals: Signals, floor: float, window: int) -> Descent | None:
    """The descent to `floor` times the peak, or to a declared minimum; None without one."""
    lr, metric = signals.lr, signals.main_metric
    peak = float(lr.values.max()) if len(lr) else 0.0
    if metric is None or peak <= 0:
        return None
    declared = number(signals.run.settings, FLOOR_KEYS) or 0.0
    limit = max(floor * peak, declared if declared <= ROUNDED * DECLARED_FLOOR * peak else 0.0)
    above = np.flatnonzero(lr.values + _unprinted(lr, limit) > ROUNDED * limit)
    high = np.flatnonzero(lr.values > ROUNDED * HIGH_SHARE * peak)
    if not len(above) or above[-1] + 1 >= len(lr):
        return None
    first, start = int(lr.epochs[above[-1] + 1]), int(lr.epochs[high[-1]])
    before = signals.progress_between(metric, start - window + 1, start)
    average = _average(signals.series(metric).between(lr_peak_epoch(signals), start))
    total = average * (start - lr_peak_epoch(signals))
    after = signals.progress_between(metric, first, lr.last.epoch)
    return Descent(
        peak=peak,
        floor_epoch=first,
        epochs_at_floor=lr.last.epoch - first + 1,
        before=before,
        pace=before.slope / average if average > 0 else 0.0,
        after=after,
        share=after.gain / total if total > 0 else math.inf,
    )
