"""LOSS006 late-oscillation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logparse.findings import Confidence, Finding, Severity, epoch_label
from logparse.keys import BATCH_KEYS
from logparse.rules.base import Clear, NotApplicable, Rule, TooShort, lines_of, option, rule
from logparse.rules.edits import learning_rate, remedies, scaled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logparse.run import Run
    from logparse.signals import Signals
    from logparse.signals.curves.oscillation import Oscillation
FALLING = ("linear", "polynomial", "cosine", "onecycle", "warm-up-stable-decay")


@rule
class LateOscillation(Rule):
    """Late in the run the metric bounces instead of settling.

    What it does: compares the steps from epoch to epoch in the last half with all that the run
    has gained, and their size with the level, in validation and in training.

    Why it matters: where the run stops is then chance, and so is which checkpoint is best.

    Test: 12 values or more, the learning rate not annealed, successive steps that turn back (lag-1
    correlation <= -0.15), noise of 3.5% of the level or more, and steps whose 90th percentile is
    15% of the gain or more: a warning; a note from 10% on, or when training bounces by 2.5% of its
    level too. Direction changes are not counted.

    False alarms: a small or noisy validation set, where training is calm: then no more than a
    note below 15%; little gain and little noise; nothing gained (LOSS001); a cyclic learning rate;
    a log that ends in the middle of a schedule whose rate has still to fall.

    Try: a half to a third of the learning rate in the last third, a schedule that falls, twice the
    batch, averaged weights, more validation data.

    Source: TP, AT; bounds are measured on runs with known faults.
    """

    code = "LOSS006"
    name = "late-oscillation"
    severity = Severity.WARNING
    min_epochs = 12
    needs_end = True
    caused_by = ("LR003", "UPD002", "GRAD005", "HYP005")

    min_share: float = option(0.15, "Steps of this share of the gain are a warning.")
    note_share: float = option(0.1, "Steps of this share of the gain are a note.")
    min_width: float = option(0.035, "The noise must be this share of the level.")
    train_width: float = option(0.025, "For training, which averages over more samples.")
    max_correlation: float = option(-0.15, "Successive steps must correlate no more than this.")

    def check(self, run: Run, signals: Signals) -> Iterator[Finding | Clear]:
        metric, train = signals.main_metric, signals.train_metric
        if metric is None:
            raise NotApplicable("needs a training or validation metric")
        if run.axis != "epoch" and metric == train:
            raise NotApplicable("needs a validation metric: by steps, training is that of batches")
        found = signals.curves.oscillation(metric)
        if found is None:
            raise TooShort(f"needs 12 values of {metric}, has {len(signals.recent(metric))}")
        if found.share > 1 or found.correlation > self.max_correlation:
            return
        beside = signals.curves.oscillation(train) if train and train != metric else None
        shared = beside is not None and beside.relative >= self.train_width
        if found.relative < self.min_width or not (shared or found.share >= self.note_share):
            return
        excuse = self._excuse(signals)
        yield Clear(excuse) if excuse else self._found(metric, found, beside, run, signals)

    def _excuse(self, signals: Signals) -> str | None:
        if signals.curves.is_annealed:
            return "the learning rate has been annealed"
        if self._has_still_to_fall(signals):
            return "the run is in the middle of a schedule that has still to fall"
        if signals.curves.restarts:
            return "the learning rate warms up again and again"
        if signals.state.kind in ("never-learned", "failed"):
            return f"the run has no level to settle at: {signals.state.because}"
        return None

    def _has_still_to_fall(self, signals: Signals) -> bool:
        """The log ends before the plan does, under a learning rate that falls to its end."""
        planned, schedule = signals.run.planned_epochs, signals.rate.schedule
        if planned is None or schedule is None or schedule.kind not in FALLING:
            return False
        return (signals.run.last_epoch or 0) < planned

    def _found(
        self,
        metric: str,
        found: Oscillation,
        beside: Oscillation | None,
        run: Run,
        signals: Signals,
    ) -> Finding:
        last, warns = signals.recent(metric).last, found.share >= self.min_share
        return self.finding(
            severity=Severity.WARNING if warns else Severity.NOTE,
            reading=f"{metric} bounces by {found.swing:.2g} from epoch to epoch, "
            f"{found.share:.0%} of all it has gained, since {epoch_label(found.first_epoch)}.",
            measured={
                "metric": metric,
                **found.facts(),
                "share_threshold": self.min_share if warns else self.note_share,
                **({} if beside is None else {"train_noise_share": beside.relative}),
                **({"lr": signals.lr.last.value} if len(signals.lr) else {}),
            },
            causes=(
                "the learning rate is too high to settle",
                "the validation set is too small to tell epochs apart",
                "the batch is too small",
            ),
            remedies=remedies(
                f"{learning_rate(run, 0.4)} in the last third, or a schedule that falls to zero",
                scaled(run, (*BATCH_KEYS, "BATCH"), 2, "twice the batch"),
                "average the weights of the last epochs",
            ),
            confirm=f"{metric} moves by less than {self.note_share * found.gain:.2g} an epoch.",
            confidence=Confidence.MEDIUM,
            epochs=(found.first_epoch, last.epoch),
            lines=lines_of(run, found.first_epoch, last.epoch),
        )
