"""What has become of a run: the state of its learning, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from logparse.axis import is_by_epochs
from logparse.findings import epoch_label
from logparse.metrics import MAIN_METRICS, Better, direction, metric
from logparse.signals.chance import chance_level
from logparse.signals.curves.divergence import divergence
from logparse.signals.noise import sigma_until_best

if TYPE_CHECKING:
    from logparse.run import Run
    from logparse.signals import Signals
    from logparse.signals.series import Series

StateKind: TypeAlias = Literal[
    "failed", "never-learned", "improving", "plateaued", "converged", "unknown"
]
EndingKind: TypeAlias = Literal["completed", "stopped-early", "superseded", "open"]

MIN_POINTS = 6
FEW_AMONG_POINTS = 8
"""Fewer validations beside many training points are no curve to judge a log by steps by."""
NEVER_LEARNED_POINTS = 8
ANNEALED = 0.1
FLAT_SHARE = 0.01
PLAIN_SHARE = 0.05
LEVEL_POINTS = 5
RISE_SIGMAS = 3.0
"""The best of some hundred levels of mere noise lies up to 1.5 sigma below them."""


@dataclass(frozen=True, slots=True)
class RunState:
    """The state of learning in the run's last regime, and the observation it rests on.

    `unknown` means fewer than six values of the main metric.
    """

    kind: StateKind
    because: str


@dataclass(frozen=True, slots=True)
class Ending:
    """How the run ended at `epoch`.

    completed      as many epochs as MAX_EPOCHS declares
    stopped-early  by the log, or the epochs without a new best just reached the declared patience
    superseded     another run follows in the file
    open           none of these: it may still be running
    """

    kind: EndingKind
    epoch: int | None
    because: str

    @property
    def is_over(self) -> bool:
        return self.kind != "open"


@dataclass(frozen=True, slots=True)
class Learning:
    """How far a metric came from its start, in the metric's unit; gains are positive if better.

    start       level of the second to fourth value: the first is often wild
    end         level of the last five values
    end_gain    from `start` to `end`
    best_gain   from `start` to the best level of any five values since
    first_gain  from the very first value to `end`
    unit        what one per cent is taken of: the start, or 1 for shares (100 in per cent)
    sigma       noise, that of the values up to the best one where they are far calmer
    """

    start: float
    end: float
    end_gain: float
    best_gain: float
    first_gain: float
    unit: float
    sigma: float


def main_metric(signals: Signals) -> str | None:
    """The metric by which the run is judged: val_rmse first, train metrics last.

    The first of the list with three values, eight in logs by steps, else with any; None when none
    is logged. Metrics that are not in the list come after it, those called a loss first, if they
    have a direction.
    """
    names = (*MAIN_METRICS, *_other_metrics(signals))
    sizes = {name: len(signals.series(name)) for name in names}
    least = 3 if is_by_epochs(signals.run) else FEW_AMONG_POINTS
    enough = [name for name in names if sizes[name] >= least]
    return next((name for name in (*enough, *names) if sizes[name]), None)


def _other_metrics(signals: Signals) -> list[str]:
    """Columns of a split that no table knows, with a direction: losses first, validation first."""
    names = [name for name in map(str, signals.run.epochs) if name.startswith(("val_", "train_"))]
    told = signals.run.better
    others = [name for name in names if name in told or metric(name) is None]
    judged = [name for name in others if direction(name, told) is not Better.NEITHER]
    return sorted(judged, key=lambda name: ("loss" not in name, name.startswith("train_")))


def train_metric(signals: Signals) -> str | None:
    """The training metric: the main one's twin, else the best known; None when none is logged."""
    twin = (signals.main_metric or "").replace("val_", "train_", 1)
    others = (*MAIN_METRICS, *_other_metrics(signals))
    names = [twin, *(name for name in others if name.startswith("train_"))]
    return next((name for name in names if len(signals.series(name))), None)


def bad_epochs(series: Series, threshold: float = 0.0) -> tuple[int, ...]:
    """Values since the last new best, per value: 0 at a new best.

    A new best must undercut the old by `threshold`, relative; plateau schedulers ask 1e-4.
    """
    best, count, counts = np.inf, 0, []
    for cost in series.costs.tolist():
        is_new = cost < best - threshold * abs(best) if np.isfinite(best) else True
        best, count = (cost, 0) if is_new else (best, count + 1)
        counts.append(count)
    return tuple(counts)


def ending(run: Run, signals: Signals) -> Ending:
    """How the run ended, with early stopping replayed on the validation metric."""
    last, planned = run.last_epoch, run.planned_epochs
    counted_from = 0 if run.first_epoch == 0 else 1
    if last is not None and planned is not None and last + 1 - counted_from >= planned:
        plan = f"{run.planned_key} is {run.settings.number(run.planned_key):.10g}"
        return Ending("completed", last, f"{epoch_label(last)} is logged, {plan}")
    if last is not None and run.micro.get("stopped_early") == last:
        return Ending(
            "stopped-early", last, f"early stopping at {epoch_label(last)}, as the log says"
        )
    stop = signals.rate.stop_replay
    if stop is not None:
        return Ending("stopped-early", last, stop.words)
    if not run.is_last_in_file:
        return Ending("superseded", last, "another run follows in the file")
    return Ending("open", last, "nothing in the log says that the run has ended")


def state(run: Run, signals: Signals) -> RunState:
    """The state of learning by the main metric, in the run's last regime."""
    column = signals.main_metric
    if column is None or len(signals.series(column)) < MIN_POINTS:
        return RunState("unknown", "fewer than 6 values of a metric")
    for broken in (_non_finite(run, signals), _diverging(signals)):
        if broken is not None:
            return RunState("failed", broken)
    if _never_learned(signals):
        name = signals.train_metric or column
        return RunState("never-learned", f"{name} is no better than in its first epochs")
    progress = signals.progress(column)
    if not (progress.is_none and progress.gain_share < FLAT_SHARE):
        return RunState("improving", f"z-progress {progress.z:.2g} over {progress.points} epochs")
    above = _above_best(signals.recent(column), signals.sigma(column))
    if above is not None:
        return RunState("plateaued", above)
    reason = _annealed(signals) or _at_floor(signals) or _beats_baselines(signals)
    if reason is not None:
        return RunState("converged", reason)
    return RunState("plateaued", f"z-progress {progress.z:.2g} over {progress.points} epochs")


def beaten_baselines(run: Run, best_rmse: float) -> tuple[bool, ...]:
    """For each validation baseline of the log, whether `best_rmse` is below it."""
    baselines = (run.baselines.get(f"val_{name}_rmse") for name in ("mean", "persistence"))
    return tuple(best_rmse < rmse for rmse in baselines if rmse is not None and rmse == rmse)


def _non_finite(run: Run, signals: Signals) -> str | None:
    for column in (signals.main_metric, signals.train_metric, "train_loss"):
        if column is not None and run.last_epoch in signals.nonfinite.get(column, ()):
            return f"{column} is not finite in the newest epoch"
    return None


def _diverging(signals: Signals) -> str | None:
    """Training has left its best level by what LOSS003 asks."""
    column = signals.train_metric or signals.main_metric
    left = divergence(signals.recent(column), 5.0, 0.1) if column is not None else None
    if left is None:
        return None
    return f"{column} stood at {left.best:.3g} at {epoch_label(left.best_epoch)}, and left it"


def _never_learned(signals: Signals) -> bool:
    column = signals.train_metric or signals.main_metric
    learned = learning(signals.series(column)) if column is not None else None
    if column is None or learned is None:
        return False
    limit = max(2 * learned.sigma, FLAT_SHARE * learned.unit)
    if not is_by_epochs(signals.run) and learned.first_gain > 2 * limit:
        return False  # in steps, most may be learned before the second value
    if learned.end_gain > limit or learned.best_gain > 1.5 * limit:
        return False
    return not validation_learned(signals)


def validation_learned(signals: Signals) -> bool:
    """The main metric improved plainly, whatever the training metric shows.

    By more than 2 sigma and 5% since its second to fourth value, and beyond the level of knowing
    nothing where the log tells it. Outliers in training targets hide learning from the training
    metric alone.
    """
    column = signals.main_metric
    if column is None or column == signals.train_metric:
        return False
    learned, chance = learning(signals.series(column)), chance_level(signals.run, column)
    margin = 2 * signals.sigma(column)
    if learned is None or learned.end_gain <= max(margin, PLAIN_SHARE * learned.unit):
        return False
    series = signals.series(column)
    return chance is None or series.improvement(chance, learned.end) > margin


def learning(series: Series) -> Learning | None:
    """What the whole run has learned; None with fewer than eight values."""
    if len(series) < NEVER_LEARNED_POINTS:
        return None
    start, end = series.level(1, 4), series.level(-5, None)
    return Learning(
        start=start,
        end=end,
        end_gain=series.improvement(start, end),
        best_gain=max(series.improvement(start, series.level(i, i + 5)) for i in _starts(series)),
        first_gain=series.improvement(series.first.value, end),
        unit=series.perfect or abs(start),
        sigma=sigma_until_best(series),
    )


def _starts(series: Series) -> range:
    """Starts of windows of five from epoch 4 on; at most some 200 of them."""
    count = len(series)
    return range(min(3, count - 5), count - 4, max(count // 200, 1))


def _above_best(series: Series, sigma: float) -> str | None:
    """That the metric has gone back from its best level, of five values, by more than noise."""
    if len(series) < LEVEL_POINTS:
        return None
    windows = np.lib.stride_tricks.sliding_window_view(series.costs, LEVEL_POINTS)
    levels = np.median(windows, axis=1).tolist()
    best, last = min(levels), levels[-1]
    gain = float(series.costs[0]) - best
    margin = max(RISE_SIGMAS * sigma, FLAT_SHARE * gain, 2 * series.print_step)
    if last - best <= margin:
        return None
    return f"{series.column} is {last - best:.2g} worse than its best level"


def _annealed(signals: Signals) -> str | None:
    lr = signals.lr
    if (
        len(lr) < 2
        or signals.rate.schedule is None
        or lr.last.value > ANNEALED * float(lr.values.max())
    ):
        return None
    if not signals.rate.schedule.is_planned and signals.rate.early_cuts():
        return None  # a plateau scheduler that cut early has annealed nothing
    return f"the learning rate has fallen to {lr.last.value:.2g}"


def _at_floor(signals: Signals) -> str | None:
    column = signals.train_metric
    if column is None:
        return None
    series = signals.series(column)
    if series.is_boundless:
        return None
    if abs(series.last.value - series.perfect) <= 2 * series.print_step:
        return f"{column} is as good as the log can print"
    return None


def _beats_baselines(signals: Signals) -> str | None:
    if signals.main_metric != "val_rmse":
        return None
    beaten = signals.beaten_baselines
    return "val_rmse beats every baseline of the log" if beaten and all(beaten) else None
