"""The CSVLogger of Keras, and the history of `fit` saved as a table."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from logparse.readers.points.meanings import meaning
from logparse.readers.tables import TableReader

if TYPE_CHECKING:
    from collections.abc import Sequence

_NAME = re.compile(r"[A-Za-z]\w*")
_RATES = ("lr", "learning_rate")
_COUNTED = re.compile(r"_\d+$")


class KerasCsvReader(TableReader):
    """Reads one row an epoch; a metric without `val_` is of the training set.

    An index without a name counts epochs. The number that Keras gives a metric which is used
    in several models (`auc_1`) is left out.
    """

    format = "keras-csv"
    about = "CSVLogger of Keras, or its history as CSV: an epoch a row, of the training set and val"

    @classmethod
    def fits(cls, names: Sequence[str]) -> bool:
        """True for sorted names below `epoch`, or for names that all have a twin `val_...`."""
        metrics = [name for name in names if name not in ("", "epoch")]
        if "loss" not in metrics or not all(map(_NAME.fullmatch, metrics)):
            return False
        if names[0] == "epoch" and "epoch" not in names[1:]:
            return metrics == sorted(metrics) and "step" not in metrics
        plain = {name for name in metrics if not name.startswith("val_")} - {*_RATES}
        twins = {name.removeprefix("val_") for name in metrics if name.startswith("val_")}
        return plain == twins and "epoch" not in names and "" not in names[1:]

    def canonical(self, names: Sequence[str]) -> list[str]:
        return [self._name(name, names, at) for at, name in enumerate(names)]

    def _name(self, name: str, names: Sequence[str], at: int) -> str:
        if not name:
            return "epoch" if at == 0 and "epoch" not in names else ""
        plain = _COUNTED.sub("", name)
        if not meaning(name).known and meaning(plain).known and plain not in names:
            name, twin = plain, f"val_{name}"
        else:
            twin = f"val_{name}"
        is_new = not meaning(name).known and twin in names
        return f"train_{name}" if is_new else name
