"""DATA001 input-bound."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logparse.findings import Confidence, Finding, Measure, Severity
from logparse.rules.base import Clear, NotApplicable, Rule, option, rule
from logparse.rules.edits import changed, loader_workers, more_workers, remedies, turned_on

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logparse.run import Run
    from logparse.signals import Signals

PREFETCH = ("TRAIN_PREFETCH_FACTOR", "PREFETCH_FACTOR")
PINNED = ("PIN_MEMORY", "TRAIN_PIN_MEMORY")
ENOUGH = 4
"""Batches per worker, of which more only cost memory."""


@rule
class InputBound(Rule):
    """The device waits for data during a good part of each step.

    What it does: takes the loading, forward and backward times of the batch that MICRODETAIL
    sampled, and holds them against the time of a step that the throughput tells.

    Why it matters: time spent waiting for data is time paid for and not computed in. More
    workers or a cache often shorten a run at no cost to its result.

    Test: the share of loading in the sampled step, and in a step of the epochs with forward and
    backward taken off, whichever is less: warning at 20%; a note where workers are declared,
    since the first batch waits for them to start. One batch is weak evidence, so it counts from
    10 ms on, and not when it is longer than a whole step of the epochs.

    False alarms: a first batch that waits for workers or a cold cache (in two of three public
    logs it is longer than a step); a batch that the system interrupted, for a few milliseconds.

    Try: workers up to the number of cores, pinned memory, prefetching, a cache.

    Source: TFP, TBP for 5% and 20%; 10 ms is measured (of 530 runs without it 3 exceed it).
    """

    code = "DATA001"
    name = "input-bound"
    severity = Severity.WARNING
    needs = ()

    warn_share: float = option(0.2, "Loading this share of a step is worth a warning.")
    note_share: float = option(0.05, "With times of 100 ms and more, this share is a note.")
    least_ms: float = option(10.0, "A sampled batch that loads faster than this says too little.")
    sure_ms: float = option(100.0, "A batch that loads this long is no interruption.")
    excess: float = option(1.25, "Loading longer than this many steps is not typical of them.")

    def check(self, run: Run, signals: Signals) -> Iterator[Finding | Clear]:
        sample, step_s = signals.machine.sampled, signals.machine.timing.step_s
        if sample.loader_ms is None or not sample.compute_ms:
            raise NotApplicable("the log times no batch: loading, forward and backward")
        share = sample.loader_ms / sample.parts_ms
        if sample.loader_ms < self.least_ms:
            yield Clear(f"one batch loaded in {sample.loader_ms:.3g} ms")
            return
        if step_s is not None:
            step_ms = 1000 * step_s
            if sample.loader_ms > self.excess * step_ms:
                yield Clear(
                    f"the sampled batch loaded in {sample.loader_ms:.4g} ms, longer than a step of "
                    f"{step_ms:.4g} ms: a start, not the rule"
                )
                return
            waited = min(sample.loader_ms, max(step_ms - sample.compute_ms, 0.0))
            share = min(share, waited / step_ms)
        if share >= self.warn_share:
            yield self._found(run, signals, share)
        elif share >= self.note_share and sample.loader_ms >= self.sure_ms:
            yield self._found(run, signals, share, is_small=True)

    def _found(
        self, run: Run, signals: Signals, share: float, *, is_small: bool = False
    ) -> Finding:
        sample, workers = signals.machine.sampled, loader_workers(run)
        parts: dict[str, Measure] = {"loader_ms": sample.loader_ms or 0.0}
        if sample.forward_ms is not None:
            parts["forward_ms"] = sample.forward_ms
        if sample.backward_ms is not None:
            parts["backward_ms"] = sample.backward_ms
        is_note = is_small or workers > 0
        return self.finding(
            severity=Severity.NOTE if is_note else Severity.WARNING,
            reading=f"Loading the sampled batch took {sample.loader_ms:.4g} ms, "
            f"{'up to ' if workers else ''}{share:.0%} of a step.",
            measured={
                **parts,
                "loader_share": share,
                "share_threshold": self.note_share if is_small else self.warn_share,
                **signals.machine.timing.facts(),
            },
            causes=(
                *(("the first batch waits for workers to start",) if workers else ()),
                "reading, decoding or augmenting takes longer than a step hides",
                *(() if workers else ("the batches are made in the training process",)),
            ),
            remedies=remedies(
                more_workers(run),
                _more_prefetched(run),
                turned_on(run, PINNED, "pin memory"),
                "cache what is decoded in every epoch",
            ),
            confirm="With the same batch kept for all steps, an epoch is hardly faster.",
            confidence=Confidence.LOW,
        )


def _more_prefetched(run: Run) -> str | None:
    """Four batches per worker, where fewer are declared or it is not said how many."""
    declared = ((key, run.settings.number(key)) for key in PREFETCH)
    key, count = next(((key, count) for key, count in declared if count is not None), ("", 0.0))
    if not key:
        return f"prefetch 2 to {ENOUGH} batches per worker"
    return changed(run, key, ENOUGH) if count < ENOUGH else None
