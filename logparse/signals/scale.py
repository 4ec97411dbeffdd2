"""Whether one split's loss is a constant multiple of the other's: sums beside means."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from logparse.signals.series import FloatArray

MIN_PAIRS = 3
MIN_UNTIL_BEST = 5
MIN_RATIO = 1.8
FIRST_RATIO = 1.5
MOST_ASTRAY = 0.1
MAX_SPREAD = 0.15
MAX_DRIFT = 0.35
MIN_FALL = math.log(1.25)
LEVEL_POINTS = 3
MAD_TO_SD = 1.4826


@dataclass(frozen=True, slots=True)
class Scale:
    """Training loss over validation loss, where that hardly changes while both fall.

    ratio    median, no unit; less than 1 where validation's is the larger
    spread   robust SD of the ratio's natural logarithm
    fall     natural logarithm of the factor by which the slower of both fell
    pairs    how many pairs it rests on
    """

    ratio: float
    spread: float
    fall: float
    pairs: int

    @property
    def times(self) -> float:
        """How many times the larger loss is the smaller one."""
        return max(self.ratio, 1 / self.ratio)


@np.errstate(all="ignore")
def scale_of(val: FloatArray, train: FloatArray) -> Scale | None:
    """The constant factor between two losses at the same places; None where there is none.

    Nine in ten of the ratios, the early ones among them, are 1.8 or more, and their spread and
    drift are small against the fall of both losses. A gap that training itself opens, as of
    dropout or of overfitting, begins near 1 and grows. Where there is none over the whole run, the
    part up to validation's best is asked: what comes after it may be overfitting.
    """
    best = int(np.argmin(val)) + 1 if len(val) else 0
    until = best if MIN_UNTIL_BEST <= best < len(val) else 0
    return _steady(val, train) or _steady(val[:until], train[:until])


def _steady(val: FloatArray, train: FloatArray) -> Scale | None:
    """The factor over all of these pairs."""
    if len(val) < MIN_PAIRS or min(float(val.min()), float(train.min())) <= 0:
        return None
    logs = np.log(train) - np.log(val)
    if not np.isfinite(logs).all():
        return None
    late = float(np.median(logs[len(logs) // 3 :]))
    signed = logs if late > 0 else -logs
    size = abs(late)
    is_large = float(np.mean(signed >= math.log(MIN_RATIO))) >= 1 - MOST_ASTRAY
    if size < math.log(MIN_RATIO) or not is_large or signed[0] < math.log(FIRST_RATIO):
        return None
    fall = min(_fall(np.log(val)), _fall(np.log(train)))
    spread = MAD_TO_SD * float(np.median(np.abs(logs - np.median(logs))))
    drift = abs(float(np.median(logs[:LEVEL_POINTS])) - float(np.median(logs[-LEVEL_POINTS:])))
    is_steady = spread <= MAX_SPREAD * fall and drift <= MAX_DRIFT * min(size, fall)
    if fall < MIN_FALL or not is_steady:
        return None
    return Scale(math.exp(late), spread, fall, len(logs))


def _fall(logs: FloatArray) -> float:
    """From the first value to the level of the last three."""
    return float(logs[0] - np.median(logs[-LEVEL_POINTS:]))
