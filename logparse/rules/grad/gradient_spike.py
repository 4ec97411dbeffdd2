"""GRAD003 gradient-spike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logparse.findings import Confidence, Finding, Severity, epoch_label, plural
from logparse.rules.base import NotApplicable, Rule, TooShort, option, rule
from logparse.rules.clip_edits import clipped
from logparse.rules.edits import remedies

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logparse.run import Run
    from logparse.signals import Signals
    from logparse.signals.curves.spikes import Spike

LONG = 300


@rule
class GradientSpike(Rule):
    """Single gradient norms stand far above those around them.

    What it does: looks for sudden rises of the total norm, and whether the loss rose with them.

    Why it matters: one such step can undo many; often they announce a loss spike. Alone and
    clipped they are harmless.

    Test: on log norms, six times the larger of the run's noise and the scatter of the five epochs
    before, half of it in one step; 20 values or more. A note; a warning when there are three (from
    300 values on: more than 1%), or when a metric spikes within three epochs.

    False alarms: a hard batch, which all runs of the same data order share; the first epochs;
    norms of single batches, which scatter by themselves: their noise is part of the threshold.

    Try: clip at the 90th percentile of the norms before the highest, look at the batches; in a long
    pre-training go back some hundred steps and skip as many batches.

    Source: OLM, ZC, PAL, OPT; the classes of recovery are those of LOSS005.
    """

    code = "GRAD003"
    name = "gradient-spike"
    severity = Severity.NOTE
    min_epochs = 20
    caused_by = ("NUM004", "GRAD002", "UPD002", "LR005", "HYP001")

    min_z: float = option(6.0, "Norms above this many floored sigma are spikes.")
    many: int = option(3, "So many spikes are a warning.")
    many_share: float = option(0.01, "In a run of 300 values or more: a larger share than this.")
    reach: int = option(3, "A metric that spikes within so many epochs makes it a warning.")

    def check(self, run: Run, signals: Signals) -> Iterator[Finding]:
        series = signals.series("grad_norm")
        if not len(series):
            raise NotApplicable("the log has no total gradient norm")
        if len(series) < self.min_epochs:
            raise TooShort(f"needs {self.min_epochs} gradient norms, has {len(series)}")
        found = signals.curves.spikes("grad_norm", self.min_z)
        if found:
            worst = max(found, key=lambda spike: spike.z)
            yield self._found(worst, found, self._echo(found, signals), run, signals)

    def _echo(self, found: tuple[Spike, ...], signals: Signals) -> str | None:
        """The metric that spiked close to one of the spikes of the norm."""
        for column in dict.fromkeys(filter(None, (signals.train_metric, signals.main_metric))):
            for spike in signals.curves.spikes(column, self.min_z, 0.1):
                if any(abs(spike.epoch - other.epoch) <= self.reach for other in found):
                    return f"{column} at {epoch_label(spike.epoch)}"
        return None

    def _is_frequent(self, count: int, length: int) -> bool:
        return count > self.many_share * length if length >= LONG else count >= self.many

    def _found(
        self,
        worst: Spike,
        found: tuple[Spike, ...],
        echo: str | None,
        run: Run,
        signals: Signals,
    ) -> Finding:
        series = signals.series("grad_norm")
        first = series.between(worst.epoch, worst.epoch).first.value
        facts = worst.facts("grad_norm", self.min_z)
        del facts["share_of_gain_lost"]  # a norm has no gain
        serious = echo is not None or self._is_frequent(len(found), len(series))
        return self.finding(
            severity=Severity.WARNING if serious else Severity.NOTE,
            reading=f"The gradient norm jumped from {worst.before:.2g} to {first:.2g} at "
            f"{epoch_label(worst.epoch)}"
            + (f", and went on to {worst.peak:.2g}" if worst.peak > 1.1 * first else "")
            + (f", one of {plural(len(found), 'spike')}." if len(found) > 1 else "."),
            measured={
                **facts,
                "spikes": len(found),
                "epochs_logged": len(series),
                "metric_spike": echo or "none",
            },
            causes=(
                "batches out of the ordinary, or outliers in the targets",
                "the learning rate is near the largest stable one",
            ),
            remedies=remedies(
                clipped(run, worst.epoch), f"look at the batches of {epoch_label(worst.epoch)}"
            ),
            confirm=f"No norm stands {self.min_z:g} sigma above the five before it.",
            confidence=Confidence.HIGH if worst.z >= 2 * self.min_z else Confidence.MEDIUM,
            epochs=(found[0].epoch, found[-1].epoch),
            lines=tuple(spike.line for spike in found[:3]),
        )
