"""LOG001 missing-or-duplicate-epochs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logparse.findings import Confidence, Finding, Measure, Severity, epoch_label, epoch_span
from logparse.rules.base import Clear, Rule, lines_of, option, rule
from logparse.rules.edits import remedies

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logparse.run import Run
    from logparse.signals import Signals
    from logparse.signals.numbering import Gap


@rule
class MissingOrDuplicateEpochs(Rule):
    """The log's epochs are not the whole run, once each.

    What it does: checks that epochs start at 0 or 1 (or where the logging interval ends), follow
    each other without gaps, and neither repeat nor leave out epochs after the run before.

    Why it matters: every other rule counts epochs. A gap makes a slope too steep, and a start in
    mid-run hides what went wrong before it.

    Test: exact. A gap is a step longer than the usual one; a start is wrong when it is neither 0
    nor 1 nor the first of the usual steps. Of such a run the epochs after the run before are
    missing, or those that it has too are repeated; a start just after it is a note, and so is a
    number that stands in every line.

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
        first, last = (int(run.epochs["epoch"].iloc[at]) for at in (0, -1))
        if not signals.consistency.starts_at_first:
            yield self._wrong_start(run, first, last, signals.consistency.gap_before)
        if gaps := signals.consistency.gaps:
            yield self._gaps(run, gaps)
        if run.counted_from is not None:
            yield self._stuck(run, run.counted_from, last)
        planned = run.planned_epochs
        if planned is not None and last < planned and not signals.ending.is_over:
            yield Clear(f"{epoch_label(last)} of {planned} planned, perhaps running")

    def _stuck(self, run: Run, first: int, last: int) -> Finding:
        counted = int((run.epochs["epoch"] >= first).sum())
        return self.finding(
            severity=Severity.NOTE,
            reading=f"From {epoch_label(first)} on the log repeats one epoch number: "
            "epochs here are counted by their lines.",
            measured={"counted_epochs": counted, "first_counted": first},
            causes=("the collector is not told the epoch, and makes up a number",),
            remedies=remedies("pass the epoch's number to whatever writes the line"),
            confirm="The next log prints a number of its own for every epoch.",
            confidence=Confidence.HIGH,
            epochs=(first, last),
            lines=lines_of(run, first),
        )

    def _gaps(self, run: Run, gaps: tuple[Gap, ...]) -> Finding:
        named = gaps[: self.max_gaps_shown]
        shown = ", ".join(epoch_span(*gap.span) for gap in named)
        missing = sum(gap.missing for gap in gaps)
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
            epochs=(gaps[0].span[0], gaps[-1].span[1]),
            lines=lines_of(run, *(gap.until for gap in named)),
        )

    def _wrong_start(self, run: Run, first: int, last: int, gap: Gap | None) -> Finding:
        before = run.predecessor.last_epoch if run.predecessor is not None else None
        start, goes_on = f"The run starts at {epoch_label(first)}", gap is not None and gap.is_empty
        measured: dict[str, Measure] = {"first_epoch": first}
        reading = f"{start}: its beginning is not in the log."
        if goes_on:
            reading = f"{start}, where the run before it ended."
        elif gap is not None:
            verb = "are" if gap.missing > 1 else "is"
            reading = f"{start}, the run before it ended at {epoch_label(gap.since)}: "
            reading += f"{epoch_span(*gap.span)} {verb} in neither."
            measured["missing_epochs"] = gap.missing
        elif before is not None:
            repeated = epoch_span(first, min(before, last))
            reading = f"{start}: the run before it already has {repeated}."
            measured["repeated_epochs"] = repeated
        if before is not None:
            measured["predecessor_last_epoch"] = before
        return self.finding(
            severity=Severity.NOTE if goes_on else Severity.WARNING,
            reading=reading,
            measured=measured,
            causes=("the run was resumed", "the log was trimmed by hand or has no header"),
            remedies=remedies("judge the run together with the log of its first epochs"),
            confirm="The log starts at its first epoch.",
            confidence=Confidence.HIGH,
            epochs=(first, first),
            lines=lines_of(run, first),
        )
