"""LR003 schedule-mismatch."""

from __future__ import annotations

from math import inf, isfinite
from typing import TYPE_CHECKING

from logparse.findings import Confidence, Finding, Severity, epoch_label
from logparse.rules.base import Clear, NotApplicable, Rule, TooShort, option, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logparse.run import Run
    from logparse.signals import Signals
    from logparse.signals.rate.following import Mistake
    from logparse.signals.rate.schedule import Schedule

DECLARE = "build the scheduler that the settings declare, or declare the one in use"


@rule
class ScheduleMismatch(Rule):
    """The logged learning rates are not those of the schedule that the settings declare.

    What it does: computes the declared schedule (OneCycle, cosine, linear, polynomial, steps,
    exponential, restarts) and compares; then tries the usual mistakes and names what fits.

    Why it matters: a run whose schedule runs at another speed, or from the start again after a
    resume, spends its epochs at rates that nobody chose. Results look like a bad setting.

    Test: two or more epochs off by more than 2% and one print step, by every convention: noted
    before or after the step, N steps or one off, with or without the warm-up. Then the plan's clock
    once an epoch, every batch, from zero at the resume, shifted, of another length. OneCycle fires
    unexplained too; other kinds only if a mistake or another known schedule explains the rates.

    False alarms: several groups (the largest is compared, and a constant factor is let pass), a
    warm-up of unknown shape (not compared), the last percents of a run that skipped steps, a
    length or a step beyond MAX_EPOCHS (read as steps too).

    Try: step the scheduler once per batch, or give it the epochs that it is stepped by; load its
    state on resume.

    Source: TOR; the closed forms are identities.
    """

    code = "LR003"
    name = "schedule-mismatch"
    severity = Severity.WARNING
    needs = ("epochs", "lr")
    min_epochs = 2

    max_error: float = option(1.0, "Deviations beyond this many tolerances do not fit.")
    shown: int = option(4, "Epochs of the table of predicted and logged rates.")

    def check(self, run: Run, signals: Signals) -> Iterator[Finding | Clear]:
        schedule = signals.rate.schedule
        if schedule is None or schedule.declared_error is None:
            raise NotApplicable("the settings declare no schedule with a closed form")
        if len(signals.lr) < self.min_epochs:
            raise TooShort(f"needs {self.min_epochs} learning rates, has {len(signals.lr)}")
        if schedule.declared_error <= self.max_error:
            yield Clear(f"the learning rate follows the declared {schedule.declared_kind}")
            return
        mistake = signals.rate.schedule_mistake
        if mistake is not None and mistake.kind in ("another peak", "skipped steps"):
            yield Clear(f"the declared {schedule.declared_kind}, but {mistake.words(0)}")
        elif mistake is not None or self._is_other(schedule):
            yield self._found(mistake, schedule, run, signals)
        else:
            yield Clear(f"neither {schedule.declared_kind} nor any known schedule: not judged")

    def _is_other(self, schedule: Schedule) -> bool:
        """Without a mistake that fits: OneCycle is declared in full, others need a successor."""
        known = schedule.is_planned and schedule.kind != "warm-up"
        return schedule.declared_kind == "onecycle" or known

    def _found(
        self, mistake: Mistake | None, schedule: Schedule, run: Run, signals: Signals
    ) -> Finding:
        lr, kind = signals.lr, schedule.declared_kind
        still = mistake is not None and mistake.kind == "never stepped"
        other = f"another {kind}" if schedule.kind == kind else schedule.kind
        follows = other if schedule.is_planned else "no schedule that is known"
        reading = mistake.words(run.first_epoch or 0) if mistake else f"it follows {follows}"
        pct = signals.series("sched_pct")
        return self.finding(
            severity=Severity.ERROR if still else Severity.WARNING,
            reading=f"The learning rate does not follow the declared {kind}: {reading}.",
            measured={
                "declared": str(kind),
                "deviation": min(schedule.declared_error or inf, 1e6),
                "threshold": self.max_error,
                **self._table(schedule, signals),
                **(mistake.facts() if mistake else {}),
                **({"sched_pct_last": pct.last.value} if len(pct) else {}),
            },
            causes=mistake.causes if mistake else ("another scheduler than declared is in use",),
            remedies=mistake.remedies if mistake else (DECLARE,),
            confirm=f"The rates at {epoch_label(lr.last.epoch)} and before are those predicted.",
            confidence=Confidence.HIGH if mistake else Confidence.MEDIUM,
            epochs=(lr.first.epoch, lr.last.epoch),
            lines=(lr.first.line,),
        )

    def _table(self, schedule: Schedule, signals: Signals) -> dict[str, str]:
        lr, count = signals.lr, min(self.shown, len(signals.lr))
        at = [round(i * (len(lr) - 1) / max(count - 1, 1)) for i in range(count)]
        rows = [(int(lr.epochs[i]), schedule.predicted[i], float(lr.values[i])) for i in at]
        if not all(isfinite(predicted) for _, predicted, _ in rows):
            return {}
        return {
            "predicted": " ".join(f"{epoch_label(epoch)} {lr:.1e}" for epoch, lr, _ in rows),
            "logged": " ".join(f"{epoch_label(epoch)} {lr:.1e}" for epoch, _, lr in rows),
        }
