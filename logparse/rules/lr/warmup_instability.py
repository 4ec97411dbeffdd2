"""LR005 warmup-instability."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logparse.findings import Finding, Severity, epoch_label
from logparse.rules.base import Clear, NotApplicable, Rule, TooShort, option, rule
from logparse.rules.clip_edits import clipped
from logparse.rules.edits import learning_rate, remedies
from logparse.rules.schedule_edits import longer_warm_up

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logparse.run import Run
    from logparse.signals import Signals
    from logparse.signals.rate.phases import Phase
    from logparse.signals.series import Series

MIN_POINTS = 4


@rule
class WarmupInstability(Rule):
    """Training went backwards while the learning rate was still rising.

    What it does: looks at the training metric and the gradient norm over the first warm-up.

    Why it matters: the rate had passed what the run can bear before it reached its peak, and
    everything after started from the damage.

    Test: at least 4 epochs of rising rate at the start; the training metric ends them 2% above its
    best of them or more, and rises by z-progress <= -3, or by 5 sigma and 10%, or the gradient
    norm grows tenfold meanwhile; and the run has not got back below that best, or has learned
    nothing.

    False alarms: a fine-tune that recovers to better than its warm-up, a rise within noise, a norm
    that grows while the metric falls.

    Try: a third of the peak rate, a warm-up twice as long (a tenth of the run at most, OneCycle's
    own rise three tenths), clipping at the usual norm.

    Source: TP, OPT.
    """

    code = "LR005"
    name = "warmup-instability"
    severity = Severity.WARNING
    needs = ("epochs", "lr")
    min_epochs = MIN_POINTS
    caused_by = ("HYP005",)

    min_z: float = option(3.0, "A rise of this many sigma over the warm-up is one.")
    sigmas: float = option(5.0, "Sigma by which the end of the warm-up lies above its best.")
    min_share: float = option(0.1, "And the share of that best.")
    least_share: float = option(0.02, "A rise of less than this share of the best is none.")
    growth: float = option(10.0, "A gradient norm that grows so many times is unstable.")

    def check(self, run: Run, signals: Signals) -> Iterator[Finding | Clear]:
        metric = signals.train_metric or signals.main_metric
        if metric is None:
            raise NotApplicable("needs a training or validation metric")
        rise = signals.rate.warm_up
        if rise is None:
            raise NotApplicable("the learning rate does not rise at the start")
        warm = signals.series(metric).between(rise.first_epoch, rise.last_epoch)
        if len(warm) < MIN_POINTS:
            raise TooShort(f"needs {MIN_POINTS} epochs of warm-up, has {len(warm)}")
        measured = self._symptoms(warm, rise, signals)
        if measured is None:
            return
        later = signals.series(metric).between(rise.last_epoch + 1, run.last_epoch or 0)
        is_back = len(later) > 0 and warm.improvement(warm.best.value, later.best.value) > 0
        if is_back and not signals.has_learned_nothing:
            yield Clear(f"{metric} got worse in the warm-up, and better after it than in it")
            return
        slower = longer_warm_up(run, signals.rate.declared_warm_up)
        yield self._found(warm, rise, measured, (learning_rate(run, 1 / 3), slower), run)

    def _symptoms(
        self, warm: Series, rise: Phase, signals: Signals
    ) -> dict[str, float | str] | None:
        """What is unstable, in numbers; None when nothing is."""
        sigma, best, last = signals.sigma(warm.column), warm.best, warm.last
        excess = warm.improvement(last.value, best.value)
        z = signals.progress_between(warm.column, rise.first_epoch, rise.last_epoch).z
        norms = signals.series("grad_norm").between(rise.first_epoch, rise.last_epoch)
        has_norms = len(norms) > 0 and norms.first.value > 0
        grown = float(norms.values.max()) / norms.first.value if has_norms else 1.0
        margin = max(self.sigmas * sigma, self.min_share * abs(best.value))
        if excess < self.least_share * abs(best.value):
            return None
        if not (z <= -self.min_z or excess > margin or grown >= self.growth):
            return None
        return {
            "metric": warm.column,
            "best_in_warm_up": best.value,
            "at_peak_rate": last.value,
            "excess": excess,
            "excess_threshold": margin,
            "z_progress": z,
            "z_threshold": -self.min_z,
            "norm_growth": grown,
            "growth_threshold": self.growth,
            "lr_peak": rise.lr_last,
        }

    def _found(
        self,
        warm: Series,
        rise: Phase,
        measured: dict[str, float | str],
        gentler: tuple[str | None, ...],
        run: Run,
    ) -> Finding:
        return self.finding(
            reading=f"{warm.column} got worse while the learning rate rose: "
            f"{warm.best.value:.3g} at {epoch_label(warm.best.epoch)}, "
            f"{warm.last.value:.3g} at {epoch_label(warm.last.epoch)}.",
            measured=dict(measured),
            causes=("the peak learning rate is too high", "the warm-up is too short for it"),
            remedies=remedies(*gentler, clipped(run, warm.best.epoch + 1)),
            confirm=f"{warm.column} improves until {epoch_label(rise.last_epoch)}.",
            epochs=(rise.first_epoch, rise.last_epoch),
            lines=(warm.first.line, warm.last.line),
        )
