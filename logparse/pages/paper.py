"""Sheets of A4 with the few forms of text that a report needs; all sizes in millimetres.

Letters are those of matplotlib's own font, so that every machine makes the same pages.
"""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO
from typing import TYPE_CHECKING

from fpdf import FPDF
from fpdf.enums import TableBordersLayout, XPos, YPos
from fpdf.fonts import FontFace

from logparse.plots.drawing.lettering import file, legible
from logparse.plots.look import LIGHT

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_FAMILY = "letters"
_MARGIN = 18.0
_BODY, _SMALL, _HEADINGS = 9.0, 7.5, {1: 17.0, 2: 13.0, 3: 10.5, 4: 9.5}
_ABOVE = {1: 0.0, 2: 1.0, 3: 0.8, 4: 0.4}
"""Room above a heading, in sizes of its letters."""
_AFTER = 0.25
_LINE = 1.38
"""Height of a line in sizes of its letters."""
_PT = 25.4 / 72
_INDENT = 5.0
_NARROWEST, _WIDEST = 5, 60
"""Letters for which a column of a table has room, at least and at most."""
_LEAST_BELOW = 24.0
"""A heading with less room below it goes to the next page."""
_LONG_AGO = datetime(1980, 1, 1, tzinfo=UTC)
"""Stands for a time that is not known: the format wants one."""


class Paper(FPDF):
    """Pages that are written from top to bottom. Every text is made safe to show."""

    def __init__(self, title: str, foot: str, made: datetime | None) -> None:
        super().__init__(format="A4")
        for style, is_bold in (("", False), ("B", True)):
            self.add_font(_FAMILY, style, file(is_bold))
        self._foot = legible(foot)
        self.set_title(legible(title))
        self.set_lang("en")
        self.set_creator(legible(foot))
        self.set_creation_date(made or _LONG_AGO)
        self.set_draw_color(*_rgb("grid"))
        self.set_line_width(0.15)
        self.set_margin(_MARGIN)
        self.set_auto_page_break(True, margin=_MARGIN)
        self.add_page()
        self.text_of()

    @property
    def width_in(self) -> float:
        """The width of the text in inches."""
        return float(self.epw) / 25.4

    def footer(self) -> None:
        """Who made the page, and its number; called by fpdf at the end of each."""
        self.set_y(-12)
        self._letters(_SMALL, "muted")
        self.cell(0, 4, f"{self._foot} · {self.page_no()}", align="R")

    def heading(self, text: str, level: int, role: str = "ink") -> None:
        """A title; those of the first two levels are in the outline of the document."""
        self.keep(_LEAST_BELOW * (1.5 if level < 4 else 1))
        self.ln(_HEADINGS[level] * _PT * _ABOVE[level])
        if level < 3:
            self.start_section(legible(text), level=level - 1)
        self._write(text, _HEADINGS[level], role, is_bold=True)

    def text_of(self, text: str = "", role: str = "ink", *, indent: float = 0.0) -> None:
        """A paragraph; the letters of what comes next are usual ones."""
        if text:
            self._write(text, _BODY, role, indent=indent)
            self.ln(_BODY * _PT * _AFTER)
        self._letters(_BODY, "ink")

    def small(self, text: str, role: str = "muted") -> None:
        """A paragraph of side matters."""
        self._write(text, _SMALL, role)

    def labelled(self, label: str, texts: Sequence[str], *, is_ranked: bool = False) -> None:
        """A word, and below it one or several texts, numbered where they are ranked."""
        if not texts:
            return
        self._write(label, _SMALL, "muted", is_bold=True, indent=_INDENT)
        for rank, text in enumerate(texts, start=1):
            self.text_of(f"{rank}  {text}" if is_ranked else text, indent=_INDENT)

    def grid(
        self, columns: Sequence[str], rows: Sequence[Sequence[str]], numbers: Sequence[bool]
    ) -> None:
        """A table; `numbers` says which columns are set flush right. One cell heads others."""
        self._letters(_SMALL, "ink")
        self.ln(1)
        with self.table(
            borders_layout=TableBordersLayout.HORIZONTAL_LINES,
            cell_fill_color=_rgb("paper"),
            col_widths=tuple(_weights(columns, rows)),
            headings_style=FontFace(emphasis="BOLD", color=_rgb("muted"), fill_color=_rgb("paper")),
            line_height=_SMALL * _PT * _LINE,
            padding=0.6,
            text_align=["RIGHT" if is_number else "LEFT" for is_number in numbers],
        ) as table:
            table.row([legible(column) for column in columns])
            for cells in rows:
                row = table.row()
                for cell in cells:
                    row.cell(legible(cell), colspan=len(columns) if len(cells) == 1 else 1)
        self.ln(1.5)
        self.text_of()

    def picture(self, png: bytes, title: str, alternative: str) -> None:
        """A picture as wide as the text, its title with it ('' for none), on one page."""
        wide, high = (int.from_bytes(png[at : at + 4]) for at in (16, 20))
        room = self.eph - (2 * _LEAST_BELOW if title else 0)
        width = min(self.epw, room * wide / high)
        self.keep(width * high / wide + (_LEAST_BELOW if title else 0))
        if title:
            self.heading(title, 3)
        self.image(BytesIO(png), w=width, alt_text=legible(alternative))
        self.ln(2)

    def keep(self, height: float) -> None:
        """Go to the next page unless there is so much room."""
        if self.will_page_break(height):
            self.add_page()

    def bar(self, role: str) -> None:
        """A short thick stroke in the colour of a role, above what it stands for."""
        self.keep(_LEAST_BELOW + 4)  # the title that follows stays with it
        self.ln(2.5)
        self.set_fill_color(*_rgb(role))
        self.rect(self.l_margin, self.get_y(), 14, 0.9, style="F")
        self.set_fill_color(*_rgb("paper"))
        self.ln(1)

    def bytes(self) -> bytes:
        """The whole document."""
        return bytes(self.output())

    def _write(
        self, text: str, points: float, role: str, *, is_bold: bool = False, indent: float = 0.0
    ) -> None:
        self._letters(points, role, is_bold=is_bold)
        self.set_x(self.l_margin + indent)
        height = points * _PT * _LINE
        self.multi_cell(
            self.epw - indent, height, legible(text), align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT
        )

    def _letters(self, points: float, role: str, *, is_bold: bool = False) -> None:
        self.set_font(_FAMILY, "B" if is_bold else "", points)
        self.set_text_color(*_rgb(role))


def _weights(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[int]:
    """How wide columns are beside each other: by their longest text, within reason."""
    for at, column in enumerate(columns):
        longest = max((len(row[at]) for row in rows if len(row) > 1), default=0)
        yield min(max(longest, len(column), _NARROWEST), _WIDEST)


def _rgb(role: str) -> tuple[int, int, int]:
    colour = LIGHT[role]
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
