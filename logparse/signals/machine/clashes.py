"""Figures of time that say the same thing twice: where they differ, one of them is wrong."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from logparse.signals.machine.timing import epoch_times, positive
from logparse.signals.series import series_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logparse.run import Run
    from logparse.signals.machine.timing import Sampled, Timing
    from logparse.signals.series import Series

ACCUMULATION_KEYS = (
    *("ACCUMULATION_STEPS", "ACCUM_STEPS", "GRAD_ACCUM", "GRAD_ACCUM_STEPS"),
    *("GRADIENT_ACCUMULATION_STEPS", "ACCUMULATE_GRAD_BATCHES"),
)
HALF = 0.5
T_STEP = 0.1


@dataclass(frozen=True, slots=True)
class Clash:
    """Two figures that should agree.

    ratio   the first over the second, after rounding has been granted in their favour
    sure    False where the two were measured under different conditions
    """

    one: str
    value: float
    other: str
    against: float
    unit: str
    ratio: float
    cause: str
    sure: bool = True

    @property
    def excess(self) -> float:
        """The ratio, turned to be 1 or more."""
        return max(self.ratio, 1 / self.ratio)


def find(run: Run, timing: Timing, sample: Sampled) -> tuple[Clash, ...]:
    """Every pair of the log's figures, whatever their ratio; those without both are left out."""
    found = (*_samples(run, timing), *_steps(run, timing), *_wall_clock(run), *_micro(sample))
    rates = _rates(run, timing, sample)
    return found if rates is None else (*found, rates)


def _interval(series: Series) -> tuple[np.ndarray, np.ndarray]:
    """The least and the largest that each printed value can stand for."""
    half = HALF * series.print_step
    return np.maximum(series.values - half, 0.0), series.values + half


@np.errstate(all="ignore")
def _samples(run: Run, timing: Timing) -> Iterator[Clash]:
    """Time x throughput is the number of samples: the declared one, and the same each epoch."""
    times, rates = epoch_times(run), series_of(run, "throughput")
    if not len(times) or len(times) != len(rates):
        return
    low, high = (t * r for t, r in zip(_interval(times), _interval(rates), strict=True))
    told = (times.values > 0) & (rates.values > 0) & np.isfinite(high)
    low, high = low[told], high[told]
    if not len(low):
        return
    usual = float(np.median(np.sqrt(np.maximum(low, 1e-300) * high)))
    declared = timing.declared_samples
    if declared is not None:
        ratio = _outside(float(np.median(low)), float(np.median(high)), declared)
        words = "time x throughput", usual, "declared samples per epoch", declared
        yield Clash(*words, "samples", ratio, "the throughput counts something else")
    if len(low) > 1:
        level = _common(low, high)
        ratios = np.array([_outside(a, b, level) for a, b in zip(low, high, strict=True)])
        worst = int(np.argmax(np.abs(np.log(ratios))))
        other = "its usual value", level
        name = f"time x throughput in E{int(times.epochs[told][worst]):02d}"
        value = level * float(ratios[worst])
        cause = "epochs have different lengths, or time and throughput cover different work"
        yield Clash(name, value, *other, "samples", float(ratios[worst]), cause)


def _common(low: np.ndarray, high: np.ndarray) -> float:
    """A number of samples that as many of the epochs as possible allow."""
    fits = (low[:, None] <= high[None, :]) if len(low) <= 300 else None
    if fits is None:
        return float(np.median((low + high) / 2))
    best = int(np.argmax((fits & (high[:, None] >= high[None, :])).sum(axis=0)))
    return float(high[best])


def _outside(low: float, high: float, target: float) -> float:
    """1 for a target within the interval, else the nearer end over the target."""
    if low <= target <= high or not target > 0:
        return 1.0
    return float(min(max((high if target > high else low) / target, 1e-12), 1e12))


def _steps(run: Run, timing: Timing) -> Iterator[Clash]:
    """Scheduler steps over epochs are the batches of an epoch, over those that are accumulated.

    The last batch may be smaller than the others, or left out.
    """
    total, planned = positive(run.optimizer, "total_steps"), run.planned_epochs
    if total is None or planned is None or not timing.samples or not timing.batch:
        return
    gathered = max([1.0, *(run.settings.number(key) or 1.0 for key in ACCUMULATION_KEYS)])
    scheduled, done = total / planned, timing.samples / (timing.batch * gathered)
    done = min(max(scheduled, math.floor(done), 1.0), math.ceil(done))
    names = ("scheduler steps per epoch", scheduled, "optimizer steps per epoch", done)
    cause = "the scheduler is planned for another number of steps than the run makes"
    yield Clash(*names, "steps", scheduled / done, cause)


def _wall_clock(run: Run) -> Iterator[Clash]:
    """The epochs of the run before cannot take longer than from its start to this run's."""
    before = run.predecessor
    if before is None or before.started is None or run.started is None or not run.has_start:
        return
    span = (run.started - before.started).total_seconds()
    facts = {one.epoch: one for one in (*before.head, *before.tail)}.values()
    least = sum(max((one.get("elapsed_s") or 0.0) - HALF * T_STEP, 0.0) for one in facts)
    if span > 0 and least > span:
        names = ("the epochs of the run before", least, "from its start to this one", span)
        cause = "two programs wrote to the file at the same time, or a clock was set"
        yield Clash(*names, "s", least / span, cause)


def _micro(sample: Sampled) -> Iterator[Clash]:
    """MICRODETAIL's own arithmetic: its rate, and its parts against their whole."""
    if sample.rate is not None and sample.declared_rate is not None:
        names = ("segments over forward time", sample.rate, "its segments per second")
        cause = "MICRODETAIL counts other segments than it times"
        ratio = sample.rate / sample.declared_rate
        yield Clash(*names, sample.declared_rate, "segments/s", ratio, cause)
    if sample.collector_ms is not None and sample.parts_ms > sample.collector_ms:
        names = ("the sampled parts", sample.parts_ms, "the whole sample")
        cause = "loading is timed outside the sample, or a part is timed twice"
        ratio = sample.parts_ms / sample.collector_ms
        yield Clash(*names, sample.collector_ms, "ms", ratio, cause)


def _rates(run: Run, timing: Timing, sample: Sampled) -> Clash | None:
    """A forward pass on a whole batch cannot be slower than whole steps; on a part it may be."""
    rates = series_of(run, "throughput").values
    rates = rates[rates > 0]
    if sample.declared_rate is None or not len(rates):
        return None
    usual = float(np.median(rates))
    is_whole = bool(sample.segments and timing.batch and sample.segments >= timing.batch)
    if not is_whole or not sample.declared_rate < usual < np.inf:
        return None
    cause = "the system interrupted the sampled batch"
    names = ("the sampled forward pass", sample.declared_rate, "whole training steps", usual)
    return Clash(*names, "segments/s", sample.declared_rate / usual, cause, sure=False)
