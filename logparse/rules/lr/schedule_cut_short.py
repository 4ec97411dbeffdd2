"""LR004 schedule-cut-short."""

from __future__ import annotations

from math import ceil, isfinite
from typing import TYPE_CHECKING

from logparse.findings import Confidence, Finding, Severity, epoch_label, plural
from logparse.rules.base import Clear, NotApplicable, Rule, option, rule
from logparse.rules.edits import changed, remedies
from logparse.rules.schedule_edits import own_length_key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logparse.run import Run
    from logparse.signals import Signals
    from logparse.signals.rate.stopping import StopReplay

OTHER_LENGTH = "the schedule was made for more epochs than the run has"
SMOOTH = ("onecycle", "cosine", "linear", "polynomial", "exponential", "warm-up-stable-decay")


@rule
class ScheduleCutShort(Rule):
    """The run ended while its planned anneal still had a high learning rate.

    What it does: compares the last epoch and the last learning rate with the planned end.

    Why it matters: most of what an annealed run gains comes at small rates. A run stopped before
    them is judged too badly, and the early stop that ended it acted on the noise of a high rate.

    Test: a smooth anneal of declared length (the schedule's own, else MAX_EPOCHS), the run over
    before 90% of it, the last rate above 10% of the peak. A warning where an early stop, replayed
    from the metric, ended the run.

    False alarms: a run still in progress, or one that the next run of the file resumes. Neither
    can be told from one broken off, so only runs that an early stop or their last epoch ended
    are judged.

    Try: a schedule as long as the epochs really used, a patience of a quarter of it, or no early
    stop and the best checkpoint.

    Source: TP; arithmetic.
    """

    code = "LR004"
    name = "schedule-cut-short"
    severity = Severity.NOTE
    needs = ("epochs", "lr")
    min_epochs = 5
    needs_end = True
    caused_by = ("HYP003", "LOG005", "GEN003")

    min_share: float = option(0.9, "A run with this share of the planned epochs is complete.")
    annealed: float = option(0.1, "A last rate below this share of the peak is annealed.")
    patience_share: float = option(0.25, "The patience to try, as a share of the schedule.")

    def check(self, run: Run, signals: Signals) -> Iterator[Finding | Clear]:
        length, lr = self._length(run, signals), signals.lr
        if length is None or not len(lr):
            raise NotApplicable("needs an annealing schedule of declared length")
        last, peak = run.last_epoch or 0, float(lr.values.max())
        if last >= self.min_share * length or lr.last.value <= self.annealed * peak:
            return
        ending = signals.ending
        if ending.kind in ("open", "superseded"):
            yield Clear(f"{epoch_label(last)} of {length:.0f}: the run may go on, here or resumed")
            return
        stop = signals.rate.stop_replay if ending.kind == "stopped-early" else None
        yield self.finding(
            severity=Severity.WARNING if stop else Severity.NOTE,
            reading=f"The run ended at {epoch_label(last)} of a schedule of "
            f"{plural(int(length), 'epoch')}, at {lr.last.value / peak:.0%} of the peak rate.",
            measured={
                "last_epoch": last,
                "schedule_epochs": length,
                "share_run": last / length,
                "share_threshold": self.min_share,
                "lr_last": lr.last.value,
                "lr_peak": peak,
                "lr_share_threshold": self.annealed,
                "ended_by": ending.because,
                **({"noise": signals.sigma(stop.column)} if stop else {}),
            },
            causes=(self._cause(run, length, stop, signals) if stop else OTHER_LENGTH,),
            remedies=self._remedies(run, last, length, stop),
            confirm=f"The last rate is below {self.annealed * peak:.1e}.",
            confidence=Confidence.HIGH,
            epochs=(last, last),
            lines=(lr.last.line,),
        )

    def _length(self, run: Run, signals: Signals) -> float | None:
        """Planned epochs of a smooth anneal; None when there is no such plan."""
        schedule = signals.rate.schedule
        if schedule is None or (schedule.declared_kind or schedule.kind) not in SMOOTH:
            return None
        declared = schedule.parameters.get("length") if schedule.source == "declared" else None
        length = declared if declared and isfinite(declared) else run.planned_epochs
        return length if length is not None and length >= 1 else None

    def _patience(self, run: Run, length: float, stop: StopReplay) -> int | None:
        """A patience that lets the run come further; None where it is as long already."""
        epochs = min(length, run.planned_epochs or length)
        wanted = ceil(self.patience_share * epochs / stop.interval)
        return wanted if wanted > stop.patience else None

    def _cause(self, run: Run, length: float, stop: StopReplay, signals: Signals) -> str:
        noise, is_short = signals.sigma(stop.column), self._patience(run, length, stop) is not None
        return (
            f"an early stop{' with too short a patience' * is_short}: stopped after "
            f"{epoch_label(stop.best_epoch + stop.waited)} because of {stop.words}; "
            f"noise is {noise:.1g}"
        )

    def _remedies(
        self, run: Run, last: int, length: float, stop: StopReplay | None
    ) -> tuple[str, ...]:
        if stop is None:
            return (f"a schedule of {last} epochs, or a run of {length:.0f}",)
        wanted, key = self._patience(run, length, stop), own_length_key(run, length)
        return remedies(
            None if wanted is None else changed(run, stop.key, wanted),
            "no early stop, and keep the best checkpoint",
            changed(run, key, last) if key else f"a schedule of {last} epochs",
        )
