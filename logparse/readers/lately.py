"""The first and the last epochs of a run, kept as text for the run that follows it."""

from __future__ import annotations

from collections import deque
from math import isfinite
from typing import TYPE_CHECKING, TypeAlias

from logparse.run import EpochFacts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from logparse.columns import RowPlan

FIRST, LAST = 5, 24
COLUMNS = ("lr", "lr_main", "train_loss", "train_rmse", "val_rmse", "elapsed_s", "throughput")

_Line: TypeAlias = "tuple[int, int, RowPlan, tuple[str, ...]]"


class Lately:
    """Remembers a few epoch lines; numbers are made of them only when a run follows."""

    def __init__(self) -> None:
        self._head: list[_Line] = []
        self._tail: deque[_Line] = deque(maxlen=LAST)

    def add(self, epoch: int, line: int, plan: RowPlan, values: tuple[str, ...]) -> None:
        """Take an epoch line."""
        kept = (epoch, line, plan, values)
        if len(self._head) < FIRST:
            self._head.append(kept)
        self._tail.append(kept)

    def head(self) -> tuple[EpochFacts, ...]:
        """The run's first epochs."""
        return _facts(self._head)

    def tail(self) -> tuple[EpochFacts, ...]:
        """The run's last epochs, which in a short run are its first ones too."""
        return _facts(self._tail)


def _facts(lines: Iterable[_Line]) -> tuple[EpochFacts, ...]:
    return tuple(
        EpochFacts(
            epoch,
            line,
            tuple(
                (name, number)
                for name, at in plan.numeric
                if name in COLUMNS and isfinite(number := float(values[at]))
            ),
        )
        for epoch, line, plan, values in lines
    )
