"""What the log says of time: per epoch, per batch, for the whole plan, and of one sampled batch."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from logparse import keys
from logparse.signals.machine.drift import per_epoch
from logparse.signals.numbering import starts_at_first, usual_step
from logparse.signals.series import series_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from logparse.findings import Measure
    from logparse.run import Run
    from logparse.signals.series import FloatArray, Series

COARSE = 0.1
_LOADER, _FORWARD, _BACKWARD = "dataloader_ms", "full_forward_ms", "backward_ms"


@dataclass(frozen=True, slots=True)
class Sampled:
    """MICRODETAIL's timing of one batch, in milliseconds; None for what it does not say.

    `segments` went through the forward pass; `declared_rate` is its own segments per second.
    """

    loader_ms: float | None
    forward_ms: float | None
    backward_ms: float | None
    collector_ms: float | None
    segments: float | None
    declared_rate: float | None

    @property
    def parts_ms(self) -> float:
        """The parts of a step that it has, together."""
        parts = (self.loader_ms, self.forward_ms, self.backward_ms)
        return sum(part for part in parts if part is not None)

    @property
    def compute_ms(self) -> float:
        """Forward and backward."""
        return self.parts_ms - (self.loader_ms or 0.0)

    @property
    def rate(self) -> float | None:
        """Segments per second, worked out from the forward pass."""
        if not self.segments or not self.forward_ms:
            return None
        return 1000 * self.segments / self.forward_ms


@dataclass(frozen=True, slots=True)
class BatchChange:
    """The run before in the file had another batch size; its throughput beside this run's."""

    key: str
    batch_before: float
    batch: float
    rate_before: float
    rate: float

    @property
    def slower(self) -> float:
        """How many times as long a sample takes now."""
        return self.rate_before / self.rate

    def facts(self) -> dict[str, Measure]:
        """What a finding shows of the change."""
        return {
            "batch_before": self.batch_before,
            "batch": self.batch,
            "throughput_before": self.rate_before,
            "throughput": self.rate,
            "ratio": self.slower,
        }


@dataclass(frozen=True, slots=True)
class Timing:
    """Time per epoch and batch over the whole run; None for what the log does not tell.

    epoch_s      a typical epoch: samples over throughput where known, else the printed time
    samples      samples per epoch: declared, else time times throughput if time is printed finely
    batch        samples per batch, from BATCH_SHAPE or the settings
    step_s       a typical batch: batch over throughput, or as the log tells batches per second
    planned_s    epoch_s times the planned epochs
    finish       start plus the time of the planned epochs that this run makes, as text in UTC
    """

    epoch_s: float | None
    samples: float | None
    declared_samples: float | None
    batch: float | None
    step_s: float | None
    planned_s: float | None
    left_s: float | None
    finish: str | None
    batch_change: BatchChange | None = None

    def facts(self) -> dict[str, Measure]:
        """What a finding shows of it."""
        named = {
            "epoch_s": self.epoch_s,
            "batch_ms": None if self.step_s is None else 1000 * self.step_s,
            "projected_total_s": self.planned_s,
            "projected_left_s": self.left_s,
            "projected_finish": self.finish,
        }
        return {name: value for name, value in named.items() if value is not None}

    def pace(self) -> str:
        """The same in a line: `70 s per epoch, 12 ms per batch, 1.4 h in all, to ...`."""
        if self.epoch_s is None:
            return ""
        parts = [f"{duration(self.epoch_s)} per epoch"]
        if self.step_s is not None:
            parts.append(f"{duration(self.step_s)} per batch")
        if self.planned_s is not None:
            parts.append(f"{duration(self.planned_s)} as planned")
        if self.finish is not None:
            parts.append(f"until {self.finish}")
        return ", ".join(parts)


def duration(seconds: float) -> str:
    """`12 ms`, `3.4 s`, `2.5 h`, `7 d`: three digits in the unit that fits."""
    for unit, size, last in (("ms", 1e-3, 1.0), ("s", 1.0, 120.0), ("min", 60.0, 7200.0)):
        if seconds < last:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 3600:.3g} h" if seconds < 172_800 else f"{seconds / 86_400:.3g} d"


def sampled(run: Run) -> Sampled:
    """The timing in MICRODETAIL, under either family of keys."""

    def number(*keys: str) -> float | None:
        return next((value for key in keys if (value := positive(run.micro, key))), None)

    return Sampled(
        number(_LOADER),
        number(_FORWARD, "full_forward"),
        number(_BACKWARD),
        number("collector_ms"),
        number("num_segments", "nseg"),
        number("segments_per_sec", "seg/s"),
    )


@np.errstate(all="ignore")
def timing(run: Run) -> Timing:
    """Time per epoch and batch, and what the plan will take at this pace."""
    rate = _median(series_of(run, "throughput").values)
    found = keys.positive(run.settings, keys.SAMPLES_KEYS)
    declared = None if found is None else found[1]
    samples = declared or printed_samples(run)
    epoch_s = samples / rate if samples and rate else _median(epoch_times(run).values)
    batch = _batch(run)
    planned = run.planned_epochs
    planned_s = finite(epoch_s * planned) if epoch_s and planned else None
    left = None if planned is None else max(planned - (run.last_epoch or 0), 0)
    return Timing(
        epoch_s=epoch_s,
        samples=samples,
        declared_samples=declared,
        batch=batch,
        step_s=finite(batch / rate) if batch and rate else _batch_s(run),
        planned_s=planned_s,
        left_s=finite(epoch_s * left) if epoch_s and left is not None else None,
        finish=_finish(run, epoch_s),
        batch_change=_batch_change(run, rate),
    )


def _batch_change(run: Run, rate: float | None) -> BatchChange | None:
    before = run.predecessor
    if before is None or rate is None:
        return None
    rates = [value for facts in before.tail if (value := facts.get("throughput")) and value > 0]
    theirs = dict(before.settings)
    for key in keys.BATCH_KEYS:
        mine, old = run.settings.number(key), _number(theirs.get(key))
        if rates and mine and old and mine > 0 and old > 0 and mine != old:
            return BatchChange(key, old, mine, float(np.median(rates)), rate)
    return None


def _number(text: str | None) -> float | None:
    try:
        return None if text is None else finite(float(text))
    except ValueError:
        return None


def epoch_times(run: Run) -> Series:
    """The time of each epoch, also where the log prints the time since the start."""
    return per_epoch(series_of(run, "elapsed_s"), series_of(run, "throughput"))


def printed_samples(run: Run) -> float | None:
    """Median of time x throughput; None where rounding makes a tenth or more of the time."""
    times, rates = epoch_times(run), series_of(run, "throughput")
    typical = _median(times.values)
    if typical is None or len(times) != len(rates) or times.print_step / 2 > COARSE * typical:
        return None
    return _median(times.values * rates.values)


def positive(facts: Mapping[str, object], key: str) -> float | None:
    """A fact that is a positive, finite number; None for anything else."""
    value = facts.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return finite(value) if 0 < value < 1e300 else None


def finite(value: float) -> float | None:
    """A positive, finite number as it is, else None."""
    return float(value) if 0 < value < math.inf else None


def _median(values: FloatArray) -> float | None:
    """Of those above 0; None where there is none."""
    values = values[values > 0]
    return finite(float(np.median(values))) if len(values) else None


def _batch(run: Run) -> float | None:
    """Samples that one step trains on, in the unit of the throughput."""
    windows = positive(run.batch, "B") or positive(run.micro, "B")
    groups = positive(run.batch, "groups") or 1.0
    declared = keys.positive(run.settings, keys.BATCH_KEYS)
    return windows * groups if windows else declared and declared[1]


def _batch_s(run: Run) -> float | None:
    """Seconds per batch where the log tells how many a second makes."""
    rate = _median(series_of(run, "batches_per_s").values)
    return None if rate is None else finite(1 / rate)


def _finish(run: Run, epoch_s: float | None) -> str | None:
    """Start plus the epochs up to the planned end, without those of the runs that this one goes on
    from; None where the calendar ends before."""
    if run.started is None or epoch_s is None or run.planned_epochs is None:
        return None
    numbers = run.epochs["epoch"].tolist()
    before = 0 if starts_at_first(numbers, usual_step(numbers)) else (run.first_epoch or 1) - 1
    try:
        end = run.started + timedelta(seconds=epoch_s * max(run.planned_epochs - before, 0))
        return end.strftime("%Y-%m-%d %H:%M UTC")
    except OverflowError:
        return None
