"""GEN004 validation-better-than-train."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logparse.findings import Confidence, Finding, Severity
from logparse.rules.base import Clear, NotApplicable, Rule, TooShort, option, rule
from logparse.rules.edits import active_dropouts, remedies

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logparse.run import Run
    from logparse.signals import Signals
    from logparse.signals.generalisation import Lead, Twins

MIN_POINTS = 10


@rule
class ValidationBetterThanTrain(Rule):
    """Validation is better than training, and the more so the longer the model learns.

    What it does: follows the ratio of the validation error to the training error, each divided by
    the error of predicting its split's mean where the log declares that.

    Why it matters: a model knows what it was trained on. When it knows the validation samples
    better, they may be among the training samples, and the figure promises too much.

    Test: at least 10 epochs, validation better by more than 3 sigma in half of them or more, and
    the ratio in the last fifth at most 0.8 of that in the first fifth and at most 0.7.

    False alarms: dropout, augmentation and averages over an epoch make training look worse, but
    their share of the error grows no further once the model has settled; that of wrong answers
    does, so that accuracies are not judged where dropout is declared; an easier validation
    split (the baselines tell); training figures of other targets, worse than their mean.

    Try: evaluate the training set in evaluation mode, without augmentation; look for samples that
    are in both splits; split before windows are cut or copies are made.

    Source: UM, which warns of its own false alarms here.
    """

    code = "GEN004"
    name = "validation-better-than-train"
    severity = Severity.WARNING
    min_epochs = MIN_POINTS
    caused_by = ("HYP005",)

    min_share: float = option(0.5, "Share of the epochs in which validation is better.")
    sigmas: float = option(3.0, "Better means by this many sigma of validation's noise.")
    max_change: float = option(0.8, "The late ratio over the early one; above, the gap is steady.")
    max_ratio: float = option(0.7, "The late ratio; above, train mode may explain the gap.")

    def check(self, run: Run, signals: Signals) -> Iterator[Finding | Clear]:
        both = signals.generalisation
        if both is None:
            raise NotApplicable("needs the same metric of training and of validation")
        pair, lead = both.twins, both.lead(self.sigmas)
        if not pair.has_ratios:
            raise NotApplicable(f"{pair.val_column} or {pair.train_column} passes zero")
        if len(pair) < MIN_POINTS:
            raise TooShort(f"needs {MIN_POINTS} epochs of {pair.val_column}, has {len(pair)}")
        if lead.share < self.min_share:
            return
        mean = signals.chance_level(pair.train_column)
        if mean is not None and lead.train_level >= mean:
            yield Clear(f"{pair.train_column} is worse than the mean: it is of other targets")
        elif pair.val_column.endswith("accuracy") and _has_dropout(run):
            yield Clear("validation is better: the training figure is one with dropout")
        elif lead.late <= self.max_change * lead.early and lead.late <= self.max_ratio:
            yield self._found(pair, lead, run)
        else:
            yield Clear("validation is better, but not ever more so: train mode may explain it")

    def _found(self, pair: Twins, lead: Lead, run: Run) -> Finding:
        first, last = int(pair.epochs[0]), int(pair.epochs[-1])
        return self.finding(
            reading=f"{pair.val_column} is better than {pair.train_column}, and increasingly so.",
            measured={
                "metric": pair.val_column,
                "share_of_epochs": lead.share,
                "share_threshold": self.min_share,
                "early_ratio": lead.early,
                "late_ratio": lead.late,
                "change": lead.late / lead.early if lead.early else 0.0,
                "change_threshold": self.max_change,
                "late_ratio_threshold": self.max_ratio,
                "sigma": pair.sigma,
            },
            causes=(
                "validation samples, or near copies of them, are in the training set",
                "training figures carry strong dropout or augmentation",
                "the validation split is easier than the training split",
            ),
            remedies=remedies(
                "evaluate the training set in evaluation mode, without augmentation",
                "look for samples of the validation set in the training set",
                "split before windows are cut, copies are made or statistics are taken",
            ),
            confirm="On samples that neither split has seen, the error is no higher than "
            f"{pair.val_column}.",
            confidence=Confidence.LOW,
            epochs=(first, last),
            lines=tuple(filter(None, (run.line_of(first), run.line_of(last)))),
        )


def _has_dropout(run: Run) -> bool:
    return any(run.settings.number(key) for key in active_dropouts(run))
