"""BASE002 worse-than-persistence."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

from logparse.findings import Confidence, Finding, Measure, Severity
from logparse.rules.base import Clear, NotApplicable, Rule, TooShort, option, rule
from logparse.rules.edits import remedies, switched

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logparse.run import Run
    from logparse.signals import Signals
    from logparse.signals.series import Point


@rule
class WorseThanPersistence(Rule):
    """Repeating the last known value beats the model on the validation set.

    What it does: compares the best validation RMSE with the RMSE of persistence that the log
    declares, as a skill: 1 - (RMSE / persistence RMSE)^2.

    Why it matters: in forecasting, a good R2 is cheap because the last value is a good guess. A
    model below persistence adds error to what was known already.

    Test: the best RMSE above persistence by more than 2 sigma, or by a tenth, with 3 epochs or
    more. An error when the run has ended; a warning while it may be running, with the epoch at
    which its recent pace would cross the baseline, or that it is not on course.

    False alarms: a baseline of another horizon, scale or split; early epochs.

    Try: predict the change instead of the value, or add a skip from the last value; check the
    alignment of lags and the flattening of the last step; scale the loss by persistence's error.

    Source: MAS, KP.
    """

    code = "BASE002"
    name = "worse-than-persistence"
    severity = Severity.ERROR
    needs = ("epochs", "val_rmse", "baseline:val_persistence_rmse")
    min_epochs = 3
    settles_in = 2
    caused_by = (
        *("NUM001", "LOSS001", "LOSS003", "NUM004", "NUM003", "GRAD004"),
        *("GRAD001", "UPD001", "LR001", "LR002", "LR003", "LR004"),
        *("GEN001", "LOSS002", "LOSS004", "GRAD005"),
    )

    sigmas: float = option(2.0, "Persistence must be missed by this many sigma.")
    max_margin: float = option(0.1, "Missed by this share of it is enough.")

    def check(self, run: Run, signals: Signals) -> Iterator[Finding | Clear]:
        persistence = run.baselines["val_persistence_rmse"]
        if persistence <= 0:
            raise NotApplicable("the persistence baseline is no positive number")
        series = signals.series("val_rmse")
        if len(series) < self.min_epochs:
            raise TooShort(f"needs {self.min_epochs} values of val_rmse, has {len(series)}")
        best = series.best
        margin = min(self.sigmas * signals.sigma("val_rmse"), self.max_margin * persistence)
        if best.value > persistence + margin:
            yield self._found(best, persistence, margin, run, signals)
        elif best.value > persistence:
            over = f"{best.value:.4g} is above persistence, {persistence:.4g}"
            yield Clear(f"{over}, but by less than {margin:.2g}, which may be noise")

    def _found(
        self, best: Point, persistence: float, margin: float, run: Run, signals: Signals
    ) -> Finding:
        over, series = signals.ending.is_over, signals.series("val_rmse")
        crossing = signals.projected_crossing("val_rmse", persistence)
        return self.finding(
            severity=Severity.ERROR if over else Severity.WARNING,
            reading=f"Repeating the last value beats the model: best val RMSE {best.value:.4g}, "
            f"persistence {persistence:.4g}.",
            measured={
                "best_val_rmse": best.value,
                "best_epoch": best.epoch,
                "persistence_rmse": persistence,
                "ratio": best.value / persistence,
                "skill": _skill(best.value, persistence),
                "skill_threshold": 0.0,
                "margin": margin,
                **self._r2(best.value, persistence, run),
                **({} if over else {"projected_crossing": crossing}),
            },
            causes=(
                "the model predicts levels where changes are asked for",
                "inputs lag behind the targets, or the last step is lost when flattening",
                "the baseline belongs to another horizon, scale or split",
            ),
            remedies=remedies(
                switched(run, "USE_DELTA", True, "predict the change from the last value"),
                "add a skip connection from the last input value to the output",
                "check that the last input step is the one just before the target",
                "divide the loss by the error of persistence",
            ),
            confirm=f"val_rmse falls below {persistence:.4g}.",
            confidence=Confidence.HIGH,
            epochs=(series.first.epoch, series.last.epoch),
            lines=(best.line,),
        )

    def _r2(self, best: float, persistence: float, run: Run) -> dict[str, Measure]:
        """R2 of persistence beside the model's, both from the mean baseline's RMSE."""
        mean = run.baselines.get("val_mean_rmse")
        if mean is None or not isfinite(mean) or mean <= 0:
            return {}
        return {"r2_persistence": _skill(persistence, mean), "r2_best": _skill(best, mean)}


def _skill(rmse: float, baseline: float) -> float:
    """Minus infinity where the square is no float: `**` would raise."""
    ratio = rmse / baseline
    return 1 - ratio * ratio
