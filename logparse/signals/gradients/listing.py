"""How much of the gradient the parameter lists show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from logparse.signals.series import PARAMETERS

if TYPE_CHECKING:
    from logparse.run import Run
    from logparse.signals.gradients.tensors import TensorTable
    from logparse.signals.series import FloatArray, IntArray

MIN_STEPS = 10
"""A total of fewer print steps than this says too little about its square."""


@dataclass(frozen=True, slots=True)
class Listing:
    """The lists against the totals of the epoch line.

    share    median share of the squared total norm that the listed norms explain; None unknown
    largest  median of the largest listed norm over the largest of all tensors; None unknown
    names    labels in a list
    tensors  tensors in the optimizer, None when the log does not say
    """

    share: float | None
    largest: float | None
    names: int
    tensors: int | None

    def is_partial(self, share: float = 0.5, largest: float = 0.9) -> bool:
        """True when the lists explain less than these shares."""
        low = self.share is not None and self.share < share
        return low or (self.largest is not None and self.largest < largest)


@np.errstate(all="ignore")
def listing(run: Run, table: TensorTable) -> Listing:
    """What the lists explain, over the epochs that have a list and totals."""
    finite = ~np.isin(table.epochs, _overflowing(run))
    rows = run.epochs.set_index("epoch").reindex(table.epochs[finite])
    norms = table.norms[finite]
    squares = np.nansum(norms**2, axis=1)
    top = np.fmax.reduce(norms, axis=1, initial=-np.inf) + _half_step(run)
    shares, ratios = None, None
    if "grad_norm" in rows:
        total = rows["grad_norm"].to_numpy(dtype=np.float64)
        shares = _median((squares / total**2)[total >= _least_total(run)])
    if "grad_norm_max" in rows:
        largest = rows["grad_norm_max"].to_numpy(dtype=np.float64)
        ratios = _median((top / largest)[largest > 0])
    counts = run.optimizer.get("counts")
    declared = sum(counts) if isinstance(counts, tuple | list) and counts else None
    return Listing(shares, ratios, len(table.names), declared)


def _overflowing(run: Run) -> IntArray:
    """Epochs that list a norm of nan or infinity, which no sum can tell."""
    found = [epochs for name, epochs in run.nonfinite.items() if name.startswith(PARAMETERS)]
    return np.concatenate(found) if found else np.empty(0, dtype=np.int64)


def _half_step(run: Run) -> float:
    printed = run.resolution.get("parameters/grad_norm")
    return 0.0 if printed is None or printed.scientific else printed.step(1.0) / 2


def _least_total(run: Run) -> float:
    printed = run.resolution.get("grad_norm")
    return 0.0 if printed is None else MIN_STEPS * printed.step(1.0)


def _median(values: FloatArray) -> float | None:
    finite = values[np.isfinite(values)]
    return float(np.median(finite)) if len(finite) else None
