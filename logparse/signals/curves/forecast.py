"""Where a falling curve would go: a power law, with a band from resampled residuals."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from logparse.metrics import Better
from logparse.signals.progress import measure

if TYPE_CHECKING:
    from logparse.findings import Measure
    from logparse.signals.progress import Progress
    from logparse.signals.series import FloatArray, Series

EXPONENTS = np.linspace(0.1, 2.0, 20)
REPEATS = 100
MAX_POINTS = 120
MIN_POINTS = 10
MIN_STRETCH = 5
SKIPPED = 0.1
SEED = 1


@dataclass(frozen=True, slots=True)
class Forecast:
    """The metric expected at `epoch` if the run goes on as before, own unit.

    low, high  80% band, low the smaller number
    floor      the limit of the fitted power law
    """

    epoch: int
    value: float
    low: float
    high: float
    floor: float

    def facts(self) -> dict[str, Measure]:
        """What a finding shows of it."""
        return {
            "forecast_epoch": self.epoch,
            "forecast": self.value,
            "forecast_low": self.low,
            "forecast_high": self.high,
        }


@np.errstate(all="ignore")
def forecast(series: Series, epoch: int) -> Forecast | None:
    """Extrapolate a + b t^-c (b >= 0, c from 0.1 to 2); None with fewer than ten values.

    The first tenth is left out: it is often another law. Residuals are resampled in blocks of
    three with a fixed seed, so that the same log gives the same band.
    """
    if len(series) < MIN_POINTS or epoch <= series.last.epoch:
        return None
    start = int(SKIPPED * len(series))
    keep = np.unique(np.linspace(start, len(series) - 1, MAX_POINTS).round().astype(np.int64))
    time = (series.epochs[keep] - series.epochs[0] + 1).astype(np.float64)
    ahead = float(epoch - series.epochs[0] + 1)
    costs = series.costs[keep]
    [value], [floor], fitted = _fit(time, costs[None, :], ahead)
    rng = np.random.default_rng(SEED)
    copies = fitted + _resampled(costs - fitted[0], rng)
    values, _, _ = _fit(time, copies, ahead)
    low, high = np.percentile(values, [10, 90])
    sign = -1.0 if series.better is Better.HIGHER else 1.0
    edges = sorted((sign * float(low), sign * float(high)))
    found = Forecast(epoch, sign * float(value), edges[0], edges[1], sign * float(floor))
    return found if all(map(math.isfinite, (found.value, *edges, found.floor))) else None


def before_anneal(series: Series, lr: Series, sigma: float) -> Progress | None:
    """Progress over the later half of the epochs whose LR is half of its peak or more.

    What a falling learning rate brings at the end is left out: it comes in every annealed run.
    """
    if not len(lr) or len(series) < MIN_POINTS:
        return None
    hot = lr.epochs[lr.values >= 0.5 * lr.values.max()]
    stretch = series.between(int(hot[0] + hot[-1]) // 2, int(hot[-1]))
    if len(stretch) < MIN_STRETCH:
        return None
    found = measure(stretch, sigma, len(stretch))
    total = series.improvement(series.first.value, series.level(-5, None))
    return replace(found, gain_share=found.gain / total if total > 0 else 0.0)


def _fit(
    time: FloatArray, curves: FloatArray, ahead: float
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """For each row of curves: the value ahead, the limit, and the fitted curve."""
    basis = time[None, :] ** -EXPONENTS[:, None]
    centred = basis - basis.mean(axis=1, keepdims=True)
    means = curves.mean(axis=1, keepdims=True)
    power, cross = (centred**2).sum(axis=1), (curves - means) @ centred.T
    slopes = np.maximum(cross / power, 0.0)
    errors = slopes**2 * power - 2 * slopes * cross
    best = np.argmin(errors, axis=1)
    rows = np.arange(len(curves))
    slope = slopes[rows, best]
    limit = means[:, 0] - slope * basis.mean(axis=1)[best]
    fitted = limit[:, None] + slope[:, None] * basis[best]
    return limit + slope * ahead ** -EXPONENTS[best], limit, fitted


def _resampled(residuals: FloatArray, rng: np.random.Generator) -> FloatArray:
    count = len(residuals)
    starts = rng.integers(0, max(count - 2, 1), size=(REPEATS, math.ceil(count / 3)))
    at = (starts[:, :, None] + np.arange(3)).reshape(REPEATS, -1)[:, :count]
    drawn: FloatArray = residuals[np.minimum(at, count - 1)]
    return drawn
