"""What single curves do: spike, shift, bounce, diverge, grow, and where they would go."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from logparse.findings import epoch_label
from logparse.metrics import METRICS, Better
from logparse.signals import progress
from logparse.signals.curves import divergence, explosion, forecast, oscillation, shifts, spikes

if TYPE_CHECKING:
    from logparse.signals import Signals
    from logparse.signals.curves.divergence import Divergence
    from logparse.signals.curves.explosion import Growth
    from logparse.signals.curves.forecast import Forecast
    from logparse.signals.curves.oscillation import Oscillation
    from logparse.signals.curves.shifts import Shift
    from logparse.signals.curves.spikes import Spike
    from logparse.signals.progress import Progress
    from logparse.signals.series import Series

RESTART_REACH = 3
ANNEALED = 0.1


class Curves:
    """The shapes of a run's columns, lazy; those that several rules ask for are kept."""

    def __init__(self, signals: Signals) -> None:
        self.signals = signals
        self._spikes: dict[tuple[str, float, float], tuple[Spike, ...]] = {}
        self._shifts: dict[str, tuple[Shift, ...]] = {}

    @property
    def restarts(self) -> tuple[int, ...]:
        """Epochs at which the learning rate warmed up again."""
        regimes = self.signals.regimes
        return tuple(r.first_epoch for r in regimes if r.began_by == "lr-rewarm-up")

    @property
    def is_annealed(self) -> bool:
        """True when the newest learning rate is a tenth of the run's largest, or less."""
        lr = self.signals.lr
        return len(lr) > 1 and lr.last.value <= ANNEALED * float(lr.values.max())

    def gain(self, column: str) -> float:
        """From the last regime's first value, or the level of knowing nothing, to the best."""
        series, chance = self.signals.recent(column), self.signals.chance_level(column)
        starts = series.first.value, series.first.value if chance is None else chance
        return max(series.improvement(start, series.best.value) for start in starts)

    @property
    def lead_of_training(self) -> float:
        """By how much the newest training level is better than validation's, as a share of it.

        0.0 where only one of the two is logged.
        """
        main, train = self.signals.main_metric, self.signals.train_metric
        series = self.signals.recent(main or "")
        beside = self.signals.recent(train or "")
        if main == train or not len(series) or not len(beside):
            return 0.0
        level = series.level(-5, None)
        lead = series.improvement(level, beside.level(-5, None))
        return lead / abs(level) if level else 0.0

    def since_restart(self, column: str) -> Series:
        """The points since the learning rate last warmed up again; all where it never did."""
        series, again = self.signals.series(column), self.restarts
        return series.between(again[-1], series.last.epoch) if again and len(series) else series

    def at(self, column: str, epoch: int) -> dict[str, float]:
        """The column's value at an epoch, under its name; empty where it has none."""
        values = self.signals.series(column).between(epoch, epoch).values.tolist()
        return {column: values[0]} if values else {}

    def unhurt(self, column: str, spike: Spike) -> str | None:
        """A metric of validation's quality that did not fall with a spike of its loss; or None.

        Its level during the spike is within 3 sigma of that of the five epochs before.
        """
        run = self.signals.run
        names = [str(name) for name in run.epochs if str(name) in METRICS and name != column]
        for name in names if column.startswith("val_") else ():
            series = self.signals.series(name)
            before = series.between(spike.epoch - 5, spike.epoch - 1)
            during = series.between(spike.epoch, spike.last_epoch)
            is_quality = name.startswith("val_") and series.better is Better.HIGHER
            if is_quality and len(before) >= 3 and len(during):
                fall = series.improvement(during.level(None, None), before.level(None, None))
                if fall <= 3 * self.signals.sigma(name):
                    return name
        return None

    def spikes(
        self, column: str, min_z: float = 6.0, min_gain_share: float = 0.0
    ) -> tuple[Spike, ...]:
        """Sudden rises of a loss or a norm; those of a warm restart are none."""
        key = (column, min_z, min_gain_share)
        if key not in self._spikes:
            found = spikes.find_spikes(self.signals.series(column), min_z, min_gain_share)
            again = self.restarts
            self._spikes[key] = tuple(
                spike
                for spike in found
                if not any(0 <= spike.epoch - epoch <= RESTART_REACH for epoch in again)
            )
        return self._spikes[key]

    def hurts(
        self, column: str, min_z: float, min_gain_share: float, min_rise: float, min_return: float
    ) -> tuple[Spike, ...]:
        """Spikes of a share of the level before them that are no step and no switch of the loss."""
        return tuple(
            spike
            for spike in self.spikes(column, min_z, min_gain_share)
            if spike.height >= min_rise * abs(spike.before)
            and spike.has_turned(min_return)
            and not self.is_switch(column, spike)
        )

    def unrecovered(self, column: str, min_gain_share: float = 0.1) -> Spike | None:
        """The first spike from which the column never came back; None without one."""
        found = self.spikes(column, min_gain_share=min_gain_share)
        return next((spike for spike in found if spike.kind == "unrecovered"), None)

    def blown_up(
        self, main: str, train: str, sigmas: float, share: float, times: float
    ) -> Divergence | None:
        """Validation that was at so many times its best, training no better for it; or None.

        While training gains, validation that rises is overfitting.
        """
        found, series = self.divergence(main, sigmas, share), self.signals.series(train)
        if found is None or found.peak_times < times or not len(series):
            return None
        then = series.between(found.best_epoch - 1, found.best_epoch + 1)
        best = then.best.value if len(then) else series.best.value
        gain = series.improvement(best, series.level(-3, None))
        return found if gain < share * abs(best) else None

    def coming_back(self, left: Divergence, share: float) -> Spike | None:
        """The spike that made a column leave its best, of which it has undone a share; or None.

        The share is asked for on a log scale too: a tenth of a thousandfold rise is no way back.
        """
        if abs(left.peak - left.end) < share * abs(left.peak - left.best):
            return None
        if left.times > left.peak_times ** (1 - share):
            return None
        signals = self.signals
        columns = dict.fromkeys((left.column, signals.train_metric, signals.main_metric))
        spikes = (spike for column in columns if column for spike in self.spikes(column))
        return next(
            (s for s in spikes if left.best_epoch < s.epoch <= left.peak_epoch <= s.last_epoch),
            None,
        )

    def is_switch(self, column: str, spike: Spike) -> bool:
        """The training metric alone rose, for good: the objective or the inputs changed."""
        main = self.signals.main_metric
        if spike.kind in ("fast", "slow") or main is None or column == main:
            return False
        return self.is_spared(main, spike.epoch)

    def is_spared(self, column: str, epoch: int, sigmas: float = 2.0) -> bool:
        """True when a column got no worse over the five epochs from `epoch` on than before it."""
        series = self.signals.series(column)
        before, after = series.between(epoch - 5, epoch - 1), series.between(epoch, epoch + 4)
        if not len(before) or not len(after):
            return False
        rise = series.improvement(after.level(None, None), before.level(None, None))
        return rise <= sigmas * self.signals.sigma(column)

    def shifts(self, column: str) -> tuple[Shift, ...]:
        """Where the column's level changed at once and stayed changed, in either direction."""
        if column not in self._shifts:
            self._shifts[column] = shifts.find_shifts(self.signals.series(column))
        return self._shifts[column]

    def oscillation(self, column: str) -> Oscillation | None:
        """How the column bounces late in the last regime; None with fewer than twelve values."""
        return oscillation.oscillation(self.signals.recent(column))

    def divergence(self, column: str, sigmas: float, share: float) -> Divergence | None:
        """That the column left its best by max(sigmas, share of the gain); None if it did not."""
        return divergence.divergence(self.since_restart(column), sigmas, share)

    def never_passed(self, column: str, share: float) -> bool:
        """True when the last regime ended no better than within its first `share` of epochs."""
        return progress.never_passed(self.signals.recent(column), share)

    def forecast(self, column: str, epoch: int) -> Forecast | None:
        """The column at a later epoch by a power law; None with fewer than ten values."""
        return forecast.forecast(self.signals.recent(column), epoch)

    def before_anneal(self, column: str) -> Progress | None:
        """Progress over the later half of the epochs at half of the LR's peak or more.

        Its share is of the whole gain. None with fewer than five values there.
        """
        signals = self.signals
        return forecast.before_anneal(signals.recent(column), signals.lr, signals.sigma(column))

    def growth(
        self, column: str, per_epoch: float, decades: float, min_z: float, times: float
    ) -> tuple[Growth | None, str | None]:
        """The largest steady growth of a norm within bounds, or its first jump by so many times.

        None for one that has an excuse; the second is the first such excuse.
        """
        series = self.signals.series(column)
        steady = explosion.steady_growth(series, per_epoch, decades, min_z)
        found = [one for one in (steady, explosion.jump(series, times)) if one is not None]
        excuses = [self.excuse_for(one) for one in found]
        growth = next((g for g, excuse in zip(found, excuses, strict=True) if excuse is None), None)
        return growth, next((excuse for excuse in excuses if excuse is not None), None)

    def excuse_for(self, growth: Growth) -> str | None:
        """That a metric's spike raised a norm, or that the metric gained while the norm grew."""
        signals, first, last = self.signals, growth.first_epoch, growth.last_epoch
        column = signals.train_metric or signals.main_metric
        if column is None:
            return None
        for spike in self.spikes(column):
            if first - 2 <= spike.epoch < max(last, first + 1):
                return f"a spike of {column} at {epoch_label(spike.epoch)} raised the norm"
        series = signals.series(column)
        before, after = series.between(first - 2, first), series.between(last - 1, last + 1)
        if len(before) and len(after):
            gain = series.improvement(before.level(None, None), after.level(None, None))
            if gain > signals.sigma(column):
                return f"the norm grew while {column} improved"
        return None

    def shallow_explosion(self, ratio: float) -> tuple[int, int] | None:
        """The epochs over which shallow norms are so many times the deep ones, and rising.

        In three epochs and a fifth of all at least, the newest among them.
        """
        profile = self.signals.gradients.depth_profile
        if profile is None:
            return None
        high, last = profile.epochs_above(ratio), int(profile.epochs[-1])
        many = len(high) >= max(3, math.ceil(0.2 * len(profile.epochs)))
        rises = many and profile.gaps[-1] > profile.gaps[0]
        return (high[0], last) if rises and high[-1] == last else None

    def overflow_epoch(self, column: str) -> int | None:
        """The first of two epochs in a row in which a column printed plus infinity."""
        return explosion.overflow_epoch(self.signals.run, column)
