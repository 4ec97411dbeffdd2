"""The warm-up and the early stop that a run's settings declare, in epochs; the stop replayed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from logparse import keys
from logparse.axis import is_by_epochs
from logparse.findings import plural
from logparse.signals.rate import lengths, plans

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logparse.run import Run
    from logparse.signals import Signals
    from logparse.signals.series import Series

WATCHED = ("val_loss", "val_rmse")


@dataclass(frozen=True, slots=True)
class WarmUp:
    """A declared warm-up: its key, its length in epochs and in the key's own unit."""

    key: str
    epochs: float
    size: float
    before_onecycle: bool

    def resized(self, epochs: float) -> float:
        """The size, in the key's own unit, of a warm-up of so many epochs."""
        size = self.size * epochs / self.epochs
        is_share = self.key.upper() in keys.WARM_UP_SHARE_KEYS
        return size if is_share else float(max(round(size), 1))


@dataclass(frozen=True, slots=True)
class Stop:
    """A declared early stop: its key, and its patience in epochs.

    interval  epochs between validations
    plateau   epochs that the plateau scheduler waits, cooldown included; None without one
    anneal    epochs of the declared anneal, its rise left out; None without one
    schedule  epochs of the whole schedule that anneals, at most those planned; None without one
    """

    key: str
    epochs: float
    interval: float
    plateau: float | None
    anneal: float | None
    schedule: float | None


@dataclass(frozen=True, slots=True)
class StopReplay:
    """An early stop that ends a run where the log ends.

    column     the metric that it watches; the run's best of it is at `best_epoch`
    waited     epochs since then: the patience, or one validation more where a program counts so
    key        the setting with the patience, in validations, `interval` epochs apart
    min_delta  what a new best must bring, absolute
    """

    column: str
    best_epoch: int
    waited: int
    key: str
    patience: float
    interval: float
    min_delta: float

    @property
    def words(self) -> str:
        """`2 epochs without a better val_rmse, EARLY_STOP_PATIENCE 2`."""
        less = f" by {self.min_delta:.2g}" if self.min_delta > 0 else ""
        waited = plural(self.waited, "epoch")
        return f"{waited} without a better {self.column}{less}, {self.key} {self.patience:g}"


def declared_warm_up(run: Run) -> WarmUp | None:
    """The warm-up; None when none is declared, or in steps of which an epoch has unknown many."""
    names = (*keys.WARM_UP_EPOCHS_KEYS, *keys.WARM_UP_SHARE_KEYS, *keys.WARM_UP_STEPS_KEYS)
    epochs, found = lengths.warm_up_epochs(run), keys.positive(run.settings, names)
    if not epochs or found is None:
        return None
    return WarmUp(*(found[0], epochs, found[1]), plans.declared_kind(run.settings) == "onecycle")


def declared_stop(run: Run) -> Stop | None:
    """The early stop; None when none is declared, its patience is 0, or the log is by steps."""
    found = keys.positive(run.settings, keys.STOP_KEYS)
    if found is None or not is_by_epochs(run):
        return None
    interval = max(keys.number(run.settings, keys.INTERVAL_KEYS) or 1.0, 1.0)
    plateau, anneal = _plateau(run, interval), _anneal(run) or (None, None)
    return Stop(found[0], found[1] * interval, interval, plateau, *anneal)


def replay(run: Run, signals: Signals) -> StopReplay | None:
    """The declared early stop, if it ends the run just where the log ends; else None.

    The main metric is tried first. A metric on which it would have stopped before is not the one.
    """
    stop = declared_stop(run)
    if stop is None:
        return None
    delta = max(keys.number(run.settings, keys.MIN_DELTA_KEYS) or 0.0, 0.0)
    grace = keys.number(run.settings, keys.GRACE_KEYS) or 0.0
    for column in dict.fromkeys((signals.main_metric or "", *WATCHED)):
        series = signals.series(column)
        if not column.startswith("val_") or len(series) < 2:
            continue
        *before, (best, waited) = _waits(series, delta)
        if not stop.epochs <= waited <= stop.epochs + stop.interval:
            continue
        ends = zip(series.epochs[:-1].tolist(), before, strict=True)
        if all(wait < waited for epoch, (_, wait) in ends if epoch > grace):
            patience = stop.epochs / stop.interval
            return StopReplay(column, best, waited, stop.key, patience, stop.interval, delta)
    return None


def _waits(series: Series, delta: float) -> Iterator[tuple[int, int]]:
    """For each value the epoch of the best so far and the epochs since then."""
    best, since = float("inf"), 0
    for epoch, cost in zip(series.epochs.tolist(), series.costs.tolist(), strict=True):
        if best == float("inf") or cost < best - delta:
            best, since = cost, epoch
        yield since, epoch - since


def _plateau(run: Run, interval: float) -> float | None:
    key = keys.plateau_patience_key(run.settings)
    patience = None if key is None else run.settings.number(key)
    if patience is None or plans.declared_kind(run.settings) not in (None, "plateau-driven"):
        return None
    return (patience + max(keys.number(run.settings, keys.COOLDOWN_KEYS) or 0.0, 0.0)) * interval


def _anneal(run: Run) -> tuple[float, float] | None:
    """Epochs of the declared anneal and of its schedule, as far as the run is planned."""
    found = [plan for plan in plans.plans(run) if plan.kind in plans.SMOOTH]
    if not found:
        return None
    share = run.settings.number("ONECYCLE_PCT_START") if found[0].kind == "onecycle" else 0.0
    length = min(found[0].length, run.planned_epochs or found[0].length)
    rise = length * (0.3 if share is None else min(max(share, 0.0), 1.0))
    return max(length - max(rise, found[0].warm_up), 0.0), length
