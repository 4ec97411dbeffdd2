"""What a comparison says, before it is laid out: sections of tables and notes, texts as given."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable

Cell: TypeAlias = tuple[str, str]
"""A text, not yet safe to show, and its semantic style (see `logparse.renderers.spans`)."""

Cells: TypeAlias = tuple[Cell, ...]

EMPTY: Cell = ("", "")
_MOST_NAMED = 12


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table, and how it gives way where there is no room.

    gives     order in which columns go, the highest first and equal ones together; 0 for one
              that stays
    is_below  it goes to a second line, with its title, rather than out
    least     to what width its texts may be cut before anything is given up; 0 for not at all
    fills     its texts, the last of their rows, may take several lines
    is_told   its title is named where it is left out
    """

    title: str = ""
    gives: int = 0
    is_below: bool = False
    least: int = 0
    fills: bool = False
    is_right: bool = False
    is_told: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of one cell for each column; a row of a single cell is a heading of those below it.

    is_headed  titles of columns are shown even where a form can do without
    left_out   what the columns are that are named where they are left out: `more that vary`
    """

    columns: tuple[Column, ...]
    rows: tuple[Cells, ...]
    is_headed: bool = True
    left_out: str = ""

    @property
    def without_empty(self) -> Table:
        """The table without the columns in which no row says anything."""
        rows = [row for row in self.rows if len(row) > 1]
        kept = [at for at in range(len(self.columns)) if any(row[at][0] for row in rows)]
        return replace(
            self,
            columns=tuple(self.columns[at] for at in kept),
            rows=tuple(tuple(row[at] for at in kept) if len(row) > 1 else row for row in self.rows),
        )

    def told_without(self, gone: Iterable[int]) -> str:
        """`and 3 more that vary: A, B, C`, for columns that are left out; '' where none counts."""
        names = [self.columns[at].title for at in sorted(gone) if self.columns[at].is_told]
        more = ", ..." if len(names) > _MOST_NAMED else ""
        told = f"and {len(names)} {self.left_out}: {', '.join(names[:_MOST_NAMED])}{more}"
        return told if names else ""


@dataclass(frozen=True, slots=True)
class Section:
    """A part of what is said: a title with a statement, a table, notes below it."""

    title: str
    said: str = ""
    table: Table | None = None
    notes: tuple[Cell, ...] = ()
