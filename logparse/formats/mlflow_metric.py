"""A metric of MLflow's local store: `mlruns/<experiment>/<run>/metrics/<name>`."""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import TYPE_CHECKING

from logparse.readers.points.reader import PointLines
from logparse.readers.tally import LONGEST_SHOWN
from logparse.records import Unparsed

if TYPE_CHECKING:
    from logparse.readers.points.table import Points

_NUMBER = r"[+-]?(?:[0-9]+\.?[0-9]*(?:[eE][+-]?[0-9]+)?|\.[0-9]+|nan|inf|NaN|Infinity)"
_LINE = re.compile(rf"([0-9]{{12,14}}) ({_NUMBER})(?: (-?[0-9]{{1,18}}))?\s*")
_BEGINS = re.compile(rf"\s*[0-9]{{12,14}} {_NUMBER}(?: -?[0-9]{{1,18}})?[ \t]*[\r\n]".encode())


class MlflowMetricReader(PointLines):
    """Reads the values of one metric; its name is that of the file below `metrics`."""

    format = "mlflow-metric"
    about = "a metric file of MLflow's local store: time, value and step a line"
    lacks = "no line of a time in milliseconds and a value"

    def __init__(self, source: str) -> None:
        super().__init__(source)
        self.metric = metric_name(source)
        self._is_at_zero = False

    @classmethod
    def begins(cls, head: bytes) -> bool:
        return _BEGINS.match(head) is not None

    @property
    def points(self) -> Points:
        """The values so far, under the name of the metric, and what else is in the file."""
        return self._points

    def take(self, number: int, line: str) -> Unparsed | None:
        found = _LINE.fullmatch(line)
        if found is None:
            return Unparsed(number, line[:LONGEST_SHOWN], 1, "a time, a value and a step")
        numbers = {"clock_s": int(found[1]) / 1000, self.metric: float(found[2])}
        step = int(found[3] or 0)
        # Values that were logged without a step all have step 0, or none in old stores.
        if found[3] and (step or not self._is_at_zero):
            numbers["step"] = float(step)
        self._is_at_zero = step == 0
        self._points.add(number, numbers)
        return None


def metric_name(path: str) -> str:
    """The name of the metric in a file of this path: what follows the folder `metrics`."""
    parts = PurePath(path).parts
    at = len(parts) - 1 - parts[::-1].index("metrics") if "metrics" in parts else len(parts) - 2
    return "/".join(parts[at + 1 :]) or "value"
