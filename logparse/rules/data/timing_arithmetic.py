"""DATA003 timing-arithmetic."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logparse.findings import Confidence, Finding, Measure, Severity, plural
from logparse.rules.base import Clear, Rule, option, rule
from logparse.rules.edits import remedies

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logparse.run import Run
    from logparse.signals import Signals
    from logparse.signals.machine.clashes import Clash


@rule
class TimingArithmetic(Rule):
    """Two figures of time or speed in the log cannot both be right.

    What it does: works out what the log says twice: samples per epoch, steps per epoch, the time
    of the run before against the clock, and MICRODETAIL's own sums.

    Why it matters: plans are made with these figures. One that is off by a factor turns an hour
    into a day.

    Test: exact, with the print steps granted in favour of agreement (T=0.1s stands for 0.05 to
    0.15). The ratio lies outside 0.8 to 1.25. A warning; a note where the forward pass of a whole
    sampled batch alone is slower than whole training steps by a factor of 2.

    False alarms: epochs of different length by design; a sampled batch that the system
    interrupted.

    Try: print what is measured, and say in the log what a sample and a segment is.

    Source: arithmetic; the factor of 2 is measured on a busy machine.
    """

    code = "DATA003"
    name = "timing-arithmetic"
    severity = Severity.WARNING
    needs = ()

    limit: float = option(1.25, "Figures that differ by more than this ratio clash.")
    sampled_limit: float = option(2.0, "The same for the rate of the one batch that was sampled.")

    def check(self, run: Run, signals: Signals) -> Iterator[Finding | Clear]:
        clashes = signals.machine.clashes
        found = [clash for clash in clashes if clash.excess > self._limit(clash)]
        for is_sure in (True, False):
            worst = max(
                (clash for clash in found if clash.sure is is_sure),
                key=lambda clash: clash.excess,
                default=None,
            )
            if worst is not None:
                yield self._found(worst, found, signals)
        verb = "agrees" if len(clashes) == 1 else "agree"
        agree = (f"{plural(len(clashes), 'pair')} of figures {verb}",) if clashes else ()
        pace = signals.machine.timing.pace()
        if not found and (said := "; ".join((*agree, *((pace,) if pace else ())))):
            yield Clear(said)

    def _limit(self, clash: Clash) -> float:
        return self.limit if clash.sure else self.sampled_limit

    def _found(self, clash: Clash, found: list[Clash], signals: Signals) -> Finding:
        figures: dict[str, Measure] = {
            "one": clash.one,
            "value": clash.value,
            "other": clash.other,
            "against": clash.against,
            "unit": clash.unit,
            "ratio": clash.ratio,
            "ratio_limit": self._limit(clash),
            "clashes": len(found),
            **signals.machine.timing.facts(),
        }
        return self.finding(
            severity=Severity.WARNING if clash.sure else Severity.NOTE,
            reading=f"Two figures clash: {clash.one} {clash.value:.4g} {clash.unit}, "
            f"{clash.other} {clash.against:.4g} {clash.unit}.",
            measured=figures,
            causes=(clash.cause,),
            remedies=remedies(
                "check what either figure counts, and print the one that is measured"
                if clash.sure
                else "take the speed of the run from the throughput of its epochs"
            ),
            confirm="The two figures agree within a quarter.",
            confidence=Confidence.HIGH if clash.sure else Confidence.LOW,
        )
