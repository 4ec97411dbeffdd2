"""GRAD002 exploding-gradient."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, log10
from typing import TYPE_CHECKING

from logparse.findings import Confidence, Finding, Measure, Severity, epoch_label, epoch_span
from logparse.rules.base import Clear, NotApplicable, Rule, TooShort, option
from logparse.rules.edits import learning_rate, remedies, scaled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logparse.run import Run
    from logparse.signals import Signals
    from logparse.signals.explosion import Growth

LOSSES = ("train_loss", "train_rmse", "val_rmse", "val_loss")


@dataclass(frozen=True, kw_only=True)
class ExplodingGradient(Rule):
    """The gradient norm grows without bound, or stands far above what it was.

    What it does: looks in the total norm for a steady growth, for a jump that stays and for an
    overflow, and along the depth for shallow layers that outgrow the deep ones.

    Why it matters: each step throws the weights further; the next stop is nan.

    Test: with the metric not improving meanwhile, 0.1 decades per epoch or more over 5 epochs, a
    decade and z >= 3 in all (Theil-Sen); or two epochs in a row above ten times the median before.
    Or the norm prints inf twice in a row. Or shallow norms 70 times the deep ones or more in
    max(3, 20%) of the epochs and the newest, and rising. An error when losses break afterwards.

    False alarms: norms that grow while the loss falls; a scale that a mixed-precision run raises;
    a loss spike that is over (LOSS005), a single high batch (GRAD003).

    Try: clip at the 90th percentile of the norms, a half to a tenth of the learning rate, a warm-up
    of 5 to 10% of the run.

    Source: AT, TDC, TP. Deep over shallow would be GRAD001; here the ratio is the other way round.
    """

    code = "GRAD002"
    name = "exploding-gradient"
    severity = Severity.WARNING
    hides = ("GRAD003",)

    min_slope: float = option(0.1, "Growth in decades per epoch.")
    min_decades: float = option(1.0, "Growth in all, in decades.")
    min_z: float = option(3.0, "Growth in all, in units of the norm's noise.")
    jump_times: float = option(10.0, "Norms above so many times the median before are a jump.")
    depth_ratio: float = option(70.0, "Shallow norms over deep ones.")

    def check(self, run: Run, signals: Signals) -> Iterator[Finding | Clear]:
        norms, profile = signals.series("grad_norm"), signals.depth_profile
        overflow = signals.curves.overflow_epoch("grad_norm")
        if overflow is not None and self._has_failed(run, signals):
            yield self._overflown(overflow, run, signals)
            return
        if not len(norms) and profile is None:
            raise NotApplicable("needs gradient norms")
        if len(norms) < 5 and (profile is None or len(profile.epochs) < 5):
            raise TooShort(f"needs 5 epochs of gradient norms, has {len(norms)}")
        grown = signals.curves.steady_growth(
            "grad_norm", self.min_slope, self.min_decades, self.min_z
        )
        for growth in (grown, signals.curves.jump("grad_norm", self.jump_times)):
            if growth is None:
                continue
            excuse = self._excuse(growth, signals)
            if excuse is not None:
                yield Clear(excuse)
                continue
            yield self._grown(growth, run, signals)
            return
        yield from self._by_depth(run, signals)

    def _excuse(self, growth: Growth, signals: Signals) -> str | None:
        """The metric gained over the stretch, or a spike of it had raised the norm."""
        column = signals.train_metric or signals.main_metric
        if column is None:
            return None
        first, last = growth.first_epoch, growth.last_epoch
        for spike in signals.curves.spikes(column):
            if first - 2 <= spike.epoch < max(last, first + 1):
                return f"a spike of {column} at {epoch_label(spike.epoch)} raised the norm"
        series = signals.series(column)
        before, after = series.between(first - 2, first), series.between(last - 1, last + 1)
        if len(before) and len(after):
            gain = series.improvement(before.level(None, None), after.level(None, None))
            if gain > signals.sigma(column):
                return "the norm grew, and the metric improved meanwhile"
        return None

    def _has_failed(self, run: Run, signals: Signals) -> bool:
        return any(run.last_epoch in signals.nonfinite.get(name, ()) for name in LOSSES)

    def _overflown(self, epoch: int, run: Run, signals: Signals) -> Finding:
        before = signals.series("grad_norm").between(0, epoch - 1)
        start = before.last if len(before) else None
        shown = {"norm_before": start.value} if start is not None else {}
        told = f" from {start.value:.2g}" if start is not None else ""
        return self._found(
            f"The gradient norm grew{told} past what a float can hold, and losses are not finite.",
            {**shown, "overflow_epoch": epoch},
            (epoch if start is None else start.epoch, epoch),
            run,
            Severity.ERROR,
        )

    def _grown(self, growth: Growth, run: Run, signals: Signals) -> Finding:
        span = epoch_span(growth.first_epoch, growth.last_epoch)
        return self._found(
            f"The gradient norm rose from {growth.before:.2g} to {growth.after:.2g} ({span}) and "
            "the metric did not improve.",
            {
                "norm_before": growth.before,
                "norm_after": growth.after,
                "decades": growth.decades,
                "decades_per_epoch": growth.per_epoch,
                "z": growth.z,
                "threshold_decades": self.min_decades if growth.per_epoch else 1.0,
            },
            (growth.first_epoch, growth.last_epoch),
            run,
            Severity.ERROR if self._has_failed(run, signals) else Severity.WARNING,
        )

    def _by_depth(self, run: Run, signals: Signals) -> Iterator[Finding]:
        profile, limit = signals.depth_profile, log10(self.depth_ratio)
        if profile is None or signals.state.kind in ("improving", "converged", "unknown"):
            return
        gaps = profile.gaps
        high = [gap >= limit for gap in gaps]
        if not high[-1] or sum(high) < max(3, ceil(0.2 * len(high))) or gaps[-1] <= gaps[0]:
            return
        yield self._found(
            f"Gradients of shallow layers are {gaps[-1]:.1f} decades above deep ones.",
            {**profile.facts(), "threshold": limit},
            (int(profile.epochs[high.index(True)]), int(profile.epochs[-1])),
            run,
            Severity.WARNING,
        )

    def _found(
        self,
        reading: str,
        measured: dict[str, Measure],
        epochs: tuple[int, int],
        run: Run,
        severity: Severity,
    ) -> Finding:
        clip = scaled(run, ["CLIPNORM"], 1 / 3)
        return self.finding(
            severity=severity,
            reading=reading,
            measured=measured,
            causes=(
                "the learning rate is above the largest stable one",
                "nothing clips the gradients of outliers",
                "no normalisation or residual path in a deep or recurrent stack",
            ),
            remedies=remedies(
                clip or "clip gradients at the 90th percentile of the norms before it",
                learning_rate(run, 1 / 3),
                "a warm-up of 5 to 10% of the run",
            ),
            confirm=f"The norm stays within ten times its median through {epoch_span(*epochs)}.",
            confidence=Confidence.HIGH if severity is Severity.ERROR else Confidence.MEDIUM,
            epochs=epochs,
            lines=tuple(line for line in map(run.line_of, epochs) if line is not None),
        )
