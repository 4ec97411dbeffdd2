"""UPD002 update-too-large."""

from __future__ import annotations

from math import ceil, inf
from typing import TYPE_CHECKING

from logparse.findings import Confidence, Finding, Severity
from logparse.rules.base import Clear, NotApplicable, Rule, TooShort, option, rule
from logparse.rules.clip_edits import clipped
from logparse.rules.edits import learning_rate, remedies, warm_up, weaker_decay

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logparse.run import Run
    from logparse.signals import Signals
    from logparse.signals.gradients.updates import Updates

RATE = "the learning rate is too high for these weights"
SHRUNK = "weights that have shrunk, by weight decay or by their initialisation"
UNSETTLED = ("failed", "never-learned", "plateaued")


@rule
class UpdateTooLarge(Rule):
    """Single steps change the weights by more than a tenth, and the metric is rough.

    What it does: holds the steps against the size of the weights, as far as the log tells both.

    Why it matters: a step of that size throws away what the last ones found. The run bounces
    around what it could have settled in.

    Test: SGD: lr*|g|/|w|, after clipping, above 0.1 for a quarter of the matrices. Adam: the
    learning rate over the root mean square of the weights above 0.1. In at least max(3, 20%) of
    the epochs; and the metric's noise is 3% of its gain or more, or the run has failed or learns
    no more. Without a declared optimizer the ratios are on no scale.

    False alarms: tensors that start near zero, as biases, offsets of normalisations and LoRA's
    second matrix: no biases or normalisations count, and no single matrix; the first epochs;
    large steps of weights whose scale a normalisation takes out.

    Try: a third of the learning rate (a tenth where a step passes the size of the weights), a
    warm-up; for Adam a smaller beta2 or a larger eps.

    Source: TDC, CS; 0.1 from TDC, 3% is a judgement.
    """

    code = "UPD002"
    name = "update-too-large"
    severity = Severity.WARNING
    needs = ("epochs", "parameters")
    min_epochs = 3
    caused_by = ("LR003", "HYP005")

    max_ratio: float = option(0.1, "Steps above this share of the weights are too large.")
    min_share: float = option(0.2, "Share of the epochs in which they must be.")
    min_rough: float = option(0.03, "Noise of the metric, as a share of its gain.")

    def check(self, run: Run, signals: Signals) -> Iterator[Finding | Clear]:
        found = signals.gradients.updates
        if found is None or not found.has_scale:
            raise NotApplicable("needs a declared optimizer, and the size of its steps")
        if len(found.epochs) < self.min_epochs:
            raise TooShort(f"needs {self.min_epochs} epochs of ratios, has {len(found.epochs)}")
        high = found.above(self.max_ratio)
        if len(high) < max(3, ceil(self.min_share * len(found.epochs))):
            return
        rough = self._roughness(signals)
        if signals.state.kind not in UNSETTLED and (rough is None or rough < self.min_rough):
            told = "no metric tells how rough the run is"
            if rough is not None:
                told = f"the metric's noise is {rough:.1%} of its gain"
            yield Clear(f"steps are large, but {told}")
            return
        yield self._found(found, high, rough, run, signals)

    def _roughness(self, signals: Signals) -> float | None:
        """Noise of the main metric over its best gain; None where there is too little of it."""
        metric = signals.main_metric
        learned = None if metric is None else signals.learning(metric)
        if metric is None or learned is None:
            return None
        gain = learned.best_gain
        return signals.sigma(metric) / gain if gain > 0 else inf

    def _found(
        self,
        found: Updates,
        high: tuple[int, ...],
        rough: float | None,
        run: Run,
        signals: Signals,
    ) -> Finding:
        largest, is_adam = found.largest_step, found.family == "adam"
        who = "a step can move the weights" if is_adam else "a quarter of the matrices moves"
        lowest, warmer = 3 if largest < 1 else 10, warm_up(signals)
        decay = weaker_decay(run)
        short = "no warm-up" if warmer.startswith("a warm-up") else "too short a warm-up"
        return self.finding(
            reading=f"In {len(high)} of {len(found.epochs)} epochs {who} by more than "
            f"{self.max_ratio:.0%} of their size at once.",
            measured={
                "largest_step": largest,
                "median_step": found.median_step,
                "threshold": self.max_ratio,
                "epochs_above": len(high),
                **({} if rough is None else {"noise_over_gain": rough}),
                "measure": "lr / rms(weights)" if is_adam else "lr * norm / |weights|",
            },
            causes=(SHRUNK, RATE, short) if decay else (RATE, SHRUNK, short),
            remedies=remedies(
                decay,
                learning_rate(run, 1 / lowest),
                warmer,
                "a smaller beta2, such as 0.95, or a larger eps" if is_adam else clipped(run),
            ),
            confirm=f"Steps stay below {self.max_ratio:g} of the weights, and the metric calms.",
            confidence=Confidence.MEDIUM,
            epochs=(high[0], high[-1]),
            lines=tuple(filter(None, [run.line_of(high[0])])),
        )
