"""The sides of a comparison over one axis: single runs as they are, groups by median and band."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from logparse.comparison.measures import words
from logparse.errors import UnknownNameError
from logparse.findings import plural
from logparse.metrics import metric
from logparse.plots.contenders import cast
from logparse.plots.content import Blank, Chart, Level, Line, Picture
from logparse.plots.groups import group
from logparse.plots.sides import Part, alike, difference
from logparse.plots.subject import MOST_POINTS, Wanted
from logparse.plots.views import VIEWS, overview
from logparse.plots.views.loss import baselines
from logparse.plots.words import place

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from logparse.comparison import Comparison, model
    from logparse.plots.contenders import Cast
    from logparse.plots.content import Panel

OVERVIEW = ("loss", "lr", "grad-norms")
"""What is drawn where nothing is asked for; panels without data are left out of it."""
FEW = 3
"""Beside so few sides there is room for training curves, for the runs of a group, and for what
each reached at best."""
_MOST_LABELS = 4


@dataclass(frozen=True, slots=True)
class _View:
    """What is drawn of each run: the first of the columns that it has."""

    title: str
    columns: tuple[str, ...]
    is_log: bool | None = None
    height: float = 1.0


_VIEWS: Mapping[str, _View] = {
    "lr": _View("learning rate", ("lr", "lr_main"), height=0.8),
    "grad-norms": _View("gradient norm", ("grad_norm",), is_log=True),
    "update-ratios": _View("update ratio, median", ("update_ratio_median",), is_log=True),
    "throughput": _View("throughput", ("throughput",)),
    "memory": _View("GPU memory", ("gpu_gib",)),
}


def overlay(
    comparison: Comparison,
    *views: str,
    wanted: Wanted | None = None,
    axis: model.Axis | None = None,
) -> Picture:
    """The sides of a comparison over its axis, or over another: epoch, time, step or samples.

    Views come in the order of `VIEWS`; without any it is an overview. A single run is drawn as it
    is; a group by the median of its runs, wherever at least half of them have a value, with a
    band. At each place counts what a run knew last; nothing is drawn beyond its end. A run whose
    log lacks the axis is left out and named in a note. `wanted.last` counts each run's own epochs.
    A view that no log has data for, or that is made for one run, is a blank panel with the reason.
    Raises UnknownNameError for a view that does not exist.
    """
    for name in views:
        if name not in VIEWS:
            raise UnknownNameError("view", name, VIEWS)
    scene = _Scene(comparison, wanted or Wanted(), axis or comparison.axis)
    if views:
        names = sorted({*views}, key=VIEWS.index)
        panels = [panel for name in names for panel in scene.panels(name)]
    else:
        panels = overview({name: scene.panels(name) for name in OVERVIEW}, scene.wanted)
    return Picture(
        title=_title(comparison),
        subtitle=scene.subtitle,
        axis=scene.cast.axis,
        panels=tuple(_with_notes(panels, scene.cast.notes)),
    )


class _Scene:
    """The sides on their axis, drawn view by view."""

    def __init__(self, comparison: Comparison, wanted: Wanted, axis: model.Axis) -> None:
        self.comparison, self.wanted = comparison, wanted
        self.cast: Cast = cast(comparison, axis, wanted)

    @property
    def subtitle(self) -> str:
        sizes = [len(side) for side in self.comparison.sides]
        groups = f" in {plural(len(sizes), 'group')}" if max(sizes) > 1 else ""
        runs = [runner.subject for one in self.cast.contenders for runner in one.runners]
        is_thinned = any(subject.thinning for subject in runs)
        thin = f" · curves thinned to some {MOST_POINTS} points" if is_thinned else ""
        return f"{plural(sum(sizes), 'run')}{groups} by {self.cast.axis.label}{thin}"

    def panels(self, name: str) -> list[Panel]:
        """The panels of a view, or a blank one."""
        if not self.cast.contenders:
            return [Blank(name, "; ".join(self.cast.notes))]
        if name == "loss":
            return [panel for column in self._columns() for panel in self._metric(column)]
        if name not in _VIEWS:
            return [Blank(name, "it is drawn of one run at a time")]
        found = _VIEWS[name]
        parts = self._parts(*found.columns)
        if not parts:
            return [Blank(found.title, f"no log has {words(found.columns[0])}")]
        return [self._chart(found, parts)]

    def _columns(self) -> list[str]:
        """The metrics asked for, validation where a name leaves the split open; else the main."""
        if not self.wanted.metrics:
            return [self.comparison.main or ""]
        return [
            next((one for one in (name, f"val_{name}", f"train_{name}") if self._parts(one)), name)
            for name in self.wanted.metrics
        ]

    def _parts(self, *columns: str) -> list[Part]:
        """The sides that have one of the columns, those without a name first: they lie below."""
        told = [(one, one.lines(columns)) for one in self.cast.contenders]
        parts = [Part(one, lines, group(lines)) for one, lines in told if lines]
        return sorted(parts, key=lambda part: not part.contender.is_other)

    def _metric(self, column: str) -> Iterator[Panel]:
        parts = self._parts(column) if column else []
        title = words(column) or "loss"
        if not parts:
            yield Blank(title, "no log has it" if column else "the sides have no metric in common")
            return
        dots = tuple(dot for part in parts if (dot := part.best(column)) is not None)
        chart = self._chart(_View(title, (column,), height=1.5), parts)
        bests = [f"{dot.label} at {place(self.cast.axis, dot.x)}" for dot in dots]
        training = [*self._training(column, parts)]
        yield replace(
            chart,
            lines=(*training, *chart.lines),
            levels=tuple(self._levels(column)),
            dots=dots,
            notes=(
                *(bests if len(bests) <= FEW else ()),
                *(("dashed: training",) if training else ()),
                *chart.notes,
            ),
        )
        if len(self.comparison.sides) == len(parts) == 2:
            found = difference(column, chart, *parts)
            yield from () if found is None else (found,)

    def _chart(self, drawn: _View, parts: Sequence[Part]) -> Chart:
        named = [part for part in parts if not part.contender.is_other]
        lines = tuple(alike([part.line for part in parts]))
        bands = tuple(band for part in parts for band in part.bands)
        thin = [line for part in named for line in part.thin] if len(named) <= FEW else []
        known = metric(drawn.columns[0])
        subject = parts[0].contender.runners[0].subject
        return Chart(
            title=drawn.title,
            unit=known.unit if known else "",
            is_log=subject.is_log(lines, auto=drawn.is_log),
            lines=(*thin, *lines),
            bands=bands,
            broken=tuple(sorted({at for part in parts for at in part.broken})),
            notes=tuple(self._notes(drawn, named)),
            height=drawn.height,
        )

    def _notes(self, drawn: _View, named: Sequence[Part]) -> Iterator[str]:
        """What is shaded, and who lacks what is drawn."""
        spreads = dict.fromkeys(part.group.spread for part in named if any(part.bands))
        if spreads:
            yield f"shaded: {', '.join(spreads)}"
        have = {part.contender: len(part.members) for part in named}
        for one in self.cast.contenders:
            lacking = len(one.runners) - have.get(one, 0)
            if lacking and not one.is_other:
                which = f"{plural(lacking, 'run')} of " if len(one.runners) > 1 else ""
                yield f"without {drawn.title}: {which}{one.label}"

    def _training(self, column: str, parts: Sequence[Part]) -> Iterator[Line]:
        """The training twin of each single run, where they are few."""
        split, _, stem = column.partition("_")
        is_single = all(len(part.contender.runners) == 1 for part in parts)
        if split == "val" and is_single and len(parts) <= FEW:
            for part in parts:
                for line in part.contender.lines([f"train_{stem}"]):
                    yield replace(line, role=part.contender.role, is_thin=True, is_dashed=True)

    def _levels(self, column: str) -> Iterator[Level]:
        """The target, and the baselines that all runs have alike."""
        target = self.comparison.target
        if target is not None and target.is_given and target.column == column:
            yield Level("target", target.value)
        if column.startswith("val_"):
            runs = [runner for one in self.cast.contenders for runner in one.runners]
            known = [[*baselines(runner.subject, column.removeprefix("val_"))] for runner in runs]
            yield from (level for level in known[0] if all(level in other for other in known))


def _title(comparison: Comparison) -> str:
    labels = [side.label for side in comparison.sides]
    if len(labels) <= _MOST_LABELS:
        return ", ".join(labels)
    return f"{labels[0]} and {len(labels) - 1} others"


def _with_notes(panels: Sequence[Panel], notes: tuple[str, ...]) -> Iterator[Panel]:
    """The panels, with what holds for all of them told at the first that is drawn."""
    for panel in panels:
        if isinstance(panel, Chart):
            yield replace(panel, notes=(*panel.notes, *notes))
            notes = ()
        else:
            yield panel
