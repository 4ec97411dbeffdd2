"""GRAD005 clipping-saturated."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logparse.findings import Confidence, Finding, Severity
from logparse.rules.base import Clear, NotApplicable, Rule, TooShort, option, rule
from logparse.rules.edits import changed, learning_rate, remedies

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logparse.run import Run
    from logparse.signals import Signals
    from logparse.signals.gradients.clipping import Clipping

SCALED = (
    "gradients are clipped while they still carry a loss scale",
    "call scaler.unscale_(optimizer) before clipping",
)


@rule
class ClippingSaturated(Rule):
    """Most gradients are clipped.

    What it does: counts how many of the logged total norms are above the declared limit, or,
    where the log has norms after clipping, how many stand right at it.

    Why it matters: clipping is meant for the exception. Where it is the rule, the limit takes the
    place of the learning rate, and batches lose what told them apart.

    Test: half of the norms or more, the learning rate's warm-up left out; 5 epochs. Norms above
    the limit show that they were taken before clipping. With none above it, those within 1% or
    one print step of it count, with less confidence.

    False alarms: training that normalises its gradients on purpose. Under Adam the size of the
    gradient hardly matters, so that clipping all of them does less harm: medium confidence.

    Try: a limit at the 90% quantile of the norms; if the run becomes unstable by it, half the
    learning rate. Where the run has failed, half the learning rate first. Where norms may carry
    a loss scale, unscale them first.

    Source: TP.
    """

    code = "GRAD005"
    name = "clipping-saturated"
    severity = Severity.WARNING
    min_epochs = 5
    caused_by = ("NUM004", "GRAD002")

    min_share: float = option(0.5, "Share of the norms that are clipped, at least.")
    new_quantile: float = option(0.9, "The share of norms that the limit tried next lets pass.")
    scaled_ratio: float = option(500.0, "Norms this many times the limit may carry a loss scale.")

    def check(self, run: Run, signals: Signals) -> Iterator[Finding | Clear]:
        clip = signals.gradients.clipping
        if clip is None:
            raise NotApplicable("needs a declared limit and the total gradient norm")
        if len(clip.settled) < self.min_epochs:
            raise TooShort(f"needs {self.min_epochs} norms, has {len(clip.settled)}")
        if clip.binding < self.min_share:
            yield Clear(f"{clip.binding:.0%} of the norms are clipped")
            return
        yield self._found(clip, run, signals)

    def _found(self, clip: Clipping, run: Run, signals: Signals) -> Finding:
        where = "above" if clip.is_before else "at"
        middle, high = clip.quantile(0.5), clip.quantile(self.new_quantile)
        adaptive = (
            signals.gradients.updates is not None and signals.gradients.updates.family == "adam"
        )
        sure = clip.is_before and not adaptive
        is_lost = signals.state.kind == "failed"  # what explodes needs no loss scale to be large
        is_scaled = not is_lost and clip.looks_scaled(self.scaled_ratio)
        return self.finding(
            reading=f"{clip.binding:.0%} of the gradient norms are {where} {clip.key} "
            f"{clip.limit:g}.",
            measured={
                "share_clipped": clip.binding,
                "threshold": self.min_share,
                "limit": clip.limit,
                "median_norm": middle,
                "norm_p90": high,
                "norms": "before clipping" if clip.is_before else "after clipping",
                "epochs": len(clip.settled),
            },
            causes=(
                *(SCALED[:1] if is_scaled else ()),
                "the limit was chosen for smaller gradients than this model and loss have",
                "a learning rate that keeps the run where gradients are large",
                "single batches with outliers",
            ),
            remedies=self._remedies(clip, run, is_scaled=is_scaled, is_lost=is_lost),
            confirm=f"Fewer than one in ten of the norms are {where} the limit.",
            confidence=Confidence.HIGH if sure else Confidence.MEDIUM,
            epochs=(clip.settled.first.epoch, clip.settled.last.epoch),
            lines=tuple(filter(None, [run.settings.lines.get(clip.key)])),
        )

    def _remedies(
        self, clip: Clipping, run: Run, *, is_scaled: bool, is_lost: bool
    ) -> tuple[str, ...]:
        """What to try: no larger limit where norms are no gradients, or where the run is lost."""
        slower = learning_rate(run, 0.5)
        if is_scaled:
            return remedies(SCALED[1], "judge the limit by the norms after that")
        if is_lost:
            return remedies(slower, f"a larger {clip.key} only once the run is stable")
        if not clip.is_before:
            edit = changed(run, clip.key, 10 * clip.limit) + ", and log norms before clipping"
        else:
            edit = changed(run, clip.key, clip.wider(self.new_quantile))
        return remedies(edit, f"{slower}, if the larger limit makes the run unstable")
