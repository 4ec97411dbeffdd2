"""GEN001 overfitting."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logparse.findings import Confidence, Finding, Severity, epoch_label
from logparse.rules.base import Clear, NotApplicable, Rule, TooShort, lines_of, option, rule
from logparse.rules.edits import more_regularisation, remedies, stop_earlier
from logparse.rules.gaps import gap_facts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logparse.run import Run
    from logparse.signals import Signals
    from logparse.signals.generalisation import Generalisation

MIN_POINTS = 10
CAUSES = (
    "the model learns the training samples by heart",
    "the training set is small for the model, or shown too often",
    "validation comes from another distribution than training",
)


@rule
class Overfitting(Rule):
    """Training goes on improving while validation has turned, or has long stood still.

    What it does: compares validation's best level with its last one, and what the second half of
    the run took off the training error with what of it reached validation.

    Why it matters: what is learned after that point is the training set by heart. The last
    checkpoint is not the best one, and the epochs since are paid for without return.

    Test: at least 10 epochs. Either validation ended 5% and 3 sigma (a note: 2% and 6 sigma)
    above its best level of three, older than max(5, 20%) epochs, and the training error fell by 5%
    since, to below validation's (of losses that pass zero: 5% of what was gained); or its error is
    twice that of training, whose second half took 15% off, and validation fell by at most 0.3 of
    that. Training must improve by more than noise (z of 2 or more, and of 1 or more). Where another
    validation metric improves too, it is a note at most.

    False alarms: a loss that rises while accuracy rises (calibration); a rate still in warm-up;
    a noisy validation set; validation that is worse than training and still follows it.

    Try: use the best checkpoint, stop earlier, then one at a time more decay, dropout, smoothing.

    Source: PR (5% generalisation loss, strips of rising error), TP; fixed gaps between the
    metrics, as in SMD, fire as often on sound runs as on faulty ones.
    """

    code = "GEN001"
    name = "overfitting"
    severity = Severity.WARNING
    min_epochs = MIN_POINTS
    hides = ("GEN002", "GEN003", "LOSS002")
    caused_by = ("HYP003",)

    min_loss: float = option(0.05, "Validation must end this share above its best level.")
    min_sigmas: float = option(3.0, "That rise must be this many sigma of validation's noise.")
    min_mild: float = option(0.02, "A rise of this share, and of twice the sigmas, is a note.")
    min_age: float = option(0.2, "Share of the epochs since the best level; at least five epochs.")
    min_train_gain: float = option(0.05, "Share of the training error removed since.")
    min_ratio: float = option(2.0, "Validation error over training error that is a gap.")
    min_fall: float = option(0.15, "Share of the training error removed in the second half.")
    max_passed_on: float = option(0.3, "Share of that which may reach validation.")

    def check(self, run: Run, signals: Signals) -> Iterator[Finding | Clear]:
        both = signals.generalisation
        if both is None:
            raise NotApplicable("needs the same metric of training and of validation")
        if len(both.twins) < MIN_POINTS:
            raise TooShort(f"needs {MIN_POINTS} epochs of both, has {len(both.twins)}")
        turned = self._turned(both)
        if turned is None and not self._has_parted(both):
            return
        first = both.overfit.best_epoch if turned else both.late_half.first_epoch
        better = both.other_improving(first)
        if signals.rate.in_warm_up:
            yield Clear("the learning rate is still warming up")
        elif better is not None and turned is Severity.NOTE:
            yield Clear(f"{better} still improves: a matter of calibration")
        else:
            yield self._found(both, first, turned, better, run)

    def _turned(self, both: Generalisation) -> Severity | None:
        """How bad it is that validation has turned, while training went on; None where not."""
        since = both.overfit
        old = since.age >= max(5, self.min_age * both.twins.span)
        if not (old and since.train_gain >= self.min_train_gain and since.gap > 0):
            return None
        if not both.training(since.best_epoch).is_resolvable:
            return None
        if since.loss >= self.min_loss and since.rise_sigmas >= self.min_sigmas:
            return Severity.WARNING
        is_mild = since.loss >= self.min_mild and since.rise_sigmas >= 2 * self.min_sigmas
        return Severity.NOTE if is_mild else None

    def _has_parted(self, both: Generalisation) -> bool:
        half = both.late_half
        apart = half.ratio >= self.min_ratio and half.train_fall >= self.min_fall
        kept = half.passed_on <= self.max_passed_on
        return apart and kept and not both.training(half.first_epoch).is_none

    def _found(
        self, both: Generalisation, first: int, turned: Severity | None, better: str | None,
        run: Run,
    ) -> Finding:  # fmt: skip
        pair, since, last = both.twins, both.overfit, int(both.twins.epochs[-1])
        best, better_is = pair.printed(since.best_level), "above" if pair.perfect else "below"
        word = "has got worse" if turned else "has hardly followed"
        calibration = f"{better} still improves: it is calibration that got worse"
        goes_on = calibration if better else f"{pair.train_column} kept improving"
        return self.finding(
            reading=f"{pair.val_column} {word} since {epoch_label(first)} while {goes_on}.",
            severity=Severity.NOTE if better else turned or self.severity,
            measured=gap_facts(both, self.min_loss),
            causes=CAUSES,
            remedies=remedies(
                f"use the best checkpoint (about {epoch_label(since.best_epoch)})",
                stop_earlier(run),
                *more_regularisation(run),
            ),
            confirm=f"The best {pair.val_column} is {better_is} {best:.4g}, or none gets worse "
            f"after {epoch_label(since.best_epoch)}.",
            confidence=Confidence.HIGH if turned else Confidence.MEDIUM,
            epochs=(first, last),
            lines=lines_of(run, first, last),
        )
