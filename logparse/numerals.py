"""Texts of numbers to numbers, many at once, by pandas' own reader."""

from __future__ import annotations

import csv
import io
from itertools import chain
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd

from logparse.records import Resolution

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

Floats: TypeAlias = "NDArray[np.float64]"


def printed_resolution(text: str) -> Resolution:
    """How finely a number is printed: `0.1205` to 4 decimals, `7.2e-05` to 1 of its mantissa."""
    mantissa, scientific, _ = text.partition("e")
    return Resolution(len(mantissa.partition(".")[2]), scientific=bool(scientific))


_FEW_ROWS = 64


def to_floats(columns: Sequence[Sequence[str]]) -> Floats:
    """Exactly what `float` makes of each text, shape (columns, rows)."""
    if not columns or len(columns[0]) < _FEW_ROWS:
        return np.array([list(map(float, column)) for column in columns], dtype=np.float64)
    return (
        read_numbers("\n".join(chain.from_iterable(columns)), {"x": np.float64})["x"]
        .to_numpy()
        .reshape(len(columns), -1)
    )


def read_numbers(text: str | bytes, dtypes: Mapping[str, type[np.float64] | str]) -> pd.DataFrame:
    """pandas' own reader on numbers, and names without commas; nan is the only word for NaN."""
    return pd.read_csv(
        io.BytesIO(text.encode() if isinstance(text, str) else text),
        header=None,
        names=list(dtypes),
        dtype=dict(dtypes),
        na_values={name: ["nan"] for name, kind in dtypes.items() if kind is np.float64},
        keep_default_na=False,
        quoting=csv.QUOTE_NONE,
        engine="c",
    )
