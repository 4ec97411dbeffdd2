"""LOG006 partial-tensor-table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logparse.findings import Confidence, Finding, Severity
from logparse.rules.base import Clear, NotApplicable, Rule, option, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logparse.run import Run
    from logparse.signals import Signals
    from logparse.signals.gradients.listing import Listing


@rule
class PartialTensorTable(Rule):
    """The lists of parameters leave out most of the gradient.

    What it does: adds up the squares of the listed norms, and holds them and the largest against
    the totals of the epoch line.

    Why it matters: what is not listed cannot be judged. Rules about single tensors see only a
    part of the model, and their confidence is lowered.

    Test: the listed norms explain less than 50% of the squared total norm, in the median epoch;
    or the largest of them is less than 0.9 of the largest norm of all tensors.

    False alarms: labels that stand for several layers and are listed once, as long as the large
    norms are there: fewer labels than tensors alone are no finding. Totals of fewer than ten
    print steps are left out.

    Try: list every tensor under its full name; short names of different layers collide, and
    weight-normalised tensors are often skipped.

    Source: arithmetic.
    """

    code = "LOG006"
    name = "partial-tensor-table"
    severity = Severity.NOTE
    needs = ("epochs", "parameters")

    min_share: float = option(0.5, "The lists must explain this share of the squared total.")
    min_largest: float = option(0.9, "Their largest norm must be this share of the largest of all.")

    def check(self, run: Run, signals: Signals) -> Iterator[Finding | Clear]:
        found = signals.gradients.listing
        if found is None or (found.share is None and found.largest is None):
            raise NotApplicable("needs parameter lists and a total or largest norm beside them")
        if found.is_partial(self.min_share, self.min_largest):
            yield self._found(found, run)
        elif found.tensors is not None and found.names < found.tensors and found.share is not None:
            yield Clear(
                f"{found.names} labels for {found.tensors} tensors explain {found.share:.0%} "
                "of the squared norm"
            )

    def _found(self, found: Listing, run: Run) -> Finding:
        few = found.share is not None and found.share < self.min_share
        by_share = f"The listed tensors explain {found.share or 0.0:.0%} of the squared norm."
        by_largest = "The tensor with the largest gradient is not in the lists."
        first, last = run.parameters["epoch"].iloc[0], run.parameters["epoch"].iloc[-1]
        return self.finding(
            reading=by_share if few else by_largest,
            measured={
                "share_explained": float("nan") if found.share is None else found.share,
                "share_threshold": self.min_share,
                "largest_ratio": float("nan") if found.largest is None else found.largest,
                "largest_threshold": self.min_largest,
                "labels": found.names,
                "tensors": "unknown" if found.tensors is None else found.tensors,
            },
            causes=(
                "shortened names collide, and one tensor stands for several",
                "weight-normalised or very large tensors are left out on purpose",
            ),
            remedies=("list every tensor under its full name",),
            confirm="The squares of the listed norms add up to the squared total norm.",
            confidence=Confidence.HIGH,
            epochs=(int(first), int(last)),
            lines=tuple(filter(None, [run.line_of(int(first))])),
        )
