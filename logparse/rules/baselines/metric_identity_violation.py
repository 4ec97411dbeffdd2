"""BASE003 metric-identity-violation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logparse.findings import Confidence, Finding, Severity, epoch_label
from logparse.rules.base import Clear, NotApplicable, Rule, option, rule
from logparse.rules.edits import remedies
from logparse.rules.two_figures import different_scales, worse_than_guessing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logparse.run import Run
    from logparse.signals import Signals
    from logparse.signals.consistency.identities import Violation

OF_BASELINE = (
    "the baseline was taken on other targets, another split or another scale than the metrics",
    "RMSE and R2 are averages over batches",
)
OF_PAIR = (
    "one of the two is an average over batches, or leaves out some samples",
    "one of the two is on scaled targets",
    "the log was edited, or mixes lines of two runs",
)


OF_NORMS = (
    "one of them is taken before clipping or unscaling, the other after it",
    "one of them is of another batch, or an average over batches",
    "modules share tensors, which count twice",
)
METRICS = (
    "recompute both figures from saved predictions, to see which of them is wrong",
    "check the reduction: a mean of batch means is not the mean over samples",
    "check that both are scaled back, and taken on the same split and targets",
)
NORMS = ("take all norms of the same batch, after unscaling and before clipping",)


@rule
class MetricIdentityViolation(Rule):
    """Two printed figures contradict each other by arithmetic.

    What it does: holds the printed metrics against what algebra says of them: R2 against RMSE and
    the mean baseline, RMSE against MAE, the loss against both, the two printings of one RMSE, a
    ratio against its parts, the gradient norm against those of modules and tensors, and the limits
    of shares.

    Why it matters: one of the two figures is not what its name says. Whatever is decided by it,
    by a person or by another rule, is decided on a wrong number.

    Test: exact, with every printed number taken as an interval of a print step to both sides. On
    validation RMSE / sqrt(1 - R2), the spread of the targets, must be one number and no more than
    the mean's RMSE; training figures, of augmented targets and unequal batches, may be off by a
    factor of 1.41, and clashes among them are notes. So are norms of parts above the total, which
    may be of another moment than it.

    A training loss that is 1.8 times or more the validation loss, or less than its 1.8th, at nine
    in ten pairs and more, with a spread and a drift that are small against the fall of both, is a
    note: the two are on different scales. So is an area under the ROC curve that ends below 0.5 by
    more than 2 sigma, while the metric of the run has improved by more than 3.

    False alarms: a mean taken from the training targets makes validation's mean RMSE larger than
    its spread, by 30% in real runs, which therefore counts as no clash; smoothed targets
    (ALPHA_SMOOTH) and a second head, with which loss and RMSE are of different things and are
    not compared; a loss on scaled targets beside an RMSE in their own unit.

    Try: see which of the two disagrees; check the reduction, scaling back, and the split used.

    Source: algebra; all of it held in 210 real runs without a fault, that of norms in 562.
    """

    code = "BASE003"
    name = "metric-identity-violation"
    severity = Severity.ERROR
    min_epochs = 1

    max_shown: int = option(4, "How many of the other identities that fail are named.")

    def check(self, run: Run, signals: Signals) -> Iterator[Finding | Clear]:
        known = signals.consistency.identities
        notes = [*different_scales(run, signals), *worse_than_guessing(signals)]
        yield from (self.finding(**note) for note in notes)
        if not notes and not known.held:
            raise NotApplicable("needs two figures that are bound to each other")
        if known.held and not known.broken:
            yield Clear(f"{len(known.held)} identities hold")
            return
        if not known.broken:
            return
        certain = [found for found in known.broken if found.certain]
        yield self._found((certain or list(known.broken))[0], known.broken, run)

    def _causes(self, worst: Violation) -> tuple[str, ...]:
        if "norm" in worst.key:
            return OF_NORMS
        return OF_BASELINE if "mean RMSE" in worst.key else OF_PAIR

    def _found(self, worst: Violation, broken: tuple[Violation, ...], run: Run) -> Finding:
        others = [found.key for found in broken if found is not worst]
        first, last = worst.epochs[0], worst.epochs[-1]
        return self.finding(
            severity=Severity.ERROR if worst.certain else Severity.NOTE,
            reading=f"{worst.text} ({epoch_label(worst.epoch)}: {worst.left:.4g} against "
            f"{worst.right:.4g}).",
            measured={
                "identity": worst.key,
                "left": worst.left,
                "right": worst.right,
                "epochs_affected": len(worst.epochs),
                "epochs_total": len(run.epochs),
                "others_broken": len(others),
                "others": "; ".join(others[: self.max_shown]) or "none",
            },
            causes=self._causes(worst),
            remedies=remedies(*(NORMS if "norm" in worst.key else METRICS)),
            confirm=f"{worst.key} holds in every epoch, to the digits printed.",
            confidence=Confidence.HIGH if worst.certain else Confidence.LOW,
            epochs=(first, last),
            lines=tuple(filter(None, (run.line_of(first),))),
        )
