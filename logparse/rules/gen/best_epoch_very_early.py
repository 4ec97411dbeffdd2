"""GEN002 best-epoch-very-early."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logparse.findings import Finding, Severity, epoch_label, plural
from logparse.rules.base import Clear, NotApplicable, Rule, TooShort, option, rule
from logparse.rules.edits import learning_rate, remedies, stop_earlier

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logparse.run import Run
    from logparse.signals import Signals

MIN_POINTS = 20


@rule
class BestEpochVeryEarly(Rule):
    """The best validation result came in the first tenth of the run and was never reached again.

    What it does: looks for the best epoch by the main validation metric, and how near the later
    ones came to it.

    Why it matters: nearly the whole run was spent on making the model worse than it was after its
    first epochs.

    Test: the best value of validation within the first 10% of the epochs, and 20 epochs or more
    since, none of which came within 1 sigma of it.

    False alarms: a run that never learned, or diverged in training as well (both are said by other
    rules); a lucky first validation among noise, which later epochs come near.

    Try: when fine-tuning a tenth of the learning rate, or a frozen backbone; else a shorter run
    with an early stop; look whether the first epochs were validated on other data.

    Source: TP (10%); a public run had its best result at epoch 2 of 102.
    """

    code = "GEN002"
    name = "best-epoch-very-early"
    severity = Severity.WARNING
    min_epochs = MIN_POINTS
    caused_by = ("GEN001", "LOSS003", "LOSS005", "LR005")

    max_share: float = option(0.1, "The best epoch lies within this share of the run.")
    min_after: int = option(20, "Epochs without such a value that must follow.")
    sigmas: float = option(1.0, "A later value within this many sigma is as good.")

    def check(self, run: Run, signals: Signals) -> Iterator[Finding | Clear]:
        metric = signals.main_metric
        if metric is None or not metric.startswith("val_"):
            raise NotApplicable("needs a validation metric with enough values")
        series = signals.recent(metric)
        if len(series) < MIN_POINTS:
            raise TooShort(f"needs {MIN_POINTS} values of {metric}, has {len(series)}")
        best, sigma = series.best, signals.sigma(metric)
        later = series.between(best.epoch + 1, series.last.epoch)
        span = series.last.epoch - series.first.epoch + 1
        early = best.epoch - series.first.epoch + 1 <= self.max_share * span
        if not early or len(later) < self.min_after:
            return
        nearest = later.best
        distance = series.improvement(nearest.value, best.value)
        if distance <= self.sigmas * sigma or distance <= series.print_step:
            return
        excuse = self._excuse(best.epoch, signals)
        if excuse is not None:
            yield Clear(f"the best epoch is early because of something else: {excuse}")
            return
        yield self.finding(
            reading=f"The best {metric} came at {epoch_label(best.epoch)}; "
            f"{plural(len(later), 'later epoch')} did not reach it.",
            measured={
                "metric": metric,
                "best_epoch": best.epoch,
                "best_value": best.value,
                "nearest_later_epoch": nearest.epoch,
                "nearest_later_value": nearest.value,
                "epochs_since_best": len(later),
                "sigma": sigma,
                "threshold": self.sigmas * sigma,
            },
            causes=(
                "the learning rate is too high for weights that were good already",
                "the model overfits from the first epochs on",
                "the first epochs were validated on other data or in another mode",
            ),
            remedies=remedies(
                learning_rate(run, 0.1),
                "freeze the pretrained part for the first epochs",
                stop_earlier(run),
            ),
            confirm=f"{metric} improves on {best.value:.4g} after {epoch_label(best.epoch)}.",
            epochs=(best.epoch, series.last.epoch),
            lines=(best.line, series.last.line),
        )

    def _excuse(self, best: int, signals: Signals) -> str | None:
        """Why another rule speaks of it: nothing was learned, or training broke down as well."""
        if signals.state.kind == "never-learned" or signals.has_learned_nothing:
            return "nothing was learned"
        if signals.state.kind != "failed" or self._trains_on(best, signals):
            return None
        return signals.state.because

    def _trains_on(self, best: int, signals: Signals) -> bool:
        """True where training ended better than it was up to validation's best epoch."""
        train = signals.series(signals.train_metric or "")
        before, after = train.between(0, best), train.between(best + 1, signals.run.last_epoch or 0)
        if len(before) == 0 or len(after) == 0:
            return False
        gain = train.improvement(before.best.value, after.level(-3, None))
        return gain > signals.sigma(train.column)
