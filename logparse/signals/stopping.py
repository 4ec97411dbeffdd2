"""The warm-up and the early stop that a run's settings declare, in epochs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from logparse.signals import keys, plans

if TYPE_CHECKING:
    from logparse.run import Run


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
        return size if self.size < 1 else float(max(round(size), 1))


@dataclass(frozen=True, slots=True)
class Stop:
    """A declared early stop: its key, and its patience in epochs.

    interval  epochs between validations
    plateau   epochs that the plateau scheduler waits, cooldown included; None without one
    anneal    epochs of the declared anneal, its rise left out; None without one
    """

    key: str
    epochs: float
    interval: float
    plateau: float | None
    anneal: float | None


def declared_warm_up(run: Run) -> WarmUp | None:
    """The warm-up; None when none is declared, or in steps of which an epoch has unknown many."""
    names = (*keys.WARM_UP_EPOCHS_KEYS, *keys.WARM_UP_SHARE_KEYS, *keys.WARM_UP_STEPS_KEYS)
    epochs, found = plans.warm_up_epochs(run), keys.positive(run.settings, names)
    if not epochs or found is None:
        return None
    return WarmUp(*(found[0], epochs, found[1]), plans.declared_kind(run.settings) == "onecycle")


def declared_stop(run: Run) -> Stop | None:
    """The early stop; None when none is declared or its patience is 0."""
    found = keys.positive(run.settings, keys.STOP_KEYS)
    if found is None:
        return None
    interval = max(keys.number(run.settings, keys.INTERVAL_KEYS) or 1.0, 1.0)
    return Stop(found[0], found[1] * interval, interval, _plateau(run, interval), _anneal(run))


def _plateau(run: Run, interval: float) -> float | None:
    key = keys.plateau_patience_key(run.settings)
    patience = None if key is None else run.settings.number(key)
    if patience is None or plans.declared_kind(run.settings) not in (None, "plateau-driven"):
        return None
    return (patience + max(keys.number(run.settings, keys.COOLDOWN_KEYS) or 0.0, 0.0)) * interval


def _anneal(run: Run) -> float | None:
    found = [plan for plan in plans.plans(run) if plan.kind in plans.SMOOTH]
    if not found:
        return None
    share = run.settings.number("ONECYCLE_PCT_START") if found[0].kind == "onecycle" else 0.0
    rise = found[0].length * (0.3 if share is None else min(max(share, 0.0), 1.0))
    return found[0].length - max(rise, found[0].warm_up)
