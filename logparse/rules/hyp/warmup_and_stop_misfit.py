"""HYP003 warmup-and-stop-misfit."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

from logparse.findings import Confidence, Finding, Severity, plural
from logparse.rules.base import NotApplicable, Rule, option, rule
from logparse.rules.edits import changed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TypeAlias

    from logparse.findings import Measure
    from logparse.rules.base import Clear
    from logparse.run import Run
    from logparse.signals import Signals
    from logparse.signals.rate import Rate
    from logparse.signals.rate.stopping import Stop, WarmUp

    Facts: TypeAlias = dict[str, Measure]


@rule
class WarmupAndStopMisfit(Rule):
    """The declared warm-up or early stop does not fit the length or the schedule of the run.

    What it does: arithmetic on settings: warm-up, epochs, early-stop patience (times the epochs
    between validations), plateau patience and cooldown, and the length of a declared anneal.

    Why it matters: such a run trains at a rate below its peak for too long, is stopped before its
    scheduler could act or its rate could fall, or has a safeguard that never works.

    Test: a warm-up of the whole run or of 30% of it (below that down to 10% a note); a warm-up
    of 1% or more before OneCycle, which has its own; a patience below plateau patience +
    cooldown + 2; a patience below 10% of a declared anneal; a patience that the epochs never
    reach (a note).

    False alarms: OneCycle's own rise is its plan and not looked at. A warm-up in steps is judged
    only where the log tells the steps of an epoch, and beside OneCycle only where the logged rates
    do not follow OneCycle alone. A warm-up of one epoch, and a stop that cannot act in a run of
    less than 10, are no matter.

    Try: a warm-up of 5% of the run, none before OneCycle; a patience of a quarter of an annealing
    schedule, or of two plateau patiences and two epochs more, or a shorter plateau patience.

    Source: TP, LIT, TOR; 30% is the rise of torch's own OneCycle, the lower limits are judgements.
    """

    code = "HYP003"
    name = "warmup-and-stop-misfit"
    severity = Severity.WARNING
    needs = ()

    noted: float = option(0.1, "A warm-up of more than this share of the run is noted.")
    too_long: float = option(0.3, "A warm-up of more than this share of the run is warned of.")
    stacked: float = option(0.01, "A warm-up of this share before OneCycle is one too many.")
    tail: float = option(0.1, "A patience below this share of an anneal is too short.")
    least_epochs: int = option(10, "In a run of fewer planned epochs no early stop is missed.")
    tried: float = option(0.25, "The patience to try, as a share of an annealing schedule.")

    def check(self, run: Run, signals: Signals) -> Iterator[Finding | Clear]:
        warm_up, stop = signals.rate.declared_warm_up, signals.rate.declared_stop
        if run.planned_epochs is None or (warm_up is None and stop is None):
            raise NotApplicable(f"needs {run.planned_key} and a declared warm-up or early stop")
        if warm_up is not None:
            yield from self._warm_up(warm_up, run.planned_epochs, run, signals)
        if stop is not None:
            yield from self._stop(stop, run.planned_epochs, run, signals.rate)

    def _warm_up(
        self, warm_up: WarmUp, planned: int, run: Run, signals: Signals
    ) -> Iterator[Finding]:
        share, line = warm_up.epochs / planned, run.settings.lines[warm_up.key]
        facts: Facts = {"warm_up_epochs": warm_up.epochs, "share_of_run": share}
        size = warm_up.resized(self.noted * planned / 2)
        edit = changed(run, warm_up.key, size if size < warm_up.size else 0)
        if share >= 1 or (share > self.noted and warm_up.epochs > 1):
            limit = self.too_long if share > self.too_long else self.noted
            what = "is as long as the run" if share >= 1 else f"takes {share:.0%} of the run"
            severity = Severity.WARNING if share > self.too_long else Severity.NOTE
            facts["share_threshold"] = limit
            yield self._found((f"The warm-up {what}.", severity), facts, edit, line)
        schedule = signals.rate.schedule
        alone = schedule is None or (schedule.kind, schedule.source) == ("onecycle", "declared")
        if warm_up.before_onecycle and not alone and share >= self.stacked:
            reading = "A warm-up is stacked on OneCycle, which has its own."
            facts, edit = {**facts, "share_threshold": self.stacked}, changed(run, warm_up.key, 0)
            yield self._found((reading, self.severity), facts, edit, line)

    def _stop(self, stop: Stop, planned: int, run: Run, rate: Rate) -> Iterator[Finding]:
        facts: Facts = {"patience_epochs": stop.epochs, "planned_epochs": planned}
        waits = plural(int(stop.epochs), "epoch")
        twice = 2 * (stop.plateau or 0.0) + 2
        if stop.epochs >= planned and planned >= self.least_epochs:
            reading = f"The early stop waits {waits} in a run of {planned}: it can never act."
            wanted, severity = self.tried * planned, Severity.NOTE
            wanted = max(wanted, twice) if twice < planned else wanted
        elif stop.plateau is not None and stop.epochs < stop.plateau + 2:
            reading = f"The early stop waits {waits}: less than the plateau scheduler and two more."
            wanted, severity = twice, self.severity
            facts["plateau_and_cooldown"] = stop.plateau
        elif stop.anneal is not None and stop.epochs < self.tail * stop.anneal:
            reading = f"The early stop waits {waits} in an anneal of {stop.anneal:.0f}."
            wanted, severity = self.tried * (stop.schedule or stop.anneal), self.severity
            facts |= {"anneal_epochs": stop.anneal, "share_threshold": self.tail}
        else:
            return
        edit, key = changed(run, stop.key, ceil(wanted / stop.interval)), rate.plateau_patience_key
        half = max(int((stop.epochs - 2) / 2 / stop.interval), 0)
        if key is not None and wanted >= planned and half < (run.settings.number(key) or 0.0):
            edit = changed(run, key, half)
        yield self._found((reading, severity), facts, edit, run.settings.lines[stop.key])

    def _found(self, said: tuple[str, Severity], facts: Facts, edit: str, line: int) -> Finding:
        return self.finding(
            reading=said[0],
            severity=said[1],
            measured=facts,
            causes=("settings carried over from a run of another length or schedule",),
            remedies=(edit,),
            confirm="The next log declares the new value, and this finding is gone.",
            confidence=Confidence.HIGH,
            lines=(line,),
        )
