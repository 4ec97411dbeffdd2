"""The numbers of a run at a glance: first, last, best and shape of each metric; baselines."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from logparse.metrics import OTHER_KINDS, Better, direction, metric, without_direction
from logparse.renderers.layout import Page, pad
from logparse.renderers.numbers import as_printed, number, ratio
from logparse.renderers.spans import Line, cells
from logparse.renderers.sparkline import is_log_scaled, sparkline

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from logparse.run import Run

_PREFERRED = ("rmse", "loss", "mae", "r2")
# The parts of another metric: they repeat its curve and have rules of their own.
_PARTS = ("base_rmse", "delta_rmse")
_ALWAYS = (
    *("train_loss", "val_loss", "train_accuracy", "val_accuracy", "val_rmse"),
    *(f"{split}_{kind}" for kind in OTHER_KINDS for split in ("train", "val")),
)
"""Metrics that are told of also where the log has only one split of them."""
_MOST_PAIRS, _MOST_SINGLE, _MOST_OTHERS = 5, 6, 3
_FEWEST_ALIKE = 3
"""Columns with fewer different values may be alike by chance."""
_SPLITS = ("train_", "val_")
_SHORTEST_LABEL, _LONGEST_LABEL = 14, 24
_SHORTEST_CURVE = 6
_LONGEST_CURVE = 48
_SHORTEST_LOG_NOTE = 12
# A best value that differs from a baseline by less than this shows has beaten nothing.
_LEVEL = ratio(1.0)


@dataclass(frozen=True, slots=True)
class Row:
    """One metric: its label, its ends, its extreme in words, and the values of its curve."""

    label: str
    first: str
    last: str
    mark: tuple[str, str, str]
    values: tuple[float, ...]
    keep_peaks: bool


def points(run: Run, column: str) -> list[tuple[int, float]]:
    """The epochs and values of a column, those without a value left out; [] without column."""
    if column not in run.epochs:
        return []
    values = run.epochs[column].to_numpy(dtype="float64")
    known = values == values  # NaN is unlike itself
    ats = run.epochs["epoch"].to_numpy()[known]
    return list(zip(ats.tolist(), values[known].tolist(), strict=True))


def _printed(run: Run, column: str) -> list[tuple[int, float]]:
    """As `points`, with the epochs that printed nan; [] where nothing else was printed."""
    known = points(run, column)
    # An infinity is a value already; only nan looks like a value that was not printed.
    nans = set(map(int, run.nonfinite.get(column, ()))) - {at for at, _ in known}
    return sorted([*known, *((at, math.nan) for at in nans)]) if known and nans else known


def best(run: Run, column: str) -> tuple[int, float] | None:
    """Epoch and value of the best point, None where a column has no value or no direction."""
    better = direction(column, run.better)
    is_told = metric(column) is not None or column.startswith(_SPLITS)
    finite = [point for point in points(run, column) if math.isfinite(point[1])]
    if not is_told or better is Better.NEITHER or not finite:
        return None
    pick = min if better is Better.LOWER else max
    return pick(finite, key=lambda point: point[1])


def curves(run: Run, page: Page) -> Iterator[Line]:
    """One aligned line per metric: `val rmse  0.1050 -> 0.0471  best 0.0388 E31  <curve>`."""
    if found := rows(run):
        yield from _table(found, page)


def rows(run: Run) -> list[Row]:
    """The metrics that are told of, without those that have no value."""
    return [found for column in columns(run) if (found := row(run, column)) is not None]


def columns(run: Run) -> list[str]:
    """The columns that are told of, in their order; those of learning rate and gradient last."""
    present = [str(column) for column in run.epochs.columns if "/" not in str(column)]
    stems = [column.removeprefix("val_") for column in present if column.startswith("val_")]
    pairs = [stem for stem in stems if f"train_{stem}" in present and stem not in _PARTS]
    pairs = [stem for stem in pairs if direction(f"val_{stem}", run.better) is not Better.NEITHER]
    ordered = sorted(pairs, key=lambda stem: (_rank(stem), stems.index(stem)))
    unlike = _without_twins(run, ordered)
    twins = {f"{split}{stem}" for stem in {*ordered} - {*unlike} for split in _SPLITS}
    listed = [f"{split}_{stem}" for stem in unlike[:_MOST_PAIRS] for split in ("train", "val")]
    single = [name for name in _ALWAYS if name in present and name not in {*listed, *twins}]
    found = [*listed, *single[:_MOST_SINGLE]]
    for split in _SPLITS:
        if not any(name.startswith(split) and run.has(name) for name in found):
            found += _others(run, [name for name in present if name.startswith(split)])
    return [*found, "lr", "grad_norm"]


def _others(run: Run, names: Sequence[str]) -> list[str]:
    """The first metrics of a split that has none of those everybody knows, directed ones first."""
    known = [name for name in names if run.has(name)]
    directed = [name for name in known if direction(name, run.better) is not Better.NEITHER]
    return [*directed, *without_direction(known, run.better)][:_MOST_OTHERS]


def _without_twins(run: Run, stems: Sequence[str]) -> list[str]:
    """The metrics, without those that on both splits repeat another under a second name."""
    kept: list[str] = []
    for stem in stems:
        mine = [run.epochs[f"{split}{stem}"] for split in _SPLITS]
        is_twin = any(
            all(
                one.equals(run.epochs[f"{split}{old}"])
                for one, split in zip(mine, _SPLITS, strict=True)
            )
            for old in kept
        )
        if not is_twin or max(one.nunique() for one in mine) < _FEWEST_ALIKE:
            kept.append(stem)
    return kept


def _rank(stem: str) -> int:
    return _PREFERRED.index(stem) if stem in _PREFERRED else len(_PREFERRED)


def row(run: Run, column: str) -> Row | None:
    """One column as it is told; None where it has no value."""
    found = _printed(run, column)
    if not found:
        return None
    resolution = run.resolution.get(column)
    broken = {at for at, value in found if math.isnan(value)}
    rows = zip(run.epochs["epoch"].tolist(), run.epochs[column].tolist(), strict=True)
    return Row(
        label=_label(column),
        first=as_printed(found[0][1], resolution) if len(found) > 1 else "",
        last=as_printed(found[-1][1], resolution),
        mark=_mark(run, column, found),
        # What was printed as nan is drawn as a break, what was not printed as a gap.
        values=tuple(math.inf if at in broken else value for at, value in rows),
        keep_peaks=column == "grad_norm",
    )


def _label(column: str) -> str:
    return {"lr": "learning rate"}.get(column, column.replace("_", " "))


def _mark(run: Run, column: str, found: Sequence[tuple[int, float]]) -> tuple[str, str, str]:
    """The word, value and epoch of the point that matters most; empty for a single value."""
    if len(found) < 2:
        return ("", "", "")
    chosen = best(run, column)
    if column in ("lr", "grad_norm"):
        chosen = max(points(run, column), key=lambda point: point[1])
    if all(value == found[0][1] for _, value in found):
        return ("flat", "", "")
    if chosen is None:
        return ("", "", "")
    word = {"lr": "peak", "grad_norm": "max"}.get(column, "best")
    return (word, as_printed(chosen[1], run.resolution.get(column)), run.label(chosen[0]))


def _table(rows: Sequence[Row], page: Page) -> Iterator[Line]:
    longest = max(cells(row.label) for row in rows)
    label = min(max(longest, 0 if page.is_narrow else _SHORTEST_LABEL), _LONGEST_LABEL)
    firsts, lasts = max(len(row.first) for row in rows), max(len(row.last) for row in rows)
    marks = [max(len(row.mark[i]) for row in rows) for i in range(3)]
    ends = label + 2 + (firsts + len(page.arrow) + 2 if firsts else 0) + lasts
    if ends > page.width:
        ends, firsts = label + 2 + lasts, 0
    marked = sum(marks) + 4 if marks[0] else 0
    has_marks = bool(marked) and ends + marked <= page.width
    left = page.width - ends - (marked if has_marks else 0) - 2
    for row in rows:
        line = [pad((page.clip(row.label, label), ""), label + 2)]
        line += _ends(row, page, firsts, lasts)
        line += extreme(row, marks) if has_marks else []
        yield (*line, *curve(row, page, left))


def _ends(row: Row, page: Page, firsts: int, lasts: int) -> Line:
    if not firsts:
        return (pad((row.last, ""), lasts, right=True),)
    arrow = page.arrow if row.first else " " * len(page.arrow)
    first = pad((row.first, ""), firsts, right=True)
    return (first, (f" {arrow} ", "dim"), pad((row.last, ""), lasts, right=True))


def extreme(row: Row, widths: Sequence[int]) -> Line:
    """The point that matters most, with word, value and epoch in columns of these widths."""
    word, value, at = row.mark
    return (
        ("  ", ""),
        pad((word, "dim"), widths[0] + 1),
        pad((value, "good" if row.label.startswith("val ") else ""), widths[1], right=True),
        pad((f" {at}" if at else "", "dim"), widths[2] + 1),
    )


def curve(row: Row, page: Page, room: int) -> Line:
    """The curve itself in at most so many columns, two spaces before it; () where few are left."""
    if room < _SHORTEST_CURVE or len(row.values) < 2:
        return ()
    is_log = is_log_scaled(row.values) and room >= _SHORTEST_LOG_NOTE
    width = min(room - (4 if is_log else 0), _LONGEST_CURVE)
    drawn = sparkline(row.values, width, ascii_only=page.ascii_only, keep_peaks=row.keep_peaks)
    return (("  ", ""), (drawn, "metric"), *(((" log", "dim"),) if is_log else ()))


def baselines(run: Run, page: Page) -> Iterator[Line]:
    """The log's own naive predictors: beaten or not, and best over baseline, per split."""
    for split in ("val", "train"):
        found = best(run, f"{split}_rmse")
        items = [
            _compared(page, predictor, run.baselines[key], found)
            for predictor in ("mean", "persistence")
            if (key := f"{split}_{predictor}_rmse") in run.baselines
        ]
        if items:
            hang = 2 if page.is_narrow else _SHORTEST_LABEL + 2
            label = pad(page.span(f"{split} baseline"), _SHORTEST_LABEL + 2)
            yield from page.flow(items, first=(label,), hang=hang)


def _compared(page: Page, predictor: str, baseline: float, found: tuple[int, float] | None) -> Line:
    known = page.span(f"{predictor} {number(baseline)}")
    if found is None or not math.isfinite(baseline) or baseline <= 0:
        return (known,)
    shown = ratio(found[1] / baseline)
    if shown == _LEVEL:
        verdict = page.span(" level", "bad")
    elif found[1] < baseline:
        verdict = page.span(" beaten", "good")
    else:
        verdict = page.span(" not beaten", "bad")
    return (known, verdict, page.span(f" ({shown})", "dim"))
