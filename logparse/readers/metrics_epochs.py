"""The epochs of a metrics document: each entry a record, all of them a frame."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from logparse.columns import MAX_LABELS
from logparse.metrics import metric, ordered
from logparse.readers.json_values import epoch_of, float_of
from logparse.records import EpochLine, Resolution

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from logparse.numerals import Floats
    from logparse.readers.json_places import Cursor, Lines

DECIMALS, TIME_DECIMALS = 4, 2
"""To what the format rounds metrics and times; zeros at the end are not printed."""
FINEST_DECIMALS = 8
"""A number with more was not rounded: its digits do not tell how fine it is."""
SINCE_START = "elapsed_seconds"
_NAMES = {"gradient_norm": "grad_norm", "learning_rate": "lr"}
"""Keys whose columns are called otherwise; `dev_` becomes `val_` besides."""
_NUMBER = re.compile(r"-?[0-9]+(?:\.([0-9]+))?(?:[eE]([-+]?[0-9]{1,4}))?")


class EpochEntries:
    """Takes the entries of a document one after the other.

    records     one for each epoch, strictly rising; fields under canonical names, but the time
                since the start as printed
    nonfinite   per column of the frame the epochs where nan or an infinity was meant
    open_epoch  the number of an entry that is not whole yet; None between entries
    """

    def __init__(self) -> None:
        self.records: list[EpochLine] = []
        self.nonfinite: dict[str, list[int]] = {}
        self.open_epoch: int | None = None
        self._decimals: dict[str, int] = {}

    def take(self, cursor: Cursor, lines: Lines) -> None:
        """The entry here; one without a number that rises is lost. Raises BrokenJsonError."""
        start, self.open_epoch = cursor.at, None
        fields: dict[str, float] = {}
        named: list[object] = []
        for key in cursor.members(is_one=True):
            if key == "epoch":
                self.open_epoch = epoch_of(cursor.value())
            elif key == "nonfinite":
                value = cursor.value()
                named = value if isinstance(value, list) else []
            else:
                self._field(_column(key), cursor, fields)
        if cursor.text[start] == "{":
            meant = [_column(key) for key in named if isinstance(key, str)]
            self._add(start, cursor, lines, fields | dict.fromkeys(meant, math.nan))
        self.open_epoch = None

    def _field(self, name: str, cursor: Cursor, fields: dict[str, float]) -> None:
        at = cursor.at
        value = cursor.value()
        number = float_of(value)
        if name in fields:
            cursor.lose(at, "each metric once")
        elif number is not None and name != "line":
            fields[name] = number
            self._note_decimals(name, cursor.text[at : cursor.at])
        elif value is not None and (metric(name) or name == SINCE_START):
            cursor.lose(at, "a number")

    def _add(self, start: int, cursor: Cursor, lines: Lines, fields: dict[str, float]) -> None:
        epoch, last = self.open_epoch, self.records[-1].epoch if self.records else -1
        if epoch is None or epoch <= last:
            cursor.lose(start, "an epoch number" if epoch is None else f"an epoch after {last}")
            return
        kept = {name: number for name, number in fields.items() if self._has_room(name)}
        for name, number in kept.items():
            self._decimals.setdefault(name, 0)
            if not math.isfinite(number):
                column = "elapsed_s" if name == SINCE_START else name
                self.nonfinite.setdefault(column, []).append(epoch)
        self.records.append(EpochLine(lines.line(start), epoch, "", kept))

    def _has_room(self, name: str) -> bool:
        """A document of ever new names must not fill the memory."""
        return len(self._decimals) < MAX_LABELS or name in self._decimals

    def _note_decimals(self, name: str, text: str) -> None:
        found = _NUMBER.fullmatch(text)
        if found is not None and self._has_room(name):
            decimals = len(found[1] or "") - int(found[2] or 0)
            self._decimals[name] = max(decimals, self._decimals.get(name, 0))

    def frame(self) -> pd.DataFrame:
        """`Run.epochs`; `elapsed_s` is the time of each epoch."""
        epochs = np.array([record.epoch for record in self.records], dtype=np.int64)
        names = dict.fromkeys(name for record in self.records for name in record.fields)
        columns: dict[str, NDArray[Any]] = {
            name: np.array([record.fields.get(name, np.nan) for record in self.records])
            for name in names
        }
        if SINCE_START in columns:
            columns["elapsed_s"] = _of_each_epoch(epochs, columns.pop(SINCE_START))
        columns["epoch"] = epochs
        columns["line"] = np.array([record.line for record in self.records], dtype=np.int64)
        return pd.DataFrame({name: columns[name] for name in ordered(columns)})

    def resolution(self) -> Mapping[str, Resolution]:
        """How finely each column is rounded, where it is: never coarser than the format has it."""
        found = {}
        for name, decimals in self._decimals.items():
            is_time = name == SINCE_START
            if 0 < decimals <= FINEST_DECIMALS:
                finest = max(decimals, TIME_DECIMALS if is_time else DECIMALS)
                found["elapsed_s" if is_time else name] = Resolution(finest)
        return found


def _of_each_epoch(epochs: NDArray[np.int64], since_start: Floats) -> Floats:
    """Time of each epoch from the time since the start; NaN behind a gap in the epochs.

    A clock that goes back was started anew, by a run that was resumed.
    """
    before = np.concatenate([[0.0 if epochs[0] <= 1 else np.nan], since_start[:-1]])
    before[1:][np.diff(epochs) > 1] = np.nan
    before[since_start < before] = 0.0
    with np.errstate(invalid="ignore"):
        return np.asarray(np.round(since_start - before, FINEST_DECIMALS))


def _column(key: str) -> str:
    return _NAMES.get(key, f"val_{key[4:]}" if key.startswith("dev_") else key)
