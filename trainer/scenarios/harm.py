"""How much a fault hurt: figures of a run that are larger where it went worse.

A fault counts only if its run is worse than its clean twin, which has the same family and seed,
in so many pairs that chance is no good explanation (one-sided sign test).
"""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

import torch

from trainer.scenarios.play import Played
from trainer.tasks import SeriesTask

ALPHA = 0.05


@dataclass(frozen=True)
class Evidence:
    """Of so many pairs, so many were worse; chance of that many or more; typical ratio."""

    worse: int
    of: int
    p: float
    median_ratio: float | None

    @property
    def is_kept(self) -> bool:
        """Whether the fault measurably hurt."""
        return self.p < ALPHA


def sign_test(pairs: Sequence[tuple[float, float]]) -> Evidence:
    """Evidence from (fault, twin) figures; equal ones count as not worse."""
    worse, of = sum(fault > twin for fault, twin in pairs), len(pairs)
    p = sum(math.comb(of, k) for k in range(worse, of + 1)) / 2**of
    ratios = [fault / twin for fault, twin in pairs if twin > 0]
    ratio = statistics.median(ratios) if len(ratios) == of and of else math.nan
    return Evidence(worse, of, p, ratio if math.isfinite(ratio) else None)


def figures(played: Played) -> dict[str, float]:
    """Every measure of harm, by the name that scenarios use."""
    vals = [_or_inf(r.series.val.rmse) for r in played.records if r.series is not None]
    late = vals[-max(len(vals) // 3, 1) :]
    times = [r.elapsed_s for r in played.records]
    task = played.training.task
    assert isinstance(task, SeriesTask)
    late_rmse = sum(late) / len(late)
    return {
        "late val_rmse": late_rmse,
        "worst val_rmse": max(vals[len(vals) // 4 :]),
        "persistence": late_rmse / task.data.baselines.val_persistence,
        "test gap": _rmse(played, task.data.test.inputs, task.data.test.targets) - vals[-1],
        "printed error": abs(_rmse(played, task.val.inputs, task.val.targets) - vals[-1]),
        "epoch time": statistics.median(times[-max(len(times) // 3, 1) :]),
        "GPU memory": played.records[-1].gpu_gib,
    }


def lines_changed(log: str, twin: str) -> float:
    """Lines that one of two logs has and the other has not."""
    return float(abs(log.count("\n") - twin.count("\n")))


def _or_inf(value: float) -> float:
    return math.inf if math.isnan(value) else value


@torch.no_grad()
def _rmse(played: Played, inputs: torch.Tensor, targets: torch.Tensor) -> float:
    """Of the final model on a split, without augmentation."""
    training = played.training
    training.model.eval()
    with training.precision.autocast():
        _, outputs = training.task.forward(training.model, inputs, targets)
    return _or_inf(float((outputs[1] - targets).square().mean().sqrt()))
