"""GRAD004 dead-parameter-group."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logparse.findings import Confidence, Finding, Severity, epoch_label, plural
from logparse.rules.base import Clear, NotApplicable, Rule, TooShort, option, rule
from logparse.rules.edits import learning_rate, remedies, warm_up

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logparse.run import Run
    from logparse.signals import Signals
    from logparse.signals.gradients.dead import Dead, Flow

NEVER = (
    "a detach(), no_grad() or .data between the loss and these tensors",
    "requires_grad is False for them",
    "forward() does not use the module",
)
RELU = "leaky or GELU activations"
FP16, BF16 = ("gradients so small that fp16 rounds them to zero",), ("bf16 or fp32, not fp16",)
FROZEN = ("they are frozen, as the log declares",)
STOPPED = (
    "every unit in front of them is dead (ReLU), or a normalisation has lost its scale",
    "they were frozen on purpose from that epoch on",
)
MEANT = "nothing, if they are meant to stay as they are"
LOOK = "look for requires_grad, detach() and no_grad() on the way from the loss to {}"
CONFIRM = "Every tensor that is meant to learn has a gradient norm above 0."
LEVELS = {True: Severity.NOTE, False: Severity.ERROR, None: Severity.WARNING}


@rule
class DeadParameterGroup(Rule):
    """A part of the model gets no gradient at all.

    What it does: looks for tensors whose gradient is exactly zero, epoch after epoch, while
    others move, and compares the tensors that had a gradient in the header's sample batch with
    those that the optimizer holds.

    Why it matters: what gets no gradient stays as it was initialised, whatever is tuned. The rest
    of the model can hide this for a long time.

    Test: exact zeros of at least one weight matrix in the newest 2 epochs or more, all logged
    ones or since it stopped; or, where the lists do not tell zeros, at least 10% of the
    optimizer's tensors without gradient. An error where the tensors never moved and the log
    declares them trainable; a warning where they stopped, or where the log does not say; a note
    where it declares a frozen part.

    False alarms: biases before a normalisation or a softmax, which never get a gradient; heads
    that an option switches off; a declared frozen part; gradual unfreezing; norms printed as
    0.000, which are only small; epochs whose last step was skipped.

    Try: look at requires_grad, detach() and the optimizer's groups; where they stopped, a smaller
    learning rate, other activations, no fp16.

    Source: SMD, DL.
    """

    code = "GRAD004"
    name = "dead-parameter-group"
    severity = Severity.ERROR
    caused_by = ("NUM003", "GRAD002", "UPD002", "LR005")

    least: int = option(2, "Epochs of exact zeros, up to the newest, that make a tensor dead.")
    min_missing: float = option(0.1, "Share of the optimizer's tensors without a gradient.")

    def check(self, run: Run, signals: Signals) -> Iterator[Finding | Clear]:
        flow = signals.gradients.flow
        if flow.lists is None and flow.counts is None:
            raise NotApplicable("needs norms in scientific notation, or counts of gradients")
        if flow.lists is None and flow.counts is not None:
            found, held = flow.counts
            if held - found >= max(self.min_missing * held, 1):
                yield self._missing(found, held, flow)
        elif flow.lists is not None and len(flow.lists.epochs) < self.least:
            raise TooShort(f"needs {self.least} epochs of norms, has {len(flow.lists.epochs)}")
        for dead in flow.dead(self.least):
            if dead.matrices and dead.living:
                yield self._dead(dead, run, flow, warm_up(signals))
            elif dead.off:
                yield Clear(f"{plural(len(dead.off), 'tensor')} of a head that is switched off")

    def _dead(self, dead: Dead, run: Run, flow: Flow, warmer: str) -> Finding:
        declared = flow.frozen
        since = f"since {epoch_label(dead.epochs[0])}" if dead.moved else "in any epoch"
        if dead.moved and dead.all_since > dead.epochs[0]:
            since += f" at the earliest, {epoch_label(dead.all_since)} at the latest"
        return self.finding(
            reading=f"{plural(len(dead.names), 'tensor')} got no gradient {since}: "
            f"{', '.join(dead.names[:4])}{', ...' if len(dead.names) > 4 else ''}.",
            measured={
                "dead_tensors": len(dead.names),
                "dead_matrices": dead.matrices,
                "living_tensors": dead.living,
                "epochs_threshold": self.least,
                "has_stopped": dead.moved,
            },
            causes=FROZEN if declared else (FP16 * flow.half + STOPPED) if dead.moved else NEVER,
            remedies=remedies(*BF16 * flow.half, learning_rate(run, 1 / 3), RELU, warmer)
            if dead.moved and not declared
            else remedies(MEANT if declared else None, LOOK.format(dead.names[0])),
            confirm=CONFIRM,
            severity=Severity.WARNING if dead.moved and not declared else LEVELS[declared],
            confidence=Confidence.MEDIUM if dead.moved else Confidence.HIGH,
            epochs=dead.epochs,
            lines=tuple(line for line in map(run.line_of, dead.epochs) if line is not None),
        )

    def _missing(self, found: int, held: int, flow: Flow) -> Finding:
        """By counts alone, which were taken once, before the first epoch."""
        declared = flow.frozen
        return self.finding(
            reading=f"Of {held} tensors in the optimizer only {found} got a gradient.",
            measured={"found": found, "held": held, "threshold_share": self.min_missing},
            causes=FROZEN if declared else NEVER,
            remedies=remedies(
                MEANT if declared else None, LOOK.format("the tensors without gradient")
            ),
            confirm=CONFIRM,
            severity=Severity.NOTE if declared else Severity.WARNING,
            confidence=Confidence.MEDIUM,
        )
