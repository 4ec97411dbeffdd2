"""LOSS002 premature-plateau."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logparse.findings import Confidence, Finding, Severity, epoch_label
from logparse.rules.base import Clear, NotApplicable, Rule, TooShort, option, rule
from logparse.rules.plateau_context import general, is_held_back, pointed, ranked_causes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logparse.run import Run
    from logparse.signals import Signals
    from logparse.signals.progress import Progress
    from logparse.signals.series import Series

MIN_POINTS = 12


@rule
class PrematurePlateau(Rule):
    """The metric stopped improving in the first half of the run, short of convergence.

    What it does: measures the progress of the last third against the noise and against the whole
    gain so far, and dates the epoch at which the final level was first reached.

    Why it matters: the epochs since are paid for without return, and when a baseline is still
    ahead the run has failed although its curve looks calm.

    Test: over max(6, n/3) epochs z-progress < 1 and a gain share < 1%, or z-progress < 2 and a
    level no better than in the first quarter; the plateau begun before half of the epochs, and
    the state not converged. At least 12 values in one regime. A warning when a baseline is lost,
    a cut came before the plateau, training still improves, or two of dropout >= 0.5, smoothing
    >= 0.2 and weight decay >= 0.5 are declared and training is not 10% better than validation (an
    annealed rate is no excuse then); else a note: compute is wasted.

    False alarms: noise as large as half of the whole gain, convergence after annealing, a print
    resolution too coarse to show a gain of 1%; a file of validation alone.

    Try: after an early cut what LR001 says; with a high, constant learning rate a third of it;
    while training still improves more regularisation; else halve one regulariser at a time.

    Source: TP, CK; the statistic is calibrated by simulation.
    """

    code = "LOSS002"
    name = "premature-plateau"
    severity = Severity.WARNING
    min_epochs = MIN_POINTS
    needs_end = True
    caused_by = (
        *("NUM003", "GRAD004", "GRAD001", "LR001", "LR002", "LR003"),
        *("UPD001", "LOSS005", "GRAD005", "HYP005"),
    )

    max_z: float = option(1.0, "Progress below this many sigma is none.")
    max_gain_share: float = option(0.01, "A gain below this share of the whole gain is none.")
    early_share: float = option(0.25, "No better than in this share of the run is none either.")
    latest_start: float = option(0.5, "A plateau begun after this share of the epochs is late.")
    early_noise: float = option(0.2, "For that, sigma must be less than this share of the gain.")
    noise_share: float = option(0.5, "Sigma above this share of the whole gain dominates.")

    def check(self, run: Run, signals: Signals) -> Iterator[Finding | Clear]:
        metric = signals.main_metric
        if metric is None:
            raise NotApplicable("needs a training or validation metric")
        series, progress = signals.recent(metric), signals.progress(metric)
        if len(series) < MIN_POINTS:
            raise TooShort(f"needs {MIN_POINTS} values of {metric}, has {len(series)}")
        start = signals.plateau_start(metric)
        if start is None or not self._has_stalled(metric, progress, signals):
            return
        span = series.last.epoch - series.first.epoch
        if start - series.first.epoch > self.latest_start * span:
            return
        excuse = self._excuse(series, progress, signals)
        yield Clear(excuse) if excuse else self._found(metric, start, progress, run, signals)

    def _has_stalled(self, metric: str, progress: Progress, signals: Signals) -> bool:
        """No progress at the end, or not resolvable and no better than in the first quarter."""
        if progress.z < self.max_z and progress.gain_share < self.max_gain_share:
            return True
        stays = signals.curves.never_passed(metric, self.early_share)
        gained = progress.sigma < self.early_noise * signals.curves.gain(metric)
        stays = stays and gained and not progress.is_resolvable
        return stays and signals.curves.unrecovered(metric) is None

    def _excuse(self, series: Series, progress: Progress, signals: Signals) -> str | None:
        gain = signals.curves.gain(series.column)
        state, is_held = signals.state, is_held_back(signals.run, signals)
        if state.kind == "failed" or (state.kind == "converged" and not is_held):
            return f"not premature: {state.because}"
        if progress.sigma >= self.noise_share * gain:
            return "the noise is as large as the gain: a plateau cannot be told from it"
        if series.print_step > 2 * self.max_gain_share * gain:
            return "the log's digits are too coarse to show a gain of 1%"
        if signals.train_metric is None and not len(signals.lr) and not signals.run.settings:
            return "validation alone does not tell a premature plateau from convergence"
        return None

    def _found(
        self, metric: str, start: int, progress: Progress, run: Run, signals: Signals
    ) -> Finding:
        series = signals.recent(metric)
        is_lost = metric == "val_rmse" and not all(signals.beaten_baselines)
        context = pointed(start, run, signals)
        lr = signals.lr.between(start, series.last.epoch)
        return self.finding(
            severity=Severity.WARNING if is_lost or context else Severity.NOTE,
            reading=f"{metric} has not improved since {epoch_label(start)}.",
            measured={
                "metric": metric,
                "plateau_start": start,
                "epochs_wasted": series.last.epoch - start,
                **progress.facts(),
                "z_threshold": self.max_z,
                "gain_share_threshold": self.max_gain_share,
                **({"lr_at_start": lr.first.value} if len(lr) else {}),
            },
            causes=ranked_causes(run, signals),
            remedies=context or general(run),
            confirm=f"After {epoch_label(start)} {metric} improves by over {progress.sigma:.2g}.",
            confidence=Confidence.HIGH if is_lost else Confidence.MEDIUM,
            epochs=(start, series.last.epoch),
            lines=(int(series.between(start, start).first.line), series.last.line),
        )
