"""MEM003 reserved-far-above-allocated."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logparse.findings import Confidence, Finding, Severity
from logparse.rules.base import Clear, NotApplicable, Rule, option, rule
from logparse.rules.edits import remedies

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logparse.run import Run
    from logparse.signals import Signals


@rule
class ReservedFarAboveAllocated(Rule):
    """The allocator holds far more memory than the run ever used.

    What it does: compares the memory that MICRODETAIL shows as reserved with the highest
    allocated memory of the whole run.

    Why it matters: reserved memory is lost to every other program, and a fragmented reserve
    fails a large request although enough is free.

    Test: reserved >= 4 times the peak of allocated memory, and >= 2 GiB above it.

    False alarms: the snapshot is taken before training and resets the mark, so that the first
    epochs show less than the run needs: with fewer than two epochs the confidence is low.

    Try: expandable segments; look at what ran before the snapshot; look for another program.

    Source: a judgement; 4 times and 2 GiB are not measured.
    """

    code = "MEM003"
    name = "reserved-far-above-allocated"
    severity = Severity.NOTE
    needs = ()

    ratio: float = option(4.0, "Reserved memory at this many times the peak is far above it.")
    least_gib: float = option(2.0, "Less than this many GiB above the peak is not worth a word.")

    def check(self, run: Run, signals: Signals) -> Iterator[Finding | Clear]:
        memory = signals.machine.memory
        if memory.reserved is None or memory.peak is None:
            raise NotApplicable("the log does not tell reserved and allocated GPU memory")
        over = memory.reserved - memory.peak
        if memory.reserved < self.ratio * memory.peak or over < self.least_gib:
            yield Clear(f"{memory.reserved:.3g} GiB reserved, {memory.peak:.3g} GiB used at most")
            return
        yield self.finding(
            reading=f"{memory.reserved:.3g} GiB are reserved, of which the run used at most "
            f"{memory.peak:.2g} GiB.",
            measured={
                "reserved_gib": memory.reserved,
                "peak_gib": memory.peak,
                "ratio": memory.reserved / memory.peak,
                "ratio_threshold": self.ratio,
                "gib_above": over,
            },
            causes=(
                "something large ran before the snapshot, such as a validation pass",
                "the reserve is fragmented by batches of different size",
            ),
            remedies=remedies(
                "PYTORCH_CUDA_ALLOC_CONF=expandable_segments:True",
                "call torch.cuda.empty_cache() once after the large pass",
            ),
            confirm="Reserved memory stays within twice the peak.",
            confidence=Confidence.MEDIUM if len(run.epochs) > 1 else Confidence.LOW,
        )
