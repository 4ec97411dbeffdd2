"""LOSS003 divergence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logparse.findings import Confidence, Finding, Severity, epoch_label
from logparse.rules.base import Clear, NotApplicable, Rule, TooShort, lines_of, option, rule
from logparse.rules.clip_edits import clipped
from logparse.rules.edits import learning_rate, remedies, warm_up

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logparse.run import Run
    from logparse.signals import Signals
    from logparse.signals.curves.divergence import Divergence as Left

CAUSES_ALONE = ("inputs, augmentation or loss changed", "a fault of the pipeline")
LOOK_UP = "look up what changed in the inputs, the augmentation or the loss since its best epoch"
CAUSES = (
    "the learning rate is too high",
    "gradients explode",
    "outliers in the data reach the weights",
)


@rule
class Divergence(Rule):
    """The metric left the best level it had and did not come back.

    What it does: compares the newest three values of the training metric with its best; those of
    validation where there is no training metric, or where validation blew up.

    Why it matters: each further epoch makes the weights worse. The best checkpoint is all that is
    left of the run.

    Test: the last three values above the best by max(5 sigma, 10% of the gain from the first value
    to the best); 3 sigma are enough while the newest fifth still rises with z >= 3. Validation
    speaks for itself only if it has been at twice its best or more and training has gained less
    than 10% since. Twice the best or all of the gain lost make it certain. Training alone, with
    validation within 3 sigma of its best, is a warning unless it had been at twice its end.

    False alarms: overfitting, where training goes on improving; a warm restart; a spike from which
    the metric is coming back (LOSS005 tells it); a change of inputs or of the loss that lifts the
    training metric alone and at once (LOSS007).

    Try: restore the best checkpoint, a third to a tenth of the learning rate, clipping at the 90th
    percentile of the gradient norms, a longer warm-up where the best came in the first fifth.
    Where training alone rises, look up what changed in the pipeline.

    Source: TDC, TP, BS; the validation rule is measured on runs with known faults.
    """

    code = "LOSS003"
    name = "divergence"
    severity = Severity.ERROR
    min_epochs = 8
    settles_in = 3
    hides = ("LOSS002", "LOSS006", "GEN002")
    caused_by = (
        *("NUM004", "LR003", "LR005", "UPD002", "GRAD002", "LOG002"),
        *("LOSS005", "GRAD005", "HYP005", "HYP001"),
    )

    min_sigmas: float = option(5.0, "The newest values must be this many sigma above the best.")
    min_share: float = option(0.1, "And by this share of the gain from the first value on.")
    alone_sigmas: float = option(3.0, "Validation within this of its best: training is alone.")
    blown_up: float = option(2.0, "At so many times its best a metric has blown up.")
    early_share: float = option(0.2, "A best in this share of the run asks for a warm-up too.")
    back_share: float = option(0.5, "A spike undone by this share is one that is coming back.")

    def check(self, run: Run, signals: Signals) -> Iterator[Finding | Clear]:
        main, train = signals.main_metric, signals.train_metric
        if main is None:
            raise NotApplicable("needs a training or validation metric")
        column = train or main
        if max(len(signals.series(column)), len(signals.series(main))) < self.min_epochs:
            raise TooShort(f"needs {self.min_epochs} values of {main}")
        bounds = self.min_sigmas, self.min_share
        found = signals.curves.divergence(column, *bounds)
        found = found or signals.curves.blown_up(main, column, *bounds, self.blown_up)
        if found is not None:
            excuse = self._excuse(found, signals)
            yield Clear(excuse) if excuse else self._found(found, run, signals)

    def _excuse(self, found: Left, signals: Signals) -> str | None:
        spike = signals.curves.coming_back(found, self.back_share)
        if spike is not None:
            return f"it is coming back from the spike at {epoch_label(spike.epoch)}"
        shifts = signals.curves.shifts(found.column)
        stepped = any(shift.is_up and shift.epoch > found.best_epoch for shift in shifts)
        if stepped and self._is_alone(found, signals):
            return f"{found.column} alone shifted at once: its inputs or the loss changed"
        return None

    def _is_alone(self, found: Left, signals: Signals) -> bool:
        """Training stands above its best, and validation does not; nor had training blown up."""
        main = signals.main_metric
        blew_up = found.peak_times >= self.blown_up * max(found.times, 1.0)
        if main is None or main == found.column or blew_up:
            return False
        is_told = len(signals.series(main)) >= self.min_epochs
        return is_told and signals.curves.divergence(main, self.alone_sigmas, 0.0) is None

    def _found(self, found: Left, run: Run, signals: Signals) -> Finding:
        series, alone = signals.series(found.column), self._is_alone(found, signals)
        sure = found.lost >= 1 or found.times >= self.blown_up
        return self.finding(
            severity=Severity.WARNING if alone else Severity.ERROR,
            reading=f"{found.column} stood at {found.best:.3g} at {epoch_label(found.best_epoch)} "
            f"and ended at {found.end:.3g}.",
            measured=found.facts(),
            causes=CAUSES_ALONE if alone else CAUSES,
            remedies=(LOOK_UP,) if alone else self._remedies(found, run, signals),
            confirm=f"{found.column} stays within {found.threshold:.2g} of its best.",
            confidence=Confidence.HIGH if sure and not alone else Confidence.MEDIUM,
            epochs=(found.best_epoch, series.last.epoch),
            lines=lines_of(run, found.best_epoch, series.last.epoch),
        )

    def _remedies(self, found: Left, run: Run, signals: Signals) -> tuple[str, ...]:
        at, first = found.best_epoch, run.first_epoch or 0
        is_early = at - first < self.early_share * len(run.epochs)
        return remedies(
            None if at == first else f"restore the best checkpoint ({epoch_label(at)})",
            learning_rate(run, 1 / 3),
            clipped(run, at + 1),
            warm_up(signals) if is_early else None,
        )
