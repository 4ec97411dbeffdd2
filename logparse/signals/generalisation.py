"""Training and validation side by side: how far apart they are, and what became of the gap."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from logparse.metrics import KINDS, OTHER_KINDS, Better, direction
from logparse.signals.scale import Scale, scale_of

if TYPE_CHECKING:
    from logparse.signals import Signals
    from logparse.signals.progress import Progress
    from logparse.signals.series import FloatArray, IntArray, Series

MIN_PAIRS = 3
LEVEL_POINTS = 3


@dataclass(frozen=True, slots=True, eq=False)
class Twins:
    """One metric on both splits, at the epochs where both were printed, in the last regime.

    `val` and `train` are errors: the metric itself where lower is better, else its distance from
    perfect (1, or 100 for per cent), so that 0 is perfect for all of them. Where `scale` says that
    one loss is a multiple of the other, `train` is on the scale of `val`.
    """

    val_column: str
    train_column: str
    epochs: IntArray
    val: FloatArray
    train: FloatArray
    sigma: float
    perfect: float
    is_boundless: bool = False
    scale: Scale | None = None

    def __len__(self) -> int:
        return len(self.epochs)

    @property
    def span(self) -> int:
        """Epochs from the first to the last of them."""
        return int(self.epochs[-1] - self.epochs[0]) + 1

    @property
    def has_ratios(self) -> bool:
        """False for losses that pass zero: shares of such an error mean nothing."""
        lowest = min(float(self.val.min()), float(self.train.min()))
        return lowest >= 0 and not self.is_boundless

    def printed_train(self, error: float) -> float:
        """A training error as the log prints the metric, on its own scale."""
        return self.printed(error) * (self.scale.ratio if self.scale else 1.0)

    def printed(self, error: float) -> float:
        """An error as the log prints the metric."""
        return self.perfect - error if self.perfect else error


@dataclass(frozen=True, slots=True)
class Overfit:
    """How validation and training went on after validation's best level (median of three).

    age            epochs since the best level
    loss           generalisation loss: the last level over the best one, less 1
    rise_sigmas    the rise from the best level to the last one, in sigma of validation
    train_gain     share of the training error that was still removed since
    gap            last validation level less last training level

    Of losses that pass zero, shares are of what the split had gained from its first level on.
    """

    best_epoch: int
    best_level: float
    end_level: float
    train_level: float
    age: int
    loss: float
    rise_sigmas: float
    train_gain: float

    @property
    def gap(self) -> float:
        return self.end_level - self.train_level


@dataclass(frozen=True, slots=True)
class LateHalf:
    """What the second half of a run brought to both splits.

    ratio       last validation level over last training level; 0.0 of losses that pass zero
    train_fall  share of the training error that the second half removed
    passed_on   fall of the validation error over that of the training error; 0 if training rose
    """

    first_epoch: int
    ratio: float
    train_fall: float
    passed_on: float


@dataclass(frozen=True, slots=True)
class Lead:
    """Validation ahead of training.

    share        share of the epochs in which validation is better by the sigmas asked for
    early, late  median of validation's error over training's in the first and last fifth, each
                 divided by the error of its split's mean where the log declares both
    train_level  median training error of the last fifth
    """

    share: float
    early: float
    late: float
    train_level: float


class Generalisation:
    """One metric on both splits, and what became of the gap between them; lazy and cached."""

    def __init__(self, signals: Signals, twins: Twins) -> None:
        self._signals = signals
        self.twins = twins

    @cached_property
    def overfit(self) -> Overfit:
        """How both splits went on after validation's best level."""
        return overfit(self.twins)

    @cached_property
    def late_half(self) -> LateHalf:
        """What the second half of the run brought to both splits."""
        return late_half(self.twins)

    def lead(self, sigmas: float) -> Lead:
        """How far validation is ahead of training, by that many sigma."""
        columns = (self.twins.val_column, self.twins.train_column)
        of_val, of_train = (self._signals.chance_level(column) for column in columns)
        return lead(self.twins, sigmas, (of_val, of_train))

    def training(self, first_epoch: int) -> Progress:
        """Progress of the training metric from an epoch to the end."""
        last = int(self.twins.epochs[-1])
        return self._signals.progress_between(self.twins.train_column, first_epoch, last)

    def other_improving(self, first_epoch: int) -> str | None:
        """Another validation metric that improves resolvably from an epoch to the end; or None."""
        last = int(self.twins.epochs[-1])
        for column in (f"val_{kind}" for kind in (*KINDS, *OTHER_KINDS)):
            if column == self.twins.val_column or len(self._signals.series(column)) < MIN_PAIRS:
                continue
            if self._signals.progress_between(column, first_epoch, last).is_resolvable:
                return column
        return None


def side_by_side(signals: Signals) -> Generalisation | None:
    """The metric of both splits by which the run is judged; None where no metric has both."""
    main = (signals.main_metric or "").partition("_")[2]
    known = (*KINDS, *OTHER_KINDS)
    for kind in dict.fromkeys((main, *known) if main in known else known):
        found = _twins(signals, kind)
        if found is not None:
            return Generalisation(signals, found)
    parts = [found for kind in _parts(signals) if (found := _twins(signals, kind)) is not None]
    if not parts:
        return None
    return Generalisation(signals, max(parts, key=lambda one: overfit(one).loss))


def _parts(signals: Signals) -> list[str]:
    """Quantities of both splits that are no known metric, with a direction: parts of a loss."""
    names = [name.partition("_")[2] for name in map(str, signals.run.epochs) if name[:4] == "val_"]
    told = signals.run.better
    return [name for name in names if direction(f"val_{name}", told) is not Better.NEITHER]


def _twins(signals: Signals, kind: str) -> Twins | None:
    """A metric of both splits; None with fewer than three pairs."""
    val, train = signals.recent(f"val_{kind}"), signals.recent(f"train_{kind}")
    if not kind or len(val) < MIN_PAIRS or len(train) < MIN_PAIRS:
        return None
    found = _paired(val, train, signals.sigma(val.column))
    return found if len(found) >= MIN_PAIRS else None


@np.errstate(all="ignore")
def overfit(pair: Twins) -> Overfit:
    """Levels since validation's best; the pair has three epochs or more."""
    levels = _medians(pair.val)
    at = int(np.argmin(levels))
    best, end = float(levels[at]), float(levels[-1])
    train = _medians(pair.train)
    now, then = float(train[-1]), float(train[at])
    of_val, of_train = best, then
    if not pair.has_ratios:
        of_val, of_train = float(levels[0]) - best, float(train[0]) - now
    return Overfit(
        best_epoch=int(pair.epochs[at + 1]),
        best_level=best,
        end_level=end,
        train_level=now,
        age=int(pair.epochs[-1] - pair.epochs[at + 1]),
        loss=_share(end - best, of_val),
        rise_sigmas=_share(end - best, pair.sigma),
        train_gain=_share(then - now, of_train),
    )


@np.errstate(all="ignore")
def late_half(pair: Twins) -> LateHalf:
    """The second half by levels: medians of a tenth of the epochs, at least of three."""
    count = len(pair)
    width, middle = max(LEVEL_POINTS, count // 10), count // 2
    around = slice(max(middle - width // 2, 0), middle + width // 2 + 1)
    val, train = (float(np.median(part[around])) for part in (pair.val, pair.train))
    val_end, train_end = (float(np.median(part[-width:])) for part in (pair.val, pair.train))
    fall = train - train_end
    return LateHalf(
        first_epoch=int(pair.epochs[middle]),
        ratio=_share(val_end, train_end) if pair.has_ratios else 0.0,
        train_fall=_share(fall, train if pair.has_ratios else float(pair.train[0]) - train_end),
        passed_on=_share(val - val_end, fall) if fall > 0 else 0.0,
    )


@np.errstate(all="ignore")
def lead(pair: Twins, sigmas: float, means: tuple[float | None, float | None]) -> Lead:
    """How far validation is ahead; `means` are the errors of predicting the mean, val first."""
    of_val, of_train = means if None not in means else (1.0, 1.0)
    scale = (of_train or 1.0) / (of_val or 1.0)
    ratios = scale * pair.val / np.where(pair.train > 0, pair.train, np.nan)
    fifth = max(len(pair) // 5, LEVEL_POINTS)
    return Lead(
        share=float(np.mean(pair.train - pair.val > sigmas * pair.sigma)),
        early=_median(ratios[:fifth]),
        late=_median(ratios[-fifth:]),
        train_level=float(np.median(pair.train[-fifth:])),
    )


def noise_share(series: Series, level: float) -> float:
    """Sigma over what the metric gained after its first fifth; infinite where it gained nothing.

    The gain goes from the level at the end of the first fifth to the best level of five values.
    """
    costs, fifth = series.costs, len(series) // 5
    if len(costs) < 2 * LEVEL_POINTS:
        return 0.0
    start = float(np.median(costs[fifth : fifth + 5]))
    windows = np.lib.stride_tricks.sliding_window_view(costs[fifth:], min(5, len(costs) - fifth))
    gain = start - float(np.median(windows, axis=1).min())
    if gain > 0:
        return level / gain
    return float("inf") if level > 0 else 0.0


def _paired(val: Series, train: Series, noise: float) -> Twins:
    epochs, of_val, of_train = np.intersect1d(
        val.epochs, train.epochs, assume_unique=True, return_indices=True
    )
    perfect = max(val.perfect, train.perfect)
    costs = val.costs[of_val], train.costs[of_train]
    is_loss = val.better is Better.LOWER and val.column.endswith("loss")
    scale = scale_of(*costs) if is_loss else None
    return Twins(
        val_column=val.column,
        train_column=train.column,
        epochs=epochs,
        val=perfect + costs[0],
        train=(perfect + costs[1]) / (scale.ratio if scale else 1.0),
        sigma=noise,
        perfect=perfect,
        is_boundless=val.is_boundless or train.is_boundless,
        scale=scale,
    )


def _medians(values: FloatArray) -> FloatArray:
    windows = np.lib.stride_tricks.sliding_window_view(values, LEVEL_POINTS)
    medians: FloatArray = np.median(windows, axis=1)
    return medians


def _median(values: FloatArray) -> float:
    known = values[np.isfinite(values)]
    return float(np.median(known)) if len(known) else 0.0


def _share(part: float, whole: float) -> float:
    """part / whole; 0 where that is no number, infinite where a positive part has no whole."""
    if whole > 0 and np.isfinite(part):
        return float(part / whole)
    return float("inf") if part > 0 else 0.0
