"""HYP001 clipnorm-inert."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logparse.findings import Confidence, Finding, Severity
from logparse.rules.base import Clear, NotApplicable, Rule, option, rule
from logparse.rules.edits import changed, remedies

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logparse.run import Run
    from logparse.signals import Signals


@rule
class ClipnormInert(Rule):
    """The clipping limit is far above every gradient norm of the run.

    What it does: compares the declared limit on the gradient norm with the largest norm logged.

    Why it matters: a limit that never binds protects from nothing. A single bad batch may be
    many times an ordinary one and still pass unclipped.

    Test: the limit is more than 10 times the largest total norm of the run. Below 5 epochs the
    confidence is low.

    False alarms: a log of one batch in an epoch may have missed the large ones; a limit that is
    meant only to catch overflows. A run with a norm that is not finite is not judged.

    Try: a limit near the upper end of the norms printed, those of a warm-up left out.

    Source: TP; the factor of 10 is a judgement.
    """

    code = "HYP001"
    name = "clipnorm-inert"
    severity = Severity.NOTE
    min_epochs = 1

    factor: float = option(10.0, "A limit this many times the largest norm is inert.")
    sure_epochs: int = option(5, "With fewer epochs than this the confidence is low.")
    quantile: float = option(0.99, "The share of norms that the limit tried next lets pass.")

    def check(self, run: Run, signals: Signals) -> Iterator[Finding | Clear]:
        clip = signals.gradients.clipping
        if clip is None:
            raise NotApplicable("needs a declared limit and the total gradient norm")
        largest, norms = float(clip.norms.values.max()), clip.norms
        if "grad_norm" in signals.nonfinite:
            yield Clear("some norms are not finite")
            return
        if largest <= 0 or clip.limit <= self.factor * largest:
            yield Clear(f"the largest norm is {largest:.2g}, {clip.key} is {clip.limit:g}")
            return
        limit = float(f"{clip.quantile(self.quantile):.2g}")
        few, is_part = len(norms) < self.sure_epochs, 0 < len(clip.settled) < len(norms)
        of_them = f"the norms{' after the warm-up' * is_part}"
        yield self.finding(
            reading=f"{clip.key} {clip.limit:g} is {clip.limit / largest:.0f} times the largest "
            f"gradient norm logged, {largest:.2g}.",
            measured={
                "limit": clip.limit,
                "largest_norm": largest,
                "ratio": clip.limit / largest,
                "threshold": self.factor,
                "epochs": len(norms),
            },
            causes=(
                "the limit was taken from another model or another loss",
                "the loss is a mean over more elements than the limit was chosen for",
            ),
            remedies=remedies(
                changed(run, clip.key, limit) + f" (the {self.quantile:.0%} quantile of {of_them})"
                if limit > 0
                else None,
                "log the norm of every step for one epoch, and choose the limit from them",
            ),
            confirm=f"Some of {of_them}, but fewer than one in ten, are above the new limit.",
            confidence=Confidence.LOW if few else Confidence.HIGH,
            epochs=(norms.first.epoch, norms.last.epoch),
            lines=tuple(filter(None, [run.settings.lines.get(clip.key)])),
        )
