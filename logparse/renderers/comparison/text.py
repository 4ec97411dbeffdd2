"""The comparison for people: lines of styled spans, or plain text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logparse.renderers.comparison import grids
from logparse.renderers.comparison.overview import basis, heading, next_command, sections
from logparse.renderers.layout import Page, spaced
from logparse.renderers.spans import Line, plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logparse.comparison import Comparison
    from logparse.renderers.comparison.content import Section

_INDENT = 2


def render(
    comparison: Comparison,
    *,
    width: int = 80,
    ascii_only: bool = False,
    show_errors: bool = True,
) -> str:
    """The comparison as plain text of at most `width` columns, with a line end at its end.

    Only paths may exceed the width.
    """
    found = lines(comparison, Page(width, ascii_only), show_errors=show_errors)
    return "".join(f"{plain(line)}\n" for line in found)


def lines(comparison: Comparison, page: Page, *, show_errors: bool = True) -> Iterator[Line]:
    """The comparison as lines of `(text, style)` spans; every text in them is safe to show."""
    blocks = [_heading(comparison, page)]
    blocks += [_section(one, page) for one in sections(comparison, errors=show_errors)]
    blocks.append(_closing(comparison, page))
    yield from spaced(blocks)


def _heading(comparison: Comparison, page: Page) -> Iterator[Line]:
    first = (page.span("compare  ", "title"),)
    yield from page.flow([(page.span(fact),) for fact in heading(comparison)], first=first, hang=9)
    items = [(page.span(fact, "dim"),) for fact in basis(comparison)]
    yield from page.flow(items, first=((" " * 9, ""),), hang=9)


def _section(section: Section, page: Page) -> Iterator[Line]:
    title = section.title
    if section.said or section.table is None or not section.table.is_headed:
        first = (page.span(f"{title}  " if section.said else title, "title"),)
        yield from page.fill(page.words(section.said), first=first, hang=_INDENT)
        title = ""
    if section.table is not None:
        yield from grids.lines(section.table, page, title)
    for text, style in section.notes:
        indent = ((" " * _INDENT, ""),)
        yield from page.fill(page.words(text, style), first=indent, hang=_INDENT + 2)


def _closing(comparison: Comparison, page: Page) -> Iterator[Line]:
    command = next_command(comparison)
    if command:
        first = (page.span("next  ", "dim"),)
        yield from page.fill(page.words(command, "code"), first=first, hang=6)
