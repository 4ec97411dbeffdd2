"""NUM005 low-precision-metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logparse.findings import Confidence, Finding, Severity
from logparse.rules.base import NotApplicable, Rule, option, rule
from logparse.rules.edits import remedies

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logparse.run import Run
    from logparse.signals import Signals

KINDS = ("loss", "rmse", "mae", "r2", "accuracy")


@rule
class LowPrecisionMetrics(Rule):
    """A metric takes only values that a 16-bit number can hold.

    What it does: holds every value of each metric against the numbers that bf16 and fp16 can
    represent, and works out how likely it is that all of them match by chance.

    Why it matters: bf16 keeps two to three digits. Sums in it lose small terms, and a metric that
    moves in steps of half a per cent hides progress from schedulers, early stopping and the eye.

    Test: 8 different values or more, all of them within their print step of the grid, and odds of
    less than one in a million that the printed digits allow this by chance.

    False alarms: digits too few to tell the grid from any number, for which the odds allow; a
    share of few samples, such as an accuracy over 256, whose values are such fractions by nature.

    Try: cast predictions and targets to float32 before the metric, and sum in float32.

    Source: arithmetic of number formats.
    """

    code = "NUM005"
    name = "low-precision-metrics"
    severity = Severity.NOTE
    min_epochs = 8

    max_odds: float = option(1e-6, "Odds of a match by chance, below which it is none.")

    def check(self, run: Run, signals: Signals) -> Iterator[Finding]:
        names = [f"{split}_{kind}" for split in ("train", "val") for kind in KINDS]
        logged = [name for name in names if len(signals.series(name))]
        if not logged:
            raise NotApplicable(f"needs one of {', '.join(KINDS)}")
        found = {}
        for name in logged:
            odds = signals.precision.grid_odds(name)
            grid = min(odds, key=lambda grid: odds[grid], default="")
            if grid and odds[grid] < self.max_odds:
                found[name] = (grid, odds[grid])
        judged = [name for name in found if not name.endswith("accuracy")]
        if judged:
            name = min(judged, key=lambda column: found[column][1])
            yield self._found(name, found, signals)

    def _found(self, name: str, found: dict[str, tuple[str, float]], signals: Signals) -> Finding:
        grid, odds = found[name]
        series = signals.series(name)
        return self.finding(
            reading=f"All values of {name} are {grid} numbers.",
            measured={
                "metric": name,
                "grid": grid,
                "different_values": len(set(series.values.tolist())),
                "odds_by_chance": odds,
                "odds_threshold": self.max_odds,
                "metrics_affected": len(found),
                "others": ", ".join(other for other in found if other != name) or "none",
            },
            causes=(
                f"the metric is computed or summed in {grid}, inside autocast",
                f"predictions are stored in {grid} before the metric is taken",
            ),
            remedies=remedies(
                "cast predictions and targets to float32 before the metric",
                "sum over batches in float32, and divide once",
            ),
            confirm=f"{name} takes values between two {grid} numbers.",
            confidence=Confidence.MEDIUM,
            epochs=(series.first.epoch, series.last.epoch),
            lines=(series.first.line, series.last.line),
        )
