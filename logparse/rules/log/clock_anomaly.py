"""LOG004 clock-anomaly."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logparse.findings import Confidence, Finding, Measure, Severity, epoch_label
from logparse.rules.base import Rule, option, rule
from logparse.rules.edits import remedies

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logparse.run import Run
    from logparse.signals import Signals


@rule
class ClockAnomaly(Rule):
    """A date or a duration in the log cannot be right.

    What it does: checks the stamp of RUN START, alone and against the run before, and the
    printed time of every epoch.

    Why it matters: durations, throughput and the order of runs rest on the clock. A log with a
    wrong one cannot be laid beside others.

    Test: exact. A start before that of the run above it; a stamp that is no date, or one of a
    clock that was never set; a negative time; a time of 0 between epochs of 10 print steps and
    more; or a time that grows by its first value each epoch, within 10%, at a level throughput or
    without one, so that it counts from the start.

    False alarms: 0.0 s for epochs shorter than the print step, or where the trainer sets no
    time. Gaps between runs are no anomaly: people go to bed.

    Try: stamp in UTC, measure durations with a monotonic clock, print them per epoch.

    Source: arithmetic.
    """

    code = "LOG004"
    name = "clock-anomaly"
    severity = Severity.NOTE
    needs = ()

    first_year: int = option(2000, "Stamps before this year come from a clock never set.")
    steps: int = option(10, "A time of 0 among epochs of this many print steps is wrong.")
    tolerance: float = option(0.1, "Relative room for a time that counts from the start.")

    def check(self, run: Run, signals: Signals) -> Iterator[Finding]:
        yield from self._stamp(run)
        yield from self._order(run)
        yield from self._durations(run, signals)

    def _stamp(self, run: Run) -> Iterator[Finding]:
        broken = [line for line in run.unparsed if line.text.startswith("RUN START")]
        if run.started is not None and run.started.year < self.first_year:
            text = f"{run.started:%Y-%m-%d}"
            reading = f"The run starts on {text}: that clock was never set."
            yield self._found(reading, {"start": text})
        elif run.started is None and (broken or run.start_text):
            text = run.start_text or broken[0].text.removeprefix("RUN START").strip(": ")
            reading = f"RUN START is no date: '{text}'."
            lines = () if run.start_text else (broken[0].line,)
            yield self._found(reading, {"start": text}, lines=lines)

    def _order(self, run: Run) -> Iterator[Finding]:
        before = run.predecessor.started if run.predecessor else None
        if before is None or run.started is None or run.started >= before:
            return
        back = (before - run.started).total_seconds()
        yield self._found(
            f"The run starts {f'{back:.4g} s' if back < 1e4 else f'{back / 3600:.4g} h'} before "
            "the run above it.",
            {"seconds_back": back, "start": str(run.started), "predecessor_start": str(before)},
            "two programs wrote to the file, or its parts were put together out of order",
        )

    def _durations(self, run: Run, signals: Signals) -> Iterator[Finding]:
        times = signals.series("elapsed_s")
        if not len(times):
            return
        usual, step = times.level(None, None), times.print_step
        is_long = usual >= self.steps * step > 0
        wrong = [at for at, s in enumerate(times.values.tolist()) if s < 0 or (is_long and s == 0)]
        if wrong:
            point, last = times.point(wrong[0]), times.point(wrong[-1])
            epoch = epoch_label(point.epoch)
            yield self._found(
                f"{epoch} took {point.value:g} s by the log, others {usual:.4g} s.",
                {"wrong_durations": len(wrong), "first": point.value, "median_s": usual},
                epochs=(point.epoch, last.epoch),
                lines=(point.line,),
            )
        elif signals.machine.counts_from_start(self.tolerance):
            yield self._found(
                "The time per epoch grows by its first value each epoch: it counts from the start.",
                {"first_s": times.first.value, "last_s": times.last.value, "epochs": len(times)},
                "the trainer prints the time since its start",
                epochs=(times.first.epoch, times.last.epoch),
            )

    def _found(
        self,
        reading: str,
        measured: dict[str, Measure],
        cause: str = "the clock was set while the run was under way, or a placeholder was left",
        epochs: tuple[int, int] | None = None,
        lines: tuple[int, ...] = (),
    ) -> Finding:
        return self.finding(
            reading=reading,
            measured=measured,
            causes=(cause,),
            remedies=remedies("stamp in UTC and take durations from a monotonic clock"),
            confirm="Starts go forward, and every duration is positive.",
            confidence=Confidence.HIGH,
            epochs=epochs,
            lines=lines,
        )
