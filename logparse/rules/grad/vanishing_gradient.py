"""GRAD001 vanishing-gradient."""

from __future__ import annotations

from dataclasses import replace
from math import ceil
from typing import TYPE_CHECKING

from logparse.findings import Confidence, Finding, Measure, Severity
from logparse.rules.base import Clear, NotApplicable, Rule, TooShort, option, rule
from logparse.rules.edits import remedies

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from logparse.run import Run
    from logparse.signals import Signals
    from logparse.signals.gradients.depth import DepthProfile

TOTAL_MIN_EPOCHS = 8
SATURATED = "saturating activations (sigmoid, tanh) in a deep stack without residual connections"
SKIPS = "add normalisation and residual connections"
SCALES = "He initialisation with ReLU-like activations, Xavier with tanh"
CONFIRM = "The newest profile spans less than two decades from shallow to deep."
CONFIRM_TOTAL = "The metric improves, and the norm does not fall by {:g} decades."


@rule
class VanishingGradient(Rule):
    """Gradients die out on their way to the shallow layers.

    What it does: orders the weight matrices by depth and compares the gradient norms of the
    shallowest third with those of the deepest third. With only a total norm it looks for a fall
    by three decades in a run that has learned nothing.

    Why it matters: layers without gradient stay random, and the deep ones work on their output.

    Test: median log10 norm, shallow minus deep, <= -3 in at least max(3, 20%) of the epochs and
    in the newest; not converged, unless to the mean baseline; and the shallow norms fell, or
    progress is missing. With only a total: 8 epochs, 3 decades below the first fifth, nothing
    learned (low confidence). An error when norms are exact zeros or below 1e-7.

    False alarms: a converging run, whose gradients shrink everywhere; norms that are small but
    even; frozen parameters; biases that a softmax or a normalisation makes irrelevant; the count
    of zeros (`zero:`) of some logs. Biases, norms and embeddings are left out.

    Try: normalisation, residual connections, He or Xavier initialisation, ReLU; not less clipping.

    Source: AT, SMD, TDC; absolute thresholds fired on 37% of correct programs.
    """

    code = "GRAD001"
    name = "vanishing-gradient"
    severity = Severity.WARNING
    hides = ("UPD001", "UPD003")
    min_epochs = 3
    caused_by = ("HYP005",)

    decades: float = option(3.0, "Shallow norms this many decades below deep ones are vanishing.")
    min_share: float = option(0.2, "Share of the epochs in which they must be.")
    shallow_fall: float = option(0.5, "Decades by which the shallow norms must have fallen.")
    dead_norm: float = option(1e-7, "Shallow norms below this make the finding an error.")

    def check(self, run: Run, signals: Signals) -> Iterator[Finding | Clear]:
        profile, total = signals.gradients.depth_profile, signals.series("grad_norm")
        if profile is None and not len(total):
            raise NotApplicable("needs gradient norms per layer, or their total")
        if signals.state.kind == "converged" and not signals.has_learned_nothing:
            yield Clear(f"the run has converged: {signals.state.because}")
        elif profile is not None:
            yield from self._by_depth(profile, run, signals)
        elif len(total) < TOTAL_MIN_EPOCHS:
            raise TooShort(f"needs {TOTAL_MIN_EPOCHS} epochs of a total norm, has {len(total)}")
        else:
            yield from self._by_total(run, signals)

    def suppresses(self, mine: Finding, other: Finding) -> bool:
        died = other.code == "GRAD004" and other.measured.get("has_stopped") is True
        return died or super().suppresses(mine, other)

    def _by_depth(self, profile: DepthProfile, run: Run, signals: Signals) -> Iterator[Finding]:
        if (count := len(profile.epochs)) < self.min_epochs:
            raise TooShort(f"needs {self.min_epochs} epochs of norms, has {count}")
        low = [gap <= -self.decades for gap in profile.gaps]
        steady = low[-1] and sum(low) >= max(3, ceil(self.min_share * len(low)))
        fades = profile.shallow_fall >= self.shallow_fall or signals.state.kind != "improving"
        if not steady or not fades:
            return
        dead = profile.has_zeros or profile.shallow_norm < self.dead_norm
        span = (int(profile.epochs[low.index(True)]), int(profile.epochs[-1]))
        gap = -profile.gaps[-1]
        reading = f"Gradients of shallow layers are {gap:.1f} decades below deep ones."
        shown = {**profile.facts(), "threshold": -self.decades, "epochs_below": sum(low)}
        yield replace(
            self._found(run, reading, shown, span),
            severity=Severity.ERROR if dead else Severity.WARNING,
            confidence=Confidence.MEDIUM
            if signals.gradients.has_partial_lists
            else Confidence.HIGH,
        )

    def _by_total(self, run: Run, signals: Signals) -> Iterator[Finding]:
        series, limit = signals.series("grad_norm"), 10**-self.decades
        start, end = series.level(None, max(len(series) // 5, 1)), series.level(-3, None)
        if start <= 0 or end > start * limit or not signals.has_learned_nothing:
            return
        text = f"The gradient norm fell from {start:.2g} to {end:.2g}, and nothing was learned."
        shown = {"norm_first": start, "norm_last": end, "threshold": limit}
        found = self._found(run, text, shown, (series.first.epoch, series.last.epoch))
        yield replace(found, confirm=CONFIRM_TOTAL.format(self.decades))

    def _found(
        self, run: Run, reading: str, shown: Mapping[str, Measure], epochs: tuple[int, int]
    ) -> Finding:
        return self.finding(
            reading=reading,
            measured=dict(shown),
            confidence=Confidence.LOW,
            epochs=epochs,
            lines=tuple(line for line in map(run.line_of, epochs) if line is not None),
            causes=(SATURATED, "initial weights too small"),
            remedies=remedies(SKIPS, SCALES, "twice the learning rate, if updates are small too"),
            confirm=CONFIRM,
        )
