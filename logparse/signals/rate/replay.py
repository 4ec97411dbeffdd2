"""Which metric and which counting made a plateau scheduler cut when it did.

Torch counts a cut at `patience + 1` bad epochs and asks for a relative gain; Keras counts at
`patience` and asks for an absolute one. Both are replayed on the logged metrics, and what repeats
the logged cuts is what the scheduler saw.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from logparse.keys import COOLDOWN_KEYS, THRESHOLD_KEYS, number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logparse.run import Run
    from logparse.signals import Signals
    from logparse.signals.series import IntArray, Series

Counting: TypeAlias = Literal["torch", "keras"]

WATCHED = ("val_loss", "val_rmse", "val_mae", "val_r2", "val_accuracy", "train_loss", "train_rmse")
SQUARED = ("val_rmse", "train_rmse")
DEFAULT_THRESHOLD = 1e-4
MAX_EPOCHS = 20_000


@dataclass(frozen=True, slots=True)
class Replay:
    """A plateau scheduler that cuts where the log does.

    column     the metric that it watches; `power` 2 when its square (a mean squared error)
    counting   `torch` or `keras`; patience, threshold and cooldown as that one counts them
    lag        epochs between the decision and the row where the log shows the lower LR
    cuts       epochs after which it cut, as far as the log shows cuts
    """

    column: str
    power: int
    counting: Counting
    patience: int
    threshold: float
    cooldown: int
    lag: int
    cuts: tuple[int, ...]

    @property
    def name(self) -> str:
        """The metric in words."""
        return self.column if self.power == 1 else f"the square of {self.column}"

    @property
    def bad_epochs(self) -> int:
        """Bad epochs in a row at which it cuts."""
        return self.patience + 1 if self.counting == "torch" else max(self.patience, 1)


@dataclass(frozen=True, slots=True)
class _Rule:
    """What one scheduler asks for."""

    power: int
    counting: Counting
    threshold: float
    cooldown: int


@np.errstate(all="ignore")
def replay(run: Run, signals: Signals, patience: float | None) -> Replay | None:
    """The scheduler that explains all cuts; None when none does, or without cuts.

    Once the LR has reached its floor a scheduler's cuts show no more, so only those up to the
    last visible one are compared.
    """
    falls = np.flatnonzero(np.diff(signals.lr.values) < 0) + 1
    shown = signals.lr.epochs[falls]
    if not len(shown) or len(signals.lr) > MAX_EPOCHS:
        return None
    for series, rule in _candidates(run, signals):
        counts = _is_bad(series, rule)
        for lag in (1, 0):
            found = _try(series, rule, counts, shown - lag, patience)
            if found is not None:
                return Replay(
                    column=series.column,
                    power=rule.power,
                    counting=rule.counting,
                    patience=found,
                    threshold=rule.threshold,
                    cooldown=rule.cooldown,
                    lag=lag,
                    cuts=tuple((shown - lag).tolist()),
                )
    return None


def _candidates(run: Run, signals: Signals) -> Iterator[tuple[Series, _Rule]]:
    """The main metric first, at the declared threshold; each as torch and then as Keras counts."""
    declared = number(run.settings, THRESHOLD_KEYS)
    threshold = DEFAULT_THRESHOLD if declared is None or declared < 0 else declared
    cooldown = max(int(min(number(run.settings, COOLDOWN_KEYS) or 0, 1000)), 0)
    columns = dict.fromkeys((signals.main_metric or "", *WATCHED))
    known = [signals.series(column) for column in columns if len(signals.series(column)) > 1]
    countings: tuple[Counting, ...] = ("torch", "keras")
    for counting in countings:
        for series in known:
            for power in (1, 2) if series.column in SQUARED else (1,):
                yield series, _Rule(power, counting, threshold, cooldown)


def _is_bad(series: Series, rule: _Rule) -> list[bool]:
    """For each value whether it brought less than the threshold over the best so far."""
    best, bad = float("inf"), []
    for value in (series.costs**rule.power if rule.power > 1 else series.costs).tolist():
        margin = rule.threshold * abs(best) if rule.counting == "torch" else rule.threshold
        is_new = best == float("inf") or value < best - margin
        best = value if is_new else best
        bad.append(not is_new)
    return bad


def _try(
    series: Series, rule: _Rule, bad: list[bool], cuts: IntArray, patience: float | None
) -> int | None:
    """The patience with which exactly these cuts are made, up to the last; None if none is."""
    places = {int(epoch): at for at, epoch in enumerate(series.epochs)}
    wanted = [places.get(int(epoch), -1) for epoch in cuts]
    if -1 in wanted:
        return None
    if patience is None:
        run_of_bad = 0
        while run_of_bad <= wanted[0] and bad[wanted[0] - run_of_bad]:
            run_of_bad += 1
        needed = run_of_bad
    else:
        needed = int(patience) + 1 if rule.counting == "torch" else max(int(patience), 1)
    if needed < 1 or _made(bad, needed, rule.cooldown, wanted[-1]) != wanted:
        return None
    return needed - 1 if rule.counting == "torch" else needed


def _made(bad: list[bool], needed: int, cooldown: int, last: int) -> list[int]:
    """Where a scheduler cuts that needs so many bad epochs in a row, up to index `last`."""
    made, count, cool = [], 0, 0
    for at, is_bad in enumerate(bad[: last + 1]):
        count = count + 1 if is_bad else 0
        if cool > 0:
            cool, count = cool - 1, 0
        if count >= needed:
            made.append(at)
            cool, count = cooldown, 0
    return made
