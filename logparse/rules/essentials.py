"""What a log must record so that its run can be repeated, and under which names logs do so."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from logparse.run import Run

HOW: Mapping[str, str] = {
    "seed": "set the seeds of Python, NumPy and PyTorch from one setting SEED, and print it",
    "versions": "print the versions of Python, PyTorch and CUDA",
    "device": "print the name of the device",
    "settings": "print every setting before the first epoch",
    "commit": "print the commit of the code, and a checksum of the data",
    "data": "print the commit of the code, and a checksum of the data",
}
"""The essentials in the order in which they are named, with how each is recorded."""

_NAMES: Mapping[str, re.Pattern[str]] = {
    "seed": re.compile(r"(^|_)SEED$"),
    "versions": re.compile(r"(^|_)(TORCH|PYTORCH|TENSORFLOW|JAX|KERAS)(_VERSION)?$"),
    "device": re.compile(r"^(DEVICE|GPU|DEVICE_NAME|GPU_NAME|ACCELERATOR)$"),
    "commit": re.compile(r"(^|_)(COMMIT|REVISION|GIT_SHA|GIT_HASH|CODE_VERSION)(_|$)"),
    "data": re.compile(r"(^|_)(DATASET|DATA_(ID|HASH|VERSION|PATH|DIR|FILE))(_|$)"),
}
_PRERELEASE = re.compile(r"\d(a|b|rc)\d|dev|nightly", re.IGNORECASE)
_VERSIONED = ("torch", "torchvision", "tensorflow", "jax", "keras", "python")


def recorded(run: Run) -> tuple[str, ...]:
    """Which of the essentials the log has; a setting of None is none."""
    facts = {key.upper() for key, value in _facts(run) if value not in (None, "", "None")}
    found = {name for name, known in _NAMES.items() if any(map(known.search, facts))}
    if run.settings:
        found.add("settings")
    return tuple(name for name in HOW if name in found)


def prereleases(run: Run) -> tuple[str, ...]:
    """Libraries of a development build or a pre-release: `torch 2.7.0a0+ecf3bae`."""
    found = ((key.lower().removesuffix("_version"), str(value)) for key, value in _facts(run))
    builds = (f"{key} {text}" for key, text in found if key in _VERSIONED and _is_early(text))
    return tuple(dict.fromkeys(builds))


def _is_early(version: str) -> bool:
    """What stands behind the plus names the build, not the release."""
    return _PRERELEASE.search(version.partition("+")[0]) is not None


def _facts(run: Run) -> Iterator[tuple[str, object]]:
    """Settings, and the environment of the snapshot."""
    yield from run.settings.items()
    environment = run.micro.get("env")
    if isinstance(environment, dict):
        yield from ((str(key), value) for key, value in environment.items())
