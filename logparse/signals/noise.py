"""How much of a curve is noise: one robust standard deviation per metric.

Taken from first differences, so that a smooth trend does not count as noise, and never below
what the log's own rounding does to a value.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from logparse.signals.series import FloatArray, Series

MAD_TO_SD = 1.4826
MAX_CORRELATION = 0.8
MIN_DIFFERENCES_FOR_CORRELATION = 8
ONE_WAY = 0.8
MIN_ONE_WAY = 4
BEND_TIMES = 2.0
CORRELATION_IN_BENDS = 0.3
MIN_UNTIL_BEST = 6
CALMER = 1 / 10


def print_floor(series: Series) -> float:
    """SD of the rounding error of a printed value: step / sqrt 12."""
    return series.print_step / math.sqrt(12)


@np.errstate(all="ignore")
def sigma(series: Series) -> float:
    """SD of the noise in the metric's unit: 0.0 only for a noiseless curve printed exactly.

    1.4826 MAD of the centred first differences / sqrt 2 over the last two thirds, rows that
    repeat the value before left out, raised for lag-1 correlation by sqrt((1 + r) / (1 - r)).
    Where four of five steps go one way the curve may bend more than it scatters: then the second
    differences / sqrt 6 say it, if they say less than half, with r = 0.3.
    """
    differences = _moving_differences(series)
    if len(differences) < 2:
        return print_floor(series)
    centred = differences - np.median(differences)
    spread = _deviation(centred) / math.sqrt(2)
    r = correlation(centred)
    if _goes_one_way(differences):
        r_bent = CORRELATION_IN_BENDS  # of AR(1) noise, second differences have (3 - r) / 3 of it
        bent = _deviation(np.diff(differences)) / math.sqrt(2 * (3 - r_bent))
        spread, r = (bent, r_bent) if spread > BEND_TIMES * bent else (spread, r)
    noise = spread * math.sqrt((1 + r) / (1 - r))
    return max(noise, print_floor(series)) if math.isfinite(noise) else print_floor(series)


def sigma_until_best(series: Series) -> float:
    """Sigma, or that of the values up to the best one: six or more, and ten times calmer.

    Values that blow up scatter in proportion to their size, and hide what was gained before.
    """
    whole = sigma(series)
    until = series.head(int(np.argmin(series.costs)) + 1) if len(series) else series
    calm = sigma(until) if len(until) >= MIN_UNTIL_BEST else whole
    return calm if calm < CALMER * whole else whole


def _goes_one_way(differences: FloatArray) -> bool:
    """Most steps have one sign: what they have in common is no noise."""
    up = float(np.mean(differences > 0))
    return len(differences) >= MIN_ONE_WAY and max(up, 1 - up) >= ONE_WAY


def _deviation(values: FloatArray) -> float:
    """1.4826 MAD."""
    return MAD_TO_SD * float(np.median(np.abs(values - np.median(values))))


def correlation(centred: FloatArray) -> float:
    """Lag-1 correlation of the noise, in [0, .8], from centred first differences.

    Differences of an AR(1) noise have lag-1 correlation -(1 - phi) / 2. Solving for phi needs
    no detrending; residuals of a fitted line would read any bend of the curve as correlation.
    """
    power = float(np.dot(centred, centred))
    if len(centred) < MIN_DIFFERENCES_FOR_CORRELATION or not 0 < power < math.inf:
        return 0.0
    lag_one = float(np.dot(centred[1:], centred[:-1])) / power
    return min(max(1 + 2 * lag_one, 0.0), MAX_CORRELATION)


def _moving_differences(series: Series) -> FloatArray:
    start = len(series) // 3 if len(series) >= 6 else 0
    differences: FloatArray = np.diff(series.values[start:])
    moving: FloatArray = differences[differences != 0]
    return moving
