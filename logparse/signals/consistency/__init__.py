"""The log against itself: what it states twice, never moves, repeats, or takes up again."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from logparse.signals import numbering
from logparse.signals.consistency import declared, identities, resume, seams, stale

if TYPE_CHECKING:
    from logparse.signals import Signals
    from logparse.signals.consistency.declared import Mismatch
    from logparse.signals.consistency.identities import Identities
    from logparse.signals.consistency.resume import Resume
    from logparse.signals.consistency.seams import Crossing
    from logparse.signals.consistency.stale import Quantised, StaleRows
    from logparse.signals.numbering import Gap


class Consistency:
    """How the log of one run agrees with itself, lazy and cached."""

    def __init__(self, signals: Signals) -> None:
        self.signals = signals
        self.run = signals.run

    @cached_property
    def identities(self) -> Identities:
        """Every algebraic identity of the printed metrics, held against the log."""
        return identities.check(self.signals)

    def mismatches(self, share: float = declared.SHARE) -> tuple[Mismatch, ...]:
        """Facts that the log states twice and differently; `share` is for parameter counts."""
        return declared.mismatches(self.run, self.signals, share)

    @cached_property
    def facts_stated_twice(self) -> int:
        """How many declared facts the log shows a second time."""
        return declared.compared(self.run, self.signals)

    @cached_property
    def tensor_names(self) -> frozenset[str]:
        """Names of tensors and modules that the log shows, in its first epoch or its header."""
        return declared.tensor_names(self.run)

    @cached_property
    def stale_rows(self) -> StaleRows | None:
        """Validation rows that only repeat the row before; None without validation."""
        return stale.stale_rows(self.run)

    def quantised(self, column: str) -> Quantised | None:
        """How coarsely a column is printed for how it moves; None with fewer than six values."""
        return stale.quantised(self.signals.series(column))

    @cached_property
    def dead_columns(self) -> tuple[str, ...]:
        """Metrics that are 0 in every epoch though they cannot be."""
        return stale.dead_columns(self.run)

    @cached_property
    def normal_zeros(self) -> tuple[str, ...]:
        """Fields that are 0 in every epoch because the model or machine lacks what they tell."""
        return stale.normal_zeros(self.run)

    @cached_property
    def step(self) -> int:
        """How many epochs the log goes from one line to the next."""
        return numbering.usual_step(self.run.epochs["epoch"].tolist())

    @cached_property
    def gaps(self) -> tuple[Gap, ...]:
        """Epochs that the log leaves out, between two that it has."""
        return numbering.gaps(self.run.epochs["epoch"].tolist(), self.step)

    @cached_property
    def gap_before(self) -> Gap | None:
        """What lies between the run before and this one; None where that has no end before it."""
        before, first = self.run.predecessor, self.run.first_epoch
        if before is None or before.last_epoch is None or first is None:
            return None
        since = before.last_epoch
        return numbering.Gap(since, first, self.step) if since < first else None

    @cached_property
    def starts_at_first(self) -> bool:
        """True for a run whose first line is that of its first epoch, or of its first interval."""
        return numbering.starts_at_first(self.run.epochs["epoch"].tolist(), self.step)

    @cached_property
    def resume(self) -> Resume | None:
        """How the run goes on from the run before it; None for a run of its own."""
        return resume.resume(self)

    @cached_property
    def crossings(self) -> tuple[Crossing, ...]:
        """Where the run was resumed within its log or from file to file, and what breaks there."""
        return seams.crossings(self.signals)
