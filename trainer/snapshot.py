"""MICRODETAIL: one measurement of the first batch, before the training begins.

It works on a copy of the model and leaves the random generators as they were, so that a run
with it and a run without it are the same run.
"""

import copy
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from statistics import quantiles
from typing import TypeVar

import torch
from torch import Tensor, nn

from trainer.devices import environment, synchronize
from trainer.precision import Precision
from trainer.settings import Settings
from trainer.tasks import Task

T = TypeVar("T")


def batch_shape(settings: Settings) -> tuple[int, int, int, int]:
    """Samples, windows per sample, timesteps, features of a training batch."""
    samples = min(settings.TRAIN_BATCH, settings.TRAIN_WINDOWS)
    return samples, 1, settings.LOOK_BACK, settings.FEATURES


def measure(
    task: Task, model: nn.Module, settings: Settings, device: torch.device
) -> dict[str, object]:
    """The figures by MICRODETAIL key: milliseconds, bytes, MiB, shapes; absent if unknown."""
    watch, precision = Stopwatch(device), Precision(settings.PRECISION, device)
    started = time.perf_counter()
    with _untouched_generators(task, device):
        batches = task.train.batches(settings.TRAIN_BATCH, torch.Generator().manual_seed(0))
        x, y = watch("dataloader_ms", lambda: next(batches))
        trial = copy.deepcopy(model)
        found = _one_step(task, trial, precision, watch, x, y)
        found |= _single_windows(task, trial, precision, watch, x, y, settings.MICRO_SAMPLE_K)
    found |= watch.figures | _sizes(model, settings, x) | {"env": environment(device)}
    found["segments_per_sec"] = len(x) / max(watch.figures["full_forward_ms"], 1e-6) * 1000
    found["device_syncs_count"] = watch.syncs
    found["collector_ms"] = 1000 * (time.perf_counter() - started)
    return found


class Stopwatch:
    """Times calls on the device: by CUDA events where there is CUDA, else by the wall clock."""

    def __init__(self, device: torch.device) -> None:
        self.device, self.syncs = device, 0
        self.figures: dict[str, float] = {}

    def __call__(self, key: str, work: Callable[[], T]) -> T:
        """What `work` returns; its milliseconds are kept under `key`."""
        result, self.figures[key] = self.timed(work)
        return result

    def timed(self, work: Callable[[], T]) -> tuple[T, float]:
        """What `work` returns, and its milliseconds."""
        if self.device.type != "cuda":
            started = time.perf_counter()
            return work(), 1000 * (time.perf_counter() - started)
        begin, end = _event(), _event()
        begin.record()
        result = work()
        end.record()
        end.synchronize()
        self.syncs += 1
        return result, begin.elapsed_time(end)


def _event() -> torch.cuda.Event:
    return torch.cuda.Event(enable_timing=True)  # type: ignore[no-untyped-call]


@contextmanager
def _untouched_generators(task: Task, device: torch.device) -> Iterator[None]:
    """Restores torch's generators and the task's own."""
    own = task.generators()
    states = [generator.get_state() for generator in own]
    with torch.random.fork_rng([device] if device.type == "cuda" else []):
        yield
    for generator, state in zip(own, states, strict=True):
        generator.set_state(state)


def _one_step(
    task: Task, trial: nn.Module, precision: Precision, watch: Stopwatch, x: Tensor, y: Tensor
) -> dict[str, object]:
    """Forward and backward of the batch, after one forward that nobody times."""

    def forward() -> tuple[Tensor, tuple[Tensor, ...]]:
        with precision.autocast():
            return task.forward(trial, x, y)

    forward()
    memory = _Memory(watch.device)
    loss, outputs = watch("full_forward_ms", forward)
    found = memory.after_forward()
    watch("backward_ms", lambda: precision.backward(loss))
    copied = watch("preds_cpu_ms", lambda: outputs[0].cpu())
    del watch.figures["preds_cpu_ms"]  # F2 and G have no such key
    reached = [name for name, p in trial.named_parameters() if p.grad is not None]
    return (
        found
        | memory.after_backward()
        | {
            "cpu_copy_bytes": copied.nbytes,
            "out_bytes": outputs[0].nbytes,
            "out_dtype": str(outputs[0].dtype),
            "out_numel": outputs[0].numel(),
            "out_shape": tuple(outputs[0].shape),
            "raw_reg_shape": tuple(outputs[0].shape),
            "grads": {
                "backbone": any("head" not in name for name in reached),
                "head": any("head" in name for name in reached),
            },
            "group_nonzero_counts": [len(reached)],
        }
    )


def _single_windows(
    task: Task,
    trial: nn.Module,
    precision: Precision,
    watch: Stopwatch,
    x: Tensor,
    y: Tensor,
    count: int,
) -> dict[str, object]:
    """Milliseconds of one window's forward pass: median and 90% of the first `count`."""
    trial.eval()
    times = []
    with torch.no_grad(), precision.autocast():
        for one in zip(torch.split(x[:count], 1), torch.split(y[:count], 1), strict=True):
            times.append(watch.timed(partial(task.forward, trial, *one))[1])
    if len(times) < 2:
        return {}
    tenths = quantiles(times, n=10, method="inclusive")
    return {"per_segment_p50_ms": tenths[4], "per_segment_p90_ms": tenths[8]}


class _Memory:
    """CUDA's own counters; empty answers on a CPU, which keeps none."""

    def __init__(self, device: torch.device) -> None:
        self.device, self.is_cuda = device, device.type == "cuda"
        if self.is_cuda:
            synchronize(device)
            torch.cuda.reset_peak_memory_stats(device)
            self.before = torch.cuda.memory_allocated(device)

    def after_forward(self) -> dict[str, object]:
        """What the forward pass left allocated for the backward pass."""
        if not self.is_cuda:
            return {}
        now = torch.cuda.memory_allocated(self.device)
        return {"gpu_allocated_bytes": now, "activation_mb": (now - self.before) >> 20}

    def after_backward(self) -> dict[str, object]:
        """Peak and reserved memory, after which the peak counts anew."""
        if not self.is_cuda:
            return {}
        peak = torch.cuda.max_memory_allocated(self.device)
        reserved = torch.cuda.memory_reserved(self.device)
        torch.cuda.reset_peak_memory_stats(self.device)
        return {
            "gpu_peak_mb": peak >> 20,
            "gpu_reserved_bytes": reserved,
            "gpu_reserved_mb": reserved >> 20,
        }


def _sizes(model: nn.Module, settings: Settings, x: Tensor) -> dict[str, object]:
    """Counts that need no measurement."""
    total = sum(p.numel() for p in model.parameters())
    samples, groups, steps, features = batch_shape(settings)
    return {
        "B": samples,
        "groups": groups,
        "seq_len_full": steps,
        "feat_dim": features,
        "expected_segments": samples * groups,
        "num_segments": len(x),
        "sum_seg_lens": len(x) * steps,
        "mean_seg_len": float(steps),
        "windows_bytes": x.nbytes,
        "param_bytes": sum(p.nbytes for p in model.parameters()),
        "total_params": total,
        "trainable_params": sum(p.numel() for p in model.parameters() if p.requires_grad),
    }
