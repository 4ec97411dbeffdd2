"""MEM001 memory-creep."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logparse.findings import Confidence, Finding, Measure, Severity, epoch_label
from logparse.rules.base import NotApplicable, Rule, TooShort, option, rule
from logparse.rules.edits import remedies

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logparse.run import Run
    from logparse.signals import Signals
    from logparse.signals.machine.memory import Creep


@rule
class MemoryCreep(Rule):
    """Memory on the device grows epoch by epoch.

    What it does: looks at the growth of the memory's high-water mark after the second epoch,
    how many epochs raised it, and when it would reach what the device has.

    Why it matters: a run that keeps a little more each epoch ends with an out-of-memory error,
    often hours later, and slows down before.

    Test: from the second epoch on it grew by >= 5%, in >= 50% of the epochs of either half,
    with a Theil-Sen rise of z >= 3.

    False alarms: the mark jumps once, after the header's snapshot has reset it, and with every
    new longest batch, ever more seldom: growth must go on in both halves. 0.00 without CUDA.

    Try: detach or `.item()` what is summed up, empty lists of outputs, reset the peak.

    Source: SMD; 50% in either half is a judgement, simulated.
    """

    code = "MEM001"
    name = "memory-creep"
    severity = Severity.WARNING
    needs = ("epochs", "gpu_gib")
    min_epochs = 6

    least_growth: float = option(0.05, "Growth below this share is no creep.")
    least_share: float = option(0.5, "Share of the epochs, in either half, that must grow.")
    least_z: float = option(3.0, "The rise must be this many sigma.")

    def check(self, run: Run, signals: Signals) -> Iterator[Finding]:
        if not (signals.series("gpu_gib").values > 0).any():
            raise NotApplicable("no GPU memory is in use: 0.00 GiB throughout")
        creep = signals.machine.memory_creep
        if creep is None or creep.points < self.min_epochs - 1:
            raise TooShort(f"needs {self.min_epochs} epochs with a memory above 0")
        grows = min(creep.rising_first, creep.rising_last) >= self.least_share
        if creep.growth >= self.least_growth and creep.z >= self.least_z and grows:
            yield self._found(run, signals, creep)

    def _found(self, run: Run, signals: Signals, creep: Creep) -> Finding:
        facts: dict[str, Measure] = {
            "growth": creep.growth,
            "gib_per_epoch": creep.slope,
            "rising_epochs_first_half": creep.rising_first,
            "rising_epochs_last_half": creep.rising_last,
            "rising_threshold": self.least_share,
            "z": creep.z,
            **signals.machine.memory.facts(),
        }
        full, headroom = "", signals.machine.memory.headroom
        if headroom is not None and headroom > 0 and creep.slope > 0:
            left = headroom / creep.slope
            facts["epochs_to_capacity"] = left
            end = creep.last_epoch + left
            if end <= (run.planned_epochs or 1e6):
                full = f", and is full at about {epoch_label(int(end))}"
        return self.finding(
            reading=f"GPU memory grows by {creep.slope:.2g} GiB per epoch, {creep.growth:.0%} "
            f"since {epoch_label(creep.first_epoch)}{full}.",
            measured=facts,
            causes=(
                "losses or outputs are kept with their graph",
                "lists of results grow from epoch to epoch",
                "batches become longer: a curriculum",
            ),
            remedies=remedies(
                "sum up `loss.item()` or `loss.detach()`, not `loss`",
                "empty lists of outputs, or move them to the CPU, after each epoch",
                "call torch.cuda.reset_peak_memory_stats() each epoch, to see every epoch's own",
            ),
            confirm="The mark stays where it is from the third epoch on.",
            confidence=Confidence.MEDIUM,
            epochs=(creep.first_epoch, creep.last_epoch),
        )
