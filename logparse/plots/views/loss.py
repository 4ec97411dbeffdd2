"""Training and validation metrics: their course, their best, and what they have to beat."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logparse.findings import epoch_label
from logparse.metrics import Better, metric
from logparse.plots.content import Blank, Chart, Dot, Level
from logparse.renderers.numbers import as_printed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logparse.plots.content import Panel
    from logparse.plots.subject import Subject

_FAMILIES = ("LOSS", "GEN", "BASE", "NUM")


def panels(subject: Subject) -> list[Panel]:
    """A panel for each metric asked for, else for the one by which the run is judged."""
    drawn: list[Panel] = [
        panel for stem in _stems(subject) if (panel := _panel(subject, stem)) is not None
    ]
    return drawn or [Blank("loss", "the log has no training or validation metric")]


def _stems(subject: Subject) -> list[str]:
    """Metrics without their split: `rmse` stands for train_rmse and val_rmse."""
    asked = subject.wanted.metrics
    names = asked or [name for name in (_main(subject),) if name]
    return [*dict.fromkeys(_stem(name) for name in names)]


def _main(subject: Subject) -> str | None:
    return subject.signals.main_metric or subject.signals.train_metric


def _stem(name: str) -> str:
    return name.removeprefix("train_").removeprefix("val_")


def _panel(subject: Subject, stem: str) -> Chart | Blank | None:
    columns = {"train": f"train_{stem}", "val": f"val_{stem}"}
    if not any(len(subject.series(column)) for column in columns.values()):
        columns = {"val": stem}  # a column without a split
    lines = subject.lines(
        *(subject.line(column, split, split) for split, column in columns.items())
    )
    if not lines:
        asked = stem in map(_stem, subject.wanted.metrics)
        return Blank(stem.replace("_", " "), "the log has no finite value of it") if asked else None
    dots = tuple(_best(subject, columns))
    best = tuple(f"{dot.label} at {epoch_label(int(dot.x))}" for dot in dots)
    return Chart(
        title=stem.replace("_", " "),
        unit=known.unit if (known := metric(columns["val"])) else "",
        is_log=subject.is_log(lines),
        lines=lines,
        levels=tuple(baselines(subject, stem)),
        dots=dots,
        marks=subject.marks(*_FAMILIES),
        shades=subject.shades,
        broken=tuple(sorted({at for column in columns.values() for at in subject.broken(column)})),
        notes=best,
        height=1.5,
    )


def _best(subject: Subject, columns: dict[str, str]) -> Iterator[Dot]:
    """The best point of the validation metric, else of the training one."""
    for split in ("val", "train"):
        column = columns.get(split, "")
        series = subject.series(column)
        if len(series) and series.better is not Better.NEITHER:
            point = series.best
            shown = as_printed(point.value, series.resolution)
            yield Dot(f"best {split} {shown}", float(point.epoch), point.value, split)
            return


def baselines(subject: Subject, stem: str) -> Iterator[Level]:
    """What the log's own naive predictors reach on the validation set, or knowing nothing."""
    known = subject.run.baselines
    if stem == "rmse":
        for predictor in ("mean", "persistence"):
            if f"val_{predictor}_rmse" in known:
                yield Level(predictor, known[f"val_{predictor}_rmse"])
        return
    chance = subject.signals.chance_level(f"val_{stem}")
    if chance is not None:
        yield Level("chance", chance)
