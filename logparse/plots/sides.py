"""What a side is in one chart: a curve, a band, its best; and two sides against each other."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from logparse.metrics import Better, direction
from logparse.plots.content import Band, Chart, Dot, Level, Line
from logparse.plots.groups import QUARTILES_FROM, common, group
from logparse.renderers.numbers import as_printed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logparse.plots.contenders import Contender
    from logparse.plots.groups import Group


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """A side in one chart: its runs' curves, of those that have one, and what they are together."""

    contender: Contender
    members: list[Line]
    group: Group

    @property
    def line(self) -> Line:
        """The run, or the median of the runs; without a label for one of many."""
        one = self.contender
        label = "" if one.is_other else one.label
        return Line(label, self.group.x, self.group.median, one.role, is_thin=one.is_other)

    @property
    def bands(self) -> Iterator[Band]:
        """The spread of a group by name, where there is any; what it is, is told in a note."""
        low, high = self.group.bounds
        if not self.contender.is_other and (high > low).any():
            yield Band("", self.group.x, low, high, self.contender.role)

    @property
    def thin(self) -> Iterator[Line]:
        """The runs of a group, where they are few and lie apart."""
        if len(self.members) < QUARTILES_FROM and any(self.bands):
            for line in self.members:
                yield replace(line, role=self.contender.role, is_thin=True)

    @property
    def broken(self) -> Iterator[float]:
        """Places where a single run's log has nan or an infinity."""
        is_told = len(self.members) == 1 and not self.contender.is_other
        for line in self.members if is_told else ():
            yield from map(float, line.x[np.isnan(line.y)])

    def best(self, column: str) -> Dot | None:
        """The best of the curve; None for one of many, or where no direction is better."""
        better, values = direction(column), self.group.median
        if self.contender.is_other or better is Better.NEITHER or np.isnan(values).all():
            return None
        at = int(np.nanargmax(values) if better is Better.HIGHER else np.nanargmin(values))
        resolution = self.contender.runners[0].subject.run.resolution.get(column)
        what = "best median" if len(self.members) > 1 else "best"
        shown = as_printed(float(values[at]), resolution)
        label = f"{what} of {self.contender.label} {shown}"
        return Dot(label, float(self.group.x[at]), float(values[at]), self.contender.role)


def alike(lines: list[Line]) -> list[Line]:
    """One line for all sides where they are the same everywhere, as schedules often are."""
    first = lines[0]
    is_same = len(lines) > 1 and all(
        np.array_equal(first.x, line.x) and np.array_equal(first.y, line.y, equal_nan=True)
        for line in lines
    )
    return [replace(first, label="all sides", role="total", is_thin=False)] if is_same else lines


def difference(column: str, chart: Chart, first: Part, second: Part) -> Chart | None:
    """The second side less the first, wherever both have values; None where they have not.

    The band is the spread of all pairs of runs, one of each side: no interval, and no test.
    """
    places = common([*first.members, *second.members])
    one, other = (group(part.members, places) for part in (first, second))
    middle, low, high = other.less(one)
    if not np.isfinite(middle).any():
        return None
    pairs = len(first.members) * len(second.members)
    role = second.contender.role
    better = {Better.LOWER: "better", Better.HIGHER: "worse"}.get(direction(column))
    notes = [f"{second.contender.label} less {first.contender.label}"]
    notes += [f"below 0 it is {better}"] if better else []
    notes += (
        [f"shaded: range of {pairs} pairs of runs: their spread, not a test"] if pairs > 1 else []
    )
    return Chart(
        title=f"difference in {chart.title}",
        unit=chart.unit,
        lines=(Line("", places, middle, role),),
        bands=(Band("", places, low, high, role),) if pairs > 1 else (),
        levels=(Level("no difference", 0.0),),
        notes=tuple(notes),
        height=0.8,
    )
