"""NUM004 clip-before-unscale."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logparse.findings import Confidence, Finding, Measure, Severity
from logparse.rules.base import NotApplicable, Rule, option, rule
from logparse.rules.edits import remedies

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logparse.run import Run
    from logparse.signals import Signals


@rule
class ClipBeforeUnscale(Rule):
    """Gradients are clipped while they still carry the loss scale of fp16.

    What it does: asks whether the gradient norms move with the loss scale, or, where the log has
    no scale, whether they are far larger than both the clipping norm and the error itself allow.

    Why it matters: clipping then binds in every step and shrinks the true gradients by the loss
    scale, ten thousand times or more. Training crawls, and nothing fails.

    Test: with 4 different loss scales or more, a correlation of log norm and log scale above 0.9
    and a slope of 0.5 or more: 1 where the scale is in the norms, little where both merely drift.
    Without a scale, under declared fp16 with clipping, and with finite figures in all epochs: the
    median norm at least 256 times the clipping norm, and 256 times the error (twice the training
    RMSE, or the loss), of which a gradient is a modest multiple whatever the targets' unit.

    False alarms: gradients that explode without clipping help (figures then break); norms that
    are logged before unscaling, while clipping comes after it; large targets (the error scales
    with them, and so does its gradient).

    Try: scaler.unscale_(optimizer) before clipping, and before norms are logged.

    Source: AMP.
    """

    code = "NUM004"
    name = "clip-before-unscale"
    severity = Severity.WARNING
    needs = ("epochs", "grad_norm")
    min_epochs = 2

    min_correlation: float = option(0.9, "Correlation of log norm and log scale above this fires.")
    min_slope: float = option(0.5, "Slope of log norm over log scale; 1 where it is in them.")
    min_scales: int = option(4, "Different loss scales that a correlation needs.")
    min_ratio: float = option(256.0, "Norm over clipping norm, and over error, that fires.")

    def check(self, run: Run, signals: Signals) -> Iterator[Finding]:
        precision = signals.precision
        if not precision.is_fp16 and not precision.scale.scales:
            raise NotApplicable("the log has no loss scale and declares no fp16")
        clipping = signals.gradients.clipping
        if clipping is None:
            raise NotApplicable("no clipping norm is declared")
        clip, follows = clipping.limit, precision.norm_follows_scale(self.min_scales)
        if follows is not None:
            correlation, slope = follows
            facts: dict[str, Measure] = {"correlation": correlation}
            facts |= {"correlation_threshold": self.min_correlation}
            facts |= {"slope": slope, "slope_threshold": self.min_slope}
            if correlation > self.min_correlation and slope >= self.min_slope:
                yield self._found(run, "rise and fall with the loss scale", facts)
            return
        norm, error = signals.series("grad_norm").level(None, None), precision.error_scale
        if error is None or norm < self.min_ratio * max(clip, error):
            return
        if self._is_sound(signals):
            facts = {"median_norm": norm, "clip_norm": clip, "norm_over_clip": norm / clip}
            facts |= {"norm_over_error": norm / error, "ratio_threshold": self.min_ratio}
            facts |= {"norm_over_65536": norm / 65536}
            yield self._found(run, f"are {norm / clip:.2g} times the clipping norm", facts)

    def _is_sound(self, signals: Signals) -> bool:
        """True while no metric was printed as nan: exploding gradients would have broken one."""
        metrics = [name for name in (signals.main_metric, signals.train_metric) if name]
        return not any(name in signals.nonfinite for name in metrics)

    def _found(self, run: Run, what: str, facts: dict[str, Measure]) -> Finding:
        return self.finding(
            reading=f"Gradient norms {what}, as if the loss scale were still in them.",
            measured=facts,
            causes=(
                "gradients are clipped before the scaler unscales them",
                "norms are logged before unscaling, while clipping comes after it",
                "the gradients are truly that large",
            ),
            remedies=remedies(
                "call scaler.unscale_(optimizer) before gradients are clipped or measured",
                "bf16 instead of fp16, without a scaler",
            ),
            confirm="Norms are of the size of the error, whatever the loss scale.",
            confidence=Confidence.MEDIUM,
            epochs=(run.first_epoch or 0, run.last_epoch or 0),
            lines=tuple(filter(None, (run.line_of(run.first_epoch or 0),))),
        )
