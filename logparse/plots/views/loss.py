"""Training and validation metrics: their course, their best, and what they have to beat."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from logparse.axis import count_rows
from logparse.errors import UnknownNameError
from logparse.metrics import Better, metric
from logparse.plots.content import Blank, Chart, Dot, Level
from logparse.plots.parts import left_out
from logparse.renderers.numbers import as_printed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from logparse.plots.content import Panel
    from logparse.plots.subject import Subject
    from logparse.signals.series import Series

_FAMILIES = ("LOSS", "GEN", "BASE", "NUM")
_SPLITS = ("train", "val")
_SEAM = "LOG002"
"""Where a run was resumed: there its curves may break."""


def panels(subject: Subject) -> list[Panel]:
    """A panel for each metric asked for, else for the one by which the run is judged."""
    main = subject.signals.main_metric or subject.signals.train_metric
    asked = subject.wanted.metrics or ((main,) if main else ())
    drawn = {_stem(name): _panel(subject, name) for name in asked}
    why = subject.lack("training or validation metric", "train_", "val_")
    return [*drawn.values()] or [Blank("loss", why)]


def _stem(name: str) -> str:
    """A metric without its split: `rmse` stands for train_rmse and val_rmse."""
    return _folded(name).removeprefix("train_").removeprefix("val_")


def _folded(name: str) -> str:
    return name.strip().casefold().replace(" ", "_").replace("-", "_")


def _panel(subject: Subject, name: str) -> Chart | Blank:
    stem = _stem(name)
    columns = _columns(subject, stem)
    if not columns:
        known = {_stem(column) for column in _metrics(subject)}
        return Blank(name, str(UnknownNameError("metric", name, known)))
    lines = subject.lines(
        *(subject.line(column, label, label or "val") for label, column in columns.items())
    )
    if not lines:
        return Blank(stem.replace("_", " "), subject.lack("value", *columns.values()))
    is_log = subject.is_log(lines)
    dots, notes = _best(subject, columns)
    meant = metric(next(iter(columns.values())))
    return Chart(
        title=stem.replace("_", " "),
        unit="" if meant is None else meant.unit,
        is_log=is_log,
        lines=lines,
        levels=tuple(baselines(subject, stem)),
        dots=dots,
        marks=subject.marks(*_FAMILIES, codes=(_SEAM,) if subject.run.seams else ()),
        shades=subject.shades,
        broken=tuple(sorted({at for column in columns.values() for at in subject.broken(column)})),
        notes=(*notes, *left_out(lines, is_log=is_log)),
        height=1.5,
    )


def _metrics(subject: Subject) -> Iterable[str]:
    return (str(column) for column in subject.run.epochs if column not in ("epoch", "line"))


def _columns(subject: Subject, stem: str) -> dict[str, str]:
    """The columns of a metric by split; by '' for a column without one; empty for no such."""
    known = {_folded(column): column for column in _metrics(subject)}
    found = {split: known[f"{split}_{stem}"] for split in _SPLITS if f"{split}_{stem}" in known}
    return found or ({"": known[stem]} if stem in known else {})


def _best(subject: Subject, columns: Mapping[str, str]) -> tuple[tuple[Dot, ...], tuple[str, ...]]:
    """The run's best point of the validation metric, else of the training one, and its remark.

    A best before the epochs that are shown has a remark and no dot.
    """
    for split in ("val", "", "train"):
        series = subject.signals.series(columns.get(split, ""))
        if len(series) and _has_direction(series, split):
            point = series.best
            label = " ".join(
                filter(None, ["best", split, as_printed(point.value, series.resolution)])
            )
            again = int(np.sum(series.values == point.value)) - 1
            where = f"{label} at {subject.run.label(point.epoch)}"
            where += f" and {count_rows(subject.run, again, 'later ')}" if again else ""
            is_shown = bool(len(subject.series(series.column).between(point.epoch, point.epoch)))
            dot = Dot(label, float(point.epoch), point.value, split or "val")
            return (dot,) * is_shown, (where,)
    return (), ()


def _has_direction(series: Series, split: str) -> bool:
    """Whether better and worse are known: always of what is measured on a split."""
    return series.better is not Better.NEITHER and bool(split or metric(series.column))


def baselines(subject: Subject, stem: str) -> Iterator[Level]:
    """What the log's own naive predictors reach on the validation set, or knowing nothing."""
    levels = {"chance": subject.signals.chance_level(f"val_{stem}")}
    if stem == "rmse":
        names = ("mean", "persistence")
        levels = {name: subject.run.baselines.get(f"val_{name}_rmse") for name in names}
    for name, value in levels.items():
        if value is not None and math.isfinite(value):
            yield Level(name, value)
