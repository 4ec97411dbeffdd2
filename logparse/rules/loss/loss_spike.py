"""LOSS005 loss-spike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logparse.findings import Confidence, Finding, Severity, epoch_label
from logparse.rules.base import Clear, NotApplicable, Rule, TooShort, option, rule
from logparse.rules.clip_edits import clipped
from logparse.rules.edits import learning_rate, remedies

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logparse.run import Run
    from logparse.signals import Signals
    from logparse.signals.curves.spikes import Spike

CAUSES = (
    "one batch that is out of the ordinary, or outliers in the targets",
    "the learning rate is near the largest stable one",
    "weights or optimizer state were damaged or reset",
)
COURSE = {
    "unrecovered": (Severity.ERROR, "and never came back"),
    "mostly": (Severity.WARNING, "and came back for the most part"),
    "slow": (Severity.WARNING, "and came back slowly"),
    "open": (Severity.WARNING, "and is not back yet"),
    "fast": (Severity.NOTE, "and came back at once"),
}


@rule
class LossSpike(Rule):
    """The loss jumped up at once; what counts is whether it came back.

    What it does: looks in the training and the main metric for single steps far out of the noise,
    and for the epoch at which the metric was back.

    Why it matters: a spike gone within a few epochs costs nothing. One that is not has destroyed
    what was learned.

    Test: on log values, six times the larger of the run's noise and the scatter of the five
    epochs before, half of it in one step, at least a tenth of the gain until then and of the
    level. Fast: back under the old level + 2 sigma within max(3 epochs, 1%), or max(10 points,
    1%) of 300 points or more, a note; slow: later, a warning, or a note where another metric of
    validation stayed where it was; unrecovered: never, an error, or a warning where a quarter of
    the gain before it or less is still lost at the end; open: fewer than three epochs ago, a
    warning.

    False alarms: a warm restart; a switch of augmentation or loss, which lifts the training metric
    alone and for good (LOSS007); a hard batch, which all runs of the same data order share.

    Try: nothing after one or two fast ones; else clip at the 90th percentile of the norms, a lower
    learning rate; after an unrecovered one go back to the checkpoint before.

    Source: STA, PAL, OPT, BS; 78 healthy runs logged by the step had fast spikes and no others.
    """

    code = "LOSS005"
    name = "loss-spike"
    severity = Severity.WARNING
    min_epochs = 10
    hides = ("LOSS007", "GEN003")
    caused_by = ("LOG002", "NUM004", "LR005", "UPD002", "GRAD002", "GRAD003", "HYP001")

    min_z: float = option(6.0, "Steps above this many floored sigma are spikes.")
    min_share: float = option(0.1, "Steps that undo less than this share of the gain are none.")
    min_rise: float = option(0.1, "Nor are those below this share of the level before.")
    min_return: float = option(0.2, "Of an unrecovered spike this share must have come back.")
    often: int = option(3, "So many fast spikes ask for a remedy.")
    max_lost: float = option(0.25, "A larger share of the gain lost for good is an error.")

    def check(self, run: Run, signals: Signals) -> Iterator[Finding | Clear]:
        columns = tuple(dict.fromkeys(filter(None, (signals.train_metric, signals.main_metric))))
        if not columns:
            raise NotApplicable("needs a training or validation metric")
        if max(len(signals.series(column)) for column in columns) < self.min_epochs:
            raise TooShort(f"needs {self.min_epochs} values of a metric")
        bounds = self.min_z, self.min_share, self.min_rise, self.min_return
        found = [(name, spike) for name in columns for spike in signals.curves.hurts(name, *bounds)]
        if found:
            worst = max(found, key=lambda one: self._weight(one[1]))
            yield self._found(*worst, len({s.epoch for _, s in found}), run, signals)

    def suppresses(self, mine: Finding, other: Finding) -> bool:
        """A shift of level at the epoch of the spike; noise, which the spike has raised."""
        if mine.epochs is None or other.epochs is None or other.code not in self.hides:
            return False
        return other.code == "GEN003" or abs(other.epochs[0] - mine.epochs[0]) <= 1

    def _found(self, column: str, spike: Spike, count: int, run: Run, signals: Signals) -> Finding:
        series, at = signals.series(column), epoch_label(spike.epoch)
        severity, words = self._course(spike)
        unhurt = signals.curves.unhurt(column, spike) if spike.kind == "slow" else None
        if unhurt is not None:
            severity, words = Severity.NOTE, f"{words}; {unhurt} was not hurt"
        moved = "jumped" if spike.peak > spike.before else "dropped"
        return self.finding(
            severity=severity,
            reading=f"{column} {moved} from {spike.before:.3g} to {spike.peak:.3g} at {at} "
            f"{words}.",
            measured={
                **spike.facts(column, self.min_z),
                **signals.curves.at("grad_norm", spike.epoch),
                "spikes": count,
            },
            causes=CAUSES,
            remedies=self._remedies(spike, count, run),
            confirm=f"{at} passes with {column} within {self.min_rise:.0%} of {spike.before:.3g}.",
            confidence=Confidence.HIGH if len(series) >= 20 else Confidence.MEDIUM,
            epochs=(spike.epoch, spike.last_epoch),
            lines=(spike.line,),
        )

    def _weight(self, spike: Spike) -> tuple[int, float, float]:
        return self._course(spike)[0].rank, spike.lost, spike.z

    def _course(self, spike: Spike) -> tuple[Severity, str]:
        """How bad the spike is, and what became of it in words."""
        is_small = spike.kind == "unrecovered" and spike.lost <= self.max_lost
        return COURSE["mostly" if is_small else spike.kind]

    def _remedies(self, spike: Spike, count: int, run: Run) -> tuple[str, ...]:
        if spike.kind == "fast" and count < self.often:
            return ("nothing, unless it happens often; look at the batches of that epoch",)
        back = f"go back to the checkpoint before {epoch_label(spike.epoch)}, skip its batches"
        lost = self._course(spike)[0] is Severity.ERROR
        return remedies(back if lost else None, clipped(run, spike.epoch), learning_rate(run, 0.67))
