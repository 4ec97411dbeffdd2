"""DATA002 throughput-degradation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logparse.findings import Confidence, Finding, Severity, epoch_label
from logparse.rules.base import NotApplicable, Rule, TooShort, option, rule
from logparse.rules.edits import changed, remedies, smaller_batch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logparse.run import Run
    from logparse.signals import Signals
    from logparse.signals.machine.drift import Drift
    from logparse.signals.machine.timing import BatchChange

STEPS = "another program shares the machine", "swapping: memory is full"
GROWTH = "something grows: logs, lists of results, the computation graph"


@rule
class ThroughputDegradation(Rule):
    """Epochs become slower and slower, or a new batch size made them slower.

    What it does: measures how far and how steadily the time per sample rises over the run, and
    since when; and compares it with the run before in the file where that had another batch.

    Why it matters: growing logs, leaks, swapping and heat make a run slower long before they
    end it, and the time that is left is longer than it looks.

    Test: with the first epoch dropped, the low tenth of the last third is >= 1.25 times that of
    the first, the Theil-Sen rise is >= 25% with z >= 3, and Kendall's tau against time >= 0.8;
    or low tenth and median are >= 5 times as high. Of a rise that is less steady a note is made
    where tau >= 0.6 or the low tenth is >= 1.5 times as high. The onset is where a one-sided
    CUSUM (k = 0.5, h = 5 sigma) left zero for good. A batch that takes 1.25 times as long per
    sample as the one of the run before is a note.

    False alarms: single slow epochs; another program on the machine, which comes and goes: it
    lifts the medians but seldom all low values, and not steadily; longer sequences by design.

    Try: look at temperature, swap and memory; smaller batches with accumulation; shorter logs.

    Source: MON for 1.25; the other limits are measured on runs that shared a busy machine.
    """

    code = "DATA002"
    name = "throughput-degradation"
    severity = Severity.WARNING
    settles_in = 3
    caused_by = ("MEM001",)

    least_epochs: int = option(8, "A drift needs this many epochs.")
    least_ratio: float = option(1.25, "Slower by less than this ratio is no degradation.")
    note_ratio: float = option(1.5, "An unsteady rise of this ratio is noted.")
    sure_ratio: float = option(5.0, "Slower by this ratio is a warning, steady or not.")
    least_z: float = option(3.0, "The rise must be this many sigma.")
    steadiness: float = option(0.8, "Kendall's tau against time from which a rise is steady.")
    note_steadiness: float = option(0.6, "A smaller rise of this steadiness is noted.")

    def check(self, run: Run, signals: Signals) -> Iterator[Finding]:
        change, drift = signals.machine.timing.batch_change, signals.machine.slowdown
        if change is not None and change.slower >= self.least_ratio:
            yield self._batch(run, change)
        elif not (run.has("throughput") or run.has("elapsed_s")):
            raise NotApplicable("the log has neither time nor throughput per epoch")
        elif drift is None or drift.points < self.least_epochs - 1:
            raise TooShort(f"needs {self.least_epochs} epochs with a time above 0")
        if drift is not None and drift.points >= self.least_epochs - 1:
            yield from self._drift(run, signals, drift)

    def _drift(self, run: Run, signals: Signals, drift: Drift) -> Iterator[Finding]:
        least = min(drift.low_ratio, drift.ratio)
        rises = drift.share >= self.least_ratio - 1 and drift.z >= self.least_z
        is_slower = rises and least >= self.least_ratio
        if least >= self.sure_ratio or (is_slower and drift.steadiness >= self.steadiness):
            yield self._found(run, signals, drift, Severity.WARNING)
        elif is_slower and (
            drift.steadiness >= self.note_steadiness or drift.low_ratio >= self.note_ratio
        ):
            yield self._found(run, signals, drift, Severity.NOTE)

    def _batch(self, run: Run, change: BatchChange) -> Finding:
        return self.finding(
            severity=Severity.NOTE,
            reading=f"With {change.key} {change.batch:g} a sample takes {change.slower:.3g} times "
            f"as long as with {change.batch_before:g} in the run before.",
            measured={**change.facts(), "ratio_threshold": self.least_ratio},
            causes=("the larger batch does not fit: swapping",)
            if change.batch > change.batch_before
            else ("small batches do not fill the device",),
            remedies=remedies(changed(run, change.key, change.batch_before)),
            confirm="The throughput is that of the run before.",
        )

    def _found(self, run: Run, signals: Signals, drift: Drift, severity: Severity) -> Finding:
        since = f" from {epoch_label(drift.onset)} on" if drift.onset is not None else ""
        first = drift.onset if drift.onset is not None else run.first_epoch or 0
        smaller = smaller_batch(run, 0.5)
        is_steady = drift.steadiness >= self.steadiness
        return self.finding(
            severity=severity,
            reading=f"Epochs become slower{since}: the last third takes {drift.ratio:.2g} times "
            "as long as the first.",
            measured=drift.facts()
            | {"ratio_threshold": self.least_ratio, "steadiness_threshold": self.steadiness}
            | signals.machine.timing.facts(),
            causes=(GROWTH, "swapping or heat", STEPS[0]) if is_steady else STEPS,
            remedies=remedies(
                "watch temperature, clock, swap and memory over a few epochs",
                smaller and f"if it swaps: {smaller}, and accumulate over 2 batches",
                "detach what is kept for the log",
            ),
            confirm="The last epochs take as long as the first.",
            confidence=Confidence.MEDIUM if severity is Severity.WARNING else Confidence.LOW,
            epochs=(first, run.last_epoch or 0),
        )
