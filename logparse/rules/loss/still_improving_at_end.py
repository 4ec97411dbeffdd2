"""LOSS004 still-improving-at-end."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

from logparse.findings import Confidence, Finding, Severity, epoch_label
from logparse.rules.base import Clear, NotApplicable, Rule, TooShort, lines_of, option, rule
from logparse.rules.edits import changed, faster, remedies

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logparse.run import Run
    from logparse.signals import Signals
    from logparse.signals.progress import Progress


@rule
class StillImprovingAtEnd(Rule):
    """The run ended while the metric was still getting better.

    What it does: asks whether the best value is among the newest and progress still stands out of
    the noise, and where a power law through the curve leads. Under an annealed learning rate it
    looks at the time before the anneal instead.

    Why it matters: the run was too short or its steps too small; what it reached says little about
    the model.

    Test: best in the last 10%, z-progress >= 2, neither stopped early nor failed nor short of the
    plan. With the rate annealed to a tenth nearly every healthy run ends at its best: then the
    later half of the epochs at half of the peak rate or more must bring z >= 3 and a quarter of
    the whole gain, and confidence is low. The forecast is a + b t^-c with an 80% band of resampled
    residuals.

    False alarms: the gain that annealing brings by itself; a curve that drops late for reasons of
    its own; a forecast is no promise, curves bend.

    Try: one and a half to two times the epochs, the length of the schedule with them; where the
    end brought a quarter of the gain or more, and 5 sigma, a higher learning rate.

    Source: TP, LCP; the test before the anneal is measured on runs with known faults.
    """

    code = "LOSS004"
    name = "still-improving-at-end"
    severity = Severity.NOTE
    min_epochs = 10
    needs_end = True
    caused_by = ("LR004", "HYP003", "LR001", "LR003", "LR002", "UPD001")

    last_share: float = option(0.1, "The best value must lie within this last share of the run.")
    min_z: float = option(2.0, "Progress at the end must be this many sigma.")
    anneal_z: float = option(3.0, "Progress before an anneal must be this many sigma.")
    anneal_share: float = option(0.25, "Share of the gain that it must bring before an anneal.")
    slow_share: float = option(0.25, "A run is slow whose end brings this share of the gain.")
    slow_z: float = option(5.0, "And this many sigma; a higher rate is proposed for it.")
    longer: float = option(2.0, "The forecast is for so many times the epochs.")

    def check(self, run: Run, signals: Signals) -> Iterator[Finding | Clear]:
        metric = signals.main_metric
        if metric is None:
            raise NotApplicable("needs a training or validation metric")
        series = signals.curves.since_restart(metric)
        if len(series) < self.min_epochs:
            raise TooShort(f"needs {self.min_epochs} values of {metric}, has {len(series)}")
        planned, last = run.planned_epochs, run.last_epoch or 0
        late = series.tail(max(1, ceil(self.last_share * len(series)))).first.epoch
        if series.best.epoch < late or signals.state.kind == "failed":
            return
        if signals.ending.kind == "stopped-early":
            yield Clear(f"the run was stopped: {signals.ending.because}")
            return
        if planned is not None and last < planned:
            yield Clear(f"the log ends at {epoch_label(last)} of {planned} planned epochs")
            return
        progress = signals.progress(metric)
        if not signals.curves.is_annealed:
            if progress.z >= self.min_z:
                yield self._found(metric, progress, run, signals)
            return
        earlier = signals.curves.before_anneal(metric)
        if earlier is None or not self._is_steady(earlier):
            yield Clear("the learning rate was annealed: such runs end at their best")
        else:
            yield self._found(metric, earlier, run, signals)

    def _is_steady(self, earlier: Progress) -> bool:
        return earlier.z >= self.anneal_z and earlier.gain_share >= self.anneal_share

    def _found(self, metric: str, progress: Progress, run: Run, signals: Signals) -> Finding:
        series, annealed = signals.recent(metric), signals.curves.is_annealed
        ahead = signals.curves.forecast(metric, ceil(self.longer * series.last.epoch))
        where = "when the run ended" if signals.ending.is_over else "in the last epochs logged"
        where = "before the learning rate was annealed" if annealed else where
        end, slow = series.level(-3, None), progress.gain_share >= self.slow_share
        return self.finding(
            reading=f"{metric} was still improving {where}.",
            measured={
                "metric": metric,
                "end": end,
                "gain_per_epoch": progress.slope,
                **progress.facts(),
                "z_threshold": self.anneal_z if annealed else self.min_z,
                **({} if ahead is None else ahead.facts()),
            },
            causes=("the run is too short for its learning rate", "the learning rate is too low"),
            remedies=remedies(
                self._more_epochs(run),
                faster(run, 3) if slow and progress.z >= self.slow_z else None,
            ),
            confirm=f"With more epochs {metric} ends level, and better than {end:.4g}."
            if ahead is None
            else f"At {epoch_label(ahead.epoch)} {metric} is near {ahead.value:.3g}.",
            confidence=Confidence.LOW if annealed else Confidence.MEDIUM,
            epochs=(progress.first_epoch, progress.last_epoch),
            lines=lines_of(run, progress.first_epoch, progress.last_epoch),
        )

    def _more_epochs(self, run: Run) -> str:
        planned = run.settings.number(run.planned_key)
        if run.planned_epochs is None or planned is None:
            return f"{self.longer:g} times the epochs, and a schedule of that length"
        return f"{changed(run, run.planned_key, ceil(self.longer * planned))}, the schedule with it"
