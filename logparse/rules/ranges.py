"""Settings held against the ranges that are usual elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from logparse.rules.edits import LR_KEYS, changed, is_switched_off

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from logparse.run import Run
    from logparse.signals import Signals

OPTIMIZER_KEYS = ("OPTIMIZER", "OPTIM", "OPTIMIZER_NAME")
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


def active_dropouts(run: Run) -> list[str]:
    """The dropouts of modules that are not switched off."""
    names = [key for key in run.settings if key.upper().startswith("DROPOUT")]
    return [key for key in names if not is_switched_off(run, key)]


def peak_rate(run: Run, signals: Signals) -> tuple[str, float]:
    """The declared peak of the learning rate under its name, else the highest logged, as `lr`."""
    for key in LR_KEYS:
        value = run.settings.number(key)
        if value is not None and value > 0:
            return key, value
    return "lr", float(signals.lr.values.max()) if len(signals.lr) else 0.0


def is_adam(run: Run) -> bool:
    """Whether the log names an optimizer of the Adam family."""
    names = (str(run.settings[key]).lower() for key in OPTIMIZER_KEYS if key in run.settings)
    return any("adam" in name for name in names)


def validation_size(run: Run) -> float | None:
    """How many samples the log declares for validation; None where it does not say."""
    sizes = (run.settings.number(key) for key in VAL_SIZE_KEYS)
    return next((size for size in sizes if size is not None), None)
