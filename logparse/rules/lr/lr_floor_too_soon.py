"""LR002 lr-floor-too-soon."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logparse.findings import Finding, Severity, epoch_label
from logparse.rules.base import Clear, NotApplicable, Rule, option, rule
from logparse.rules.edits import plateau_patience, remedies
from logparse.rules.schedule_edits import (
    gentler_factor,
    higher_floor,
    later_milestones,
    longer_schedule,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logparse.run import Run
    from logparse.signals import Signals
    from logparse.signals.rate.effects import Descent


@rule
class LrFloorTooSoon(Rule):
    """The learning rate came to its floor early, and the metric stood still from there on.

    What it does: finds the epoch from which the rate stays at a thousandth of its peak or at the
    declared minimum, and compares the metric's progress there with that before the descent.

    Why it matters: epochs at such a rate change next to nothing. They are paid for without return.

    Test: rate <= 0.001 of the peak, or at a declared minimum of at most 0.01 of it, for 30% of the
    run or more; since then z-progress < 1 or a gain below 1% of that before; z-progress >= 2 at
    0.3 of the average pace or more over up to 5 epochs before the rate fell below a tenth of the
    peak.

    False alarms: the tail of a planned schedule (shorter than 30%), a run that had nothing left to
    gain before the descent, as after a patient plateau scheduler, a finished fine-tune.

    Try: a minimum of a hundredth of the peak, fewer or gentler cuts, or a run that ends where the
    floor began.

    Source: TP; the cut-offs are judgements.
    """

    code = "LR002"
    name = "lr-floor-too-soon"
    severity = Severity.WARNING
    needs = ("epochs", "lr")
    min_epochs = 10
    caused_by = ("LR003", "LR001")

    floor: float = option(1e-3, "A rate of this share of the peak or less is the floor.")
    min_share: float = option(0.3, "Share of the run that must lie at the floor.")
    window: int = option(5, "Epochs before the descent over which progress is taken.")
    max_z: float = option(1.0, "Progress at the floor below this many sigma is none.")
    max_gain: float = option(0.01, "And so is a gain below this share of that before.")
    min_z: float = option(2.0, "Progress before the descent must be this many sigma.")
    min_pace: float = option(0.3, "And this share of the average pace since the peak.")

    def check(self, run: Run, signals: Signals) -> Iterator[Finding | Clear]:
        metric, descent = signals.main_metric, signals.rate.descent(self.floor, self.window)
        if metric is None:
            raise NotApplicable("needs a training or validation metric")
        if descent is None:
            return
        whole = max(run.planned_epochs or 0, run.last_epoch or 0) - (run.first_epoch or 0) + 1
        share = descent.epochs_at_floor / max(whole, 1)
        before = descent.before
        stands = descent.after.z < self.max_z or descent.share < self.max_gain
        if share < self.min_share or not stands:
            return
        if before.z < self.min_z or descent.pace < self.min_pace:
            yield Clear(f"{metric} had settled before the learning rate fell")
            return
        yield self._found(descent, share, metric, run, signals)

    def _slower(self, run: Run, signals: Signals) -> tuple[str | None, ...]:
        """Another schedule: with later or gentler cuts, or one that lasts as long as the run."""
        kind = signals.rate.schedule.kind if signals.rate.schedule is not None else ""
        if kind not in ("plateau-driven", "step"):
            return (longer_schedule(run),)
        patience = plateau_patience(run, signals.rate.plateau_patience_key)
        ratio = signals.rate.cuts[0].ratio if signals.rate.cuts else 1.0
        later = later_milestones(run) if kind == "step" else patience
        return later, gentler_factor(run, ratio)

    def _found(
        self, descent: Descent, share: float, metric: str, run: Run, signals: Signals
    ) -> Finding:
        first, last = descent.floor_epoch, signals.lr.last
        better = 10 * self.floor * descent.peak
        return self.finding(
            reading=f"The learning rate has been at its floor since {epoch_label(first)}: "
            f"{descent.epochs_at_floor} epochs without progress of {metric}.",
            measured={
                "metric": metric,
                "floor_epoch": first,
                "epochs_at_floor": descent.epochs_at_floor,
                "share_of_run": share,
                "share_threshold": self.min_share,
                "lr_peak": descent.peak,
                "lr_floor": last.value,
                "z_before": descent.before.z,
                "pace_before": descent.pace,
                "z_after": descent.after.z,
                "gain_share_after": descent.share,
            },
            causes=(
                "the schedule falls too fast, or was cut while the metric improved",
                "the minimum is too small to train at",
            ),
            remedies=remedies(
                *self._slower(run, signals),
                higher_floor(run, better) if last.value < 0.9 * better else None,
                f"or end the run at {epoch_label(first)}",
            ),
            confirm=f"{metric} improves after {epoch_label(first)} too.",
            epochs=(first, last.epoch),
            lines=tuple(line for line in (run.line_of(first), last.line) if line),
        )
