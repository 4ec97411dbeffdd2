"""Where a run computes, and what that machine is called."""

import os
import platform

import torch

from trainer.errors import TrainerError


def choose(name: str) -> torch.device:
    """`auto`, `cpu` or `cuda`; raises TrainerError when CUDA is asked for and absent."""
    if name not in ("auto", "cpu", "cuda"):
        raise TrainerError(f"--device must be auto, cuda or cpu, not {name!r}")
    if name == "cuda" and not torch.cuda.is_available():
        raise TrainerError("--device cuda: this PyTorch finds no CUDA device")
    if name != "cpu" and torch.cuda.is_available():
        return torch.device("cuda")
    if "OMP_NUM_THREADS" not in os.environ:
        # The reference models are too small to share: more threads wait for each other.
        torch.set_num_threads(1)
    return torch.device("cpu")


def environment(device: torch.device) -> dict[str, str | None]:
    """Versions and the device's name: the GPU's, or the processor's architecture."""
    is_cuda = device.type == "cuda"
    return {
        "python": platform.python_version(),
        "torch": str(torch.__version__),
        "cuda": torch.version.cuda if is_cuda else None,
        "device_name": torch.cuda.get_device_name(device) if is_cuda else platform.machine(),
    }


def synchronize(device: torch.device) -> None:
    """Waits until the device has done what it was given."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def peak_gib(device: torch.device) -> float:
    """Most memory allocated on the GPU since its counters were reset, 0 on a CPU."""
    return torch.cuda.max_memory_allocated(device) / 2**30 if device.type == "cuda" else 0.0
