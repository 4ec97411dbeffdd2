"""LOG001 missing-or-duplicate-epochs."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from logparse.findings import Confidence, Finding, Measure, Severity, epoch_label, epoch_span
from logparse.rules.base import Clear, Rule, option
from logparse.rules.edits import remedies

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logparse.run import Run
    from logparse.signals import Signals


@dataclass(frozen=True, kw_only=True)
class MissingOrDuplicateEpochs(Rule):
    """The log's epochs are not the whole run, once each.

    What it does: checks that epochs start at 0 or 1 (or at the logging interval), follow each
    other without gaps, and do not repeat epochs of the run before.

    Why it matters: every other rule counts epochs. A gap makes a slope too steep, and a start in
    mid-run hides what went wrong before it.

    Test: exact. A gap is a step longer than the usual one; a start is wrong when it is neither 0
    nor 1 nor the usual step; epochs are repeated when the run before ended at or after it.

    False alarms: logging every k epochs; a run that may still be going, or stopped early, has
    fewer epochs than declared without a fault.

    Try: keep the whole file, append instead of overwriting, and log the epoch number of a
    resumed run onwards from its checkpoint.

    Source: MMD; arithmetic.
    """

    code = "LOG001"
    name = "missing-or-duplicate-epochs"
    severity = Severity.WARNING
    min_epochs = 1

    max_gaps_shown: int = option(5, "How many gaps are named; all are counted.")

    def check(self, run: Run, signals: Signals) -> Iterator[Finding | Clear]:
        numbers = [int(epoch) for epoch in run.epochs["epoch"]]
        step = usual_step(numbers)
        gaps = [(a + step, b - step) for a, b in pairwise(numbers) if b - a > step]
        if numbers[0] not in (0, 1, step):
            yield self._wrong_start(run, numbers[0], numbers[-1])
        if gaps:
            yield self._gaps(run, gaps, step)
        planned = run.planned_epochs
        if planned is not None and numbers[-1] < planned and not signals.ending.is_over:
            yield Clear(f"{epoch_label(numbers[-1])} of {planned} planned, perhaps running")

    def _gaps(self, run: Run, gaps: list[tuple[int, int]], step: int) -> Finding:
        shown = ", ".join(epoch_span(*gap) for gap in gaps[: self.max_gaps_shown])
        missing = sum((last - first) // step + 1 for first, last in gaps)
        after = [run.line_of(last + step) for _, last in gaps[: self.max_gaps_shown]]
        return self.finding(
            reading=f"{missing} epoch{'s are' if missing > 1 else ' is'} missing from the log.",
            measured={
                "missing_epochs": missing,
                "gaps": len(gaps),
                "missing": shown + (", ..." if len(gaps) > self.max_gaps_shown else ""),
            },
            causes=(
                "lines were lost in writing or trimmed by hand",
                "the logger skipped epochs",
            ),
            remedies=remedies("keep the whole log, and check that every epoch is written"),
            confirm="The next log counts its epochs without a gap.",
            confidence=Confidence.HIGH,
            epochs=(gaps[0][0], gaps[-1][1]),
            lines=tuple(line for line in after if line is not None),
        )

    def _wrong_start(self, run: Run, first: int, last: int) -> Finding:
        before = run.predecessor.last_epoch if run.predecessor is not None else None
        measured: dict[str, Measure] = {"first_epoch": first}
        start = f"The run starts at {epoch_label(first)}"
        reading = f"{start}: its beginning is not in the log."
        if before is not None and before == first - 1:
            reading = f"{start}, where the run before it ended."
        elif before is not None and before >= first:
            repeated = epoch_span(first, min(before, last))
            reading = f"{start}: the run before it already has {repeated}."
            measured["repeated_epochs"] = repeated
        if before is not None:
            measured["predecessor_last_epoch"] = before
        line = run.line_of(first)
        return self.finding(
            severity=Severity.NOTE if before == first - 1 else Severity.WARNING,
            reading=reading,
            measured=measured,
            causes=("the run was resumed", "the log was trimmed by hand or has no header"),
            remedies=remedies("judge the run together with the log of its first epochs"),
            confirm="The log starts at its first epoch.",
            confidence=Confidence.HIGH,
            epochs=(first, first),
            lines=() if line is None else (line,),
        )


def usual_step(numbers: list[int]) -> int:
    """The logging interval: the commonest step if it is that of most steps, else 1."""
    steps = Counter(b - a for a, b in pairwise(numbers))
    step, times = steps.most_common(1)[0] if steps else (1, 0)
    return step if times >= 3 and 2 * times > steps.total() else 1
