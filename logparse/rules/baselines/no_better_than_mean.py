"""BASE001 no-better-than-mean."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

from logparse.findings import Confidence, Finding, Severity
from logparse.rules.base import NotApplicable, Rule, TooShort, option, rule
from logparse.rules.edits import faster, learning_rate, remedies

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logparse.run import Run
    from logparse.signals import Signals


@rule
class NoBetterThanMean(Rule):
    """The best validation result is no better than always predicting the mean.

    What it does: compares the best validation RMSE with the RMSE of the mean that the log
    declares, or, without one, the best validation R2 with zero.

    Why it matters: the mean needs no model. Until it is beaten, every other number of the run
    describes noise.

    Test: best val RMSE >= mean baseline - 2 sigma (or best R2 <= 2 sigma) after max(3, 10% of
    the planned epochs); a tenth better than the mean (or an R2 of 0.1) is better whatever the
    noise. An error when the run has ended, a warning while it may be running.

    False alarms: a baseline of another split, horizon or scale; the first epochs of a long run.

    Try: check target scaling, check that loss and metric speak of the same quantity, then the
    list of LOSS001.

    Source: KP; an identity, R2 = 1 - (RMSE / mean RMSE)^2.
    """

    code = "BASE001"
    name = "no-better-than-mean"
    severity = Severity.ERROR
    min_epochs = 3
    caused_by = (
        *("NUM001", "LOSS001", "LOSS003", "NUM004", "NUM003", "GRAD004"),
        *("GRAD001", "UPD001", "LR001", "LR002", "LR003"),
    )

    min_share: float = option(0.1, "Share of the planned epochs before a judgement is made.")
    sigmas: float = option(2.0, "The mean must be beaten by this many sigma.")
    max_margin: float = option(0.1, "Beaten by this share of it (or this R2) is enough.")

    def check(self, run: Run, signals: Signals) -> Iterator[Finding]:
        column, level = self._level(run, signals)
        series = signals.series(column)
        needed = max(3, ceil(self.min_share * (run.planned_epochs or 0)))
        if len(series) < needed:
            raise TooShort(f"needs {needed} epochs, has {len(series)}")
        plainly = self.max_margin * level if level else self.max_margin
        margin = min(self.sigmas * signals.sigma(column), plainly)
        if series.improvement(level, series.best.value) > margin:
            return
        yield self._found(column, level, margin, run, signals)

    def _level(self, run: Run, signals: Signals) -> tuple[str, float]:
        """The column to judge and its value for a model that predicts the mean."""
        level = signals.chance_level("val_rmse")
        if level is not None and len(signals.series("val_rmse")):
            return "val_rmse", level
        if len(signals.series("val_r2")):
            return "val_r2", 0.0
        raise NotApplicable("needs val_rmse and baseline:val_mean_rmse, or val_r2")

    def _other_rate(self, column: str, run: Run, signals: Signals) -> str | None:
        """Slower where the run broke down, faster where it is on its way, else none."""
        if signals.state.kind == "failed":
            return learning_rate(run, 1 / 3)
        return faster(run, 3) if signals.progress(column).is_resolvable else None

    def _found(
        self, column: str, level: float, margin: float, run: Run, signals: Signals
    ) -> Finding:
        best, over = signals.series(column).best, signals.ending.is_over
        crossing = signals.projected_crossing(column, level)
        crosses = "rises above" if column == "val_r2" else "falls below"
        return self.finding(
            severity=Severity.ERROR if over else Severity.WARNING,
            reading=f"The best {column}, {best.value:.4g}, is no better than predicting the mean.",
            measured={
                f"best_{column}": best.value,
                "best_epoch": best.epoch,
                f"mean_{column}": level,
                "margin": margin,
                **({"ratio": best.value / level} if level else {}),
                **({} if over or column != "val_rmse" else {"projected_crossing": crossing}),
            },
            causes=(
                "targets are scaled differently in the loss and in the metric",
                "the model has not learned from its inputs",
                "the baseline belongs to another split or horizon",
            ),
            remedies=remedies(
                "check that targets are scaled back before the metric is taken",
                self._other_rate(column, run, signals),
                "overfit a single batch to show that the inputs reach the output",
            ),
            confirm=f"{column} {crosses} {level:.4g} by more than {margin:.2g}.",
            confidence=Confidence.HIGH,
            epochs=(signals.series(column).first.epoch, signals.series(column).last.epoch),
            lines=(best.line,),
        )
