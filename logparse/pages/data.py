"""The page's data for programs: the JSON report and the curves, made safe to stand in HTML."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

from logparse.renderers import as_json

if TYPE_CHECKING:
    import pandas as pd

    from logparse.findings import Report, RunReport
    from logparse.run import Run

MOST_BYTES = 5_000_000
"""Room for parameter lists and curves; what exceeds it is left out, the lists first."""
_PER_NUMBER = 9
"""Bytes, about, that one takes with its comma."""
_DIGITS = 6

_SAFE = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}
_LISTS = ("epoch", "name", "grad_norm", "update_ratio")


def embedded(report: Report) -> str:
    """The text of a JSON script element: `report`, `runs` and what of them is `left_out`.

    `report` is the document of `--format json`. `runs` has, in the same order, `epochs`, the table
    of epochs by column, and `parameters`, the listed tensors by column; null where left out.
    Numbers have six digits; what is no finite number is null.
    """
    wanted, left_out = _wanted([judged.run for judged in report.runs])
    document = {
        "report": as_json.document(report),
        "runs": [_run(judged, wanted) for judged in report.runs],
        "left_out": left_out,
    }
    text = json.dumps(document, allow_nan=False, separators=(",", ":"))
    return text.translate(_SAFE)


def _wanted(runs: list[Run]) -> tuple[set[str], list[str]]:
    """Which tables there is room for, and which are left out."""
    sizes = {
        "epochs": sum(run.epochs.size for run in runs),
        "parameters": sum(len(run.parameters) * len(_LISTS) for run in runs),
    }
    room, wanted = MOST_BYTES, set[str]()
    for name, size in sizes.items():
        if size * _PER_NUMBER <= room:
            room -= size * _PER_NUMBER
            wanted.add(name)
    return wanted, [name for name, size in sizes.items() if name not in wanted and size]


def _run(judged: RunReport, wanted: set[str]) -> dict[str, Any]:
    run = judged.run
    lists = run.parameters[[name for name in _LISTS if name in run.parameters]]
    return {
        "source": run.source,
        "run": run.index,
        "epochs": _columns(run.epochs) if "epochs" in wanted else None,
        "parameters": _columns(lists) if "parameters" in wanted and len(lists) else None,
    }


def _columns(frame: pd.DataFrame) -> dict[str, list[object]]:
    return {str(name): [_plain(value) for value in frame[name].tolist()] for name in frame}


def _plain(value: object) -> object:
    if not isinstance(value, float):
        return value if isinstance(value, int | str) else None
    if not math.isfinite(value):
        return None
    return (
        int(value) if value == int(value) and abs(value) < 1e15 else float(f"{value:.{_DIGITS}g}")
    )
