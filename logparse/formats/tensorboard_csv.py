"""Series that the web page of TensorBoard saves as CSV, one metric a file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from logparse.readers.points.meanings import AXES, meaning
from logparse.readers.tables import TableReader

if TYPE_CHECKING:
    from collections.abc import Sequence

_HEADER = ["Wall time", "Step", "Value"]
_FILE = re.compile(r"(?:run-)?(?P<run>.*?)-?tag-(?P<tag>.+)")
_SPLIT = re.compile(r"(?:.*[^a-z])?(?P<split>train|validation|val|valid|eval|test)")


class TensorboardCsvReader(TableReader):
    """Reads wall time, step and value; the file's name tells the metric."""

    format = "tensorboard-csv"
    about = "a series saved from TensorBoard's page; run-<run>-tag-<metric>.csv names the metric"

    @classmethod
    def fits(cls, names: Sequence[str]) -> bool:
        return list(names) == _HEADER

    def canonical(self, names: Sequence[str]) -> list[str]:
        known = {"Wall time": "clock_s", "Step": "step", "Value": metric_of(self._source)}
        return [known.get(name, name) for name in names]


def metric_of(source: str) -> str:
    """The metric that a file of this name holds: its tag, or the end of it that has a meaning.

    A run called `train` or `validation` says which set a plain tag speaks of.
    """
    stem = re.split(r"[\\/]", source)[-1].partition(".csv")[0]
    found = _FILE.fullmatch(stem)
    tag = found["tag"] if found else stem
    words = tag.removeprefix("epoch_").split("_")
    ends = ("_".join(words[at:]) for at in range(len(words)))
    name = next((end for end in ends if _is_metric(end)), tag)
    split = _SPLIT.fullmatch(found["run"].casefold()) if found else None
    if split and _is_metric(f"{split['split']}_{name}") and meaning(name).column != "lr":
        return f"{split['split']}_{name}"
    return name


def _is_metric(name: str) -> bool:
    meant = meaning(name)
    return meant.known and meant.column not in AXES
