"""Settings held against the ranges that are usual elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from logparse.rules.edits import changed, lr_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from logparse.run import Run
    from logparse.signals import Signals

VAL_SIZE_KEYS = ("VAL_WINDOWS", "VAL_SIZE", "VAL_SAMPLES", "N_VAL")


@dataclass(frozen=True, slots=True)
class Outlier:
    """A setting with its value, the bound that it passes, what that does, and the edit."""

    key: str
    value: float
    bound: float
    effect: str
    edit: str

    @property
    def usual(self) -> str:
        """The range in words: `at most 0.5`."""
        return f"{'at most' if self.value > self.bound else 'at least'} {self.bound:g}"


def above(run: Run, keys: Iterable[str], bound: float, effect: str) -> Iterator[Outlier]:
    """The keys that are declared as a number above the bound."""
    for key in keys:
        value = run.settings.number(key)
        if value is not None and value > bound:
            yield Outlier(key, value, bound, effect, changed(run, key, bound))


def peak_rate(run: Run, signals: Signals) -> tuple[str, float]:
    """The declared peak of the learning rate under its name, else the highest logged, as `lr`.

    0 where none is declared, and the rate still rises.
    """
    key = lr_key(run)
    if key is not None:
        return key, run.settings.number(key) or 0.0
    is_known = len(signals.lr) > 0 and not signals.rate.in_warm_up
    return "lr", float(signals.lr.values.max()) if is_known else 0.0


def validation_size(run: Run) -> float | None:
    """How many samples the log declares for validation; None where it does not say."""
    sizes = (run.settings.number(key) for key in VAL_SIZE_KEYS)
    return next((size for size in sizes if size is not None), None)
