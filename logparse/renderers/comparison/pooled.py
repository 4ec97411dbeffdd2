"""Families of sizes and of tasks, as sections."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logparse.comparison.model import Verdict
from logparse.comparison.statistics import LEVEL
from logparse.findings import plural
from logparse.renderers.comparison import cells
from logparse.renderers.comparison.content import Cell, Column, Section, Table
from logparse.renderers.comparison.measures import by_task, legend
from logparse.renderers.numbers import number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logparse.comparison import Comparison
    from logparse.comparison.model import Measure
    from logparse.comparison.scaling import Scaling
    from logparse.comparison.tasks import Pooled

_MOST_POINTS, _FARTHEST = 24, 12
_NAME_ROOM = 36


def scaling(comparison: Comparison) -> Iterator[Section]:
    """For each data scale the power law, and how far each run is from it."""
    family = comparison.scaling
    if family is None:
        return
    for fit in family.fits:
        yield _fit(fit, family.measure)
    if family.lacks:
        yield Section("scaling", "no fit", notes=tuple((one, "") for one in family.lacks))


def _fit(fit: Scaling, measure: Measure) -> Section:
    bounds = f"[{cells.digits(fit.low)}, {cells.digits(fit.high)}]"
    law = f"{cells.digits(fit.factor)} x parameters^{cells.digits(fit.exponent)} {bounds}"
    spread = cells.percent(fit.spread).removeprefix("+")
    said = f"{measure.label} = {law} · spread {spread} · {plural(len(fit.points), 'run')}"
    points, notes = fit.points, list[Cell]()
    if len(points) > _MOST_POINTS:
        far = sorted(points, key=lambda one: -abs(one.residual))[:_FARTHEST]
        points = tuple(one for one in points if one in far)
        told = f"{len(points)} of {len(fit.points)} runs, those farthest from the fit"
        notes.append((f"{told}; JSON has all", "dim"))
    rows = tuple(
        (
            (cells.short(one.name, _NAME_ROOM), ""),
            (number(one.size), ""),
            (cells.value(measure, one.value), "metric"),
            (cells.value(measure, one.fitted), ""),
            (cells.percent(one.residual), ""),
        )
        for one in points
    )
    right = [
        Column(title, is_right=True) for title in ("parameters", measure.label, "fit", "residual")
    ]
    if fit.bend_p is not None and fit.bend_p <= LEVEL:
        told = f"the residuals bend, p {cells.p_value(fit.bend_p)}: no single power law"
        notes.append((told, "warning"))
    if fit.data:
        said = f"data {cells.short(fit.data)}: {said}"
    return Section("scaling", said, Table((Column("run"), *right), rows), tuple(notes))


def tasks(comparison: Comparison) -> Iterator[Section]:
    """The measure by task, then each side over all tasks."""
    told = comparison.tasks
    if told is None:
        return
    known = set(legend(comparison.rows))
    notes: list[Cell] = [(_pooled(one, len(comparison.sides) > 2), "") for one in told.pooled]
    notes += [(f"{task} left out: {', '.join(why)}", "dim") for task, why in told.left_out.items()]
    notes += [(one, "dim") for one in legend(told.rows) if one not in known]
    table = by_task(told.rows, comparison.sides) if told.rows else None
    said = f"{cells.label(told.measure)} by {told.key}"
    yield Section("tasks", said, table, tuple(notes))


def _pooled(one: Pooled, is_named: bool) -> str:
    facts = [
        f"interquartile mean {cells.estimate(one.ratio)} of the reference "
        f"over {plural(len(one.tasks), 'task')}",
        f"probability of improvement {cells.estimate(one.improvement)}",
        f"p {cells.p_value(one.p)} (Holm {cells.p_value(one.holm)})",
        "~" if one.verdict is Verdict.NONE else one.verdict.value,
    ]
    return f"{f'{one.side}: ' * is_named}{' · '.join(facts)}"
