"""Memory of the device: what the run used at most, what was reserved, what there is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from logparse.signals.machine.timing import positive
from logparse.signals.noise import print_floor, sigma
from logparse.signals.progress import theil_sen
from logparse.signals.series import series_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from logparse.findings import Measure
    from logparse.run import Run
    from logparse.signals.series import Series

MIB_PER_GIB = 1024.0
GIB = float(1 << 30)
LOGGED_MB = ("gpu_total_mb", "gpu_capacity_mb", "gpu_memory_mb")
SETTINGS_GIB = ("GPU_MEMORY_GIB", "GPU_MEMORY_GB", "GPU_TOTAL_GB")
ONE_SIZE: dict[str, float] = {
    "RTX 3090": 24, "RTX 4090 LAPTOP": 16, "RTX 4090": 24, "RTX 4080 LAPTOP": 12,
    "RTX 4080": 16, "RTX 5080": 16, "RTX 5090 LAPTOP": 24, "RTX 5090": 32, "TESLA T4": 16,
    "NVIDIA L4": 24, "NVIDIA L40": 48, "RTX A6000": 48, "NVIDIA A10": 24, "NVIDIA H200": 141,
}  # fmt: skip
"""Devices whose name alone tells their memory, in GiB as sold; longer names stand first."""


@dataclass(frozen=True, slots=True)
class Memory:
    """GiB on the device. `peak` is the high-water mark of allocated memory in the whole run.

    `source` says where the capacity is from: `logged`, `declared`, or `device name`, which is
    the size as sold, a little more than can be used.
    """

    peak: float | None
    reserved: float | None
    capacity: float | None
    source: str

    @property
    def headroom(self) -> float | None:
        """What is left at the peak; None without both numbers."""
        if self.peak is None or self.capacity is None:
            return None
        return self.capacity - self.peak

    def facts(self) -> dict[str, Measure]:
        """What a finding shows of it."""
        named = {
            "peak_gib": self.peak,
            "capacity_gib": self.capacity,
            "headroom_gib": self.headroom,
        }
        return {name: value for name, value in named.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Creep:
    """Growth of the high-water mark after the first epoch with one.

    rising_first, rising_last   share of the steps that rose, in either half
    z                           Theil-Sen rise over noise and rounding
    """

    growth: float
    slope: float
    z: float
    rising_first: float
    rising_last: float
    points: int
    first_epoch: int
    last_epoch: int


@np.errstate(all="ignore")
def creep(marks: Series) -> Creep | None:
    """How the mark grew; None with fewer than four values after the first."""
    values, epochs = marks.values[1:], marks.epochs[1:]
    if len(values) < 4 or not float(values[0]) > 0 or not float(values[-1]) < 1e300:
        return None
    rises = np.diff(values) > 0
    half = len(rises) // 2
    slope = theil_sen(epochs.astype(np.float64), values)
    noise = max(min(sigma(marks), float(values[0])), print_floor(marks), 1e-9)
    return Creep(
        growth=float(values[-1] / values[0]) - 1,
        slope=slope,
        z=slope * float(epochs[-1] - epochs[0]) / noise,
        rising_first=float(np.mean(rises[:half])),
        rising_last=float(np.mean(rises[half:])),
        points=len(values),
        first_epoch=int(epochs[0]),
        last_epoch=int(epochs[-1]),
    )


def memory(run: Run) -> Memory:
    """What the log tells of the device's memory."""
    marks = series_of(run, "gpu_gib").values
    seen = [float(np.max(marks))] if len(marks) else []
    sampled = _mib(run.micro, "gpu_peak_mb", "gpuMB")
    peak = max([*seen, *([sampled] if sampled else [])], default=0.0)
    reserved = _mib(run.micro, "gpu_reserved_mb", "gpuRes")
    capacity, source = _capacity(run)
    return Memory(peak or None, reserved, capacity, source)


def _mib(facts: Mapping[str, object], *keys: str) -> float | None:
    found = next((value for key in keys if (value := positive(facts, key))), None)
    return None if found is None else found / MIB_PER_GIB


def _capacity(run: Run) -> tuple[float | None, str]:
    logged = _mib(run.micro, *LOGGED_MB)
    if logged is not None:
        return logged, "logged"
    for key in SETTINGS_GIB:
        declared = run.settings.number(key)
        if declared is not None and declared > 0:
            return declared, "declared"
    named = _by_name(_device(run).upper())
    return (named, "device name") if named else (None, "")


def _device(run: Run) -> str:
    env = run.micro.get("env")
    name = env.get("device_name") if isinstance(env, dict) else None
    return name if isinstance(name, str) else ""


def _by_name(name: str) -> float | None:
    """`NVIDIA A100-SXM4-80GB` says it; else a name that is sold with one size of memory."""
    if said := re.search(r"\b([0-9]{1,3}) ?GI?B\b", name):
        return float(said[1]) or None
    models = (key for key in ONE_SIZE if re.search(rf"{re.escape(key)}(?![0-9])", name))
    found = next((key for key in models if _fits(key, name)), None)
    return None if found is None else ONE_SIZE[found]


def _fits(key: str, name: str) -> bool:
    """False for another model of the same number: SUPER, D, Ti, and laptops not listed as such."""
    rest = name.partition(key)[2]
    return not re.match(r" ?(TI|SUPER|D\b|G\b|S\b)", rest) and (
        "LAPTOP" not in rest or key == "RTX 5080"
    )
