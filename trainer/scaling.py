"""Scaling families (seed 003): the same task with larger models, more data, more features.

Every configuration carries the size it claims, and the model's real number of parameters is
checked against it before anything is written or trained.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomli_w
import torch

from trainer import devices
from trainer.errors import TrainerError
from trainer.launch import Target, run_settings, writable
from trainer.models import SeriesModel
from trainer.settings import Settings

_TOLERANCE = 0.01
_WINDOWS = 32768
_BASE: dict[str, Any] = {
    "TRAIN_WINDOWS": _WINDOWS,
    "VAL_WINDOWS": 4096,
    "TRAIN_BATCH": 256,
    "VAL_BATCH": 4096,
    "TRANSFORMER_HEADS": 4,
    "TRANSFORMER_FF_MULT": 4,
    "ONECYCLE_MAX_LR": 0.001,
    "MAX_EPOCHS": 20,
}


@dataclass(frozen=True)
class Scaled:
    """One configuration: its name, the parameters it claims, and what it changes."""

    name: str
    claims: float
    changes: dict[str, Any]

    def settings(self) -> Settings:
        """The configuration, checked."""
        return Settings.from_mapping(_BASE | self.changes)

    def checked(self) -> int:
        """The model's real number of parameters; TrainerError if it is not what is claimed."""
        found = parameter_count(self.settings())
        if abs(found / self.claims - 1) > _TOLERANCE:
            claim = f"{self.claims:,.0f}"
            raise TrainerError(f"{self.name} claims {claim} parameters, its model has {found:,}")
        return found


def _model(width: int, layers: int, hidden: int) -> dict[str, Any]:
    return {
        "TRANSFORMER_D_MODEL": width,
        "TRANSFORMER_LAYERS": layers,
        "PRED_HIDDEN": hidden,
    }


_MS2, _MS3 = _model(80, 4, 128), _model(192, 5, 256)
FAMILIES = (
    Scaled("MS1", 87e3, _model(48, 3, 32)),
    Scaled("MS2", 322e3, _MS2),
    Scaled("MS3", 2.3e6, _MS3),
    Scaled("MS4", 17.4e6, _model(424, 8, 256)),
    Scaled("DS1", 322e3, _MS2 | {"TRAIN_WINDOWS": _WINDOWS // 16}),
    Scaled("DS2", 322e3, _MS2 | {"TRAIN_WINDOWS": _WINDOWS // 4}),
    Scaled("DS3", 322e3, _MS2 | {"TRAIN_WINDOWS": _WINDOWS * 4}),
    Scaled("FS1", 2.3e6, _MS3 | {"FEATURES": 24}),
)
"""Model scale around MS2, data scale and feature scale of it; 87 thousand to 17.4 million."""


def parameter_count(settings: Settings) -> int:
    """Parameters of the model that the settings make, counted without allocating it."""
    with torch.device("meta"):
        return sum(p.numel() for p in SeriesModel(settings).parameters())


def write_and_run(folder: Path, *, run: bool, only: Sequence[str] | None, device: str) -> int:
    """Writes `<name>.toml` of each and says their sizes; trains them into `<folder>/<name>/`."""
    chosen = [each for each in FAMILIES if not only or each.name in only]
    unknown = sorted(set(only or ()) - {each.name for each in FAMILIES})
    if unknown:
        known = ", ".join(each.name for each in FAMILIES)
        raise TrainerError(f"unknown configuration {', '.join(unknown)}; there are {known}")
    devices.choose(device)
    sizes = {each.name: each.checked() for each in chosen}
    for each in chosen:
        path = writable(folder) / f"{each.name}.toml"
        path.write_text(tomli_w.dumps(_BASE | each.changes), encoding="utf-8")
        windows = each.settings().TRAIN_WINDOWS
        features = each.settings().FEATURES
        print(
            f"{path}: {sizes[each.name]:,} parameters (claims {each.claims:,.0f}), "
            f"{windows:,} windows, {features} features"
        )
    for each in chosen if run else ():
        print(f"{each.name}: {folder / each.name}", file=sys.stderr)
        code = run_settings(each.settings(), Target(folder / each.name, device, "F2", "part1"))
        if code:
            return code
    return 0
