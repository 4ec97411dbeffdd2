"""Remedies that limit the gradient norm, by the norms that the run has shown."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from logparse.keys import CLIP_KEYS, positive
from logparse.rules.edits import changed, learning_rate, remedies, scaled

if TYPE_CHECKING:
    from logparse.run import Run

MIN_NORMS = 3
"""Fewer norms have no 90th percentile."""
EXPLODED = 100.0
"""Norms so many times their lower quartile have grown out of all proportion."""


def clip_limit(run: Run) -> tuple[str, float] | None:
    """The declared limit on the gradient norm: its key and value; None without one."""
    return positive(run.settings, CLIP_KEYS)


def clipped(run: Run, before: int | None = None) -> str | None:
    """Clip at the 90th percentile of the norms, those before an epoch if one is given.

    A third of the declared limit where there are too few norms, or where they have exploded. None
    where a tighter clip is declared, or where it binds already.
    """
    norms, declared = _norms(run, before), clip_limit(run)
    usual = norms[int(0.9 * (len(norms) - 1))] if len(norms) >= MIN_NORMS else 0.0
    if usual <= 0 or usual > EXPLODED * norms[len(norms) // 4]:
        if declared is not None and norms and norms[0] > declared[1]:
            return None
        where = "by norm, at 1 to begin with" if norms else "at the 90th percentile of their norms"
        return scaled(run, CLIP_KEYS, 1 / 3, f"clip gradients {where}")
    if declared is None:
        return f"clip gradients at {usual:.2g}, the 90th percentile of their norms"
    key, limit = declared
    new = float(f"{usual:.2g}")
    return changed(run, key, new) if new < limit else None


def back_to_finite(run: Run, first: int, *, may_be_fp16: bool = True) -> tuple[str, ...]:
    """What to try where numbers broke at epoch `first`."""
    at_start = "look for nan in the inputs, and for log, sqrt and division at zero"
    return remedies(
        at_start if first == run.first_epoch else "train from the last checkpoint before it",
        learning_rate(run, 1 / 3),
        scaled(run, CLIP_KEYS, 1 / 3, "clip gradients by norm"),
        "bf16 or fp32 instead of fp16" if may_be_fp16 else None,
        "torch.autograd.set_detect_anomaly(True)",
    )


def _norms(run: Run, before: int | None) -> list[float]:
    """The finite total gradient norms, sorted."""
    if "grad_norm" not in run.epochs:
        return []
    norms = zip(run.epochs["epoch"].tolist(), run.epochs["grad_norm"].tolist(), strict=True)
    return sorted(v for n, v in norms if math.isfinite(v) and (before is None or n < before))
