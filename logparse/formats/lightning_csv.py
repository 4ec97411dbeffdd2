"""The CSVLogger of Lightning: metrics.csv."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from logparse.readers.tables import TableReader

if TYPE_CHECKING:
    from collections.abc import Sequence

_RATE = re.compile(r"lr-[^/]+(?:/pg(?P<group>\d+))?")
_TWIN = re.compile(r".+_(?:step|epoch)")


class LightningCsvReader(TableReader):
    """Reads rows of steps, of which each fills only the columns that were logged there."""

    format = "lightning-csv"
    about = "metrics.csv of Lightning's CSVLogger: rows by step, with blank cells"

    @classmethod
    def fits(cls, names: Sequence[str]) -> bool:
        """True for `epoch` and `step` among names that are sorted, or that Lightning makes."""
        if not {"epoch", "step"} <= {*names} or len(names) < 3 or "" in names:
            return False
        own = (_RATE.fullmatch(name) or _TWIN.fullmatch(name) for name in names)
        return list(names) == sorted(names) or any(own)

    def canonical(self, names: Sequence[str]) -> list[str]:
        """Rates of the LearningRateMonitor by group; the first group's is `lr`."""
        return [_rate(name) for name in names]


def _rate(name: str) -> str:
    found = _RATE.fullmatch(name)
    if not found or name.endswith(("-momentum", "-weight_decay")):
        return name
    group = int(found["group"] or 1)
    return "lr" if group == 1 else f"opt_lr/{group - 1}"
