"""NUM003 amp-scale-collapse."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from logparse.findings import Confidence, Finding, Measure, Severity, epoch_label, plural
from logparse.rules.base import NotApplicable, Rule, option, rule
from logparse.rules.edits import learning_rate, remedies

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logparse.run import Run
    from logparse.signals import Signals
    from logparse.signals.precision import LossScale

CAUSES = (
    "some batches overflow fp16 every time, so that the scale is halved without end",
    "activations or the learning rate are too large for fp16",
)
_Facts: TypeAlias = dict[str, Measure]
_Symptom: TypeAlias = tuple[str, int, _Facts, bool]  # seen, since epoch, numbers, is an error


@rule
class AmpScaleCollapse(Rule):
    """The loss scale of fp16 training fell until gradients overflowed or vanished.

    What it does: follows the loss scale and the skipped steps where the log prints them. Else,
    under declared fp16, it looks for what too small a scale leaves behind, norms of exactly zero
    that were not, and for what too large a one does, epochs that keep ending in an overflow.

    Why it matters: each halving is a step skipped. Once the scale is near 1 or below, gradients
    are rounded to zero and the run stands still in silence.

    Test: five halvings without a rise between, or a fall to 1 or less; steps skipped in half of
    the epochs after the first 5%, two at least. Without such columns, under declared fp16: 2 epochs
    or more at the end with a median norm of exactly 0 after it was not, or norms that are not
    finite twice in a row or in more than a tenth of the epochs. An error at the floor, or where
    all norms are 0.

    False alarms: halvings within the first two epochs, and one overflow now and then; a scale
    that is always 1, which is a scaler that is switched off; steps that a guard against nan skips,
    where the log declares another precision than fp16; one step in 200, where batches are counted.

    Try: bf16, which needs no scale; half the learning rate; look for the batch that overflows.

    Source: AMP, DS (about one skipped step in 2,000 is healthy).
    """

    code = "NUM003"
    name = "amp-scale-collapse"
    severity = Severity.WARNING
    min_epochs = 2
    caused_by = ("NUM004", "GRAD002", "UPD002", "LR005")

    min_halvings: float = option(5.0, "Halvings without a rise between that are a collapse.")
    floor: float = option(1.0, "A scale of this or less is at its floor.")
    min_skip_share: float = option(0.5, "Share of the later epochs with a skipped step.")
    min_flushed: int = option(2, "Epochs at the end with a median gradient norm of exactly 0.")

    def check(self, run: Run, signals: Signals) -> Iterator[Finding]:
        scale, precision = signals.precision.scale, signals.precision
        if not scale.is_logged and not precision.is_fp16:
            raise NotApplicable("the log has no loss scale or skipped steps, and declares no fp16")
        if not precision.may_be_fp16 and not scale.scales:
            raise NotApplicable("the declared precision needs no loss scale")
        of_norms = (self._flushes, self._overflows) if precision.is_fp16 or scale.scales else ()
        for test in (self._falls, self._skips, *of_norms):
            found = test(scale, len(run.epochs))
            if found is not None:
                yield self._found(run, *found)
                return

    def _falls(self, scale: LossScale, count: int) -> _Symptom | None:
        start, halvings = scale.halvings
        low = scale.lowest_fallen
        if halvings < self.min_halvings and low > self.floor:
            return None
        facts: _Facts = {"halvings": halvings, "threshold": self.min_halvings}
        facts |= {"lowest_scale": low, "floor": self.floor}
        first, is_over = scale.scale_epochs[start], low <= self.floor
        return f"The loss scale fell to {low:g}", first, facts, is_over

    def _skips(self, scale: LossScale, count: int) -> _Symptom | None:
        hit, asked = scale.skipping(after=count // 20)
        if len(hit) < 2 or len(hit) < self.min_skip_share * asked:
            return None
        facts: _Facts = {"skipped_steps": sum(scale.skips), "share_of_epochs": len(hit) / asked}
        facts |= {"share_threshold": self.min_skip_share}
        return f"Steps were skipped in {plural(len(hit), 'epoch')}", hit[0], facts, False

    def _flushes(self, scale: LossScale, count: int) -> _Symptom | None:
        if len(scale.flushed) < self.min_flushed:
            return None
        facts: _Facts = {"epochs_with_median_0": len(scale.flushed), "threshold": self.min_flushed}
        facts |= {"epochs_with_all_0": scale.all_flushed}
        is_over = scale.all_flushed >= self.min_flushed
        return "Most gradient norms are exactly 0 under fp16", scale.flushed[0], facts, is_over

    def _overflows(self, scale: LossScale, count: int) -> _Symptom | None:
        if not scale.broken or scale.overflows_rarely:
            return None
        share = len(scale.broken) / count
        facts: _Facts = {"epochs_not_finite": len(scale.broken), "share": share, "healthy": 0.1}
        return "Gradient norms keep overflowing under fp16", scale.broken[0], facts, False

    def _found(self, run: Run, text: str, first: int, facts: _Facts, is_over: bool) -> Finding:
        return self.finding(
            severity=Severity.ERROR if is_over else Severity.WARNING,
            reading=f"{text} from {epoch_label(first)} on.",
            measured=facts,
            causes=CAUSES,
            remedies=remedies(
                "bf16 instead of fp16, without a scaler",
                learning_rate(run, 0.5),
                "clip after unscaling, and find the batches whose loss overflows",
            ),
            confirm="The loss scale, or the gradient norms, keep their size to the last epoch.",
            confidence=Confidence.HIGH if is_over else Confidence.MEDIUM,
            epochs=(first, run.last_epoch or first),
            lines=tuple(filter(None, (run.line_of(first),))),
        )
