"""Whether a curve bounces late in a run instead of settling."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from logparse.findings import Measure
    from logparse.signals.series import FloatArray, Series

MIN_POINTS = 12


@dataclass(frozen=True, slots=True)
class Oscillation:
    """How a column moves from point to point late in the run.

    swing        90th percentile of the absolute steps of the last half, or of the last third
                 if that is calmer, in the metric's unit
    gain         from the first value to the best one, same unit
    share        swing over gain; infinite without gain
    relative     SD of the last third's noise over its level, no unit
    correlation  of successive steps in the last half: -0.5 for bouncing about a level, 0 for
                 wandering, towards 1 for a drift
    first_epoch  where the last half begins
    """

    swing: float
    gain: float
    share: float
    relative: float
    correlation: float
    first_epoch: int

    def facts(self) -> dict[str, Measure]:
        """What a finding shows of it."""
        return {
            "swing": self.swing,
            "gain": self.gain,
            "swing_share": self.share,
            "noise_share": self.relative,
            "step_correlation": self.correlation,
        }


@np.errstate(all="ignore")
def oscillation(series: Series) -> Oscillation | None:
    """None with fewer than twelve values."""
    costs = series.costs
    if len(costs) < MIN_POINTS:
        return None
    half, third = np.diff(costs[len(costs) // 2 :]), np.diff(costs[-max(8, len(costs) // 3) :])
    swing = min(float(np.percentile(np.abs(part), 90)) for part in (half, third))
    gain = float(costs[0] - costs.min())
    level = abs(float(np.median(costs[-len(third) :])))
    spread = float(np.std(third)) / 2**0.5
    return Oscillation(
        swing=swing,
        gain=gain,
        share=_finite(swing / gain if gain > 0 else np.inf),
        relative=_finite(spread / level if level > 0 else np.inf),
        correlation=_correlation(half),
        first_epoch=int(series.epochs[len(costs) // 2]),
    )


def _correlation(steps: FloatArray) -> float:
    centred = steps - steps.mean()
    power = float(centred @ centred)
    return float(centred[1:] @ centred[:-1]) / power if 0 < power < np.inf else 0.0


def _finite(value: float) -> float:
    return float(value) if value == value else 0.0
