"""Event files in folders within the folder of a run: charts of it, its splits, or other runs."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import PurePath
from types import MappingProxyType
from typing import TYPE_CHECKING

from logparse.assembly.joining import joined, why_apart
from logparse.assembly.merging import merged, metrics_of, points_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from logparse.run import Run

_SPLITS = frozenset(("train", "training", "val", "valid", "validation", "eval", "evaluation"))
_HYPERPARAMETERS = re.compile(r"[0-9]{9,11}\.[0-9]+")
"""PyTorch's `add_hparams` writes into a folder that is called as the time."""


def folder_of(files: Sequence[str]) -> str:
    """The innermost folder that holds all the files."""
    folders = [os.path.dirname(name) for name in files]  # noqa: PTH120
    return os.path.commonpath(folders) or os.curdir


def of_one_run(
    found: Sequence[tuple[Run, ...]],
) -> tuple[list[tuple[Run, ...]], list[tuple[Run, ...]]]:
    """Those of the files' runs that are of the run of the outer folder, and all others.

    A folder within is of that run if it is called as a split, or holds one chart.
    """
    outer = folder_of([name for runs in found for name in runs[0].files])
    whole: list[tuple[Run, ...]] = []
    others: list[tuple[Run, ...]] = []
    for runs in found:
        fits = len(runs) == 1 and (_folder(runs[0]) == PurePath(outer) or _is_chart(runs[0]))
        known = [run for one in whole for run in one if not _is_declared(run)]
        if fits and (_is_declared(runs[0]) or not (known and why_apart([*known, *runs]))):
            whole.append(runs)
        else:
            others.append(runs)
    return whole, others


def with_charts(runs: Sequence[Run]) -> Run:
    """One run of those that `of_one_run` puts together.

    Of a folder that declares hyperparameters the values are results, in `micro`.
    """
    charts = [run for run in runs if not _is_declared(run)]
    if not charts:
        return runs[0]
    whole = joined(charts) if len(charts) > 1 else charts[0]
    for run in runs:
        if _is_declared(run):
            last = points_of(run).ffill().iloc[-1]
            told = {f"summary/{name}": float(last[name]) for name in sorted(metrics_of(run))}
            whole = merged(points_of(whole), [whole, run])
            whole = replace(whole, micro=MappingProxyType({**told, **whole.micro}))
    return whole


def _is_chart(run: Run) -> bool:
    is_split = _folder(run).name.casefold() in _SPLITS
    return is_split or _is_declared(run) or len(metrics_of(run)) == 1


def _is_declared(run: Run) -> bool:
    return _HYPERPARAMETERS.fullmatch(_folder(run).name) is not None


def _folder(run: Run) -> PurePath:
    return PurePath(run.files[0]).parent
