"""LOG003 truncated-record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logparse.findings import Confidence, Finding, Severity, epoch_label
from logparse.rules.base import Rule, rule
from logparse.rules.edits import remedies

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logparse.run import Run
    from logparse.signals import Signals


@rule
class TruncatedRecord(Rule):
    """The run's last record stops in the middle.

    What it does: reports the record that the reader found incomplete, with its line and with
    what is missing of it.

    Why it matters: a writer that was killed, or a disk that was full, cut the run there. What
    the record would have said, and what came after it, is not in the log.

    Test: exact. The last record of the run lacks a part that its format always has.

    False alarms: a run that is being written at this moment; the record is complete a moment
    later.

    Try: look for the reason outside the log (memory, disk, time limit, a closed session), and
    resume from the last checkpoint where the run is not over.

    Source: arithmetic.
    """

    code = "LOG003"
    name = "truncated-record"
    severity = Severity.NOTE
    needs = ()
    needs_end = True

    def check(self, run: Run, signals: Signals) -> Iterator[Finding]:
        if run.truncation is None:
            return
        cut = run.truncation
        where = f" at {epoch_label(cut.epoch)}" if cut.epoch is not None else ""
        yield self.finding(
            reading=f"The record on line {cut.line} stops in the middle{where}.",
            measured={"line": cut.line, "missing": cut.missing},
            causes=(
                "the process was killed, or ran out of memory, disk or time",
                "the run is being written at this moment"
                if run.is_last_in_file and not signals.ending.is_over
                else "the log was cut by hand",
            ),
            remedies=remedies(
                "look for the reason in the system's log: memory, disk, time limit",
                None if signals.ending.is_over else "resume from the last checkpoint",
            ),
            confirm="The next record of the run is complete.",
            confidence=Confidence.HIGH,
            epochs=None if cut.epoch is None else (cut.epoch, cut.epoch),
            lines=(cut.line,),
        )
