"""NUM001 non-finite."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, TypeAlias

from logparse.axis import is_by_epochs
from logparse.findings import Confidence, Finding, Severity, epoch_label
from logparse.metrics import ordered
from logparse.rules.base import Clear, Rule, option, rule
from logparse.rules.clip_edits import back_to_finite

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logparse.run import Run
    from logparse.signals import Signals
    from logparse.signals.series import IntArray

    Broken: TypeAlias = dict[str, IntArray]

NOT_JUDGED = (
    *("elapsed_s", "throughput", "gpu_gib", "sched_pct", "checkpoint", "checkpoint_flag", "slip"),
    *("opt_groups", "opt_params", "aux_enabled", "zero_grad_params", "hub_max", "layer_grad_ratio"),
)
OPTIONAL_HEAD = ("delta_", "train_delta_", "val_delta_", "aux_")
RATE, FP16 = "the learning rate is too high", "overflow in fp16"
AT_START = ("nan in the inputs or targets", "log, sqrt or division at zero", RATE)
LATER = (RATE, "gradients exploded")


@rule
class NonFinite(Rule):
    """A loss, metric or norm was printed as nan or as an infinity.

    What it does: lists what the log printed as not finite, with the values before.

    Why it matters: one weight that is not a number spreads to all others within a step.

    Test: any nan, inf or -inf in a loss, a metric, a norm or the learning rate. Errors hide what
    starts at their epoch or later, but for LOG and NUM. Norms alone are a warning where they are
    finite again later, or where fp16 is declared; a note at single steps of a log by steps, one in
    ten at most, no two in a row but for the first sixteen.

    False alarms: the metrics of a head that is switched off (USE_DELTA False or undeclared) are
    nan by design in every epoch. Under fp16 a loss scaler starts too high, and skips a step now
    and then: norms that break in two first epochs, or a tenth of the others, no two in a row.

    Try: look for nan in inputs, log, sqrt, division at zero; later lower the rate, clip, use bf16.

    Source: KER, LIT, SMD, MEG; AMP (steps that the scaler skips).
    """

    code = "NUM001"
    name = "non-finite"
    severity = Severity.ERROR
    min_epochs = 1
    caused_by = ("NUM004", "LR005", "UPD002", "GRAD002", "LOSS003", "HYP001")

    values_before: int = option(5, "How many finite values before the first break are shown.")
    max_shown: int = option(6, "How many of the other metrics that broke are named.")

    def check(self, run: Run, signals: Signals) -> Iterator[Finding | Clear]:
        printed = signals.nonfinite
        judged = [name for name in printed if name.partition("/")[0] not in NOT_JUDGED]
        designed = [name for name in judged if self._is_by_design(name, run, signals)]
        broken = {name: printed[name] for name in judged if name not in designed}
        if broken and signals.precision.explains(broken):
            yield Clear("a few norms are not finite, of steps that a scaler or a guard skipped")
        elif broken:
            yield self._found(broken, run, signals)
        elif designed:
            yield Clear(f"{', '.join(designed)} by design: the head is switched off")

    def suppresses(self, mine: Finding, other: Finding) -> bool:
        if mine.epochs is None or other.epochs is None or other.code.startswith(("LOG", "NUM")):
            return False
        return mine.severity is Severity.ERROR and other.epochs[0] >= mine.epochs[0]

    def _is_by_design(self, column: str, run: Run, signals: Signals) -> bool:
        """Never finite, and of a head that the run has not switched on."""
        if not column.startswith(OPTIONAL_HEAD) or len(signals.series(column)):
            return False
        is_on = run.settings.get("USE_DELTA") is True or signals.series("aux_enabled").values.any()
        return not is_on

    def _grade(self, broken: Broken, signals: Signals) -> tuple[Severity, str]:
        """How bad it is, and the words that end the reading."""
        if not signals.precision.are_norms(broken):
            return Severity.ERROR, "."
        last = max(int(epochs[-1]) for epochs in broken.values())
        if not is_by_epochs(signals.run) and signals.precision.scale.overflows_rarely:
            return Severity.NOTE, ", as of a step that a loss scaler skips."
        if any(len(signals.series(name).between(last + 1, sys.maxsize)) for name in broken):
            return Severity.WARNING, ", but is again later."
        if signals.precision.is_fp16:
            return Severity.WARNING, ", but the metrics are finite."
        return Severity.ERROR, "."

    def _found(self, broken: Broken, run: Run, signals: Signals) -> Finding:
        names = ordered(broken)
        root = min(names, key=lambda name: int(broken[name][0]))
        first, last = int(broken[root][0]), max(int(epochs[-1]) for epochs in broken.values())
        severity, ending = self._grade(broken, signals)
        names.remove(root)
        at_start, may_be_fp16 = first == run.first_epoch, signals.precision.may_be_fp16
        return self.finding(
            severity=severity,
            reading=f"{root} is not finite at {epoch_label(first)}{ending}",
            measured={
                "metric": root,
                "first_epoch": first,
                "epochs_affected": len(set().union(*broken.values())),
                "values_before": self._before(root, first, signals),
                "others_affected": len(names),
                "others": ", ".join(names[: self.max_shown]) or "none",
            },
            causes=(*(AT_START if at_start else LATER), *((FP16,) if may_be_fp16 else ())),
            remedies=back_to_finite(run, first, may_be_fp16=may_be_fp16),
            confirm=f"{epoch_label(first)} passes with finite values.",
            confidence=Confidence.HIGH if severity is Severity.ERROR else Confidence.MEDIUM,
            epochs=(first, last),
            lines=tuple(filter(None, [run.line_of(first)])),
        )

    def _before(self, column: str, epoch: int, signals: Signals) -> str:
        """The last finite values before the break, oldest first; `none` in the first epoch."""
        earlier = signals.series(column).between(0, epoch - 1).tail(self.values_before)
        return " ".join(f"{value:.4g}" for value in earlier.values) or "none"
