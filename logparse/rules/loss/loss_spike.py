"""LOSS005 loss-spike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from logparse.findings import Confidence, Finding, Severity, epoch_label
from logparse.rules.base import Clear, NotApplicable, Rule, TooShort, lines_of, option
from logparse.rules.edits import clipped, learning_rate, remedies

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logparse.run import Run
    from logparse.signals import Signals
    from logparse.signals.spikes import Spike

W = Severity.WARNING
SEVERITY = {"unrecovered": Severity.ERROR, "slow": W, "open": W, "fast": Severity.NOTE}
CAUSES = (
    "one batch that is out of the ordinary, or outliers in the targets",
    "the learning rate is near the largest stable one",
    "weights or optimizer state were damaged or reset",
)
COURSE = {
    "unrecovered": "and never came back",
    "slow": "and came back slowly",
    "open": "and is not back yet",
    "fast": "and came back at once",
}


@dataclass(frozen=True, kw_only=True)
class LossSpike(Rule):
    """The loss jumped up at once; what counts is whether it came back.

    What it does: looks in the training and the main metric for single steps far out of the
    noise, and for the epoch at which the metric was back at its old level.

    Why it matters: a spike that is gone within a few epochs costs nothing. One that is not has
    destroyed what was learned, and the rest of the run is spent on learning it again.

    Test: on log values, six times the larger of the run's noise and the scatter of the five
    epochs before, half of it in one step, at least a tenth of the gain until then and of the
    level. Fast: back under the old level + 2 sigma within max(3 epochs, 1%), a note; slow: later,
    a warning; unrecovered: never, an error, or a warning where a quarter of the gain before it or
    less is still lost at the end; open: fewer than three epochs ago, a warning.

    False alarms: a warm restart of the learning rate; a switch of augmentation or of the loss,
    which lifts the training metric alone and for good (LOSS007); a hard batch, which all runs
    of the same data order share.

    Try: nothing after a fast one; else clip at the 90th percentile of the gradient norms, and
    a lower learning rate; after an unrecovered one go back to the checkpoint before.

    Source: STA, PAL, OPT, BS; 78 healthy runs logged by the step had fast spikes and no others.
    """

    code = "LOSS005"
    name = "loss-spike"
    severity = Severity.WARNING
    min_epochs = 10
    hides = ("LOSS007",)

    min_z: float = option(6.0, "Steps above this many floored sigma are spikes.")
    min_share: float = option(0.1, "Steps that undo less than this share of the gain are none.")
    min_rise: float = option(0.1, "Nor are those below this share of the level before.")
    min_return: float = option(0.2, "Of an unrecovered spike this share must have come back.")
    max_lost: float = option(0.25, "A larger share of the gain lost for good is an error.")

    def check(self, run: Run, signals: Signals) -> Iterator[Finding | Clear]:
        columns = tuple(dict.fromkeys(filter(None, (signals.train_metric, signals.main_metric))))
        if not columns:
            raise NotApplicable("needs a training or validation metric")
        longest = max(len(signals.series(column)) for column in columns)
        if longest < self.min_epochs:
            raise TooShort(f"needs {self.min_epochs} values of a metric, has {longest}")
        found = [
            (column, spike)
            for column in columns
            for spike in signals.curves.spikes(column, self.min_z, self.min_share)
            if self._is_spike(spike) and not self._is_switch(column, spike, signals)
        ]
        if found:
            worst = max(found, key=lambda one: (self._severity(one[1]).rank, one[1].lost, one[1].z))
            yield self._found(*worst, len({s.epoch for _, s in found}), run, signals)

    def suppresses(self, mine: Finding, other: Finding) -> bool:
        """A shift of level at the epoch of the spike."""
        if other.code not in self.hides or mine.epochs is None or other.epochs is None:
            return False
        return abs(other.epochs[0] - mine.epochs[0]) <= 1

    def _is_spike(self, spike: Spike) -> bool:
        """High enough, and no step to a level that stays: that is a shift, or a divergence."""
        height = abs(spike.peak - spike.before)
        stays = abs(spike.peak - spike.end) < self.min_return * height
        if stays and spike.kind == "unrecovered":
            return False
        return height >= self.min_rise * abs(spike.before)

    def _is_switch(self, column: str, spike: Spike, signals: Signals) -> bool:
        """The training metric alone rose, for good: the objective or the inputs changed."""
        main = signals.main_metric
        if spike.kind in ("fast", "slow") or main is None or column == main:
            return False
        return signals.curves.is_spared(main, spike.epoch)

    def _found(self, column: str, spike: Spike, count: int, run: Run, signals: Signals) -> Finding:
        series, at = signals.series(column), epoch_label(spike.epoch)
        is_back = spike.kind in ("fast", "slow")
        norm = signals.series("grad_norm").between(spike.epoch, spike.epoch).values.tolist()
        return self.finding(
            severity=self._severity(spike),
            reading=f"{column} jumped from {spike.before:.3g} to {spike.peak:.3g} at {at} "
            f"{self._course(spike)}.",
            measured={
                "metric": column,
                **spike.facts(),
                "z_threshold": self.min_z,
                "spikes": count,
                **({"grad_norm": norm[0]} if norm else {}),
            },
            causes=CAUSES,
            remedies=self._remedies(spike, run),
            confirm=f"{at} passes with {column} below {spike.before:.3g} plus six sigma.",
            confidence=Confidence.HIGH if len(series) >= 20 else Confidence.MEDIUM,
            epochs=(spike.epoch, spike.last_epoch if is_back else series.last.epoch),
            lines=(spike.line,),
        )

    def _is_mostly_back(self, spike: Spike) -> bool:
        return spike.kind == "unrecovered" and spike.lost <= self.max_lost

    def _severity(self, spike: Spike) -> Severity:
        return Severity.WARNING if self._is_mostly_back(spike) else SEVERITY[spike.kind]

    def _course(self, spike: Spike) -> str:
        return (
            "and came back for the most part" if self._is_mostly_back(spike) else COURSE[spike.kind]
        )

    def _remedies(self, spike: Spike, run: Run) -> tuple[str, ...]:
        if spike.kind == "fast":
            return ("nothing, unless it happens often; look at the batches of that epoch",)
        back = f"go back to the checkpoint before {epoch_label(spike.epoch)}, skip what followed"
        lost = self._severity(spike) is Severity.ERROR
        return remedies(back if lost else None, clipped(run, spike.epoch), learning_rate(run, 0.67))
