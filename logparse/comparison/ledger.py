"""What every run of every side has of every measure, and the points at which they meet."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from logparse.axis import is_by_epochs, place
from logparse.comparison import measures
from logparse.comparison.courses import Course
from logparse.comparison.model import Measure, Summary, Value
from logparse.comparison.options import Target
from logparse.errors import UnknownNameError
from logparse.findings import epoch_label
from logparse.metrics import Better
from logparse.signals.machine.timing import duration

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from logparse.comparison.model import Axis, Side
    from logparse.comparison.options import Options

# What people may call a measure by, beside its own name and that of a metric.
_ALIASES = {"elapsed_s": "epoch_s", "params": "total_params", "size": "total_params"}


@dataclass(frozen=True, eq=False)
class Ledger:
    """The runs of the sides, measured.

    columns  the metrics that are compared, the most important first
    main     the one by which runs are judged: that of the reference and most other sides
    at       a point of the axis that all runs reach, None where there is none, for `why_not`
    """

    sides: tuple[Side, ...]
    columns: tuple[str, ...]
    main: str | None
    axis: Axis
    at: float | None
    why_not: str
    target: Target | None
    measured: tuple[tuple[Mapping[Measure, Value], ...], ...]

    @cached_property
    def measures(self) -> tuple[Measure, ...]:
        """All that any run has, in the order in which they are shown."""
        names = {measure: None for side in self.measured for one in side for measure in one}
        kinds = ("quality", "cost", "flow")
        return tuple(sorted(names, key=lambda measure: kinds.index(measure.kind)))

    def summaries(self, measure: Measure) -> tuple[Summary | None, ...]:
        """What each side has of a measure; None for one in which no run has it."""
        return tuple(
            _summary(side, [one.get(measure) for one in runs])
            for side, runs in zip(self.sides, self.measured, strict=True)
        )

    def find(self, name: str) -> Measure:
        """The measure of this name; of a metric its best value. UnknownNameError for no such."""
        known = {measure.name: measure for measure in self.measures}
        for candidate in (name, _ALIASES.get(name, ""), f"best_{name}"):
            if candidate in known:
                return known[candidate]
        columns = [column for column in self.columns if column not in known]
        raise UnknownNameError("measure", name, [*known, *columns])


def _summary(side: Side, values: Sequence[Value | None]) -> Summary | None:
    known = [(value, one.name) for value, one in zip(values, side.entrants, strict=True) if value]
    if not known:
        return None
    told, names = zip(*known, strict=True)
    return Summary(told, names, len(values) - len(known))


def ledger(sides: Sequence[Side], options: Options) -> Ledger:
    """The sides, measured. Raises UnknownNameError for a metric that no run has."""
    courses = [[Course(entrant.run) for entrant in side.entrants] for side in sides]
    columns = _columns(sides, options)
    main = _main(courses, columns)
    axis = _axis(sides, options.axis)
    at, why_not = _meeting_point(sides, courses, main, axis)
    target = _target(courses, main, options)
    points = _Points(main, axis, at, target, counts_alike(sides), _is_by_epochs(sides))
    measured = tuple(
        tuple(dict(_measured(course, columns, points)) for course in side) for side in courses
    )
    return Ledger(tuple(sides), tuple(columns), main, axis, at, why_not, target, measured)


def _columns(sides: Sequence[Side], options: Options) -> list[str]:
    """What to compare: as asked, else the usual metrics and that of the target."""
    runs = [entrant.run for side in sides for entrant in side.entrants]
    usual = [] if options.metrics else measures.quality_columns(runs)
    asked = [*options.metrics, *([options.target.column] if options.target else [])]
    present = measures.directed_columns(runs) if asked else []
    for name in asked:
        if name not in present:
            raise UnknownNameError("metric", name, present)
    return list(dict.fromkeys([*usual, *asked]))


def _main(courses: Sequence[Sequence[Course]], columns: Sequence[str]) -> str | None:
    """The first column that all sides have, else one that the reference and another have."""
    holders = {
        column: [any(len(course.series(column)) for course in side) for side in courses]
        for column in columns
    }
    shared = [column for column in columns if holders[column][0] and sum(holders[column]) > 1]
    return next((column for column in shared if all(holders[column])), next(iter(shared), None))


def _meeting_point(
    sides: Sequence[Side], courses: Sequence[Sequence[Course]], main: str | None, axis: Axis
) -> tuple[float | None, str]:
    """The last point of the axis that all runs with the main metric reach, or why there is none."""
    if main is None:
        return None, ""
    first, last = float("-inf"), float("inf")
    for side, runs in zip(sides, courses, strict=True):
        for entrant, course in zip(side.entrants, runs, strict=True):
            if not len(course.series(main)):
                continue
            reach = course.reach(main, axis)
            if reach is None:
                return None, f"{entrant.name}: {course.why_not(axis)}"
            first, last = max(first, reach[0]), min(last, reach[1])
    if first > last:
        return None, f"there is no {axis} of {measures.words(main)} that all runs have passed"
    return last, ""


def _target(
    courses: Sequence[Sequence[Course]], main: str | None, options: Options
) -> Target | None:
    if options.target is not None or main is None:
        return options.target
    found = [course.series(main) for side in courses for course in side]
    bests = [series.best.value for series in found if len(series)]
    is_higher = next(series for series in found if len(series)).better is Better.HIGHER
    return Target(main, min(bests) if is_higher else max(bests))


class _Points(NamedTuple):
    """Where the runs meet, and what they are to reach."""

    main: str | None
    axis: Axis
    at: float | None
    target: Target | None
    is_alike: bool
    is_by_epochs: bool

    def of(self, course: Course) -> Iterator[tuple[Measure, Value]]:
        """A run's value at the meeting point, and its way to the target."""
        if self.main is not None and self.at is not None:
            yield from self._value(course, self.main, self.at)
        if self.target is not None:
            yield from _way(course, self.target, is_alike=self.is_alike)

    def _value(self, course: Course, column: str, at: float) -> Iterator[tuple[Measure, Value]]:
        value = course.value_at(column, self.axis, at)
        if value is not None and abs(value.number) < measures.LARGEST:
            label = f"{measures.words(column)} {self._place(at)}"
            yield (
                replace(measures.best(column), name=f"{column}_at_{self.axis}", label=label),
                value,
            )

    def _place(self, at: float) -> str:
        if self.axis == "epoch":
            return f"at {epoch_label(round(at)) if self.is_by_epochs else f'point {at:,.0f}'}"
        if self.axis == "time":
            return f"after {duration(at)}"
        return f"after {at:,.0f} {'steps' if self.axis == 'step' else self.axis}"


def _measured(
    course: Course, columns: Sequence[str], points: _Points
) -> Iterator[tuple[Measure, Value]]:
    """What the run has, that at the points beside the best value of the main metric."""
    found = measures.measured(course, columns)
    beside = measures.best(points.main) if points.main else None
    for measure, value in found.items():
        yield measure, value
        if measure == beside:
            yield from points.of(course)
    if beside not in found:
        yield from points.of(course)


def _axis(sides: Sequence[Side], wanted: Axis) -> Axis:
    """The axis that is wanted; steps instead of epochs where all logs are by steps."""
    by_steps = all(one.run.axis == "step" for side in sides for one in side.entrants)
    return "step" if by_steps and wanted == "epoch" else wanted


def counts_alike(sides: Sequence[Side]) -> bool:
    """True where all logs are by steps, or none is: else no count of one is one of the other."""
    return len({one.run.axis == "step" for side in sides for one in side.entrants}) < 2


def _is_by_epochs(sides: Sequence[Side]) -> bool:
    return all(is_by_epochs(one.run) for side in sides for one in side.entrants)


def _way(course: Course, target: Target, *, is_alike: bool) -> Iterator[tuple[Measure, Value]]:
    epoch = course.reaching(target.column, target.value)
    if epoch is None:
        return
    if is_alike and course.run.axis == "step":
        yield measures.STEPS_TO_TARGET, course.placed(Value(place(course.run, epoch), epoch))
    elif is_alike:
        yield measures.EPOCHS_TO_TARGET, course.placed(Value(epoch, epoch))
    seconds = course.seconds_until(epoch)
    if seconds is not None:
        yield measures.TIME_TO_TARGET, course.placed(Value(seconds, epoch))
