"""results.csv of Ultralytics YOLO, of version 5 and of those since 8."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from logparse.readers.tables import TableReader

if TYPE_CHECKING:
    from collections.abc import Sequence

_LOSS = re.compile(r"(?P<split>train|val|test)/(?P<part>\w+)")
_METRIC = re.compile(r"metrics/(?P<name>[^()]+)(?:\((?P<part>\w)\))?")
_RATE = re.compile(r"(?:lr/pg|lr/|x/lr)(?P<group>\d)")
_METRICS = {
    "mAP50": "val_map50",
    "mAP_0.5": "val_map50",
    "mAP50-95": "val_map",
    "mAP_0.5:0.95": "val_map",
    "accuracy_top1": "val_accuracy",
    "accuracy_top5": "val_accuracy_top5",
}
_PARTS = {"B": "", "M": "/mask", "P": "/pose"}


class UltralyticsCsvReader(TableReader):
    """Reads an epoch a row; losses are also summed over their parts, as the trainer does.

    `lr` is the rate of group 1, the weights: in the first epochs group 0, the biases, has
    a warm-up of its own that starts high.
    """

    format = "ultralytics-csv"
    about = "results.csv of Ultralytics YOLO: loss parts and their sum, mAP of boxes and masks, lr"

    @classmethod
    def fits(cls, names: Sequence[str]) -> bool:
        """True below `epoch` for training losses, and the names that only Ultralytics has."""
        own = any(_METRIC.fullmatch(name) or _RATE.fullmatch(name) for name in names)
        return names[0] == "epoch" and own and any(name.startswith("train/") for name in names)

    def canonical(self, names: Sequence[str]) -> list[str]:
        main = "1" if any(_group(name) == "1" for name in names) else "0"
        return [_canonical(name, main) for name in names]

    def sums(self, names: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """The losses of both sets, where only their parts are printed."""
        parts = {
            split: tuple(name for name in names if name.startswith(f"{split}/"))
            for split in ("train_loss", "val_loss")
        }
        return {split: found for split, found in parts.items() if found and split not in names}


def _canonical(name: str, main: str) -> str:
    if name == "time":
        return "since_start_s"
    if group := _group(name):
        return "lr" if group == main else f"opt_lr/{group}"
    if loss := _LOSS.fullmatch(name):
        split = "train_loss" if loss["split"] == "train" else "val_loss"
        part = loss["part"].removesuffix("_loss")
        return split if part == "loss" else f"{split}/{part}"
    if metric := _METRIC.fullmatch(name):
        known = _METRICS.get(metric["name"], f"val_{metric['name']}")
        return known + _PARTS.get(metric["part"] or "B", f"/{metric['part']}")
    return name


def _group(name: str) -> str:
    found = _RATE.fullmatch(name)
    return found["group"] if found else ""
