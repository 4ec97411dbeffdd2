"""The sides of a comparison as an overlay draws them: on one axis, the many told from the few."""

from __future__ import annotations

from dataclasses import dataclass, replace
from statistics import median
from typing import TYPE_CHECKING

import numpy as np

from logparse.comparison import measures
from logparse.comparison.courses import Course
from logparse.comparison.model import MOST_SIDES
from logparse.metrics import Better
from logparse.plots.content import Axis, Line, part
from logparse.plots.subject import Subject, thinned

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from logparse.comparison import Comparison, model
    from logparse.plots.content import Role
    from logparse.plots.subject import Wanted
    from logparse.signals.series import FloatArray

BEST, WORST = 3, 2
"""Of too many sides so many of the best and the worst are named, and the reference."""
MOST_OTHERS = 100
"""More curves without a name add ink and no knowledge."""
_OTHERS_POINTS = 200
_MOST_TOLD = 3

# From how many seconds, steps or samples on the axis counts in which unit.
_UNITS: dict[model.Axis, tuple[tuple[float, float, str], ...]] = {
    "epoch": ((0, 1, "epoch"),),
    "time": ((0, 1, "seconds"), (180, 60, "minutes"), (10_800, 3600, "hours")),
    "step": (
        *((0, 1, "optimizer steps"), (2e4, 1e3, "thousand optimizer steps")),
        (2e7, 1e6, "million optimizer steps"),
    ),
    "samples": ((0, 1, "samples"), (2e4, 1e3, "thousand samples"), (2e7, 1e6, "million samples")),
}


@dataclass(frozen=True, slots=True, eq=False)
class Runner:
    """A run on the axis of the picture: where each of its epochs ends, in the axis's unit."""

    subject: Subject
    ends: FloatArray

    def at(self, epochs: FloatArray) -> FloatArray:
        """The places of epochs; NaN for those that are not in the log."""
        known = self.subject.run.epochs["epoch"].to_numpy()
        index = np.minimum(np.searchsorted(known, epochs), len(known) - 1)
        return np.where(known[index] == epochs, self.ends[index], np.nan)

    def line(self, column: str) -> Line | None:
        """The curve of a column over the places; None without a finite value."""
        line = self.subject.line(column, "", "")
        return None if line is None else _rising(replace(line, x=self.at(line.x)))


@dataclass(frozen=True, slots=True, eq=False)
class Contender:
    """A side to draw, by its runs that have the axis; `is_other` for one of the many."""

    label: str
    role: Role
    runners: tuple[Runner, ...]
    is_other: bool = False

    def lines(self, columns: Sequence[str]) -> list[Line]:
        """For each of the runs the curve of the first column that it has; those that are there."""
        found = (
            next((line for column in columns if (line := runner.line(column)) is not None), None)
            for runner in self.runners
        )
        lines = [line for line in found if line is not None]
        return [thinned(line, _OTHERS_POINTS) for line in lines] if self.is_other else lines


@dataclass(frozen=True, slots=True, eq=False)
class Cast:
    """Who is drawn, over which axis, and what must be said of those who are not.

    The reference is the first of the contenders, those without a name are the last.
    """

    contenders: tuple[Contender, ...]
    axis: Axis
    notes: tuple[str, ...]


def cast(comparison: Comparison, axis: model.Axis, wanted: Wanted) -> Cast:
    """The sides that have the axis, the most telling ones of too many by name."""
    courses = [[Course(one.run).ends(axis) for one in side.entrants] for side in comparison.sides]
    reach = [float(ends[-1]) for side in courses for ends in side if ends is not None]
    unit, label = _unit(axis, max([0.0, *reach]))
    chosen, told = _chosen(comparison)
    contenders = []
    for index, role in chosen:
        side = comparison.sides[index]
        runners = tuple(
            Runner(Subject(one.judged, wanted), ends / unit)
            for one, ends in zip(side.entrants, courses[index], strict=True)
            if ends is not None
        )
        if runners:
            contenders.append(Contender(side.label, role, runners, role == "muted"))
    drawn = tuple(contenders)
    if any(len(one.runners) > 1 for one in drawn):
        told.append("groups by the median of at least half of their runs")
    return Cast(drawn, _axis(axis, label, drawn), (*told, *_lacking(comparison, courses, axis)))


def _axis(axis: model.Axis, label: str, drawn: Sequence[Contender]) -> Axis:
    windows = [
        runner.at(np.array(runner.subject.window, dtype=np.float64))
        for one in drawn
        for runner in one.runners
    ]
    places = np.concatenate([*windows, np.empty(0)])
    places = places[np.isfinite(places)] if np.isfinite(places).any() else np.zeros(1)
    return Axis(label, float(places.min()), float(places.max()), is_epochs=axis == "epoch")


def _unit(axis: model.Axis, reach: float) -> tuple[float, str]:
    """The size and the name of the largest unit that fits."""
    return next((size, name) for least, size, name in reversed(_UNITS[axis]) if reach >= least)


def _rising(line: Line) -> Line:
    """The line in the order of its places, without those that are unknown."""
    order = np.argsort(line.x, kind="stable")
    order = order[np.isfinite(line.x[order])]
    return replace(line, x=line.x[order], y=line.y[order])


def _chosen(comparison: Comparison) -> tuple[list[tuple[int, Role]], list[str]]:
    """Sides by number with their roles, the reference first; and what is said of the choice."""
    count = len(comparison.sides)
    if count <= MOST_SIDES:
        return [(index, part(index)) for index in range(count)], []
    ranked = _ranked(comparison)
    named = list(dict.fromkeys([0, *ranked[:BEST], *ranked[-WORST:]]))
    rest = [*ranked, *(index for index in range(count) if index not in ranked)]
    rest = [index for index in rest if index not in named]
    spaced = np.linspace(0, len(rest) - 1, min(len(rest), MOST_OTHERS)).round().astype(int)
    told = [f"of {count} sides the {BEST} best, the {WORST} worst and the reference by name"]
    if len(spaced) < len(rest):
        told.append(f"{len(spaced)} of the {len(rest)} others drawn, evenly by rank")
    roles = [(index, part(at)) for at, index in enumerate(named)]
    return [*roles, *((rest[at], "muted") for at in spaced)], told


def _ranked(comparison: Comparison) -> list[int]:
    """Numbers of the sides that have the main metric, by the median of their runs' best."""
    if comparison.main is None:
        return []
    measure = measures.best(comparison.main)
    sign = -1.0 if measure.better is Better.HIGHER else 1.0
    values = [[sign * one[measure].number for one in runs if measure in one]
              for runs in comparison.measured]  # fmt: skip
    costs = sorted((median(told), index) for index, told in enumerate(values) if told)
    return [index for _, index in costs]


def _lacking(
    comparison: Comparison, courses: Sequence[Sequence[FloatArray | None]], axis: model.Axis
) -> Iterator[str]:
    """The runs that are left out, and what their logs lack."""
    lacking = [
        f"{one.name} is left out: {Course(one.run).why_not(axis)}"
        for side, runs in zip(comparison.sides, courses, strict=True)
        for one, ends in zip(side.entrants, runs, strict=True)
        if ends is None
    ]
    yield from lacking[:_MOST_TOLD]
    if len(lacking) > _MOST_TOLD:
        yield f"{len(lacking) - _MOST_TOLD} more runs are left out for such reasons"
