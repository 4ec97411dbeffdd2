"""Equalities and bounds that hold between printed metrics whatever the model does.

Each printed number stands for an interval (`intervals.py`). An identity is broken where no numbers
within the intervals obey it: nothing here has a threshold, but for the slack of training figures.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import isfinite
from typing import TYPE_CHECKING

import numpy as np

from logparse.signals.consistency.intervals import Between, declared, printed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logparse.signals import Signals
    from logparse.signals.series import FloatArray

SLACK = 2**0.5
"""What figures of the training split are allowed, as a factor. A loss is a mean over batches, the
last of which may be smaller, and a squared RMSE one over samples; batches that were skipped are in
neither. The smallest real mistake is a factor of two, half the squared error: this is its root."""
SHARES = ("accuracy", "acc", "beats_base_share")


@dataclass(frozen=True, slots=True)
class Violation:
    """One identity that the log breaks.

    key      a short name; `text` says in words what clashes with what
    certain  False where an honest way of computing the figures could explain it
    epochs   those that break it
    epoch    the one that breaks it most
    left, right  both sides in that epoch, as printed or derived
    """

    key: str
    text: str
    certain: bool
    epochs: tuple[int, ...]
    epoch: int
    left: float
    right: float


@dataclass(frozen=True, slots=True)
class Identities:
    """`held` names the identities that could be tested, `broken` those that failed."""

    held: tuple[str, ...]
    broken: tuple[Violation, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Table:
    """The run's columns as intervals, and the tests made of them so far."""

    signals: Signals
    held: list[str]
    broken: list[Violation]

    def column(self, name: str) -> Between | None:
        """The intervals of a column, None where it has no number."""
        run = self.signals.run
        if not len(self.signals.series(name)):
            return None
        return printed(run.epochs[name].to_numpy(dtype=np.float64), run.resolution.get(name))

    def mean_rmse(self, split: str) -> float | None:
        """What the log says of predicting the mean; None where it says nothing usable."""
        mean = self.signals.run.baselines.get(f"{split}_mean_rmse", float("nan"))
        return mean if isfinite(mean) and mean > 0 else None

    def hold(
        self, key: str, text: str, left: Between, right: Between, sign: str, certain: bool = True
    ) -> None:
        """Demands left = right, left <= right or left >= right in every epoch."""
        above, below = left.low - right.high, right.low - left.high
        excess = {"=": np.fmax(above, below), "<=": above, ">=": below}[sign]
        known = np.isfinite(excess)
        if not known.any():
            return
        self.held.append(key)
        wrong = known & (excess > 0)
        if wrong.any():
            worst = int(np.argmax(np.where(wrong, excess, -np.inf)))
            epochs = self.signals.run.epochs["epoch"].to_numpy()
            every = tuple(epochs[wrong].tolist())
            sides = (side.shown(worst) for side in (left, right))
            found = Violation(key, text, certain, every, int(epochs[worst]), *sides)
            self.broken.append(found)


@np.errstate(all="ignore")
def check(signals: Signals) -> Identities:
    """All identities of the run's log."""
    table = _Table(signals, [], [])
    for split in ("train", "val"):
        _errors(table, split)
        _coefficient(table, split)
    _units(table)
    _twice_printed(table)
    _losses(table)
    _shares(table)
    _norms(table)
    return Identities(tuple(table.held), tuple(table.broken))


def _errors(table: _Table, split: str) -> None:
    """No error is negative, and the root of a mean of squares is no less than the mean."""
    rmse, mae = table.column(f"{split}_rmse"), table.column(f"{split}_mae")
    for name, found in ((f"{split}_rmse", rmse), (f"{split}_mae", mae)):
        if found is not None:
            zero = found.times(0.0)
            table.hold(f"{name} >= 0", f"{name} is negative", found, zero, ">=")
    if rmse is not None and mae is not None:
        text = f"{split}_rmse is below {split}_mae, which no errors can bring about"
        table.hold(f"{split}_rmse >= {split}_mae", text, rmse, mae, ">=")


def _coefficient(table: _Table, split: str) -> None:
    """R2 = 1 - (RMSE / SD of the targets)^2, where the SD is that of one fixed set of targets.

    On validation the SD must be the same in every epoch, and no more than the RMSE of the mean:
    as much when the mean is the split's own, less when it is that of the training targets. What
    is trained on changes with augmentation, outliers and skipped batches: there it is a hint.
    """
    r2, rmse = table.column(f"{split}_r2"), table.column(f"{split}_rmse")
    if r2 is None:
        return
    one = r2.constant(1.0, 1.0)
    table.hold(f"{split}_r2 <= 1", f"{split}_r2 is above 1", r2, one, "<=")
    if rmse is None:
        return
    spread, mean = _spread(r2, rmse), table.mean_rmse(split)
    if split == "val":
        shared = spread.most_shared()
        text = "val_rmse and val_r2 speak of targets whose spread changes from epoch to epoch"
        same = spread.constant(shared, shared)
        table.hold("val_rmse / sqrt(1 - val_r2) = constant", text, spread, same, "=")
    if mean is None:
        return
    key = f"{split}_r2 = 1 - ({split}_rmse / mean RMSE)^2"
    text = f"{split}_rmse and {split}_r2 speak of other targets than the mean's RMSE"
    known = declared(spread, mean)
    if split == "val":
        table.hold(key, text, spread, known, "<=")
    else:
        loose = known.times(1 / SLACK, SLACK)
        table.hold(key, text, spread, loose, "=", certain=False)


def _units(table: _Table) -> None:
    """Less spread than the mean's RMSE in both splits: a shift of the mean explains but one."""
    text = "RMSE and R2 speak of targets with less spread than the mean's RMSE, in both splits"
    for split in ("train", "val"):
        r2, rmse = table.column(f"{split}_r2"), table.column(f"{split}_rmse")
        mean = table.mean_rmse(split)
        if r2 is None or rmse is None or mean is None:
            return
        spread, known = _spread(r2, rmse), declared(rmse, mean).times(1 / SLACK)
        if bool((spread.high >= known.low).any()):
            return
    table.hold("spread = mean RMSE in both splits", text, spread, known, ">=")


def _spread(r2: Between, rmse: Between) -> Between:
    """The SD of the targets that R2 and RMSE together tell."""
    least, most = 1 - r2.high, 1 - r2.low
    low = np.where((most > 0) & (rmse.high >= 0), np.maximum(rmse.low, 0) / np.sqrt(most), np.nan)
    high = np.where(least > 0, rmse.high / np.sqrt(np.maximum(least, 1e-300)), np.inf)
    return Between(low, np.where(np.isfinite(low), high, np.nan))


def _twice_printed(table: _Table) -> None:
    """The loss field prints the RMSE of both heads again, with more digits."""
    for again, first in (("base_rmse", "train_base_rmse"), ("delta_rmse", "train_delta_rmse")):
        left, right = table.column(again), table.column(first)
        if left is not None and right is not None:
            text = f"{again} is printed twice, and not alike"
            table.hold(f"{again} = {first}", text, left, right, "=")
    main, aux, ratio = (table.column(name) for name in ("train_loss", "aux_loss", "aux_ratio"))
    if main is not None and aux is not None and ratio is not None:
        text = "aux_ratio is not aux_loss over train_loss"
        key = "aux_ratio = aux_loss / train_loss"
        table.hold(key, text, ratio, aux.over(main), "=")


def _losses(table: _Table) -> None:
    """Huber's loss lies between its bounds, and the squared error is the square of the RMSE.

    Only where the run declares which of the two it uses, and neither smooths its targets nor
    adds a second head's loss: else the loss is of other targets than the RMSE.
    """
    settings = table.signals.run.settings
    huber, loss = settings.get("USE_HUBER"), table.column("train_loss")
    if loss is None or not isinstance(huber, bool):
        return
    zero = loss.times(0.0)
    table.hold(
        "train_loss >= 0", "train_loss is negative, as no such loss can be", loss, zero, ">="
    )
    rmse, mae = table.column("train_rmse"), table.column("train_mae")
    if settings.number("ALPHA_SMOOTH") or settings.get("USE_DELTA") is True or rmse is None:
        return
    loose = rmse.squared().times(1 / SLACK, SLACK)
    if not huber:
        text = "train_loss is not the square of train_rmse"
        table.hold("train_loss = train_rmse^2", text, loss, loose, "=", certain=False)
        return
    text = "train_loss is above half the square of train_rmse, the most that Huber's can be"
    table.hold("train_loss <= train_rmse^2 / 2", text, loss, loose.times(0.5), "<=", certain=False)
    delta = settings.number("HUBER_DELTA")
    if mae is not None and delta is not None and delta > 0:
        most = mae.times(delta * SLACK)
        least = mae.minus(delta / 2).times(delta / SLACK)
        bounds = f"the bounds that train_mae and HUBER_DELTA {delta:g} set"
        for sign, bound in (("<=", most), (">=", least)):
            key, text = f"train_loss {sign} Huber bound", f"train_loss is outside {bounds}"
            table.hold(key, text, loss, bound, sign, certain=False)


def _shares(table: _Table) -> None:
    """Shares lie between 0 and 1, or between 0 and 100 where any of them says per cent."""
    for name in _share_columns(table.signals):
        share = table.column(name)
        if share is None:
            continue
        top = 100.0 if bool((share.low > 1.5).any()) and name != "beats_base_share" else 1.0
        most = share.constant(top, top)
        table.hold(f"{name} >= 0", f"{name} is negative", share, share.times(0.0), ">=")
        table.hold(f"{name} <= {top:g}", f"{name} is above {top:g}", share, most, "<=")


def _norms(table: _Table) -> None:
    """No part of the gradient is larger than all of it, nor a quantile than a higher one.

    Parts and total may honestly be of different moments, such as before and after clipping.
    """
    levels = ("grad_norm_median", "grad_norm_p90", "grad_norm_max")
    for low, high in pairwise(levels):
        left, right = table.column(low), table.column(high)
        if left is not None and right is not None:
            table.hold(f"{low} <= {high}", f"{low} is above {high}", left, right, "<=")
    total = table.column("grad_norm")
    if total is None:
        return
    largest = table.column("grad_norm_max")
    if largest is not None:
        text = "the norm of one tensor is above that of all"
        table.hold("grad_norm_max <= grad_norm", text, largest, total, "<=", certain=False)
    squares: FloatArray | None = None
    for module in _modules(table):
        square = np.nan_to_num(np.maximum(module.low, 0.0)) ** 2
        squares = square if squares is None else squares + square
    if squares is not None:
        both = Between(np.sqrt(squares), np.full_like(squares, np.inf))
        text = "the norms of the modules come to more than the total norm"
        key = "root of the modules' squared norms <= grad_norm"
        table.hold(key, text, both, total, "<=", certain=False)


def _modules(table: _Table) -> Iterator[Between]:
    """The norms of the modules, as finely printed as the total; parts of listed ones left out."""
    run = table.signals.run
    names = [str(name) for name in run.epochs if str(name).startswith("grad_norm/")]
    for name in names:
        if not any(name.startswith(f"{other}.") for other in names):
            norms = run.epochs[name].to_numpy(dtype=np.float64)
            yield printed(norms, run.resolution.get("grad_norm"))


def _share_columns(signals: Signals) -> Iterator[str]:
    for column in signals.run.epochs:
        if str(column).partition("/")[0].casefold().endswith(SHARES):
            yield str(column)
