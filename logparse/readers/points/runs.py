"""Points to runs: where one ends and another begins, and where one goes on after a resume."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd

from logparse.metrics import metric
from logparse.readers.empty_run import empty_run
from logparse.readers.points.meanings import Hints, meaning
from logparse.readers.points.rows import nonfinite_rows, rows_of
from logparse.records import Resolution
from logparse.run import Coverage, Run, Seam, Settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from logparse.readers.points.table import Points

    Ints: TypeAlias = NDArray[np.int64]
    Mask: TypeAlias = NDArray[np.bool_]

FINEST_DECIMALS = 8
"""A number with more digits was not rounded: its digits do not tell how fine it is."""
SAMPLED = 1000
"""So many values of a column tell how finely it is printed."""


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Points [first, stop) of one run, those of `kept`, and the seams between its parts."""

    first: int
    stop: int
    kept: Mask
    seams: tuple[Seam, ...]


def runs_of(
    points: Points, source: str, format: str, hints: Hints | None = None
) -> list[Callable[[], Run]]:
    """What builds each run of the points, in order; none where nothing but an axis is known."""
    frame, nan_at = canonical(*points.frame(), hints or Hints())
    if not any(name not in _NOT_METRICS for name in frame) or not len(frame):
        return []
    stretches = _stretches(frame, points.starts)
    coverages = _coverages(points, [int(frame["line"].iloc[one.first]) for one in stretches])
    better = MappingProxyType(dict((hints or Hints()).better))
    return [
        partial(_run, points, (source, format), (at, len(stretches)), one,
                frame, nan_at, coverages[at - 1], better)
        for at, one in enumerate(stretches, 1)
    ]  # fmt: skip


_NOT_METRICS = frozenset(("line", "epoch", "step", "tokens", "samples", "since_start_s", "clock_s"))


def canonical(
    frame: pd.DataFrame, nan_at: dict[str, Mask], hints: Hints
) -> tuple[pd.DataFrame, dict[str, Mask]]:
    """The frame under canonical names; of twins by step and by epoch, both where both are there.

    Of two columns with one meaning the first keeps the name, filled up from the others.
    """
    columns: dict[str, NDArray[np.float64]] = {}
    masks: dict[str, Mask] = {}
    names = [str(name) for name in frame if name != "line"]
    by_epoch = {meaning(n).column for n in names if meaning(n).when == "epoch"}
    for name in names:
        meant = meaning(hints.names.get(name, name))
        column = meant.column
        if meant.when == "step" and column in by_epoch:
            column = f"{column}_step"
        values = frame[name].to_numpy(dtype=np.float64)
        if column in columns:
            values = np.where(np.isnan(columns[column]), values, columns[column])
            masks[column] = masks.get(column, False) | nan_at.get(name, np.False_)  # type: ignore[assignment,operator]
        elif name in nan_at:
            masks[column] = nan_at[name]
        columns[column] = values
    for column in columns:
        if "accuracy" in column.split("/")[0] and np.nanmax(columns[column], initial=0) > 1.5:
            columns[column] = columns[column] / 100.0
    table = {"line": frame["line"].to_numpy(), **columns}
    kept = {c: m for c, m in masks.items() if isinstance(m, np.ndarray) and m.any()}
    return pd.DataFrame(table, copy=False), kept


def _stretches(frame: pd.DataFrame, starts: list[int]) -> list[_Stretch]:
    """Where runs begin: at a start that is certain, and where counting begins anew."""
    numbers = _numbers(frame)
    falls = np.flatnonzero(np.diff(numbers) < 0) + 1
    found: list[_Stretch] = []
    begun, seams, kept = 0, list[Seam](), np.ones(len(frame), dtype=bool)
    certain = set(starts)
    for at in sorted({*falls.tolist(), *starts}):
        if at == begun:
            continue
        if at in certain or numbers[at] <= numbers[begun]:
            found.append(_Stretch(begun, at, kept[begun:at].copy(), tuple(seams)))
            begun, seams = at, []
            continue
        gone = (numbers[begun:at] >= numbers[at]) & kept[begun:at]
        kept[begun:at] &= ~gone
        line = int(frame["line"].iloc[at])
        seams.append(Seam(line, float(numbers[at]), float(numbers[at - 1]), int(gone.sum())))
    found.append(_Stretch(begun, len(frame), kept[begun:], tuple(seams)))
    return found


def _numbers(frame: pd.DataFrame) -> NDArray[np.float64]:
    """What counts on within a run: steps, else epochs, else what has been seen or waited."""
    for axis in ("step", "epoch", "tokens", "samples", "since_start_s"):
        if axis in frame and frame[axis].notna().mean() >= 0.5:
            return frame[axis].ffill().bfill().to_numpy(dtype=np.float64)
    return np.arange(1.0, len(frame) + 1)


def _coverages(points: Points, first_lines: list[int]) -> list[Coverage]:
    """How the lines of each run were understood; those above the first belong to it."""
    ends = [*(line - 1 for line in first_lines[1:]), points.lines]
    found, begun = [], 0
    for end in ends:
        blank, legend, lost = (
            [line for line in kind if begun < line <= end]
            for kind in (points.blanks, points.legends, points.lost)
        )
        lines = end - begun
        parsed = lines - len(blank) - len(legend) - len(lost)
        found.append(Coverage(lines, parsed, len(legend), len(blank), _ranges(lost)))
        begun = end
    return found


def _ranges(lines: list[int]) -> tuple[tuple[int, int], ...]:
    ranges: list[tuple[int, int]] = []
    for line in lines:
        if ranges and ranges[-1][1] == line - 1:
            ranges[-1] = (ranges[-1][0], line)
        else:
            ranges.append((line, line))
    return tuple(ranges)


def _run(
    points: Points,
    origin: tuple[str, str],
    place: tuple[int, int],
    stretch: _Stretch,
    frame: pd.DataFrame,
    nan_at: dict[str, Mask],
    coverage: Coverage,
    better: MappingProxyType[str, object],
) -> Run:
    part = frame.iloc[stretch.first : stretch.stop]
    mine = part.loc[stretch.kept].dropna(axis=1, how="all").reset_index(drop=True)
    masks = {
        name: mask[stretch.first : stretch.stop][stretch.kept]
        for name, mask in nan_at.items()
        if name in mine
    }
    rows = rows_of(mine)
    judged = [n for n in mine if n not in _NOT_METRICS and (metric(n) or "loss" in n)]
    facts = points.facts
    is_last = place[0] == place[1]
    first, last = int(part["line"].iloc[0]), int(part["line"].iloc[-1])
    return replace(
        empty_run(*origin, *place),
        started=facts.started,
        start_text=facts.start_text,
        epochs=rows.frame,
        axis=rows.axis,
        points=mine,
        seams=stretch.seams,
        better=better,
        settings=Settings.of(facts.settings),
        model=MappingProxyType(dict(facts.model)),
        micro=MappingProxyType(dict(facts.micro)),
        coverage=coverage,
        resolution=MappingProxyType(_resolutions(mine)),
        nonfinite=MappingProxyType(nonfinite_rows(rows, mine, masks, judged)),
        unparsed=tuple(u for u in points.unparsed if is_last or first <= u.line <= last),
        truncation=facts.truncation if is_last else None,
        counted_from=1 if rows.counted else None,
    )


def _resolutions(frame: pd.DataFrame) -> dict[str, Resolution]:
    """How finely each column is printed, where its digits show that it was rounded."""
    found = {}
    for name in frame:
        if name == "line":
            continue
        values = frame[name].to_numpy(dtype=np.float64)
        values = values[np.isfinite(values)]
        sample = values[:: max(len(values) // SAMPLED, 1)].tolist()
        decimals = max((_decimals(value) for value in sample), default=0)
        if decimals <= FINEST_DECIMALS:
            found[str(name)] = Resolution(decimals)
    return found


def _decimals(value: float) -> int:
    """Digits after the point in the shortest text of the number."""
    mantissa, _, exponent = repr(value).partition("e")
    digits = len(mantissa.partition(".")[2].rstrip("0"))
    return max(digits - int(exponent or 0), 0)
