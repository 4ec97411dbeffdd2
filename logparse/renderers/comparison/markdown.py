"""The comparison for a pull request: the same tables and notes, within the size of a comment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from logparse.findings import plural
from logparse.renderers.comparison.overview import basis, heading, next_command, sections
from logparse.renderers.markdown import COMMENT_BYTES, fitting, size
from logparse.renderers.markup import block, code, prose

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from logparse.comparison import Comparison
    from logparse.renderers.comparison.content import Cells, Section, Table

_MOST_COLUMNS = 14
"""Wider tables are scrolled, and their rows are no longer read as such."""
_TOLD_BYTES = 300
"""Room for saying what was left out."""


def render(comparison: Comparison, *, ascii_only: bool = False, limit: int = COMMENT_BYTES) -> str:
    """The comparison as GitHub's Markdown with a line end at its end.

    Rows and sections that exceed `limit` bytes are counted and named instead of shown.
    """
    return "".join(f"{line}\n" for line in lines(comparison, ascii_only=ascii_only, limit=limit))


def lines(
    comparison: Comparison, *, ascii_only: bool = False, limit: int = COMMENT_BYTES
) -> Iterator[str]:
    """The comparison as lines without ends; nothing in them that a log says is markup or a link."""
    page = _Writer(ascii_only)
    head, closing = list(page.heading(comparison)), list(page.closing(comparison))
    yield from head
    left = limit - size(head) - size(closing) - _TOLD_BYTES
    cut = []
    for section in sections(comparison):
        told = page.section(section, left)
        left -= size(told)
        yield from told
        if not told:
            cut.append(section.title)
    if cut:
        names = page.prose(", ".join(dict.fromkeys(cut)))
        yield from ("", f"**Left out for length:** {names}; `--format json` holds all.")
    yield from closing


@dataclass(frozen=True, slots=True)
class _Writer:
    """Makes the parts; every text goes through `prose`, `block` or `code`."""

    ascii_only: bool

    def prose(self, text: str) -> str:
        return prose(text, ascii_only=self.ascii_only)

    def heading(self, comparison: Comparison) -> Iterator[str]:
        """What is compared with what, and on what basis."""
        yield f"## logdiag: {self.prose(' · '.join(heading(comparison)))}"
        yield from ("", block("; ".join(basis(comparison)), ascii_only=self.ascii_only))

    def closing(self, comparison: Comparison) -> Iterator[str]:
        """The command that helps most now."""
        if command := next_command(comparison):
            yield from ("", f"Next: {code(command, ascii_only=self.ascii_only)}")

    def section(self, section: Section, limit: int) -> list[str]:
        """The section with as many rows as `limit` bytes hold; nothing where not even one fits."""
        opening = ["", f"### {self.prose(section.title)}"]
        if section.said:
            opening += ["", block(section.said, ascii_only=self.ascii_only)]
        rows: list[str] = []
        closing: list[str] = []
        if section.table is not None:
            table = section.table.without_empty
            kept = shown_columns(table)
            opening += ["", *self._head(table, kept)]
            rows = [self._row(row, kept) for row in table.rows]
            without = table.told_without({*range(len(table.columns))} - {*kept})
            closing += ["", self.prose(without)] if without else []
        notes = [block(text, ascii_only=self.ascii_only) for text, _ in section.notes]
        closing += ["", *(f"- {note}" for note in notes)] if notes else []
        fit = fitting(rows, limit - size(opening) - size(closing) - _TOLD_BYTES // 3)
        if size(opening) + size(closing) > limit or (rows and not fit):
            return []
        if rest := len(rows) - len(fit):
            closing = ["", f"{plural(rest, 'row')} more, left out for length.", *closing]
        return [*opening, *fit, *closing]

    def _head(self, table: Table, kept: Sequence[int]) -> Iterator[str]:
        columns = [table.columns[at] for at in kept]
        yield self._line([(column.title, "") for column in columns])
        yield f"| {' | '.join('---:' if column.is_right else '---' for column in columns)} |"

    def _row(self, row: Cells, kept: Sequence[int]) -> str:
        if len(row) == 1:
            return f"| **{self.prose(row[0][0])}** |{' |' * (len(kept) - 1)}"
        return self._line([row[at] for at in kept])

    def _line(self, cells: Sequence[tuple[str, str]]) -> str:
        return f"| {' | '.join(self.prose(text) for text, _ in cells)} |"


def shown_columns(table: Table) -> list[int]:
    """Places of the columns that are shown: all, or as many as can be read."""
    count = len(table.columns)
    staying = sorted(range(count), key=lambda at: table.columns[at].gives)
    return sorted(staying[:_MOST_COLUMNS])
