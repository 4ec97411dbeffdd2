"""What rules look at: the run's curves, reduced to noise, progress, phases, depth and state.

Every fact is computed when first asked for and kept. No function here warns or raises on NaN,
constant, missing, late or huge columns.
"""

from __future__ import annotations

import math
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from logparse.findings import epoch_label
from logparse.signals import (
    depth,
    effects,
    generalisation,
    identities,
    noise,
    phases,
    progress,
    regimes,
    schedule,
    state,
)
from logparse.signals.depth import DepthProfile
from logparse.signals.effects import CutEffect
from logparse.signals.generalisation import Generalisation
from logparse.signals.identities import Identities
from logparse.signals.phases import Cut, Phase
from logparse.signals.precision import LowPrecision
from logparse.signals.progress import Progress
from logparse.signals.regimes import Regime
from logparse.signals.schedule import Schedule
from logparse.signals.series import Point, Series, series_of
from logparse.signals.state import Ending, Learning, RunState

if TYPE_CHECKING:
    from collections.abc import Mapping

    from logparse.run import Run

__all__ = [
    "Cut",
    "CutEffect",
    "DepthProfile",
    "Ending",
    "Generalisation",
    "Identities",
    "Learning",
    "LowPrecision",
    "Phase",
    "Point",
    "Progress",
    "Regime",
    "RunState",
    "Schedule",
    "Series",
    "Signals",
]


class Signals:
    """The signals of one run, lazy and cached.

    The run must not change afterwards. Methods take a column of `run.epochs`, or
    `parameters/<label>` for a listed gradient norm; what is not there is an empty series.
    """

    def __init__(self, run: Run) -> None:
        self.run = run
        self._series: dict[str, Series] = {}
        self._sigma: dict[str, float] = {}

    def series(self, column: str) -> Series:
        """The finite points of a column over the whole run."""
        if column not in self._series:
            self._series[column] = series_of(self.run, column)
        return self._series[column]

    def recent(self, column: str) -> Series:
        """The finite points of a column in the last regime."""
        if not self.regimes:
            return self.series(column)
        last = self.regimes[-1]
        return self.series(column).between(last.first_epoch, last.last_epoch)

    def sigma(self, column: str) -> float:
        """SD of the column's noise in its own unit, in the last regime; at least the rounding."""
        if column not in self._sigma:
            self._sigma[column] = noise.sigma(self.recent(column))
        return self._sigma[column]

    def progress(self, column: str, window: int | None = None) -> Progress:
        """Progress of the last regime's last `window` points, by default max(6, a third)."""
        return progress.measure(self.recent(column), self.sigma(column), window)

    def progress_between(self, column: str, first_epoch: int, last_epoch: int) -> Progress:
        """Progress over a stretch of epochs, inclusive, against the noise of the column."""
        stretch = self.series(column).between(first_epoch, last_epoch)
        return progress.measure(stretch, self.sigma(column), window=max(len(stretch), 1))

    def projected_crossing(self, column: str, target: float) -> str:
        """`E41`, where a falling metric would reach `target` at its recent pace; `not on course`
        when that is after the planned epochs (without a plan: ten times those logged)."""
        epoch = progress.crossing_epoch(self.recent(column), target)
        last = self.run.planned_epochs or 10 * (self.run.last_epoch or 1)
        return f"{epoch_label(math.ceil(epoch - 1e-6))}" if epoch <= last else "not on course"

    def bad_epochs(self, column: str, threshold: float = 0.0) -> tuple[int, ...]:
        """Points since the last new best (by `threshold`, relative), for each point."""
        return state.bad_epochs(self.series(column), threshold)

    def learning(self, column: str) -> Learning | None:
        """How far the column came over the whole run; None with fewer than eight values."""
        return state.learning(self.series(column))

    def chance_level(self, column: str) -> float | None:
        """What a model that knows nothing reaches in a column: mean baseline or ln C; or None."""
        return state.chance_level(self.run, column)

    def plateau_start(self, column: str) -> int | None:
        """First epoch of the last regime at the level where the column ended, within sigma."""
        return progress.plateau_start(self.recent(column), self.sigma(column))

    @cached_property
    def nonfinite(self) -> Mapping[str, tuple[int, ...]]:
        """Column, or `parameters/<label>`, -> epochs where it printed nan or an infinity."""
        return {
            column: tuple(sorted(int(epoch) for epoch in epochs))
            for column, epochs in self.run.nonfinite.items()
            if len(epochs)
        }

    @cached_property
    def lr(self) -> Series:
        """The learning rate of the largest optimizer group; empty when none is logged."""
        return phases.lr_series(self.run)

    @cached_property
    def phases(self) -> tuple[Phase, ...]:
        """Warm-up, plateau, anneal and cut stretches of the learning rate, in order."""
        return phases.find_phases(self.lr)

    @cached_property
    def cuts(self) -> tuple[Cut, ...]:
        """Sudden falls of the learning rate to 0.7 or less, smooth anneals left out."""
        return phases.find_cuts(self.lr)

    def cut_effect(self, cut: Cut, column: str, window: int) -> CutEffect:
        """Progress of a column over `window` epochs on both sides of a cut, and its trigger."""
        return effects.cut_effect(self, cut, column, window)

    def early_cuts(self, least: int = 5, share: float = 0.15) -> tuple[Cut, ...]:
        """Cuts within max(least epochs, share of the plan) of the learning rate's peak."""
        return effects.early_cuts(self, least, share)

    @cached_property
    def schedule(self) -> Schedule | None:
        """The recognised schedule; None without a learning rate."""
        return schedule.recognise(self.run, self.lr)

    @cached_property
    def plateau_patience_key(self) -> str | None:
        """The setting with the patience of a plateau scheduler, if one is declared."""
        return schedule.plateau_patience_key(self.run.settings)

    @cached_property
    def depth_profile(self) -> DepthProfile | None:
        """Gradient norms along the depth; None when names do not tell the depth."""
        return depth.depth_profile(self.run)

    @cached_property
    def main_metric(self) -> str | None:
        """The column by which the run is judged, validation first; None when none is logged."""
        return state.main_metric(self)

    @cached_property
    def train_metric(self) -> str | None:
        """The training column that goes with the main metric; None when none is logged."""
        return state.train_metric(self)

    @cached_property
    def regimes(self) -> tuple[Regime, ...]:
        """Stretches that statistics may not cross; empty without epochs."""
        epochs = self.run.epochs["epoch"].to_numpy(dtype=np.int64)
        return regimes.find_regimes(self.lr, self.series(self.main_metric or ""), epochs)

    @cached_property
    def generalisation(self) -> Generalisation | None:
        """Training and validation side by side; None where no metric is logged for both."""
        return generalisation.side_by_side(self)

    def noise_share(self, column: str) -> float:
        """Sigma over the column's gain after the first fifth of the run."""
        return generalisation.noise_share(self.series(column), self.sigma(column))

    @cached_property
    def precision(self) -> LowPrecision:
        """What the log tells of fp16, its loss scale, and metrics rounded to 16 bits."""
        return LowPrecision(self)

    @cached_property
    def identities(self) -> Identities:
        """Every algebraic identity of the printed metrics, held against the log."""
        return identities.check(self)

    @cached_property
    def state(self) -> RunState:
        """Failed, never-learned, improving, plateaued, converged or unknown, with the reason."""
        return state.state(self.run, self)

    @cached_property
    def ending(self) -> Ending:
        """Completed, stopped-early, superseded or open, with the reason."""
        return state.ending(self.run, self)

    @cached_property
    def beaten_baselines(self) -> tuple[bool, ...]:
        """For each validation baseline of the log, whether the best val_rmse is below it."""
        series = self.series("val_rmse")
        return state.beaten_baselines(self.run, series.best.value) if len(series) else ()

    @property
    def has_learned_nothing(self) -> bool:
        """True when the run never left its start, or no value of val_rmse beats the mean."""
        mean, best = self.chance_level("val_rmse"), self.series("val_rmse")
        if mean is not None and len(best):
            return best.best.value >= mean
        return self.state.kind == "never-learned"

    @property
    def in_warm_up(self) -> bool:
        """True while the learning rate is still rising in the newest epoch."""
        return bool(self.phases) and self.phases[-1].kind == "warm-up"
