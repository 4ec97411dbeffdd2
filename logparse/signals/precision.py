"""What a log tells of low precision: the type declared, the loss scale, and rounded metrics."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from logparse.axis import is_by_epochs
from logparse.signals.skipped_steps import partly_skipped, too_many

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from logparse.run import Run
    from logparse.signals import Signals
    from logparse.signals.series import FloatArray, Series

TYPE_KEYS = ("PRECISION", "AMP_DTYPE", "MIXED_PRECISION", "AUTOCAST_DTYPE", "DTYPE")
AMP_KEYS = ("AMP", "USE_AMP", "FP16", "USE_FP16", "BF16", "USE_BF16")
SCALE_COLUMNS = ("loss_scale", "grad_scale", "amp_scale")
SKIP_COLUMNS = ("skipped_batches", "skipped_steps", "skipped_iterations")
FLAGS = ("FP16", "USE_FP16")
OTHERS = (
    *("fp32", "float32", "32", "32-true", "tf32", "fp64", "float64", "64", "64-true"),
    *("bf16", "bfloat16", "bf16-mixed", "bf16-true", "no", "none", "false"),
)
"""Precisions that need no loss scale."""
NORMS = ("grad_norm", "update_ratio", "layer_grad_norm", "parameters/")
MIN_DISTINCT = 8
SETTLING = 2
"""Epochs in which a loss scaler may still look for its scale."""
SETTLING_POINTS = 16
"""The same in a log by steps: each halves a scale of 2 ** 16 once at most."""
_FP16 = re.compile(r"(^|[^a-z0-9])(fp16|float16|half|16(-mixed|-true)?)($|[^a-z0-9])")
_MANTISSA = {"bf16": (8, -126), "fp16": (11, -14)}
"""Bits of the significand with the hidden one, and the exponent of the smallest normal number."""


@dataclass(frozen=True, slots=True)
class LossScale:
    """The loss scaler as far as the log shows it; empty tuples where a column is not there.

    scales         the scale in each epoch that prints it, with `scale_epochs`
    skips          steps skipped in each epoch that prints them, with `skip_epochs`; 0 for so few
                   of its batches as is healthy, and where the training metric is lost
    broken         epochs in which a gradient norm was printed as nan or an infinity, while the
                   training metric was not: where that is lost, the weights are; but for
                   epochs that tell the norms of all steps, and that some were skipped
    overflows_rarely  true where a scaler that works explains these
    flushed        epochs since which, without a break to the end, the median tensor's gradient
                   norm has been printed as exactly 0, after it was not
    all_flushed    how many of these print 0 for the largest norm as well
    settled        index of the last scale of the first two epochs
    """

    scale_column: str
    scales: tuple[float, ...]
    scale_epochs: tuple[int, ...]
    skips: tuple[float, ...]
    skip_epochs: tuple[int, ...]
    broken: tuple[int, ...]
    overflows_rarely: bool
    flushed: tuple[int, ...]
    all_flushed: int
    settled: int = 0

    @property
    def is_logged(self) -> bool:
        """True where the log prints the scale or the skipped steps themselves."""
        return bool(self.scales or self.skips)

    @property
    def halvings(self) -> tuple[int, float]:
        """Index of the start, and powers of two, of the largest fall without a rise between.

        That of the first two epochs is left out, in which a scaler looks for its scale.
        """
        best, start, fall, at = 0.0, self.settled, 0.0, self.settled
        for index in range(self.settled + 1, len(self.scales)):
            step = math.log2(self.scales[index - 1]) - math.log2(self.scales[index])
            fall, at = (fall + step, at) if step >= 0 else (0.0, index)
            if fall > best:
                best, start = fall, at
        return start, best

    @property
    def lowest_fallen(self) -> float:
        """The lowest scale that a fall led to; infinite without a fall."""
        falls = (after for before, after in pairwise(self.scales) if after < before)
        return min(falls, default=math.inf)

    def skipping(self, after: int) -> tuple[tuple[int, ...], int]:
        """Epochs with skipped steps past the first `after` that print them, and how many do."""
        later = list(zip(self.skip_epochs, self.skips, strict=True))[after:]
        return tuple(epoch for epoch, skipped in later if skipped > 0), len(later)


class LowPrecision:
    """What a run's log tells of 16-bit numbers; lazy and cached."""

    def __init__(self, signals: Signals) -> None:
        self._signals = signals

    @cached_property
    def is_fp16(self) -> bool:
        """True when the log declares half precision (fp16, not bf16)."""
        return uses_fp16(self._signals.run)

    @cached_property
    def may_be_fp16(self) -> bool:
        """False when the log declares a precision, and none that needs a loss scale."""
        return not excludes_fp16(self._signals.run)

    @cached_property
    def is_16_bit(self) -> bool:
        """True when the log declares a type of 16 bits, or that types are mixed."""
        settings = self._signals.run.settings
        types = (str(settings[key]).casefold() for key in settings if key.upper() in TYPE_KEYS)
        is_mixed = any(settings[key] is True for key in settings if key.upper() in AMP_KEYS)
        return is_mixed or any("16" in name or name == "half" for name in types)

    @cached_property
    def scale(self) -> LossScale:
        """The loss scale, the steps it skipped, and its symptoms."""
        return loss_scale(self._signals)

    def explains(self, columns: Collection[str]) -> bool:
        """True where skipped steps explain why just these columns are not finite.

        Those that the log tells, or that a working loss scaler skips now and then.
        """
        printed = {epoch for name in columns for epoch in self._signals.nonfinite.get(name, ())}
        is_told = printed <= partly_skipped(self._signals.run)
        is_usual = self.is_fp16 and self.scale.overflows_rarely
        return self.are_norms(columns) and (is_told or is_usual)

    def are_norms(self, columns: Iterable[str]) -> bool:
        """True where all columns are gradient norms, or are made of one."""
        return all(map(is_norm, columns))

    @property
    def error_scale(self) -> float | None:
        """What a gradient is a modest multiple of: twice the training RMSE, else the loss."""
        return error_scale(self._signals)

    def norm_follows_scale(self, least: int) -> tuple[float, float] | None:
        """Correlation and slope of log norm over log loss scale; None below `least` scales."""
        return norm_follows_scale(self._signals, self.scale, least)

    def grid_odds(self, column: str) -> dict[str, float]:
        """For each 16-bit grid that holds all values printed: the odds of that by chance."""
        return grid_odds(self._signals.series(column))


def uses_fp16(run: Run) -> bool:
    """True when a setting, or the snapshot's output type, names half precision."""
    values, flags = _declared(run)
    if any(flags):
        return True
    if not values and not flags:
        values = [str(run.micro.get("out_dtype", "")).casefold()]
    return any(map(_FP16.search, values))


def excludes_fp16(run: Run) -> bool:
    """True when settings name a precision that needs no loss scale, and none that does."""
    values, flags = _declared(run)
    names = [value.removeprefix("torch.") for value in values]
    return not uses_fp16(run) and (bool(flags) or any(name in OTHERS for name in names))


def _declared(run: Run) -> tuple[list[str], list[bool]]:
    """The types that settings name, and the switches of half precision."""
    settings = run.settings
    values = [str(settings[key]).casefold() for key in settings if key.upper() in TYPE_KEYS]
    return values, [settings[key] is True for key in settings if key.upper() in FLAGS]


def loss_scale(signals: Signals) -> LossScale:
    """The traces of a loss scaler in the run."""
    name = next((c for c in SCALE_COLUMNS if len(signals.series(c))), "")
    scale = signals.series(name)
    positive = scale.values > 0
    skip = signals.series(next((c for c in SKIP_COLUMNS if len(signals.series(c))), ""))
    columns = filter(is_norm, signals.nonfinite)
    trained = (signals.train_metric or "", "train_loss")
    lost = {epoch for column in trained for epoch in signals.nonfinite.get(column, ())}
    norms = {epoch for column in columns for epoch in signals.nonfinite[column]}
    broken = sorted(norms.difference(lost, partly_skipped(signals.run)))
    flushed, everything = _flushed(signals)
    searching = np.isin(scale.epochs[positive], signals.run.epochs["epoch"].to_numpy()[:SETTLING])
    return LossScale(
        scale_column=name,
        scales=tuple(scale.values[positive].tolist()),
        scale_epochs=tuple(scale.epochs[positive].tolist()),
        skips=tuple(too_many(skip, signals.run, lost).tolist()),
        skip_epochs=tuple(skip.epochs.tolist()),
        broken=tuple(broken),
        overflows_rarely=_is_rare(
            broken,
            signals.run.epochs["epoch"].tolist(),
            SETTLING if is_by_epochs(signals.run) else SETTLING_POINTS,
        ),
        flushed=flushed,
        all_flushed=everything,
        settled=max(int(searching.sum()) - 1, 0),
    )


def is_norm(column: str) -> bool:
    """True for a gradient norm, or what is made of one, of the whole model or of a part."""
    return column.startswith(NORMS)


def _is_rare(broken: list[int], epochs: list[int], settling: int) -> bool:
    """True where a healthy scaler explains the norms that are not finite.

    A scaler starts too high and halves its scale at each overflow: sixteen skipped steps at most,
    in the first epochs. From there on it skips about one step of its growth interval, and a norm
    is that of an epoch's last batch: few epochs show it, and no two in a row.
    """
    later = [epoch for epoch in broken if epoch not in epochs[:settling]]
    apart = all(after - before > 1 for before, after in pairwise(later))
    return len(broken) < len(epochs) and apart and len(later) <= max(1, len(epochs) // 10)


def error_scale(signals: Signals) -> float | None:
    """Twice the median training RMSE (the slope of a squared error), else the median loss."""
    for column, factor in (("train_rmse", 2.0), ("train_loss", 1.0)):
        series = signals.series(column)
        if len(series) and (level := series.level(None, None)) > 0:
            return factor * level
    return None


@np.errstate(all="ignore")
def norm_follows_scale(
    signals: Signals, scale: LossScale, least: int
) -> tuple[float, float] | None:
    """Correlation and slope of log norm over log scale, where both are printed.

    The slope is 1 where norms carry the scale. None below `least` different scales.
    """
    norm = signals.series("grad_norm")
    norms = dict(zip(norm.epochs.tolist(), norm.values.tolist(), strict=True))
    points = [
        (math.log(factor), math.log(size))
        for epoch, factor in zip(scale.scale_epochs, scale.scales, strict=True)
        if (size := norms.get(epoch, 0.0)) > 0
    ]
    if len({x for x, _ in points}) < least:
        return None
    (of_scale, both), (_, of_norm) = np.cov(np.array(points).T)
    found = float(both / np.sqrt(of_scale * of_norm)), float(both / of_scale)
    return found if all(map(math.isfinite, found)) else (0.0, 0.0)


def grid_odds(series: Series) -> dict[str, float]:
    """bf16, fp16 -> odds that numbers of any precision would all lie on its grid; {} if not all.

    A printed number stands for an interval of one print step. A grid that is coarser than the
    step leaves most intervals empty: each that holds a grid point has odds of step / spacing.
    """
    values = np.unique(np.abs(series.values[series.values != 0]))
    if len(values) < MIN_DISTINCT or series.resolution is None:
        return {}
    steps = np.array([series.resolution.step(value) for value in values.tolist()])
    odds = {name: _odds(values, steps, *grid) for name, grid in _MANTISSA.items()}
    return {name: found for name, found in odds.items() if found is not None}


@np.errstate(all="ignore")
def _odds(values: FloatArray, steps: FloatArray, bits: int, smallest: int) -> float | None:
    exponent = np.maximum(np.floor(np.log2(values)), smallest)
    spacing = 2.0 ** (exponent - bits + 1)
    off = np.abs(values - np.round(values / spacing) * spacing)
    if not bool((off <= 0.5 * steps * (1 + 1e-6)).all()):
        return None
    return float(np.exp(np.log(np.minimum(steps / spacing, 1.0)).sum()))


def _flushed(signals: Signals) -> tuple[tuple[int, ...], int]:
    """Epochs at the end whose median norm is exactly 0, and how many of them have none at all."""
    median, largest = signals.series("grad_norm_median"), signals.series("grad_norm_max")
    rounds = median.resolution is not None and not median.resolution.scientific
    if rounds or not bool((median.values > 0).any()):
        return (), 0  # a fixed number of decimals prints 0 for what is merely small
    last = int(np.flatnonzero(median.values > 0)[-1])
    epochs = median.epochs[last + 1 :]
    dead = largest.epochs[largest.values == 0]
    return tuple(epochs.tolist()), int(np.isin(dead, epochs).sum())
