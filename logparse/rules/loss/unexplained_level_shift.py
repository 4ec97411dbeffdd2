"""LOSS007 unexplained-level-shift."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logparse.findings import Confidence, Finding, Severity, epoch_label
from logparse.rules.base import NotApplicable, Rule, TooShort, option, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logparse.run import Run
    from logparse.signals import Signals
    from logparse.signals.curves.shifts import Shift


@rule
class UnexplainedLevelShift(Rule):
    """A metric changed its level from one epoch to the next, and the learning rate did not.

    What it does: splits the training and the main metric where that saves the most squares, and
    keeps the splits that nothing in the learning rate explains.

    Why it matters: before and after are two different experiments. Averages, slopes and baselines
    across the step mean nothing, and comparing the two levels misleads.

    Test: PELT (squared deviations, segments of 4 points, penalty 8 ln n in units of the noise,
    which counts its correlation), 20 values or more, a change of 5 sigma or more between the four
    points before and after, 70% of it in one step, and no cut, warm-up or restart of the learning
    rate within one epoch.

    False alarms: a spike (LOSS005 hides this one); a step that is planned, such as augmentation
    that is switched off for the last epochs: the finding is true and harmless then.

    Try: look up what changed at that epoch, and judge the run on both sides of it apart.

    Source: fitted on simulated noise; the pattern is seen in public logs.
    """

    code = "LOSS007"
    name = "unexplained-level-shift"
    severity = Severity.NOTE
    min_epochs = 20
    caused_by = ("LOG002", "LR003")

    reach: int = option(1, "A change of the learning rate within this many epochs explains it.")
    sure_sigmas: float = option(10.0, "From this many sigma on the finding is more than a guess.")

    def check(self, run: Run, signals: Signals) -> Iterator[Finding]:
        columns = tuple(dict.fromkeys(filter(None, (signals.main_metric, signals.train_metric))))
        if not columns:
            raise NotApplicable("needs a training or validation metric")
        longest = max(len(signals.series(column)) for column in columns)
        if longest < self.min_epochs:
            raise TooShort(f"needs {self.min_epochs} values of a metric, has {longest}")
        found = [
            (column, shift)
            for column in columns
            for shift in signals.curves.shifts(column)
            if not self._is_explained(shift, signals)
        ]
        if found:
            column, shift = max(found, key=lambda one: one[1].sigmas)
            both = len({name for name, other in found if other.epoch == shift.epoch}) > 1
            yield self._found(column, shift, len({s.epoch for _, s in found}), both)

    def _is_explained(self, shift: Shift, signals: Signals) -> bool:
        moved = [cut.epoch for cut in signals.rate.cuts] + list(signals.curves.restarts)
        if any(abs(epoch - shift.epoch) <= self.reach for epoch in moved):
            return True
        return any(
            phase.kind == "warm-up" and phase.first_epoch - 1 <= shift.epoch <= phase.last_epoch + 1
            for phase in signals.rate.phases
        )

    def _found(self, column: str, shift: Shift, count: int, both: bool) -> Finding:
        word = "rose" if shift.after > shift.before else "fell"
        inputs = "the augmentation or the order of the data changed (mosaic off, curriculum)"
        return self.finding(
            reading=f"{column} {word} at once from {shift.before:.3g} to {shift.after:.3g} at "
            f"{epoch_label(shift.epoch)} and stayed there.",
            measured={
                "metric": column,
                "epoch": shift.epoch,
                "level_before": shift.before,
                "level_after": shift.after,
                "sigmas": shift.sigmas,
                "threshold": 5.0,
                "shifts": count,
                "in_both_metrics": both,
            },
            causes=(
                inputs,
                "the weight of a loss term changed",
                "another batch size, or a part that was frozen or freed",
            ),
            remedies=(
                f"look up what changes at {epoch_label(shift.epoch)} in the code or its schedule",
                "judge the epochs before and after it apart",
            ),
            confirm="Without that change the metric passes the epoch without a step.",
            confidence=Confidence.MEDIUM if shift.sigmas >= self.sure_sigmas else Confidence.LOW,
            epochs=(shift.epoch, shift.epoch),
            lines=(shift.line,),
        )
