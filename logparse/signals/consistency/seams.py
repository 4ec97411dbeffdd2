"""Seams inside a run: where its log, or the next file of it, goes on after a resume."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from logparse.signals.consistency.resume import LOSSES, RATES, WINDOW, jump, rate_break

if TYPE_CHECKING:
    from logparse.run import Seam
    from logparse.signals import Signals
    from logparse.signals.consistency.resume import Jump, RateJump

SEAM_LOSSES = (*LOSSES, "val_loss")


@dataclass(frozen=True, slots=True)
class Crossing:
    """A seam, and what breaks there: the last row before it that is kept, and the first after.

    epoch, line  of the first row after it
    """

    seam: Seam
    epoch: int
    line: int
    rate: RateJump | None
    jumps: tuple[Jump, ...]


def crossings(signals: Signals) -> tuple[Crossing, ...]:
    """Every seam of the run that rows follow; of what was told twice only the later is known."""
    lines = signals.run.epochs["line"].to_numpy(dtype=np.int64)
    found = []
    for seam in signals.run.seams:
        row = int(np.searchsorted(lines, seam.line))
        if row < len(lines):
            epoch = int(signals.run.epochs["epoch"].iloc[row])
            found.append(
                Crossing(
                    seam, epoch, int(lines[row]), _rate(signals, epoch), _jumps(signals, epoch)
                )
            )
    return tuple(found)


def _rate(signals: Signals, epoch: int) -> RateJump | None:
    for name in dict.fromkeys((signals.lr.column, *RATES)):
        series = signals.series(name)
        known = series.values > 0
        values, is_old = series.values[known], series.epochs[known] < epoch
        old, new = values[is_old].tolist(), values[~is_old][:WINDOW].tolist()
        if old and new:
            return rate_break(old, new, old[:WINDOW])
    return None


def _jumps(signals: Signals, epoch: int) -> tuple[Jump, ...]:
    found = []
    for name in SEAM_LOSSES:
        series = signals.series(name)
        is_old = series.epochs < epoch
        if is_old.any() and not is_old.all():
            found.append(jump(series, series.values[is_old], float(series.values[~is_old][0])))
    return tuple(one for one in found if one is not None)
