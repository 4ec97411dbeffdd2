"""GEN003 validation-noise-dominates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logparse.findings import Confidence, Finding, Severity
from logparse.keys import MIN_DELTA_KEYS, STOP_KEYS, setting
from logparse.rules.base import Clear, NotApplicable, Rule, TooShort, option, rule
from logparse.rules.edits import adjusted, changed, plateau_patience, remedies

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logparse.run import Run
    from logparse.signals import Signals
    from logparse.signals.series import Series

MIN_POINTS, MOST = 10, 1e6


@rule
class ValidationNoiseDominates(Rule):
    """Validation scatters as much as it still improves.

    What it does: compares the noise of the validation metric with all it gained after the first
    fifth of the run, and counts how many epochs cannot be told from the best one.

    Why it matters: the choice of the best checkpoint, early stopping and plateau schedulers all
    act on single values of this metric. Here they act on noise.

    Test: at least 10 values, sigma at least half of the gain after the first fifth and 0.5% of the
    best value, in a run that has learned and has not converged.

    False alarms: a run that has settled, where the best epochs are equally good; a run that has
    learned nothing (LOSS001); rounding as coarse as the noise (LOG005). That the five best epochs
    lie within 1 sigma is no sign: they did in 163 of 210 real runs without a fault.

    Try: a larger validation set, an average over three checkpoints, twice the patience, and a
    smallest improvement of 2 sigma.

    Source: TP, KP.
    """

    code = "GEN003"
    name = "validation-noise-dominates"
    severity = Severity.NOTE
    min_epochs = MIN_POINTS
    needs_end = True
    caused_by = ("LOSS006", "UPD002")

    min_share: float = option(0.5, "Sigma over the gain after the first fifth of the run.")
    min_noise: float = option(0.005, "Sigma over the best value, below which noise is no matter.")

    def check(self, run: Run, signals: Signals) -> Iterator[Finding | Clear]:
        metric = signals.main_metric
        if metric is None or not metric.startswith("val_"):
            raise NotApplicable("needs a validation metric with enough values")
        series, sigma = signals.series(metric), signals.sigma(metric)
        if len(series) < MIN_POINTS:
            raise TooShort(f"needs {MIN_POINTS} values of {metric}, has {len(series)}")
        if series.first.epoch > max(1, series.stride):
            raise NotApplicable(f"{metric} begins in mid-run: its gain before is not in the log")
        share = signals.noise_share(metric)
        if share < self.min_share:
            return
        excuse = self._excuse(series, sigma, signals)
        yield Clear(excuse) if excuse else self._found(series, sigma, share, run, signals)

    def _excuse(self, series: Series, sigma: float, signals: Signals) -> str | None:
        if signals.state.kind in ("converged", "failed", "never-learned"):
            return f"the run is {signals.state.kind}: {signals.state.because}"
        if signals.has_learned_nothing:
            return "the run has learned nothing"
        if sigma <= series.print_step:
            return "the noise is no larger than the log's rounding"
        if sigma < self.min_noise * abs(series.best.value):
            return f"the noise is less than {self.min_noise:.1%} of {series.column}"
        return None

    def _larger_delta(self, wanted: float, run: Run) -> str | None:
        """The smallest improvement that counts; None where as much is declared."""
        found = setting(run.settings, MIN_DELTA_KEYS)
        if found is None:
            return f"count only improvements of {wanted:.2g} (2 sigma) or more"
        return changed(run, found[0], float(f"{wanted:.2g}")) if found[1] < wanted else None

    def _found(
        self, series: Series, sigma: float, share: float, run: Run, signals: Signals
    ) -> Finding:
        alike = int((series.costs <= series.costs.min() + sigma).sum())
        patience = adjusted(run, STOP_KEYS, lambda old: 2 * old)
        plateau = signals.rate.plateau_patience_key
        times = f"{share:.2g} times" if share < MOST else "far more than"
        return self.finding(
            reading=f"The noise of {series.column} is {times} what it gained after the first fifth "
            "of the run.",
            measured={
                "metric": series.column,
                "sigma": sigma,
                "noise_share": min(share, MOST),
                "threshold": self.min_share,
                "best_value": series.best.value,
                "epochs_within_sigma_of_best": alike,
            },
            causes=(
                "the validation set is small",
                "the learning rate is too high for the weights to settle",
                "validation draws other samples or augments them in every epoch",
            ),
            remedies=remedies(
                "validate on more samples",
                "average the weights of three checkpoints",
                patience,
                plateau_patience(run, plateau) if plateau else None,
                self._larger_delta(2 * sigma, run),
            ),
            confirm=f"{series.column} gains over {1 / self.min_share:g} sigma after that fifth.",
            confidence=Confidence.HIGH,
            epochs=(series.first.epoch, series.last.epoch),
            lines=(series.first.line, series.last.line),
        )
