"""Measures of the sides and what their differences are worth, as sections."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logparse.comparison.model import Verdict
from logparse.findings import plural
from logparse.metrics import Better
from logparse.renderers.comparison import cells
from logparse.renderers.comparison.content import EMPTY, Cells, Column, Section, Table
from logparse.signals.consistency.differences import ERRORS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from logparse.comparison import Comparison
    from logparse.comparison.model import Change, Row, Side

KINDS = {"quality": "metrics", "cost": "cost", "flow": "gradients"}
"""What each kind of measure is called, in the order in which they are shown."""

_WORTH = (
    Column("change", is_right=True),
    Column("95%", gives=1, is_below=True),
    Column(""),
    Column("noise"),
    Column("p", gives=1, is_below=True),
    Column("Holm", gives=1, is_below=True),
    Column("n", gives=1, is_below=True),
)

_SIGNS = {
    Verdict.NONE: "~: no difference detected, which is not to say that there is none",
    Verdict.TOO_FEW: "too few: so few runs cannot reach p < 0.05, corrected for all tests",
    Verdict.SINGLE: "n=1: one run a side cannot tell a difference from seed noise",
}


def metrics(comparison: Comparison) -> Iterator[Section]:
    """All measures in one table, by kind, so that columns are aligned; then how to read it."""
    told: list[Cells] = []
    for kind, title in KINDS.items():
        rows = [row for row in comparison.rows if row.measure.kind == kind]
        if rows:
            told += [((title, "title"),), *_rows(rows, comparison.sides, _label)]
    if told:
        ((title, _),), *rest = told
        table = Table(_columns(comparison.sides, comparison.rows), tuple(rest))
        notes = tuple((one, "dim") for one in legend(comparison.rows))
        yield Section(title, table=table, notes=notes)


def by_task(rows: Sequence[Row], sides: Sequence[Side]) -> Table:
    """One measure over the sides, a row for each task."""
    return Table(_columns(sides, rows), tuple(_rows(rows, sides, lambda row: row.task)))


def _columns(sides: Sequence[Side], rows: Sequence[Row]) -> tuple[Column, ...]:
    """Two sides stand beside each other, more of them below; values are never cut."""
    if len(sides) > 2:
        return Column("measure"), Column("side"), Column("value"), *_WORTH
    values = (cells.summary(row.measure, one) for row in rows for one in row.summaries)
    return Column("measure"), *cells.side_columns(sides, max(map(len, values))), *_WORTH


_ARROWS = {Better.LOWER: " ↓", Better.HIGHER: " ↑", Better.NEITHER: ""}


def _label(row: Row) -> str:
    return cells.label(row.measure) + _ARROWS[row.measure.better]


def _rows(
    rows: Sequence[Row], sides: Sequence[Side], label: Callable[[Row], str]
) -> Iterator[Cells]:
    for row in rows:
        name, told = (cells.short(label(row), 40), "metric"), row.summaries
        values = [(cells.summary(row.measure, one), "") for one in told]
        if len(sides) == 2:
            yield name, *values, *_worth(row, 1)
            continue
        for at, side in enumerate(cells.names(sides)):
            yield name if not at else EMPTY, (side, ""), values[at], *_worth(row, at)


def _worth(row: Row, side: int) -> Cells:
    change = row.changes[side]
    return (
        cells.change(row, side),
        (cells.interval(row, side), ""),
        cells.verdict(row, side),
        (cells.noise(change), ""),
        (cells.p_value(change.p if change else None), ""),
        (cells.p_value(change.holm if change else None), ""),
        (cells.counts(row, side), "dim"),
    )


def legend(rows: Sequence[Row]) -> Iterator[str]:
    """What the signs and numbers in the rows are, as far as they occur."""
    if any(row.measure.better is not Better.NEITHER for row in rows):
        yield "↓ lower is better, ↑ higher is better"
    if any(row.measure.unit == "x" for row in rows):
        yield "best / a baseline: below 1x it is beaten"
    changes = [change for row in rows for change in row.changes if change is not None]
    if any(one is not None and one.n > 1 for row in rows for one in row.summaries):
        yield f"value: median ±SD between runs; change: {_change(changes)}"
    # Where nothing varies there was nothing to test.
    if tests := sorted({one.test for one in changes if one.test and one.least_p != 1.0}):
        count = sum(one.holm is not None for one in changes)
        corrected = f"; Holm: corrected for {plural(count, 'test')}" if count else ""
        yield f"p: {', '.join(tests)}{corrected}"
    met = {one.verdict for one in changes}
    yield from (words for verdict, words in _SIGNS.items() if verdict in met)
    if any(cells.noise(one) for one in changes):
        yield f"noise: the change in SDs of such changes between seeds; within: {ERRORS:g}"


def _change(changes: Sequence[Change]) -> str:
    pairs = ", runs of equal seeds in pairs" if any(one.is_paired for one in changes) else ""
    has_interval = any(one.low is not None for one in changes)
    interval = ", its 95% interval by bootstrap" if has_interval else ""
    return f"of the means{interval}{pairs}"
