"""What a model that knows nothing reaches, and whether a metric ever did better."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from logparse.signals.series import series_of

if TYPE_CHECKING:
    from logparse.run import Run
    from logparse.signals import Signals

CLASS_KEYS = ("NUM_CLASSES", "N_CLASSES", "CLASSES")
LOSS_SHARE = 0.01
ACCURACY_SHARE = 0.2
ONCE_LEARNED = 0.1


def class_count(run: Run) -> float | None:
    """The number of classes that the settings declare; None without one of at least two."""
    counts = (run.settings.number(key) for key in CLASS_KEYS)
    return next((count for count in counts if count and 2 <= count < math.inf), None)


def chance_level(run: Run, column: str) -> float | None:
    """RMSE of predicting the mean; ln C and 1 / C (or 100 / C) of C declared classes; or None."""
    if column.endswith("_rmse"):
        level = run.baselines.get(f"{column.partition('_')[0]}_mean_rmse")
        return level if level is not None and math.isfinite(level) else None
    count = class_count(run)
    if count is None or not column.endswith(("loss", "accuracy")):
        return None
    return math.log(count) if column.endswith("loss") else series_of(run, column).perfect / count


def at_chance(signals: Signals, column: str, sigmas: float) -> bool:
    """The newest level is that of knowing nothing, and no single value was a tenth better."""
    level, learned = signals.chance_level(column), signals.learning(column)
    if level is None or learned is None or _accuracy_is_above(signals, column, sigmas):
        return False
    series, margin = signals.series(column), _margin(signals, column, level, sigmas)
    best = series.improvement(level, series.best.value)
    return abs(learned.end - level) <= margin and _is_small(best, margin, level)


def never_beat_chance(signals: Signals, column: str, sigmas: float) -> bool:
    """No level of the column, of five values, was better than knowing nothing; nor one plainly."""
    level, learned = signals.chance_level(column), signals.learning(column)
    if level is None or learned is None or _accuracy_is_above(signals, column, sigmas):
        return False
    series, margin = signals.series(column), _margin(signals, column, level, sigmas)
    start = series.improvement(level, learned.start)
    best = series.improvement(level, series.best.value)
    return start + max(learned.best_gain, 0.0) <= margin and _is_small(best, margin, level)


def beats_chance(signals: Signals, column: str) -> bool:
    """The newest level of the column is plainly better than knowing nothing: by a tenth."""
    level, learned = signals.chance_level(column), signals.learning(column)
    if level is None or learned is None:
        return False
    series = signals.series(column)
    tenth = ONCE_LEARNED * (series.perfect or abs(level))
    return series.improvement(level, learned.end) > max(tenth, 2 * signals.sigma(column))


def _is_small(best: float, margin: float, level: float) -> bool:
    """Not even the best value was a tenth better than knowing nothing."""
    return best <= max(margin, ONCE_LEARNED * abs(level))


def _margin(signals: Signals, column: str, level: float, sigmas: float) -> float:
    """What still counts as the level: noise, 1% of ln C, a fifth of 1 / C (about 2 SE of 900).

    Noise counts up to a tenth of the level, but for accuracies, whose chance level may be tiny.
    """
    kind, noise = column.rpartition("_")[2], sigmas * signals.sigma(column)
    if kind == "accuracy":
        return max(noise, ACCURACY_SHARE * abs(level))
    share = LOSS_SHARE if kind == "loss" else 0.0
    return max(min(noise, ONCE_LEARNED * abs(level)), share * abs(level))


def _accuracy_is_above(signals: Signals, column: str, sigmas: float) -> bool:
    """An accuracy beside a loss is better than chance: a loss near ln C then means other things."""
    beside = column.removesuffix("loss") + "accuracy"
    level, learned = signals.chance_level(beside), signals.learning(beside)
    if not column.endswith("loss") or level is None or learned is None:
        return False
    return learned.end - level > _margin(signals, beside, level, sigmas)
