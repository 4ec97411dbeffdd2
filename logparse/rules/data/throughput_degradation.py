"""DATA002 throughput-degradation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from logparse.findings import Confidence, Finding, Severity, epoch_label
from logparse.rules.base import Clear, NotApplicable, Rule, TooShort, option
from logparse.rules.edits import remedies, scaled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logparse.run import Run
    from logparse.signals import Drift, Signals


@dataclass(frozen=True, kw_only=True)
class ThroughputDegradation(Rule):
    """Epochs become slower and slower.

    What it does: measures how far and how steadily the time per sample rises over the run, and
    since when.

    Why it matters: growing logs, leaks, swapping and heat make a run slower long before they
    end it, and the time that is left is longer than it looks.

    Test: with the first epoch dropped, the low tenth of the last third is >= 1.25 times that of
    the first, the Theil-Sen rise is >= 25% with z >= 3, and Kendall's tau against time >= 0.8;
    or low tenth and median are >= 5 times as high. Of a rise that is less steady, a note is made
    where tau >= 0.6 or the low tenth is >= 1.5 times as high.
    The onset is where a one-sided CUSUM (k = 0.5, h = 5 sigma) left zero for good.

    False alarms: single slow epochs; another program on the machine, which comes and goes: it
    lifts the medians but seldom all low values, and not steadily; longer sequences by design.

    Try: look at temperature, swap and memory; smaller batches with accumulation; shorter logs.

    Source: MON for 1.25; the other limits are measured on runs that shared a busy machine.
    """

    code = "DATA002"
    name = "throughput-degradation"
    severity = Severity.WARNING
    needs = ("epochs",)
    min_epochs = 8

    least_ratio: float = option(1.25, "Slower by less than this ratio is no degradation.")
    note_ratio: float = option(1.5, "An unsteady rise of this ratio is noted.")
    sure_ratio: float = option(5.0, "Slower by this ratio is a warning, steady or not.")
    least_z: float = option(3.0, "The rise must be this many sigma.")
    steadiness: float = option(0.8, "Kendall's tau against time from which a rise is steady.")
    note_steadiness: float = option(0.6, "A smaller rise of this steadiness is noted.")

    def check(self, run: Run, signals: Signals) -> Iterator[Finding | Clear]:
        if not (run.has("throughput") or run.has("elapsed_s")):
            raise NotApplicable("the log has neither time nor throughput per epoch")
        drift = signals.slowdown
        if drift is None:
            raise NotApplicable("time and throughput are never above 0")
        if drift.points < self.min_epochs - 1:
            raise TooShort(f"needs {self.min_epochs} epochs with a time, has {drift.points + 1}")
        least = min(drift.low_ratio, drift.ratio)
        rises = drift.share >= self.least_ratio - 1 and drift.z >= self.least_z
        is_slower = rises and least >= self.least_ratio
        if least >= self.sure_ratio or (is_slower and drift.steadiness >= self.steadiness):
            yield self._found(run, signals, drift)
        elif is_slower and (
            drift.steadiness >= self.note_steadiness or drift.low_ratio >= self.note_ratio
        ):
            yield self._found(run, signals, drift, is_note=True)
        elif pace := signals.timing.pace():
            yield Clear(pace)

    def _found(
        self, run: Run, signals: Signals, drift: Drift, *, is_note: bool = False
    ) -> Finding:
        since = f" from {epoch_label(drift.onset)} on" if drift.onset is not None else ""
        first, last = run.first_epoch or 0, run.last_epoch or 0
        line = run.line_of(drift.onset) if drift.onset is not None else None
        by_steps = "another program shares the machine", "swapping: memory is full"
        slowly = (
            "something grows: logs, lists of results, the computation graph",
            "swapping or heat: memory or cooling is at its limit",
            "another program shares the machine",
        )
        return self.finding(
            severity=Severity.NOTE if is_note else Severity.WARNING,
            reading=f"Epochs become slower{since}: the last third takes {drift.ratio:.2g} times "
            "as long as the first.",
            measured={
                "ratio": drift.ratio,
                "low_ratio": drift.low_ratio,
                "ratio_threshold": self.least_ratio,
                "rise": drift.share,
                "z": drift.z,
                "steadiness": drift.steadiness,
                **({} if drift.onset is None else {"onset_epoch": drift.onset}),
                **signals.timing.facts(),
            },
            causes=slowly if drift.steadiness >= self.steadiness else by_steps,
            remedies=remedies(
                "watch temperature, clock, swap and memory over a few epochs",
                scaled(run, ("TRAIN_BATCH", "BATCH_SIZE"), 0.5)
                and f"if it swaps: {scaled(run, ('TRAIN_BATCH', 'BATCH_SIZE'), 0.5)}, and "
                "accumulate over 2 batches",
                "detach what is kept for the log",
            ),
            confirm="The last epochs take as long as the first.",
            confidence=Confidence.MEDIUM if not is_note else Confidence.LOW,
            epochs=(drift.onset if drift.onset is not None else first, last),
            lines=() if line is None else (line,),
        )
