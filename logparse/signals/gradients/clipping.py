"""Clipping by norm: the declared limit against the logged gradient norms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from logparse.keys import CLIP_KEYS, positive

if TYPE_CHECKING:
    from logparse.signals import Signals
    from logparse.signals.series import FloatArray, Series

AT_LIMIT = 0.01
SCALED_RATIO = 500.0
ERROR_RATIO = 256.0
"""A gradient is a modest multiple of the error, whatever the targets' unit."""


@dataclass(frozen=True, slots=True, eq=False)
class Clipping:
    """A limit on the total gradient norm, and the norms that were logged.

    key, limit   the setting that declares the limit, and its value
    norms        the total norms of the whole run
    settled      those after the learning rate's warm-up
    is_before    True when norms above the limit show that they were taken before clipping;
                 otherwise nothing was clipped, or they were taken after it
    may_scale    False when the log declares a precision that needs no loss scale, or when the
                 error is large enough to explain the norms
    """

    key: str
    limit: float
    norms: Series
    settled: Series
    is_before: bool
    may_scale: bool = True

    @property
    def binding(self) -> float:
        """Share of the settled norms that are clipped: above the limit, else right at it."""
        values = self.settled.values
        found = values > self.limit if self.is_before else values >= self.limit - self._tolerance
        return float(np.mean(found)) if len(found) else 0.0

    def quantile(self, share: float) -> float:
        """A quantile of the settled norms; of all, where none came after the warm-up."""
        found = self.settled if len(self.settled) else self.norms
        return float(np.quantile(found.values, share))

    def wider(self, share: float = 0.9) -> float:
        """A limit that lets `share` of the settled norms pass, with two digits; above this one."""
        usual = float(f"{self.quantile(share):.2g}")
        return usual if usual > self.limit else 1.1 * self.limit

    def looks_scaled(self, ratio: float = SCALED_RATIO) -> bool:
        """True when norms are so far above the limit that they may carry a loss scale."""
        return self.may_scale and self.is_before and self.quantile(0.5) > ratio * self.limit

    @property
    def factors(self) -> FloatArray:
        """What clipping multiplies the gradients of each logged norm by; 1 without evidence.

        NaN where the norms may carry a loss scale, which is taken out of the clipped gradients.
        """
        values = self.norms.values
        if self.looks_scaled():
            return np.full(len(values), np.nan)
        if not self.is_before:
            return np.ones(len(values))
        return np.minimum(1.0, self.limit / np.maximum(values, self.limit))

    @property
    def _tolerance(self) -> float:
        return _tolerance(self.limit, self.norms)


def clipping(signals: Signals) -> Clipping | None:
    """The limit and the norms; None without a declared limit or without norms."""
    declared, norms = positive(signals.run.settings, CLIP_KEYS), signals.series("grad_norm")
    if declared is None or not len(norms):
        return None
    key, limit = declared
    return Clipping(
        key=key,
        limit=limit,
        norms=norms,
        settled=after_warm_up(signals, norms),
        is_before=bool(np.any(norms.values > limit + _tolerance(limit, norms))),
        may_scale=signals.precision.may_be_fp16 and not _are_explained(signals, norms),
    )


def _are_explained(signals: Signals, norms: Series) -> bool:
    error = signals.precision.error_scale
    return error is not None and norms.level(None, None) < ERROR_RATIO * error


def after_warm_up(signals: Signals, series: Series) -> Series:
    """The points after a warm-up at the start of the run; all while it is still going on."""
    rise = signals.rate.warm_up
    if rise is None or len(signals.rate.phases) == 1:
        return series
    last = int(series.epochs[-1]) if len(series) else 0
    return series.between(rise.last_epoch + 1, last)


def _tolerance(limit: float, norms: Series) -> float:
    step = 0.0 if norms.resolution is None else norms.resolution.step(limit)
    return max(AT_LIMIT * limit, step)
