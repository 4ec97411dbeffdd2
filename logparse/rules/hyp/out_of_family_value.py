"""HYP005 out-of-family-value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logparse.findings import Confidence, Finding, Measure, Severity
from logparse.rules.base import NotApplicable, Rule, option, rule
from logparse.rules.edits import SMOOTHING_KEYS, active_dropouts, changed, is_adam, remedies
from logparse.rules.ranges import Outlier, above, peak_rate, validation_size

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logparse.run import Run
    from logparse.signals import Signals


@rule
class OutOfFamilyValue(Rule):
    """A setting has a value far from those that work elsewhere.

    What it does: holds dropout, learning rate, weight decay, label smoothing and the validation
    batch against the ranges that are usual.

    Why it matters: such a value is more often a slip than a choice, and the curves seldom say
    which setting it was.

    Test: a dropout above 0.5; a peak learning rate above 0.01 where the declared optimizer is of
    the Adam family, or below 1e-7 with any; weight decay above 0.5; smoothing above 0.2;
    VAL_BATCH 1 where a validation set of 256 or more is declared. Dropouts of modules that are
    switched off do not count.

    False alarms: a choice that was made on purpose. SGD works with learning rates of 0.1 and
    more and is not judged by the upper bound, nor is an optimizer that the log does not name.
    The end of an anneal is no peak.

    Try: the bound itself, and a sweep of three values from there.

    Source: UM; the ranges are judgements.
    """

    code = "HYP005"
    name = "out-of-family-value"
    severity = Severity.NOTE
    needs = ()

    max_dropout: float = option(0.5, "A dropout above this drops more than it keeps.")
    max_adam_lr: float = option(1e-2, "A peak learning rate above this is too high for Adam.")
    min_lr: float = option(1e-7, "A peak learning rate below this moves nothing.")
    max_weight_decay: float = option(0.5, "A weight decay above this is out of the ordinary.")
    max_smoothing: float = option(0.2, "Smoothing above this hides the target.")
    many_samples: int = option(256, "A validation set of this size is slow in batches of 1.")

    def check(self, run: Run, signals: Signals) -> Iterator[Finding]:
        if not run.settings and not len(signals.lr):
            raise NotApplicable("the log declares no settings and has no learning rate")
        found = [
            *above(run, active_dropouts(run), self.max_dropout, "regularisation is too heavy"),
            *self._rate(run, signals),
            *above(run, ["WEIGHT_DECAY"], self.max_weight_decay, "weights are pulled to zero"),
            *above(run, SMOOTHING_KEYS, self.max_smoothing, "the target is blurred"),
            *self._slow_validation(run),
        ]
        if found:
            yield self._found(found, run)

    def _rate(self, run: Run, signals: Signals) -> Iterator[Outlier]:
        key, peak = peak_rate(run, signals)
        blurred = 0.0 if key in run.settings else signals.lr.print_step / 2
        if peak > self.max_adam_lr and is_adam(run):
            bound, effect = self.max_adam_lr, "steps are too large for Adam"
        elif 0 < peak < self.min_lr + blurred:
            bound, effect = self.min_lr, "steps are too small to matter"
        else:
            return
        edit = changed(run, key, bound) if key in run.settings else f"a peak lr of {bound:g}"
        yield Outlier(key, peak, bound, effect, edit)

    def _slow_validation(self, run: Run) -> Iterator[Outlier]:
        batch, size = run.settings.number("VAL_BATCH"), validation_size(run)
        if batch == 1 and size is not None and size >= self.many_samples:
            edit = changed(run, "VAL_BATCH", min(int(size), self.many_samples))
            yield Outlier("VAL_BATCH", batch, 2, "validation takes needless time", edit)

    def _found(self, found: list[Outlier], run: Run) -> Finding:
        said = ", ".join(f"{item.key} {item.value:g} (usual: {item.usual})" for item in found)
        measured: dict[str, Measure] = {}
        for item in found:
            measured[item.key.lower()] = item.value
            measured[f"{item.key.lower()}_threshold"] = item.bound
        lines = (run.settings.lines.get(item.key) for item in found)
        return self.finding(
            reading=f"Outside of the usual range: {said}.",
            measured=measured,
            causes=(*dict.fromkeys(item.effect for item in found), "a slip of the decimal point"),
            remedies=remedies(*(item.edit for item in found)),
            confirm="The metric is better with the value at its bound.",
            confidence=Confidence.LOW,
            lines=tuple(line for line in lines if line),
        )
