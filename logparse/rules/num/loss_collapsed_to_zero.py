"""NUM002 loss-collapsed-to-zero."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from logparse.findings import Confidence, Finding, Severity, epoch_label, plural
from logparse.rules.base import Clear, NotApplicable, Rule, option, rule
from logparse.rules.edits import remedies

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logparse.run import Run
    from logparse.signals import Signals
    from logparse.signals.series import Series

LOSSES = ("train_loss", "val_loss")
SKIPPED, OVERFLOW = "a nan was replaced or skipped", "fp16 overflowed, and "
CAUSES = ("no target is left to count: all labels are masked", "a weight of the loss has become 0")
FLOORS = {"rmse": 0.0, "mae": 0.0, "r2": 1.0, "accuracy": 1.0}


@rule
class LossCollapsedToZero(Rule):
    """The loss fell to exactly zero from one epoch to the next, and stayed there.

    What it does: looks for a stretch of losses printed as 0 right after one that was well above
    the log's resolution, and asks the other metrics and the gradient norm whether it is true.

    Why it matters: a loss of zero has no gradient. Most often the numbers overflowed to nan and
    were masked, or no target is left to count, and nothing has been learned since.

    Test: two values or more of exactly 0 after one of more than 10 print steps, while the gradient
    norm is 0, nan or not logged, and no other metric of the split says that it is perfect.

    False alarms: a tiny set that the model has learned by heart (its error is 0 as well, or its
    accuracy 1); the loss of a head that is switched off, which is 0 from the first epoch on; a
    loss of every k-th epoch that is printed as 0 in the others.

    Try: bf16 or fp32 instead of fp16; check the mask and the number of targets that count.

    Source: HF.
    """

    code = "NUM002"
    name = "loss-collapsed-to-zero"
    severity = Severity.ERROR
    min_epochs = 3

    min_zeros: int = option(2, "Zeros in a row that are a collapse.")
    min_steps: float = option(10.0, "Print steps above zero that the value before must have.")

    def check(self, run: Run, signals: Signals) -> Iterator[Finding | Clear]:
        losses = [name for name in LOSSES if len(signals.series(name))]
        if not losses:
            raise NotApplicable("needs a training or validation loss")
        for name in losses:
            series = signals.series(name)
            at = self._collapse(series)
            if at is None:
                continue
            last = self._end(series, at)
            excuse = self._excuse(series, at, last, signals)
            yield Clear(excuse) if excuse else self._found(series, at, last, signals)

    def _collapse(self, series: Series) -> int | None:
        """Index of the first zero of a stretch that follows a value well above zero."""
        values = series.values.tolist()
        for at in range(1, len(values) - self.min_zeros + 1):
            before = values[at - 1]
            if before == 0 or any(values[at : at + self.min_zeros]):
                continue
            step = 0.0 if series.resolution is None else series.resolution.step(before)
            if before > self.min_steps * step:
                return at
        return None

    def _end(self, series: Series, at: int) -> int:
        values = series.values.tolist()
        return next((k - 1 for k in range(at, len(values)) if values[k] != 0), len(values) - 1)

    def _excuse(self, series: Series, first: int, last: int, signals: Signals) -> str | None:
        """Why the zeros may be true: another metric of the split, or a norm that says so."""
        start, end = int(series.epochs[first]), int(series.epochs[last])
        split = series.column.partition("_")[0]
        if self._is_regular(series):
            return f"{series.column} is printed as 0 in the epochs between regular ones"
        for kind, floor in FLOORS.items():
            other = signals.series(f"{split}_{kind}").between(start, end)
            if len(other) and abs(other.best.value - floor) <= other.print_step:
                return f"{series.column} is 0, and {other.column} agrees: learned by heart"
        norms = signals.series("grad_norm").between(start, end)
        if len(norms) and float(norms.values.min()) > 0:
            return f"{series.column} is printed as 0, but gradients still flow"
        return None

    def _is_regular(self, series: Series) -> bool:
        """Whether values come at equal distances with zeros between: none was taken there."""
        taken = [at for at, value in enumerate(series.values.tolist()) if value != 0]
        steps = {later - earlier for earlier, later in pairwise(taken)}
        return len(taken) > 2 and len(steps) == 1 and 1 not in steps

    def _found(self, series: Series, first: int, last: int, signals: Signals) -> Finding:
        start, end, half = series.point(first), series.point(last), signals.precision.may_be_fp16
        logged = len(signals.series("grad_norm")) or "grad_norm" in signals.nonfinite
        return self.finding(
            reading=f"{series.column} fell from {series.values[first - 1]:.4g} to exactly 0 at "
            f"{epoch_label(start.epoch)} and stayed there for {plural(last - first + 1, 'epoch')}.",
            measured={
                "metric": series.column,
                "value_before": float(series.values[first - 1]),
                "first_epoch": start.epoch,
                "zeros": last - first + 1,
                "zeros_threshold": self.min_zeros,
            },
            causes=(OVERFLOW * half + SKIPPED, *CAUSES),
            remedies=remedies(
                "bf16 or fp32 instead of fp16" if half else None,
                "count the targets that are not masked, per batch",
                f"train on from the last checkpoint before {epoch_label(start.epoch)}",
            ),
            confirm=f"{series.column} stays above 0 from {epoch_label(start.epoch)} on.",
            confidence=Confidence.HIGH if logged else Confidence.MEDIUM,
            epochs=(start.epoch, end.epoch),
            lines=(start.line, end.line),
        )
