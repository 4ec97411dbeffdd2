"""MEM002 near-capacity."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logparse.findings import Confidence, Finding, Severity
from logparse.rules.base import Clear, NotApplicable, Rule, option, rule
from logparse.rules.edits import remedies, smaller_batch, turned_on

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logparse.run import Run
    from logparse.signals import Signals

CHECKPOINTING = ("GRADIENT_CHECKPOINTING", "ACTIVATION_CHECKPOINTING", "USE_CHECKPOINTING")


@rule
class NearCapacity(Rule):
    """The run used nearly all memory of the device.

    What it does: compares the peak of allocated memory with what the device has: as logged, as
    declared, or as the device's name tells where it is sold in one size only.

    Why it matters: a longer batch, a second program or a fragmented heap ends such a run with
    an out-of-memory error.

    Test: peak >= 90% of the capacity.

    False alarms: a device that is known by name has a little less than its nominal memory, so
    that the share is rather underrated. What is reserved, not allocated, can be given back and
    does not count.

    Try: three quarters of the batch with accumulation, checkpointed activations, bf16.

    Source: TBP.
    """

    code = "MEM002"
    name = "near-capacity"
    severity = Severity.WARNING
    needs = ()
    caused_by = ("MEM001",)

    share: float = option(0.9, "A peak at this share of the memory is near capacity.")

    def check(self, run: Run, signals: Signals) -> Iterator[Finding | Clear]:
        memory = signals.machine.memory
        if memory.peak is None:
            raise NotApplicable("the log has no GPU memory above 0")
        if memory.capacity is None:
            raise NotApplicable("the log does not tell how much memory the device has")
        used = memory.peak / memory.capacity
        if used < self.share:
            yield Clear(
                f"peak {memory.peak:.3g} of {memory.capacity:.3g} GiB ({used:.0%}), "
                f"{memory.headroom:.3g} GiB to spare"
            )
            return
        yield self.finding(
            reading=f"The run used {memory.peak:.3g} of {memory.capacity:.3g} GiB on the device "
            f"({used:.0%}).",
            measured={
                **memory.facts(),
                "share": used,
                "share_threshold": self.share,
                "capacity_from": memory.source,
            },
            causes=(
                "batch, sequences or model are as large as the device holds",
                *(("memory grows over the run",) if signals.machine.memory_creep is None else ()),
            ),
            remedies=remedies(
                smaller_batch(run, 0.75, "three quarters of the batch, with accumulation"),
                turned_on(run, CHECKPOINTING, "checkpoint activations"),
                None if signals.precision.is_16_bit else "train in bf16",
            ),
            confirm=f"The peak stays below {self.share * memory.capacity:.3g} GiB.",
            confidence=Confidence.MEDIUM if memory.source == "device name" else Confidence.HIGH,
        )
