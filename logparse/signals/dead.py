"""Tensors that get no gradient, and whether the run means them to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from logparse.signals.tensors import is_matrix

if TYPE_CHECKING:
    from collections.abc import Iterable

    from logparse.run import Run
    from logparse.signals.tensors import TensorTable


@dataclass(frozen=True, slots=True)
class Dead:
    """Tensors whose gradient is exactly zero in the newest epochs while others move.

    names       labels, in the order of the log
    epochs      inclusive range in which the first of them is zero
    moved       False when none of them ever had a gradient
    living      labels that still get gradients
    """

    names: tuple[str, ...]
    epochs: tuple[int, int]
    moved: bool
    living: int

    @property
    def matrices(self) -> int:
        """How many of them are weight matrices; zero for irrelevant biases."""
        return sum(is_matrix(name) for name in self.names)


def dead_tensors(table: TensorTable, least: int) -> tuple[Dead, ...]:
    """Those that never moved and those that stopped, zero in the last `least` epochs or more.

    Epochs in which nothing moves, such as a skipped step, tell nothing and are left out.
    """
    rows = np.flatnonzero((table.norms > 0).any(axis=1))
    norms, epochs = table.norms[rows], table.epochs[rows]
    never, stopped, since = [], [], []
    for at, name in enumerate(table.names):
        column = norms[:, at]
        printed = np.flatnonzero(np.isfinite(column))
        moving = printed[column[printed] > 0]
        zeros = printed if not len(moving) else printed[printed > moving[-1]]
        if len(zeros) < least or zeros[-1] != len(rows) - 1:
            continue
        if len(moving):
            stopped.append(name)
            since.append(int(epochs[zeros[0]]))
        else:
            never.append(name)
    living = len(table.names) - len(never) - len(stopped)
    found = []
    if never:
        found.append(Dead(tuple(never), (int(epochs[0]), int(epochs[-1])), False, living))
    if stopped:
        found.append(Dead(tuple(stopped), (min(since), int(epochs[-1])), True, living))
    return tuple(found)


def without(dead: Dead, names: Iterable[str]) -> Dead:
    """The same without some labels."""
    left = tuple(name for name in dead.names if name not in set(names))
    return Dead(left, dead.epochs, dead.moved, dead.living)


def counted(run: Run) -> tuple[int, int] | None:
    """Tensors with a gradient in the header's sample batch, and tensors in the optimizer."""
    found = run.micro.get("group_nonzero_counts", run.micro.get("nonzero_counts/counts"))
    declared = run.optimizer.get("counts")
    if not isinstance(found, list | tuple) or not isinstance(declared, list | tuple):
        return None
    both = [*found, *declared]
    if not found or not declared or not all(isinstance(count, int) for count in both):
        return None
    return sum(found), sum(declared)


def declares_frozen(run: Run) -> bool | None:
    """Whether the log declares a part of the model as frozen; None when it does not say."""
    if any("FREEZE" in key.upper() and run.settings[key] for key in run.settings):
        return True
    frozen = _frozen_count(run)
    return None if frozen is None else frozen > 0


def _frozen_count(run: Run) -> int | None:
    frozen = run.model.get("frozen_params")
    total, trainable = run.model.get("total_params"), run.model.get("trainable_params")
    if isinstance(frozen, int):
        return frozen
    if isinstance(total, int) and isinstance(trainable, int):
        return total - trainable
    return None


def is_switched_off(name: str, run: Run) -> bool:
    """Whether a label belongs to an auxiliary or delta head that the run has switched off."""
    part = next((p for p in ("aux", "delta") if name.casefold().startswith(p)), None)
    if part is None:
        return False
    if run.settings.get(f"USE_{part.upper()}") is False:
        return True
    return part == "aux" and run.has("aux_enabled") and not run.epochs["aux_enabled"].any()
