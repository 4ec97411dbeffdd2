"""HYP004 declared-v-observed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logparse.findings import Confidence, Finding, Severity, plural
from logparse.rules.base import Clear, NotApplicable, Rule, option, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logparse.run import Run
    from logparse.signals import Signals
    from logparse.signals.consistency.declared import Mismatch

CAUSES = {
    "window": ("the data were built with another window", "the program cuts the window shorter"),
    "features": ("columns were added or dropped after the settings were written",),
    "batch": ("the loader has a batch size of its own", "the measured batch is a validation one"),
    "parameters": ("one count leaves out a part of the model", "settings of another model"),
    "lr": ("the optimizer was built with another rate", "a scheduler that is not declared"),
    "groups": ("groups were added, frozen or merged after the header was written",),
    "epochs": ("the run was resumed beyond its plan", "settings of another run"),
}
REMEDIES = {
    "window": "print the shape of a batch beside {declared_name}, and correct the one that is off",
    "features": "print the columns that reach the model, and set {declared_name} from them",
    "batch": "build the loader from {declared_name}, or log the size that it uses",
    "parameters": "count parameters once, after the model is built, and print that everywhere",
    "lr": "build optimizer and scheduler from the same settings, in that order",
    "groups": "write the header after the optimizer is complete",
    "epochs": "raise {declared_name} before resuming: schedules are planned by it",
}


@rule
class DeclaredVObserved(Rule):
    """The log declares one thing and shows another.

    What it does: compares what the log states twice: window and features with the batch that
    was measured, batch size, counts of parameters, the first learning rate, the optimizer's
    groups, and the number of epochs.

    Why it matters: the run is not the one that its settings describe, so neither its result nor
    a comparison by settings can be trusted.

    Test: exact, up to how numbers are printed. LOOK_BACK differs from seq_len_full, FEATURES
    from feat, TRAIN_BATCH from B; counts of parameters are more than 0.5% and more than their
    rounding apart; the header's learning rate is neither the declared start nor what the first
    epoch makes of it; groups or their tensors differ between header and first epoch; there are
    more epochs than MAX_EPOCHS. B of ten batches or more counts windows, and is not compared.

    False alarms: a header written after the first epoch, a declared warm-up, resumed runs and
    gradual unfreezing are recognised. A training set smaller than a batch, a few windows in
    each sample, several devices: B is then smaller, or a whole multiple, and this is a note.

    Try: print both numbers where they are made, and build one from the other.

    Source: arithmetic.
    """

    code = "HYP004"
    name = "declared-v-observed"
    severity = Severity.WARNING
    needs = ()

    count_share: float = option(0.005, "Parameter counts may differ by this share.")

    def check(self, run: Run, signals: Signals) -> Iterator[Finding | Clear]:
        compared = signals.consistency.facts_stated_twice
        if not compared:
            raise NotApplicable("the log states nothing twice that could be compared")
        found = signals.consistency.mismatches(self.count_share)
        for mismatch in found:
            yield self._found(mismatch, run)
        if not found:
            yield Clear(f"{plural(compared, 'fact')} stated twice, no difference")

    def _found(self, mismatch: Mismatch, run: Run) -> Finding:
        declared, observed = f"{mismatch.declared:.15g}", f"{mismatch.observed:.15g}"
        names = (mismatch.declared_name, mismatch.observed_name)
        hints = (mismatch.hint,) if mismatch.hint else ()
        line = run.settings.lines.get(mismatch.declared_name)
        return self.finding(
            severity=Severity.WARNING if mismatch.is_sure else Severity.NOTE,
            reading=f"{names[0]} is {declared}, but {names[1]} is {observed}.",
            measured={
                "fact": mismatch.kind,
                "declared_as": names[0],
                "declared": mismatch.declared,
                "observed_as": names[1],
                "observed": mismatch.observed,
            },
            causes=(*hints, *CAUSES[mismatch.kind]),
            remedies=(REMEDIES[mismatch.kind].format(declared_name=names[0]),),
            confirm=f"{names[0]} and {names[1]} agree.",
            confidence=Confidence.HIGH if mismatch.is_sure else Confidence.LOW,
            lines=(line,) if line else (),
        )
