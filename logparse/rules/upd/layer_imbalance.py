"""UPD003 layer-imbalance."""

from __future__ import annotations

from math import ceil, log10
from typing import TYPE_CHECKING

from logparse.findings import Confidence, Finding, Severity
from logparse.rules.base import NotApplicable, Rule, TooShort, option, rule
from logparse.rules.edits import remedies

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logparse.run import Run
    from logparse.signals import Signals

UNMEASURED = "an optimizer whose steps the printed ratio does not measure"


@rule
class LayerImbalance(Rule):
    """Some layers move ten thousand times as much as others.

    What it does: compares the update ratios lr*|g|/|w| of the weight matrices with each other,
    which needs no absolute scale.

    Why it matters: one learning rate cannot suit layers whose steps differ by decades. Those that
    move least are hardly trained, or those that move most hold the learning rate down.

    Test: the 95% quantile of the matrices' ratios is 10,000 times the 5% quantile or more in half
    of the epochs after the warm-up; 5 matrices, 3 epochs.

    False alarms: Adam scales every tensor by its own gradient, so that printed ratios differ more
    than its steps do: low confidence. Exact zeros are another rule's, as is a fall along the
    depth. Attention matrices under SGD differ by 200 to 2,000 in ordinary runs.

    Try: a learning rate of its own for the layers at the ends, another scale of initialisation,
    normalisation; and check how the log defines its ratio.

    Source: the factor is measured: 1000 fired on three of five sound transformers under plain
    stochastic gradient descent.
    """

    code = "UPD003"
    name = "layer-imbalance"
    severity = Severity.NOTE
    needs = ("epochs", "parameters")
    caused_by = ("GRAD001", "GRAD004")

    factor: float = option(1e4, "Ratios this far apart are out of balance.")
    min_share: float = option(0.5, "Share of the epochs after the warm-up in which they must be.")
    min_matrices: int = option(5, "With fewer matrices there is no distribution.")
    least: int = option(3, "Epochs after the warm-up that it needs.")

    def check(self, run: Run, signals: Signals) -> Iterator[Finding]:
        found = signals.gradients.updates
        if found is None or len(found.names) < self.min_matrices:
            raise NotApplicable(f"needs update ratios of {self.min_matrices} weight matrices")
        rise = signals.rate.warm_up
        spreads = found.spreads(after=0 if rise is None else rise.last_epoch)
        if len(spreads) < self.least:
            raise TooShort(f"needs {self.least} epochs after the warm-up, has {len(spreads)}")
        wide = [epoch for epoch, spread in spreads.items() if spread >= self.factor]
        if len(wide) < ceil(self.min_share * len(spreads)):
            return
        slow, fast = found.extremes
        middle = sorted(spreads.values())[len(spreads) // 2]
        yield self.finding(
            reading=f"Update ratios of weight matrices span {log10(middle):.1f} decades: "
            f"{slow} moves least, {fast} most.",
            measured={
                "spread": middle,
                "threshold": self.factor,
                "epochs_above": len(wide),
                "slowest": slow,
                "fastest": fast,
            },
            causes=(
                "initial scales that do not fit the layers' widths",
                "gradients that fade or grow along the depth",
                *(() if found.family == "sgd" else (UNMEASURED,)),
            ),
            remedies=remedies(
                f"a larger learning rate for {slow}, or a smaller one for {fast}",
                "initialise by fan-in, normalise between the layers",
            ),
            confirm=f"The ratios span less than {log10(self.factor):.0f} decades.",
            confidence=Confidence.MEDIUM if found.family == "sgd" else Confidence.LOW,
            epochs=(wide[0], wide[-1]),
            lines=tuple(filter(None, [run.line_of(wide[0])])),
        )
