"""LR001 early-lr-drop."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logparse.findings import Confidence, Finding, Severity, epoch_label
from logparse.rules.base import Clear, NotApplicable, Rule, option, rule
from logparse.rules.schedule_edits import against_early_cuts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logparse.run import Run
    from logparse.signals import Signals
    from logparse.signals.progress import Progress
    from logparse.signals.rate.effects import CutEffect


@rule
class EarlyLrDrop(Rule):
    """The learning rate was cut early, while the metric was still improving.

    What it does: looks at cuts to 0.7 or less soon after the LR's peak, replays the scheduler's
    patience, and asks whether progress before the cut stood out of the noise.

    Why it matters: every later step is smaller. The plateau looks like the limit of the model.

    Test: a cut within max(5, 15% of the plan) of the peak, or within a third of it after at most
    one replayed epoch without a new best, by no smooth plan; z-progress >= 2 at 0.3 of the
    average pace or more, over up to 5 epochs before it, or, after 2 or more without a new best,
    over the last two thirds of the epochs before it, if the patience waited for less than 6 sigma
    of gain; the run not converged since, or the slope after less than half of that before.

    False alarms: smooth plans, warm restarts, steps in the last two thirds of the plan, a cut from
    a warm-up's overshoot, a bias group that warms up from above. All are recognised. A metric
    that had settled before the cut fires in 1% of runs.

    Try: twice the patience, a factor of 0.5, a threshold no higher than two sigma, later steps, or
    a cosine schedule.

    Source: TOR, ISS, TP; 0.7 and 15% are judgements, pace and 6 sigma are simulated.
    """

    code = "LR001"
    name = "early-lr-drop"
    severity = Severity.WARNING
    needs = ("epochs", "lr")
    min_epochs = 6
    hides = ("LR002",)
    caused_by = ("LR003", "LOG005", "GEN003")

    early_epochs: int = option(5, "A cut this many epochs after the peak is always early.")
    early_share: float = option(0.15, "A cut within this share of the planned epochs is early.")
    window: int = option(5, "Epochs before and after the cut over which slopes are taken.")
    min_z: float = option(2.0, "Progress before the cut must be this many sigma.")
    slope_share: float = option(0.5, "A slope after the cut below this share is a loss.")
    max_bad_epochs: int = option(1, "More epochs without a new best before the cut are a stall.")
    min_pace: float = option(0.3, "Progress slower than this share of the average is a stall.")
    sure_pace: float = option(0.5, "Progress at this share of the average makes it certain.")
    hidden_sigmas: float = option(6.0, "A gain within the patience below this hides in noise.")
    short_patience: int = option(3, "A declared patience up to this is short.")

    def check(self, run: Run, signals: Signals) -> Iterator[Finding | Clear]:
        schedule, metric = signals.rate.schedule, signals.main_metric
        if schedule is None or metric is None:
            raise NotApplicable("needs a metric and two learning rates")
        if schedule.is_planned and schedule.kind != "step":
            yield Clear(f"the learning rate follows a plan: {schedule.kind}")
            return
        for cut in signals.rate.early_cuts(self.early_epochs, self.early_share):
            effect = signals.rate.cut_effect(cut, metric, self.window)
            before = self._before(effect)
            if before is None or before.z < self.min_z or effect.pace_of(before) < self.min_pace:
                continue
            lost = effect.after.slope < self.slope_share * before.slope
            if lost or signals.state.kind != "converged":
                yield self._found(effect, before, run, signals, metric)
                return

    def _before(self, effect: CutEffect) -> Progress | None:
        """The progress that the cut ended; None after a wait that noise does not explain."""
        if effect.bad_epochs <= self.max_bad_epochs:
            return effect.near
        return effect.settled if effect.hidden_gain < self.hidden_sigmas else None

    def _causes(self, effect: CutEffect, metric: str, *, is_step: bool) -> tuple[str, ...]:
        bad, noisy = effect.bad_epochs, f"{metric} is noisier than the scheduler's threshold"
        other, strict = "the scheduler watches another metric", "its threshold is too high"
        if effect.trigger is not None and effect.replay is not None:
            settled = effect.as_threshold(effect.settled.sigma) or 0.0
            is_noisy = (effect.noise_of_threshold or settled) > effect.replay.threshold
            return (effect.trigger, noisy if is_noisy else strict)
        if bad and bad >= (effect.patience or 0):
            return f"short patience: cut at bad epoch {bad} (torch: patience + 1)", noisy, other
        steps = ("a step is planned too early", *(() if is_step else (other,)))
        return steps if effect.patience is None else (other, noisy)

    def _found(
        self, effect: CutEffect, before: Progress, run: Run, signals: Signals, metric: str
    ) -> Finding:
        cut, patience, key = effect.cut, effect.patience, signals.rate.plateau_patience_key
        is_short = patience is not None and patience <= self.short_patience
        threshold = effect.as_threshold(2 * before.sigma)
        until = min(2 * cut.epoch, max(run.planned_epochs or 0, run.last_epoch or 0))
        is_step = signals.rate.schedule is not None and signals.rate.schedule.kind == "step"
        sure = is_short and effect.pace_of(before) >= self.sure_pace
        return self.finding(
            reading=f"The learning rate fell from {cut.before:.2g} to {cut.after:.2g} at "
            f"{epoch_label(cut.epoch)} while {metric} was still improving.",
            measured={
                "metric": metric,
                "gain_per_epoch_before": before.slope,
                **effect.facts(),
                "pace": effect.pace_of(before),
                "z_before": before.z,
                "z_threshold": self.min_z,
            },
            causes=self._causes(effect, metric, is_step=is_step),
            remedies=against_early_cuts(run, key, (cut.ratio, threshold), steps=is_step),
            confirm=f"No cut before {epoch_label(until)}, and {metric} better by then.",
            confidence=Confidence.HIGH if sure else Confidence.MEDIUM,
            epochs=(cut.epoch, cut.epoch),
            lines=(cut.line,),
        )
