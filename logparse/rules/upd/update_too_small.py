"""UPD001 update-too-small."""

from __future__ import annotations

from dataclasses import replace
from math import ceil, log10
from typing import TYPE_CHECKING, TypeAlias

from logparse.findings import Confidence, Finding, Measure, Severity
from logparse.rules.base import Clear, NotApplicable, Rule, TooShort, lines_of, option, rule
from logparse.rules.edits import changed, learning_rate, remedies

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from logparse.run import Run
    from logparse.signals import Signals
    from logparse.signals.gradients.updates import Updates

    Shown: TypeAlias = Mapping[str, Measure]

DECAY, CLIPS = "weight decay outweighs the gradient", "the limit clips most of the gradients"
CAUSES = ("the learning rate is too low", "gradients are clipped away, or vanish", DECAY)
LAGS = ("gradients vanish on their way to it", "its weights are too large for its gradients")
SWEEP, LATER = "then 3 and 30 times, as a sweep", "then a larger learning rate, if steps stay small"
LOOK = "look at the clipping limit (GRAD005) and for frozen parts (GRAD004) first"
ALONE, INIT = "a larger learning rate for {} alone", "look at its initialisation and its inputs"


@rule
class UpdateTooSmall(Rule):
    """The steps are too small to change the weights.

    What it does: holds the steps against the size of the weights, as far as the log tells both.

    Why it matters: weights that hardly move end near their random start, as in a model too small.

    Test: SGD: the median over matrices of lr*|g|/|w|, after clipping, below 1e-5 in at least
    max(3, 20%) of the epochs before the end of an anneal. Adam: the learning rates of all planned
    steps, over the root mean square of the weights, below 0.2: no weight can have moved by more
    (with MAX_EPOCHS, or when the run is over). Unknown optimizers: a matrix at 1e-3 of its epoch's
    median or less in half of the epochs, as a note. Not for a run that has converged.

    False alarms: the printed ratio under Adam, which is on no scale; the end of an anneal;
    a short fine-tuning that is meant to stay where it is; tied or huge embeddings.

    Try: the learning rate times 3 to 10, as a sweep; look for frozen groups, and for weight decay
    that outweighs the gradient. First a larger clipping limit, where it clips half of the norms.

    Source: CS, TDC, SMD; 1e-5 and 0.2 are judgements, the latter measured on small runs.
    """

    code = "UPD001"
    name = "update-too-small"
    severity = Severity.WARNING
    needs = ("epochs", "parameters")
    min_epochs = 3
    caused_by = ("GRAD001", "NUM003", "LR002", "LR001", "GRAD005")

    min_ratio: float = option(1e-5, "Steps below this share of the weights are none.")
    min_share: float = option(0.2, "Share of the epochs in which they must be.")
    min_travel: float = option(0.2, "All steps of a run must be able to add up to this share.")
    clipped_share: float = option(0.5, "Share of clipped norms that puts the limit first.")
    lag: float = option(1e-3, "A matrix at this share of the median ratio lags behind.")
    lag_share: float = option(0.5, "Share of the epochs in which it must.")

    def check(self, run: Run, signals: Signals) -> Iterator[Finding | Clear]:
        found = signals.gradients.updates
        if found is None or not found.names:
            raise NotApplicable("the log has no update ratios of weight matrices")
        if signals.state.kind == "converged" and not signals.has_learned_nothing:
            yield Clear(f"the run has converged: {signals.state.because}")
        elif found.family == "sgd":
            yield from self._by_ratio(found, run, signals)
        elif found.family == "adam":
            yield from self._by_travel(found, run, signals)
        else:
            yield from self._by_layer(found, run)

    def _by_ratio(self, found: Updates, run: Run, signals: Signals) -> Iterator[Finding]:
        if not found.has_scale:
            raise NotApplicable("the log does not tell the size of the steps")
        low, known, ratio = found.below(self.min_ratio), found.known, self.min_ratio
        if known < self.min_epochs:
            raise TooShort(f"needs {self.min_epochs} epochs of ratios, has {known}")
        if len(low) < max(3, ceil(self.min_share * known)):
            return
        text = f"In {len(low)} of {known} epochs a step moved the median matrix by under {ratio:g}."
        shown = {"median_ratio": found.median_step, "threshold": ratio, "epochs_below": len(low)}
        finding, clip = self._found(run, text, shown, low), signals.gradients.clipping
        if clip is not None and clip.is_before and clip.binding >= self.clipped_share:
            edits = (changed(run, clip.key, clip.wider()), LATER)
            finding = replace(finding, causes=(CLIPS, *CAUSES), remedies=edits)
        yield finding

    def _by_travel(self, found: Updates, run: Run, signals: Signals) -> Iterator[Finding | Clear]:
        travel = signals.gradients.travel
        if travel is None:
            raise NotApplicable("needs the steps of an epoch and the size of all weights")
        if travel >= self.min_travel:
            yield Clear(f"all steps together could move a weight by {travel:.2g} of its size")
            return
        if run.planned_epochs is None and not signals.ending.is_over:
            raise NotApplicable(f"no {run.planned_key} tells how many steps are still to come")
        text = f"All steps, also planned ones, move a weight by at most {travel:.1%} of its size."
        shown = {"travel": travel, "threshold": self.min_travel, "step": found.median_step}
        yield self._found(run, text, shown, found.epochs.tolist())

    def _by_layer(self, found: Updates, run: Run) -> Iterator[Finding]:
        behind = found.laggards(self.lag, self.lag_share)
        if not behind or len(found.epochs) < self.min_epochs:
            return
        worst = min(behind, key=lambda name: behind[name])
        text = f"{worst} moves {-log10(behind[worst]):.1f} decades less than the median matrix."
        shown = {"ratio_to_median": behind[worst], "threshold": self.lag, "matrices": len(behind)}
        note = self._found(run, text, shown, found.epochs.tolist())
        confirm = f"The ratio of {worst} is above {self.lag:g} of the median matrix's."
        note = replace(note, causes=LAGS, remedies=(ALONE.format(worst), INIT), confirm=confirm)
        yield replace(note, severity=Severity.NOTE, confidence=Confidence.LOW)

    def _found(self, run: Run, reading: str, shown: Shown, epochs: Sequence[int]) -> Finding:
        return self.finding(
            reading=reading,
            measured=dict(shown),
            epochs=(epochs[0], epochs[-1]),
            lines=lines_of(run, epochs[0]),
            causes=CAUSES,
            remedies=remedies(learning_rate(run, 10), SWEEP, LOOK),
            confirm="The metric moves more in the first epochs, and steps pass the threshold.",
        )
