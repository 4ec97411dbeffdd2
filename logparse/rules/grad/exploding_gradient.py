"""GRAD002 exploding-gradient."""

from __future__ import annotations

from math import log10
from typing import TYPE_CHECKING, TypeAlias

from logparse.findings import Confidence, Finding, Measure, Severity, epoch_span
from logparse.rules.base import Clear, NotApplicable, Rule, TooShort, lines_of, option, rule
from logparse.rules.clip_edits import clip_limit, clipped
from logparse.rules.edits import learning_rate, remedies, warm_up

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logparse.run import Run
    from logparse.signals import Signals
    from logparse.signals.curves.explosion import Growth

    Facts: TypeAlias = dict[str, Measure]
    Span: TypeAlias = tuple[int, int]

LOSSES = ("train_loss", "train_rmse", "val_rmse", "val_loss")
FINE = ("improving", "converged", "unknown")
RATE = "the learning rate is above the largest stable one"
UNCLIPPED, LOOSE = "nothing clips the gradients of outliers", "the clipping limit is too high"
PLAIN = "no normalisation or residual path in a deep or recurrent stack"


@rule
class ExplodingGradient(Rule):
    """The gradient norm grows without bound, or stands far above what it was.

    What it does: looks in the total norm for steady growth, a jump that stays and an overflow, and
    along the depth for shallow layers that outgrow the deep ones.

    Why it matters: each step throws the weights further, up to nan.

    Test: with the metric not improving meanwhile, 0.1 decades per epoch or more over 5 epochs, a
    decade and z >= 3 in all (Theil-Sen); or two epochs in a row above ten times the median before.
    Or the norm prints inf twice in a row. Or shallow norms 70 times the deep ones or more in
    max(3, 20%) of the epochs and the newest, and rising. An error when losses break afterwards.

    False alarms: norms that grow while the loss falls; a scale raised by mixed precision; a loss
    spike that is over (LOSS005), a single high batch (GRAD003).

    Try: clip at the 90th percentile of the norms, a third of the learning rate, a warm-up.

    Source: AT, TDC, TP. Deep over shallow would be GRAD001; here the ratio is the other way round.
    """

    code = "GRAD002"
    name = "exploding-gradient"
    severity = Severity.WARNING
    hides = ("GRAD003",)
    caused_by = ("NUM004", "UPD002", "LR005", "HYP005", "HYP001")

    min_slope: float = option(0.1, "Growth in decades per epoch.")
    min_decades: float = option(1.0, "Growth in all, in decades.")
    min_z: float = option(3.0, "Growth in all, in units of the norm's noise.")
    jump_times: float = option(10.0, "Norms above so many times the median before are a jump.")
    depth_ratio: float = option(70.0, "Shallow norms over deep ones.")

    def check(self, run: Run, signals: Signals) -> Iterator[Finding | Clear]:
        overflow = signals.curves.overflow_epoch("grad_norm")
        if overflow is not None and self._has_failed(run, signals):
            yield self._overflown(overflow, run, signals)
            return
        norms, profile = signals.series("grad_norm"), signals.gradients.depth_profile
        if not len(norms) and profile is None:
            raise NotApplicable("needs gradient norms")
        if max(len(norms), 0 if profile is None else len(profile.epochs)) < 5:
            raise TooShort("needs 5 epochs of gradient norms")
        growth, excuse = self._growth(signals)
        if excuse is not None:
            yield Clear(excuse)
        if growth is not None:
            yield self._grown(growth, run, signals)
        else:
            yield from self._by_depth(run, signals)

    def _has_failed(self, run: Run, signals: Signals) -> bool:
        return any(run.last_epoch in signals.nonfinite.get(name, ()) for name in LOSSES)

    def _overflown(self, epoch: int, run: Run, signals: Signals) -> Finding:
        before = signals.series("grad_norm").between(0, epoch - 1)
        growth = self._growth(signals)[0]
        first = before.last.epoch if len(before) else epoch
        if growth is not None and growth.first_epoch < first:
            first = growth.first_epoch
        told = f" from {before.between(first, epoch).first.value:.2g}" if len(before) else ""
        reading = f"The gradient norm grew{told} past what a float can hold; losses are not finite."
        return self._found(reading, {"overflow_epoch": epoch}, (first, epoch), run, signals)

    def _growth(self, signals: Signals) -> tuple[Growth | None, str | None]:
        bounds = self.min_slope, self.min_decades, self.min_z
        return signals.curves.growth("grad_norm", *bounds, self.jump_times)

    def _grown(self, growth: Growth, run: Run, signals: Signals) -> Finding:
        span = growth.first_epoch, growth.last_epoch
        rise = f"from {growth.before:.2g} to {growth.after:.2g} ({epoch_span(*span)})"
        judged = signals.train_metric or signals.main_metric
        but = "no metric is logged" if judged is None else f"{judged} did not improve"
        reading = f"The gradient norm rose {rise} and {but}."
        least = self.min_decades if growth.per_epoch else log10(self.jump_times)
        return self._found(reading, growth.facts(least), span, run, signals)

    def _by_depth(self, run: Run, signals: Signals) -> Iterator[Finding]:
        profile, span = (
            signals.gradients.depth_profile,
            signals.curves.shallow_explosion(self.depth_ratio),
        )
        if profile is None or span is None or signals.state.kind in FINE:
            return
        reading = f"Gradients of shallow layers are {profile.gaps[-1]:.1f} decades above deep ones."
        yield self._found(reading, {**profile.facts()}, span, run, signals)

    def _found(self, told: str, shown: Facts, span: Span, run: Run, signals: Signals) -> Finding:
        lost, slower = self._has_failed(run, signals), learning_rate(run, 1 / 3)
        return self.finding(
            severity=Severity.ERROR if lost else Severity.WARNING,
            reading=told,
            measured=shown,
            causes=(RATE, UNCLIPPED if clip_limit(run) is None else LOOSE, PLAIN),
            remedies=remedies(clipped(run, span[0] + 1), slower, warm_up(signals, "5 to 10%")),
            confirm=f"The norm stays within ten times its median through {epoch_span(*span)}.",
            confidence=Confidence.HIGH if lost else Confidence.MEDIUM,
            epochs=span,
            lines=lines_of(run, *span),
        )
