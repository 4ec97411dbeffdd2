"""LOG005 stale-or-quantised-metric."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logparse.findings import Confidence, Finding, Measure, Severity, plural
from logparse.rules.base import Clear, Rule, option, rule
from logparse.rules.edits import remedies

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logparse.run import Run
    from logparse.signals import Signals
    from logparse.signals.consistency.stale import StaleRows

OUTPUTS = "look at the outputs for some validation samples: do they differ?"
PATIENCE = "count the patience of scheduler and early stopping in validations, not epochs"


@rule
class StaleOrQuantisedMetric(Rule):
    """Printed values were not measured anew, or are rounded so far that they cannot move.

    What it does: finds validation rows that repeat the row before in every column, a main
    metric printed more coarsely than it moves, and metrics that are 0 in every epoch.

    Why it matters: a row that is only printed again counts as an epoch without improvement:
    schedulers and early stopping act on it, and noise is underrated.

    Test: exact. Stale: two or more rows equal to the one before in every validation column
    while training moves, between moves of 8 print steps or more, at an interval or too many for
    chance, or all rows. Quantised: half the differences are zero, or the print step is above half
    a sigma while the metric moves, in both halves. Dead: 0 in every epoch of three or more.

    False alarms: a curve that comes to rest at the end of an anneal or after a cut of the rate does
    not move again. Slip, hub maximum, the share better than the base, GPU memory are 0 where there
    is none, and times of epochs shorter than the print step: no finding.

    Try: print a metric only when it was measured, with enough digits.

    Source: KP; a public log that repeats every fourth row; 8 print steps is a judgement.
    """

    code = "LOG005"
    name = "stale-or-quantised-metric"
    severity = Severity.NOTE
    min_epochs = 3

    least_repeats: int = option(2, "Fewer repeated rows are chance.")
    chance: float = option(0.01, "Repeats without an interval that are likelier are coincidence.")
    zero_share: float = option(0.5, "This share of zero differences is quantised.")
    coarse: float = option(0.5, "A print step above this share of sigma is quantised.")

    def check(self, run: Run, signals: Signals) -> Iterator[Finding | Clear]:
        rows = signals.consistency.stale_rows
        many = rows is not None and len(rows.epochs) >= self.least_repeats
        if rows is not None and many and rows.chance <= self.chance:
            yield self._stale(run, rows)
        else:
            yield from self._quantised(signals)
        dead = ", ".join(signals.consistency.dead_columns)
        normal = ", ".join(signals.consistency.normal_zeros)
        if dead:
            yield self._dead(run, dead, normal)
        elif normal:
            yield Clear(f"0 in every epoch, as is normal: {normal}")

    def _stale(self, run: Run, rows: StaleRows) -> Finding:
        how = f"is measured every {rows.every} epochs" if rows.every else "is not always measured"
        how = "no value of it ever changes" if rows.constant else f"validation {how}"
        lines = [run.line_of(first) for first, _ in rows.runs[:5]]
        return self.finding(
            reading=f"{plural(len(rows.epochs), 'validation row')} of {rows.rows + 1} only repeat "
            f"the row before: {how}.",
            measured={
                "repeated_rows": len(rows.epochs),
                "stretches": len(rows.runs),
                "usual_move_in_print_steps": rows.move,
                **({"interval": rows.every} if rows.every else {}),
            },
            causes=("the model puts out a constant", "validation is measured once")
            if rows.constant
            else ("validation runs every few epochs", "the model or its weights stood still"),
            remedies=remedies(
                OUTPUTS if rows.constant else None,
                "print validation only where it was measured",
                None if rows.constant else PATIENCE,
            ),
            confirm="No two validation rows in a row are equal.",
            confidence=Confidence.HIGH if rows.every else Confidence.MEDIUM,
            epochs=(rows.runs[0][0], rows.runs[-1][1]),
            lines=tuple(line for line in lines if line is not None),
        )

    def _quantised(self, signals: Signals) -> Iterator[Finding]:
        found = signals.consistency.quantised(signals.main_metric or "")
        if found is None or found.step <= 0 or found.zeros == 1:
            return
        is_coarse = 0 < found.sigma < found.step / self.coarse
        if found.zeros < self.zero_share and not is_coarse:
            return
        limits: dict[str, Measure] = {"zero_threshold": self.zero_share}
        limits["step_threshold"] = self.coarse * found.sigma
        yield self.finding(
            reading=f"{found.column} is printed in steps of {found.step:.2g}, too coarse for how "
            "it moves.",
            measured=limits
            | {"zero_differences": found.zeros, "step": found.step, "sigma": found.sigma},
            causes=(
                *(("a cut of the learning rate brought it to rest",) if signals.rate.cuts else ()),
                "the log prints too few digits",
                "the metric has come to rest",
            )[:2],
            remedies=remedies(f"print {found.column} with two more digits"),
            confirm=f"{found.column} differs from epoch to epoch.",
            confidence=Confidence.MEDIUM,
        )

    def _dead(self, run: Run, dead: str, normal: str) -> Finding:
        by_design: dict[str, Measure] = {"also_zero_by_design": normal} if normal else {}
        return self.finding(
            reading=f"0 in every epoch: {dead}.",
            measured={"dead": dead, "epochs": len(run.epochs), **by_design},
            causes=("the trainer does not set it", "its values are below the print step"),
            remedies=remedies(f"set {dead} in the training loop, or leave it out of the log"),
            confirm="The field has a value other than 0.",
            confidence=Confidence.HIGH,
        )
