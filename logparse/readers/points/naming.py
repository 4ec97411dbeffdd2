"""Columns as printed to columns under canonical names, in canonical units."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd

from logparse.readers.points.meanings import Hints, held_out, meaning
from logparse.records import Resolution

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Floats: TypeAlias = NDArray[np.float64]
    Mask: TypeAlias = NDArray[np.bool_]

FINEST_DECIMALS = 8
"""A number with more digits was not rounded: its digits do not tell how fine it is."""
SAMPLED = 1000
"""So many values of a column tell how finely it is printed."""
MOST_AS_SHARE = 1.5
"""An accuracy above it is in per cent."""


@dataclass(frozen=True, slots=True)
class Named:
    """`line` and a float64 column for each canonical name; where NaN was printed; how finely."""

    frame: pd.DataFrame
    nan_at: Mapping[str, Mask]
    resolution: Mapping[str, Resolution]


_RENAMED = re.compile(r"\Atrain_")
_SHARES = ("accuracy", "accuracy_top5")


def canonical(
    frame: pd.DataFrame, nan_at: Mapping[str, Mask], hints: Hints, source: str = ""
) -> Named:
    """The frame under canonical names.

    What names no split is of training; in a file that is called as validation's are, of that.
    Of two columns with one meaning the second fills the gaps of the first; where both have a
    number, the second keeps its own name. Of a metric that is printed by step and by epoch, the
    one by epoch has the canonical name, the other `<name>_step`.
    """
    names = [str(name) for name in frame if name != "line"]
    columns: dict[str, Floats] = {}
    masks: dict[str, Mask] = {}
    meant = column_names(names, hints)
    if held_out(source) and not any(one.startswith("val_") for one in meant.values()):
        meant = {name: _RENAMED.sub("val_", one) for name, one in meant.items()}
    for name, column in meant.items():
        values = frame[name].to_numpy(dtype=np.float64)
        if column in columns and not (np.isnan(columns[column]) | np.isnan(values)).all():
            column = name
        if column in columns:
            values = np.where(np.isnan(columns[column]), values, columns[column])
        if name in nan_at:
            masks[column] = nan_at[name] | masks.get(column, np.zeros(len(values), dtype=bool))
        columns[column] = values
    resolution = {name: found for name in columns if (found := _resolution(columns[name]))}
    if any(_is_accuracy(n) and _top(columns[n]) > MOST_AS_SHARE for n in columns):
        for name in filter(_is_accuracy, columns):
            columns[name] = columns[name] / 100.0
            if name in resolution:
                resolution[name] = Resolution(resolution[name].decimals + 2)
    table = {"line": frame["line"].to_numpy(dtype=np.int64), **columns}
    return Named(pd.DataFrame(table, copy=False), masks, resolution)


def column_names(names: list[str], hints: Hints) -> dict[str, str]:
    """The canonical column of each printed name."""
    meant = {name: meaning(hints.names.get(name, name)) for name in names}
    by_epoch = {one.column for one in meant.values() if one.when == "epoch"}
    return {
        name: f"{one.column}_step" if one.when == "step" and one.column in by_epoch else one.column
        for name, one in meant.items()
    }


def _is_accuracy(column: str) -> bool:
    return column.partition("/")[0].partition("_")[2] in _SHARES


def _top(values: Floats) -> float:
    finite = values[np.isfinite(values)]
    return float(finite.max()) if len(finite) else 0.0


def _resolution(values: Floats) -> Resolution | None:
    """How finely a column is printed, where its digits show that it was rounded."""
    finite = values[np.isfinite(values)]
    sample = finite[:: max(len(finite) // SAMPLED, 1)].tolist()
    decimals = max(map(_decimals, sample), default=0)
    return Resolution(decimals) if sample and decimals <= FINEST_DECIMALS else None


def _decimals(value: float) -> int:
    """Digits after the point in the shortest text of the number."""
    mantissa, _, exponent = repr(value).partition("e")
    digits = len(mantissa.partition(".")[2].rstrip("0"))
    return max(digits - int(exponent or 0), 0)
