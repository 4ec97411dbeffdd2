"""Points to runs: where one ends and another begins, and where one goes on after a resume."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field, replace
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from logparse.metrics import metric
from logparse.readers.empty_run import empty_run
from logparse.readers.points.meanings import AXES, Hints
from logparse.readers.points.naming import canonical
from logparse.readers.points.rows import counted_by, filled, nonfinite_rows, rows_of
from logparse.run import Coverage, Run, Seam
from logparse.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from logparse.readers.points.naming import Named
    from logparse.readers.points.table import Points

    Floats: TypeAlias = NDArray[np.float64]
    Mask: TypeAlias = NDArray[np.bool_]


@dataclass(slots=True)
class _Stretch:
    """Points [first, stop) of one run, which of them count, and the seams between its parts."""

    first: int
    stop: int
    is_kept: Mask
    seams: list[Seam] = field(default_factory=list)


def runs_of(
    points: Points, source: str, format: str, hints: Hints | None = None, *, is_sure: bool = True
) -> list[Callable[[], Run]]:
    """What builds each run of the points, in order.

    There is none without a number that is more than an axis; where it is not sure that the source
    is a log of training, without one of a metric. What is built stays as it is when more points
    are added.
    """
    hints = hints or Hints()
    named = canonical(*points.frame(), hints, source)
    if not any(_is_told(name) if not is_sure else _is_value(name) for name in named.frame):
        return []
    _count_on(named.frame)
    stretches = _stretches(named.frame, points.starts)
    first_lines = [int(named.frame["line"].iloc[one.first]) for one in stretches]
    coverages = _coverages(points, first_lines)
    facts = replace(points.facts, settings=dict(points.facts.settings))
    common = partial(
        _run,
        named,
        template=replace(
            empty_run(source, format),
            count=len(stretches),
            started=facts.started,
            start_text=facts.start_text,
            settings=Settings.of(facts.settings),
            model=MappingProxyType(dict(facts.model)),
            micro=MappingProxyType(dict(facts.micro)),
            unparsed=tuple(points.unparsed),
            truncation=facts.truncation,
            better=MappingProxyType(dict(hints.better)),
        ),
    )
    return [
        partial(common, stretch, at, coverage)
        for at, (stretch, coverage) in enumerate(zip(stretches, coverages, strict=True), 1)
    ]


def _is_told(name: object) -> bool:
    """True for a column that tells how a model does, and not only when or how fast."""
    known = metric(str(name))
    return (known is not None and name not in AXES) or "loss" in str(name)


def _is_value(name: object) -> bool:
    return name != "line" and name not in AXES


def _count_on(frame: pd.DataFrame) -> None:
    """Steps that begin anew in every epoch, counted on over the epochs; in place."""
    steps, epochs = counted_by(frame, "step"), counted_by(frame, "epoch")
    if steps is None or epochs is None:
        return
    falls = np.flatnonzero(np.diff(steps) < 0) + 1
    rises = epochs[falls] > epochs[falls - 1]
    if len(falls) < 1 or rises.mean() < 0.8:
        return
    each = steps.max() + (1 if steps.min() == 0 else 0)
    frame["step"] = (epochs - epochs.min()) * each + frame["step"]


def _stretches(frame: pd.DataFrame, starts: Sequence[int]) -> list[_Stretch]:
    """Where runs begin: at a start that is certain, and where counting begins anew.

    Counting that falls back, but not to the beginning, goes on after a resume: what the part
    before told of what comes again does not count.
    """
    numbers = _numbers(frame)
    epochs = filled(frame["epoch"].to_numpy()) if "epoch" in frame else numbers
    falls = {*(np.flatnonzero(np.diff(numbers) < 0) + 1).tolist()}
    falls |= {*(np.flatnonzero(np.diff(epochs) < 0) + 1).tolist()}
    found = [_Stretch(0, len(frame), np.ones(len(frame), dtype=bool))]
    for at in sorted({*falls, *starts} - {0}):
        run = found[-1]
        is_anew = numbers[at] <= numbers[run.first] or epochs[at] <= epochs[run.first]
        if at in starts or is_anew:
            run.stop, run.is_kept = at, run.is_kept[: at - run.first]
            found.append(_Stretch(at, len(frame), np.ones(len(frame) - at, dtype=bool)))
        elif numbers[at] < numbers[at - 1]:
            before = run.is_kept[: at - run.first]
            again = before & (numbers[run.first : at] >= numbers[at])
            before[again] = False
            line = int(frame["line"].iloc[at])
            run.seams.append(Seam(line, float(numbers[at]), float(numbers[at - 1]), again.sum()))
    return found


def _numbers(frame: pd.DataFrame) -> Floats:
    """What counts on within a run: steps, else epochs, else what has been seen or waited."""
    counted = (counted_by(frame, axis) for axis in ("step", "epoch", *AXES[2:5]))
    none = np.zeros(len(frame))
    return next((numbers for numbers in counted if numbers is not None), none)


def _coverages(points: Points, first_lines: Sequence[int]) -> list[Coverage]:
    """How the lines of each run were understood; those above the first belong to it."""
    kinds = [list(kind) for kind in (points.blanks, points.legends, points.lost)]
    ends = [*(line - 1 for line in first_lines[1:]), points.lines]
    found, begun = [], 0
    for end in ends:
        blank, legend, lost = (
            kind[bisect_right(kind, begun) : bisect_right(kind, end)] for kind in kinds
        )
        parsed = end - begun - len(blank) - len(legend) - len(lost)
        found.append(Coverage(end - begun, parsed, len(legend), len(blank), _ranges(lost)))
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


def _run(named: Named, stretch: _Stretch, at: int, coverage: Coverage, *, template: Run) -> Run:
    part = slice(stretch.first, stretch.stop)
    points = named.frame.iloc[part]
    points = points if stretch.is_kept.all() else points.loc[stretch.is_kept]
    printed = {name: mask[part][stretch.is_kept] for name, mask in named.nan_at.items()}
    kept = [n for n in points if points[n].notna().any() or (n in printed and printed[n].any())]
    points = points[kept].reset_index(drop=True)
    rows = rows_of(points)
    judged = [name for name in map(str, points) if _is_told(name)]
    last_line = int(named.frame["line"].iloc[stretch.stop - 1])
    is_first, is_last = at == 1, at == template.count
    begun = 0 if is_first else int(points["line"].iloc[0])
    return replace(
        template,
        index=at,
        epochs=rows.frame,
        axis=rows.axis,
        points=points,
        seams=tuple(stretch.seams),
        coverage=coverage,
        resolution=MappingProxyType({n: r for n, r in named.resolution.items() if n in points}),
        nonfinite=MappingProxyType(nonfinite_rows(rows, points, printed, judged)),
        unparsed=tuple(
            u for u in template.unparsed if begun <= u.line and (is_last or u.line <= last_line)
        ),
        truncation=template.truncation if is_last else None,
        counted_from=1 if rows.is_counted and "epoch" in points else None,
    )
