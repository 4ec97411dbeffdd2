"""Objects of a JSON log: which of their values are numbers, and of which split they tell."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from logparse.metrics import metric
from logparse.readers.json_values import float_of
from logparse.readers.points.meanings import AXES, Hints, meaning

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

DEEPEST = 4
"""So many objects in each other are unfolded."""
SPLIT_KEYS = ("split", "mode", "phase", "stage", "subset", "type", "kind", "event")
"""Keys whose text may say of which split the numbers of an object are."""
_SPLITS = {
    **dict.fromkeys(("train", "training"), "train"),
    **dict.fromkeys(("val", "valid", "validation", "eval", "evaluation", "evaluate", "dev"), "val"),
    **dict.fromkeys(("test", "testing"), "test"),
}
_WRAPPERS = frozenset(
    ("metrics", "metric", "scalars", "values", "stats", "log", "logs", "data", "results", "history")
)
"""Objects that hold the numbers of a line, and whose own names say nothing."""
SETTINGS = re.compile(
    r"(?i)(?:\w*_)?(?:config|cfg|args|hparams|hyper_?parameters|settings|options)"
)
"""What objects of settings are called."""
_NUMBER = re.compile(
    r"\s*(?P<number>[-+]?(?:[0-9]+\.?[0-9]*(?:e[-+]?[0-9]+)?|\.[0-9]+(?:e[-+]?[0-9]+)?"
    r"|inf|infinity|nan))\s*%?\s*",
    re.IGNORECASE,
)
_OF_NO_SPLIT = frozenset((*AXES, "lr", "opt_lr", "grad_norm"))


def number_of(value: object) -> float | None:
    """The number, also one that is written as text; None for all else, truth values among it."""
    if isinstance(value, str):
        found = _NUMBER.fullmatch(value) if len(value) < 64 else None
        return float(found["number"]) if found else None
    return None if isinstance(value, bool) else float_of(value)


def unfolded(found: Mapping[str, object], before: str = "", depth: int = 0) -> dict[str, object]:
    """The values by their names; those of objects in it as `object/name`.

    What stands in an object that is only called a container keeps its own name, unless that is
    taken. Objects deeper than `DEEPEST` are left out.
    """
    flat: dict[str, object] = {}
    for key, value in found.items():
        if not isinstance(value, dict):
            flat[before + key] = value
        elif depth < DEEPEST:
            is_wrapper = key.casefold() in _WRAPPERS
            for name, inner in unfolded(value, "", depth + 1).items():
                is_plain = is_wrapper and name not in found and before + name not in flat
                flat[before + name if is_plain else f"{before}{key}/{name}"] = inner
    return flat


def numbers_of(flat: Mapping[str, object]) -> dict[str, float]:
    """The numbers among values, under names that tell of the split that the object tells of."""
    split = split_of(flat)
    found = {name: n for name, value in flat.items() if (n := number_of(value)) is not None}
    return {on_split(name, split): n for name, n in found.items()} if split else found


def split_of(flat: Mapping[str, object]) -> str:
    """`train`, `val` or `test` where a text of the object says so, else ''."""
    for key in SPLIT_KEYS:
        value = flat.get(key)
        if isinstance(value, str) and value.casefold() in _SPLITS:
            return _SPLITS[value.casefold()]
    return ""


def on_split(name: str, split: str) -> str:
    """The name for a number of that split; one that tells of a split, or of none, stays."""
    column = meaning(name).column
    kind = column.partition("/")[0]
    if split == "train" or kind in _OF_NO_SPLIT or kind.startswith(("val_", "test_")):
        return name
    if kind.startswith("train_"):
        return f"{split}_{column.removeprefix('train_')}"
    return name if kind.partition("_")[0] == split else f"{split}_{name}"


def setting_name(name: str) -> str:
    """The name of a setting without that of the object that all settings are in."""
    first, _, rest = name.partition("/")
    return setting_name(rest) if rest and SETTINGS.fullmatch(first) else name


def tells_of_training(names: Iterable[str], hints: Hints) -> bool:
    """True where one of the names is that of a metric, of a rate or of a norm."""
    for name in names:
        meant = meaning(hints.names.get(name, name))
        if meant.column in AXES:
            continue
        if meant.known or metric(meant.column) is not None or "loss" in meant.column.casefold():
            return True
    return False
