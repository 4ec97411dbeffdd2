"""The machine: time per epoch and batch, what slows down, and the memory of the device."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from logparse.signals.machine import clashes, drift, memory, timing

if TYPE_CHECKING:
    from logparse.signals import Signals
    from logparse.signals.machine.clashes import Clash
    from logparse.signals.machine.drift import Drift
    from logparse.signals.machine.memory import Creep, Memory
    from logparse.signals.machine.timing import Sampled, Timing


class Machine:
    """What the log of one run tells of time and memory, lazy and cached."""

    def __init__(self, signals: Signals) -> None:
        self.signals = signals
        self.run = signals.run

    @cached_property
    def timing(self) -> Timing:
        """Time per epoch and batch, and what the plan takes at this pace."""
        return timing.timing(self.run)

    @cached_property
    def sampled(self) -> Sampled:
        """MICRODETAIL's timing of one batch."""
        return timing.sampled(self.run)

    @cached_property
    def clashes(self) -> tuple[Clash, ...]:
        """Pairs of figures of time that should agree, with their ratios."""
        return clashes.find(self.run, self.timing, self.sampled)

    @cached_property
    def slowdown(self) -> Drift | None:
        """Drift of the time per sample, or per epoch where no throughput is logged."""
        rates = self.signals.series("throughput")
        if (rates.values > 0).any():
            return drift.measure(rates, falls=True)
        return drift.measure(timing.epoch_times(self.run))

    def counts_from_start(self, room: float) -> bool:
        """True when the printed time per epoch is really the time since the start."""
        elapsed, rates = self.signals.series("elapsed_s"), self.signals.series("throughput")
        return drift.counts_from_start(elapsed, rates, room)

    @cached_property
    def memory(self) -> Memory:
        """Peak, reserved and total memory of the device."""
        return memory.memory(self.run)

    @cached_property
    def memory_creep(self) -> Creep | None:
        """How the high-water mark of GPU memory grew; None with too few values."""
        return memory.creep(self.signals.series("gpu_gib"))
