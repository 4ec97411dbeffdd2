"""LOSS001 never-learned."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

from logparse.findings import Confidence, Finding, Measure, Severity
from logparse.rules.base import Clear, NotApplicable, Rule, TooShort, option, rule
from logparse.rules.edits import faster, learning_rate, remedies

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logparse.run import Run
    from logparse.signals import Signals

CAUSES = (
    "targets and inputs are not paired, or the loss does not see the targets",
    "the learning rate is off by a power of ten",
    "inputs are not scaled, or parameters are frozen",
    "the last activation cannot reach the targets",
)


@rule
class NeverLearned(Rule):
    """The metric never left the level at which it started.

    What it does: compares the level of the second to fourth epoch with that of the last five and
    the best five since, and both metrics with what a model that knows nothing would reach.

    Why it matters: no tuning helps while nothing is learned. The cause is nearly always a wiring
    fault, not a choice of hyperparameters.

    Test: 8 values or more, and an improvement of the training metric of at most max(2 sigma,
    1%), at no time of more than 1.5 times that; or, after max(5, 10%) epochs and without
    resolvable progress, its newest level that of knowing nothing, or no level of validation
    better than that. Knowing nothing is the mean baseline within 2 sigma, or for C declared
    classes ln C within 1% and an accuracy of 1 / C within a fifth.

    False alarms: a learning rate still in warm-up; a fine-tuned model that was good from the
    start (perfect, better than its baseline, or 10% down after the first epoch); outliers
    among the training targets, where validation plainly improves or is a tenth better than knowing
    nothing; a metric over masked targets; a run that had halved its first value, or had been a
    tenth better than chance, and lost it: that is LOSS003.

    Try: check the pairing of targets and loss, overfit one batch, sweep the learning rate ten
    times up and down, check input scaling, frozen parameters and the last activation.

    Source: CS, KP, AT; a prototype fired on none of 760 healthy curves.
    """

    code = "LOSS001"
    name = "never-learned"
    severity = Severity.ERROR
    min_epochs = 8
    hides = ("LOSS002",)
    caused_by = (
        *("NUM001", "NUM004", "NUM003", "GRAD004", "GRAD001", "GRAD002"),
        *("UPD002", "LR005", "UPD001", "LR002", "LR003", "GRAD005"),
        *("HYP002",),
    )

    min_sigmas: float = option(2.0, "An improvement up to this many sigma is none.")
    min_share: float = option(0.01, "An improvement up to this share of the start is none.")
    best_slack: float = option(1.5, "The best stretch may exceed the limit by this factor.")
    max_first_drop: float = option(0.1, "A gain since the very first value above this is learning.")
    max_best_drop: float = option(0.5, "So is a best value better than the first by this, if lost.")

    def check(self, run: Run, signals: Signals) -> Iterator[Finding | Clear]:
        metric = signals.train_metric or signals.main_metric
        if metric is None:
            raise NotApplicable("needs a training or validation metric")
        learned, chance = signals.learning(metric), signals.chance_level(metric)
        if learned is None:
            raise TooShort(f"needs 8 values of {metric}, has {len(signals.series(metric))}")
        if signals.rate.in_warm_up:
            yield Clear("the learning rate is still warming up")
            return
        series, margin = signals.series(metric), self.min_sigmas * learned.sigma
        limit = max(margin, self.min_share * learned.unit)
        first_drop = series.improvement(series.first.value, series.best.value)
        fell = learned.first_gain > max(limit, self.max_first_drop * learned.unit)
        fell = fell or first_drop > max(limit, self.max_best_drop * learned.unit)
        flat = max(learned.end_gain, learned.best_gain / self.best_slack) <= limit and not fell
        main = str(signals.main_metric)
        if flat and chance is not None and series.improvement(chance, learned.end) > margin:
            yield Clear(f"{metric} is flat, but beats its baseline: it was good from the start")
        elif flat and series.perfect and learned.end >= series.perfect - series.print_step:
            yield Clear(f"{metric} was perfect from the start")
        elif flat and (signals.validation_learned or signals.beats_chance(main)):
            yield Clear(f"{metric} is flat, but {main} shows that it learned")
        elif flat:
            yield self._found(signals, metric, f"{metric} never left its start", limit)
        elif self._is_stuck(metric, signals) and signals.at_chance(metric, self.min_sigmas):
            yield self._found(signals, metric, f"{metric} ended where knowing nothing is", limit)
        elif self._is_stuck(main, signals) and signals.never_beat_chance(main, self.min_sigmas):
            yield self._found(signals, main, f"{main} was never better than knowing nothing", limit)

    def _is_stuck(self, metric: str, signals: Signals) -> bool:
        """Late enough to tell, and not on the way."""
        late = max(5, ceil(0.1 * (signals.run.planned_epochs or 0)))
        return len(signals.series(metric)) >= late and not signals.progress(metric).is_resolvable

    def _found(self, signals: Signals, metric: str, told: str, limit: float) -> Finding:
        series, chance = signals.series(metric), signals.chance_level(metric)
        learned, sigma, rose = signals.learning(metric), signals.sigma(metric), False
        shown: dict[str, Measure] = {} if chance is None else {"chance_level": chance}
        if learned is not None:
            shown |= {"start_level": learned.start, "end_level": learned.end}
            shown |= {"improvement": learned.end_gain}
            sigma, rose = learned.sigma, learned.end_gain < -limit
        return self.finding(
            reading=f"{told} in {len(series)} epochs.",
            measured={"metric": metric, **shown, "threshold": limit, "sigma": sigma},
            causes=CAUSES,
            remedies=remedies(
                "overfit a single batch first: its loss must go to zero",
                None if rose else faster(signals.run, 10),
                learning_rate(signals.run, 0.1),
                "check input scaling, requires_grad, and the last activation",
            ),
            confirm=f"{metric} improves by more than {limit:.2g} within the first 8 epochs.",
            confidence=Confidence.MEDIUM if chance is None else Confidence.HIGH,
            epochs=(series.first.epoch, series.last.epoch),
            lines=(series.first.line, series.last.line),
        )
