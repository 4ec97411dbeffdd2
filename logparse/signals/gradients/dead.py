"""Tensors that get no gradient, and whether the run means them to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from logparse.signals.gradients.tensors import is_matrix
from logparse.signals.precision import uses_fp16

if TYPE_CHECKING:
    from collections.abc import Mapping

    from logparse.run import Run
    from logparse.signals.gradients.tensors import TensorTable
    from logparse.signals.series import FloatArray, IntArray

OFF = ("none", "no", "off", "false")


@dataclass(frozen=True, slots=True)
class Dead:
    """Tensors whose gradient is exactly zero in the newest epochs while others move.

    names       labels, in the order of the log
    off         the same for heads that the run has switched off
    epochs      inclusive range in which the first of them is zero
    all_since   the epoch from which on all of them are
    moved       False when none of them ever had a gradient
    living      labels that still get gradients
    """

    names: tuple[str, ...]
    off: tuple[str, ...]
    epochs: tuple[int, int]
    all_since: int
    moved: bool
    living: int

    @property
    def matrices(self) -> int:
        """How many of them are weight matrices; zero for irrelevant biases."""
        return sum(is_matrix(name) for name in self.names)


@dataclass(frozen=True, slots=True, eq=False)
class Flow:
    """Where the log shows that gradients arrive.

    lists     the parameter lists, None without, or when their zeros are only rounded
    counts    tensors with a gradient in the header's sample batch, tensors in the optimizer;
              None when not logged
    frozen    whether the log declares a part of the model as frozen; None when it does not say
    half      whether the log declares fp16, which rounds small gradients to zero
    """

    run: Run
    lists: TensorTable | None
    counts: tuple[int, int] | None
    frozen: bool | None
    half: bool = False

    def dead(self, least: int) -> tuple[Dead, ...]:
        """Those that never moved and those that stopped, zero in the last `least` epochs or more.

        Epochs in which nothing moves, such as a skipped step, tell nothing and are left out.
        """
        if self.lists is None:
            return ()
        rows = np.flatnonzero((self.lists.norms > 0).any(axis=1))
        norms, epochs = self.lists.norms[rows], self.lists.epochs[rows]
        since = {name: _dead_since(norms[:, at], least) for at, name in enumerate(self.lists.names)}
        if self.lists.every > 1:
            since |= dict.fromkeys(self._moving_between(since, epochs))
        living = sum(start is None for start in since.values())
        found = []
        for moved in (False, True):
            names = [n for n, start in since.items() if start is not None and (start > 0) is moved]
            off = tuple(name for name in names if _is_switched_off(name, self.run))
            left = tuple(name for name in names if name not in off)
            starts = [start for name in left or off if (start := since[name]) is not None]
            if names:
                span = (int(epochs[min(starts)]), int(epochs[-1]))
                found.append(Dead(left, off, span, int(epochs[max(starts)]), moved, living))
        return tuple(found)

    def _moving_between(self, since: Mapping[str, int | None], epochs: IntArray) -> list[str]:
        """Those that are dead by the table, but not by the lists that it leaves out."""
        lists = self.run.parameters
        found = []
        for name, start in since.items():
            if start is not None:
                norms = lists.loc[(lists["name"] == name) & (lists["grad_norm"] > 0), "epoch"]
                if (norms >= (epochs[start] if start else 0)).any():
                    found.append(name)
        return found


def flow(run: Run, table: TensorTable | None) -> Flow:
    """What the lists and the header say about gradients that arrive."""
    exact = table if table is not None and table.is_exact else None
    return Flow(run, exact, _counted(run), _declares_frozen(run), uses_fp16(run))


def _dead_since(norms: FloatArray, least: int) -> int | None:
    """The row from which a tensor is zero up to the newest one, 0 if it never moved."""
    printed = np.flatnonzero(np.isfinite(norms))
    moving = printed[norms[printed] > 0]
    zeros = printed[printed > moving[-1]] if len(moving) else printed
    if len(zeros) < least or zeros[-1] != len(norms) - 1:
        return None
    return int(zeros[0]) if len(moving) else 0


def _counted(run: Run) -> tuple[int, int] | None:
    """Tensors with a gradient in the header's sample batch, and tensors in the optimizer."""
    found = run.micro.get("group_nonzero_counts", run.micro.get("nonzero_counts/counts"))
    declared = run.optimizer.get("counts")
    if not isinstance(found, list | tuple) or not isinstance(declared, list | tuple):
        return None
    both = [*found, *declared]
    if not found or not declared or not all(isinstance(count, int) for count in both):
        return None
    return sum(found), sum(declared)


def _declares_frozen(run: Run) -> bool | None:
    """Whether the log declares a part of the model as frozen; None when it does not say."""
    if any("FREEZE" in key.upper() and _is_on(run.settings[key]) for key in run.settings):
        return True
    frozen = _frozen_count(run)
    return None if frozen is None else frozen > 0


def _is_on(value: object) -> bool:
    return bool(value) and str(value).casefold() not in OFF


def _frozen_count(run: Run) -> int | None:
    frozen = run.model.get("frozen_params")
    total, trainable = run.model.get("total_params"), run.model.get("trainable_params")
    if isinstance(frozen, int):
        return frozen
    if isinstance(total, int) and isinstance(trainable, int):
        return total - trainable
    return None


def _is_switched_off(name: str, run: Run) -> bool:
    """Whether a label belongs to an auxiliary or delta head that the run has switched off."""
    part = next((p for p in ("aux", "delta") if name.casefold().startswith(p)), None)
    if part is None:
        return False
    if run.settings.get(f"USE_{part.upper()}") is False:
        return True
    return part == "aux" and run.has("aux_enabled") and not run.epochs["aux_enabled"].any()
