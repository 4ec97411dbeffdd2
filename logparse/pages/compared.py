"""A comparison on the page: its tables and notes, and the curves laid over each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logparse.findings import plural
from logparse.pages.content import Cell, Compared, Figure, Grid, Heading, Part
from logparse.plots.overlay import overlay
from logparse.renderers.comparison.markdown import shown_columns
from logparse.renderers.comparison.overview import basis, heading, next_command, sections

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logparse.comparison import Comparison
    from logparse.pages.content import Styled
    from logparse.renderers.comparison.content import Cells, Section, Table

_MOST_ROWS = 300


def compared(comparison: Comparison) -> Compared:
    """Everything that is said of the comparison."""
    command = next_command(comparison)
    facts = [*heading(comparison), *basis(comparison)]
    return Compared(
        facts=(*facts, *((f"next: {command}",) if command else ())),
        figure=_figure(comparison),
        parts=tuple(map(_part, sections(comparison))),
    )


def _figure(comparison: Comparison) -> Figure | None:
    drawn = overlay(comparison)
    return (
        None
        if drawn.is_blank
        else Figure("compared", "The sides over each other", drawn, is_wide=True)
    )


def _part(section: Section) -> Part:
    table = section.table.without_empty if section.table is not None else None
    notes = [*section.notes]
    if table is not None:
        notes = [*((text, "dim") for text in _left_out(table)), *notes]
    return Part(
        title=section.title,
        said=section.said,
        grid=_grid(table, section.title) if table is not None else None,
        notes=tuple(notes),
    )


def _grid(table: Table, title: str) -> Grid:
    kept = shown_columns(table)
    return Grid(
        caption=title,
        columns=tuple(Heading(table.columns[at].title, table.columns[at].is_right) for at in kept),
        rows=tuple(_row(row, kept) for row in table.rows[:_MOST_ROWS]),
    )


def _row(row: Cells, kept: list[int]) -> tuple[Cell, ...]:
    shown: list[Styled] = [row[0]] if len(row) == 1 else [row[at] for at in kept]
    return tuple(Cell(text=text, style=style) for text, style in shown)


def _left_out(table: Table) -> Iterator[str]:
    if without := table.told_without({*range(len(table.columns))} - {*shown_columns(table)}):
        yield without
    if (rest := len(table.rows) - _MOST_ROWS) > 0:
        yield f"{plural(rest, 'row')} more, left out for length"
