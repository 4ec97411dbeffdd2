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
from logparse.signals import chance, generalisation, noise, progress, regimes, state
from logparse.signals.consistency import Consistency
from logparse.signals.curves import Curves
from logparse.signals.gradients import Gradients
from logparse.signals.machine import Machine
from logparse.signals.precision import LowPrecision
from logparse.signals.rate import Rate
from logparse.signals.series import Series, series_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from logparse.run import Run
    from logparse.signals.generalisation import Generalisation
    from logparse.signals.progress import Progress
    from logparse.signals.regimes import Regime
    from logparse.signals.series import IntArray
    from logparse.signals.state import Ending, Learning, RunState

__all__ = ["Signals"]


class Signals:
    """The signals of one run, lazy and cached.

    The run must not change afterwards. Methods take a column of `run.epochs`, or
    `parameters/<label>` for a listed gradient norm; what is not there is an empty series.
    """

    def __init__(self, run: Run) -> None:
        self.run = run
        self._series: dict[str, Series] = {}
        self._sigma: dict[str, float] = {}

    def forget(self) -> None:
        """Let go of the run and of all that was computed; nothing may be asked after.

        Signals and their rooms refer to each other. Who follows a log makes them again and again,
        and memory would be held until Python next looks for circles, which is seldom.
        """
        vars(self).clear()

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
        """What knowing nothing reaches in a column: mean baseline, ln C or 1 / C; or None."""
        return chance.chance_level(self.run, column)

    def at_chance(self, column: str, sigmas: float = 2.0) -> bool:
        """True when the column ends where knowing nothing would, and was never a tenth better."""
        return chance.at_chance(self, column, sigmas)

    def never_beat_chance(self, column: str, sigmas: float = 2.0) -> bool:
        """True when no level of the column was better than knowing nothing."""
        return chance.never_beat_chance(self, column, sigmas)

    def beats_chance(self, column: str) -> bool:
        """True when the newest level of the column is a tenth better than knowing nothing."""
        return chance.beats_chance(self, column)

    def plateau_start(self, column: str) -> int | None:
        """First epoch of the last regime at the level where the column ended, within sigma."""
        return progress.plateau_start(self.recent(column), self.sigma(column))

    @cached_property
    def curves(self) -> Curves:
        """Spikes, shifts, oscillation, divergence, growth and forecasts of single columns."""
        return Curves(self)

    @cached_property
    def rate(self) -> Rate:
        """The learning rate, its schedule, warm-up and early stop."""
        return Rate(self)

    @property
    def lr(self) -> Series:
        """The learning rate of the largest optimizer group; empty when none is logged."""
        return self.rate.lr

    @cached_property
    def gradients(self) -> Gradients:
        """Parameter lists, the flow of gradients, clipping and updates."""
        return Gradients(self)

    @cached_property
    def machine(self) -> Machine:
        """Time and memory."""
        return Machine(self)

    @cached_property
    def consistency(self) -> Consistency:
        """The log against itself."""
        return Consistency(self)

    @cached_property
    def nonfinite(self) -> Mapping[str, IntArray]:
        """Column, or `parameters/<label>`, -> epochs where it printed nan or an infinity."""
        return {
            column: np.sort(epochs) for column, epochs in self.run.nonfinite.items() if len(epochs)
        }

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
    def validation_learned(self) -> bool:
        """True when the main metric improved plainly, and is not the training metric."""
        return state.validation_learned(self)

    @property
    def has_learned_nothing(self) -> bool:
        """True when val_rmse ends within 1% of the mean baseline, or above it.

        Without a baseline, when the run never left its start.
        """
        mean, rmse = self.chance_level("val_rmse"), self.series("val_rmse")
        if mean is not None and len(rmse):
            return rmse.level(-5, None) >= (1 - state.FLAT_SHARE) * mean
        return self.state.kind == "never-learned"
