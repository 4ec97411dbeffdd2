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
    chance,
    clashes,
    clipping,
    dead,
    declared,
    depth,
    drift,
    effects,
    following,
    generalisation,
    identities,
    keys,
    listing,
    memory,
    noise,
    phases,
    progress,
    regimes,
    replay,
    resume,
    schedule,
    stale,
    state,
    stopping,
    tensors,
    timing,
    updates,
)
from logparse.signals.clashes import Clash
from logparse.signals.clipping import Clipping
from logparse.signals.curves import Curves
from logparse.signals.dead import Dead, Flow
from logparse.signals.declared import Mismatch
from logparse.signals.depth import DepthProfile
from logparse.signals.differences import Difference
from logparse.signals.drift import Drift
from logparse.signals.effects import CutEffect, Descent
from logparse.signals.following import Mistake
from logparse.signals.generalisation import Generalisation
from logparse.signals.identities import Identities
from logparse.signals.listing import Listing
from logparse.signals.memory import Creep, Memory
from logparse.signals.phases import Cut, Phase
from logparse.signals.precision import LowPrecision
from logparse.signals.progress import Progress
from logparse.signals.regimes import Regime
from logparse.signals.replay import Replay
from logparse.signals.resume import LOSSES, Jump, RateJump, Resume
from logparse.signals.schedule import Schedule
from logparse.signals.series import Point, Series, series_of
from logparse.signals.stale import Quantised, StaleRows
from logparse.signals.state import Ending, Learning, RunState
from logparse.signals.stopping import Stop, StopReplay, WarmUp
from logparse.signals.tensors import TensorTable
from logparse.signals.timing import BatchChange, Sampled, Timing
from logparse.signals.updates import Updates

if TYPE_CHECKING:
    from collections.abc import Mapping

    from logparse.run import Run

__all__ = [
    "BatchChange",
    "Clash",
    "Clipping",
    "Creep",
    "Curves",
    "Cut",
    "CutEffect",
    "Dead",
    "DepthProfile",
    "Descent",
    "Difference",
    "Drift",
    "Ending",
    "Flow",
    "Generalisation",
    "Identities",
    "Jump",
    "Learning",
    "Listing",
    "LowPrecision",
    "Memory",
    "Mismatch",
    "Mistake",
    "Phase",
    "Point",
    "Progress",
    "Quantised",
    "RateJump",
    "Regime",
    "Replay",
    "Resume",
    "RunState",
    "Sampled",
    "Schedule",
    "Series",
    "Signals",
    "StaleRows",
    "Stop",
    "StopReplay",
    "TensorTable",
    "Timing",
    "Updates",
    "WarmUp",
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
        """What knowing nothing reaches in a column: mean baseline, ln C or 1 / C; or None."""
        return chance.chance_level(self.run, column)

    def at_chance(self, column: str, sigmas: float = 2.0) -> bool:
        """True when the column ends where knowing nothing would, and was never a tenth better."""
        return chance.at_chance(self, column, sigmas)

    def never_beat_chance(self, column: str, sigmas: float = 2.0) -> bool:
        """True when no level of the column was better than knowing nothing."""
        return chance.never_beat_chance(self, column, sigmas)

    def plateau_start(self, column: str) -> int | None:
        """First epoch of the last regime at the level where the column ended, within sigma."""
        return progress.plateau_start(self.recent(column), self.sigma(column))

    @cached_property
    def curves(self) -> Curves:
        """Spikes, shifts, oscillation, divergence, growth and forecasts of single columns."""
        return Curves(self)

    @cached_property
    def slowdown(self) -> Drift | None:
        """Drift of the time per sample, or per epoch where no throughput is logged."""
        rates = self.series("throughput")
        if (rates.values > 0).any():
            return drift.measure(rates, falls=True)
        return drift.measure(self.series("elapsed_s"))

    @cached_property
    def memory_creep(self) -> Creep | None:
        """How the high-water mark of GPU memory grew; None with too few values."""
        return memory.creep(self.series("gpu_gib"))

    def counts_from_start(self, room: float) -> bool:
        """True when the printed time per epoch is really the time since the start."""
        return drift.counts_from_start(self.series("elapsed_s"), self.series("throughput"), room)

    @cached_property
    def timing(self) -> Timing:
        """Time per epoch and batch, and what the plan takes at this pace."""
        return timing.timing(self.run)

    @cached_property
    def sampled(self) -> Sampled:
        """MICRODETAIL's timing of one batch."""
        return timing.sampled(self.run)

    @cached_property
    def clashes(self) -> tuple[Clash, ...]:
        """Pairs of figures of time that should agree, with their ratios."""
        return clashes.find(self.run, self.timing, self.sampled)

    @cached_property
    def memory(self) -> Memory:
        """Peak, reserved and total memory of the device."""
        return memory.memory(self.run)

    @cached_property
    def stale_rows(self) -> StaleRows | None:
        """Validation rows that only repeat the row before; None without validation."""
        return stale.stale_rows(self.run)

    def quantised(self, column: str) -> Quantised | None:
        """How coarsely a column is printed for how it moves; None with fewer than six values."""
        return stale.quantised(self.series(column))

    @cached_property
    def dead_columns(self) -> tuple[str, ...]:
        """Metrics that are 0 in every epoch though they cannot be."""
        return stale.dead_columns(self.run)

    @cached_property
    def normal_zeros(self) -> tuple[str, ...]:
        """Fields that are 0 in every epoch because the model or machine lacks what they tell."""
        return stale.normal_zeros(self.run)

    @cached_property
    def resume(self) -> Resume | None:
        """How the run goes on from the run before it; None for a run of its own."""
        return resume.resume(self.run, self.lr, tuple(self.series(name) for name in LOSSES))

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

    def descent(self, floor: float, window: int) -> Descent | None:
        """The LR's way down to a floor that it never left; None when it did not come there."""
        return effects.descent(self, floor, window)

    @cached_property
    def schedule(self) -> Schedule | None:
        """The recognised schedule; None without a learning rate."""
        return schedule.recognise(self.run, self.lr)

    @cached_property
    def schedule_mistake(self) -> Mistake | None:
        """The misreading of the declared schedule's clock that explains the LR; None if none."""
        if not len(self.lr):
            return None
        return following.mistake(self.run, self.lr, schedule.allowed_error(self.lr))

    @cached_property
    def replay(self) -> Replay | None:
        """The plateau scheduler that explains every cut; None when a plan or nothing does."""
        if self.schedule is None or self.schedule.is_planned:
            return None
        patience = self.run.settings.number(self.plateau_patience_key or "")
        return replay.replay(self.run, self, patience)

    @cached_property
    def plateau_patience_key(self) -> str | None:
        """The setting with the patience of a plateau scheduler, if one is declared."""
        return keys.plateau_patience_key(self.run.settings)

    @cached_property
    def declared_warm_up(self) -> WarmUp | None:
        """The warm-up that the settings declare; None without one of known length."""
        return stopping.declared_warm_up(self.run)

    @cached_property
    def declared_stop(self) -> Stop | None:
        """The early stop that the settings declare; None without one."""
        return stopping.declared_stop(self.run)

    @cached_property
    def stop_replay(self) -> StopReplay | None:
        """The declared early stop where it ends the run just where the log ends; else None."""
        return stopping.replay(self.run, self)

    @cached_property
    def tensors(self) -> TensorTable | None:
        """The parameter lists as one table of norms and update ratios; None without lists."""
        return tensors.tensor_table(self.run)

    @cached_property
    def listing(self) -> Listing | None:
        """How much of the gradient the parameter lists show; None without lists."""
        return None if self.tensors is None else listing.listing(self.run, self.tensors)

    @property
    def has_partial_lists(self) -> bool:
        """True when the lists leave out most of the gradient, or its largest tensor."""
        return self.listing is not None and self.listing.is_partial()

    @cached_property
    def flow(self) -> Flow:
        """Where the log shows that gradients arrive, and where they do not."""
        return dead.flow(self.run, self.tensors)

    @cached_property
    def clipping(self) -> Clipping | None:
        """The limit on the gradient norm against the norms; None without one of them."""
        return clipping.clipping(self)

    @cached_property
    def updates(self) -> Updates | None:
        """Steps as shares of the weights; None without parameter lists."""
        return updates.updates(self)

    @cached_property
    def travel(self) -> float | None:
        """How far a run under Adam can take its weights at most, as a share of their size."""
        return updates.travel(self)

    @cached_property
    def depth_profile(self) -> DepthProfile | None:
        """Gradient norms along the depth; None when names do not tell the depth."""
        return depth.depth_profile(self.run, self.tensors)

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

    def mismatches(self, share: float = declared.SHARE) -> tuple[Mismatch, ...]:
        """Facts that the log states twice and differently; `share` is for parameter counts."""
        return declared.mismatches(self.run, self, share)

    @cached_property
    def facts_stated_twice(self) -> int:
        """How many declared facts the log shows a second time."""
        return declared.compared(self.run, self)

    @cached_property
    def tensor_names(self) -> frozenset[str]:
        """Names of tensors and modules that the log shows, in its first epoch or its header."""
        return declared.tensor_names(self.run)

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

    @property
    def in_warm_up(self) -> bool:
        """True while the learning rate is still rising in the newest epoch."""
        return bool(self.phases) and self.phases[-1].kind == "warm-up"
