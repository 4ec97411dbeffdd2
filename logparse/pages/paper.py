"""Sheets of A4 with the few forms of text that a report needs; all sizes in millimetres.

Letters are those of matplotlib's own font, so that every machine makes the same pages.
"""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO
from typing import TYPE_CHECKING, TypeAlias

from fpdf import FPDF
from fpdf.enums import TableBordersLayout, XPos, YPos
from fpdf.fonts import FontFace

from logparse.plots.drawing.lettering import file, safe
from logparse.plots.look import LIGHT

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

Rows: TypeAlias = "Iterable[Sequence[str]]"

_FAMILY = "letters"
_MARGIN = 18.0
_BODY, _SMALL, _HEADINGS = 9.0, 7.5, {1: 17.0, 2: 13.0, 3: 10.5, 4: 9.5}
_LINE = 1.38
"""Height of a line in sizes of its letters."""
_PT = 25.4 / 72
_INDENT = 5.0
_LEAST_BELOW = 24.0
"""A heading with less room below it goes to the next page."""
_DPI = 150
_LONG_AGO = datetime(1980, 1, 1, tzinfo=UTC)
"""Stands for a time that is not known: the format wants one."""


class Paper(FPDF):
    """Pages that are written from top to bottom. Every text is made safe to show."""

    def __init__(self, title: str, foot: str, made: datetime | None) -> None:
        super().__init__(format="A4")
        for style, is_bold in (("", False), ("B", True)):
            self.add_font(_FAMILY, style, file(is_bold))
        self._foot = safe(foot)
        self.set_title(safe(title))
        self.set_lang("en")
        self.set_creator(safe(foot))
        self.set_creation_date(made or _LONG_AGO)
        self.set_margin(_MARGIN)
        self.set_auto_page_break(True, margin=_MARGIN)
        self.add_page()
        self.text_of()

    def footer(self) -> None:
        """Who made the page, and its number; called by fpdf at the end of each."""
        self.set_y(-12)
        self._letters(_SMALL, "muted")
        self.cell(0, 4, f"{self._foot} · {self.page_no()}", align="R")

    def heading(self, text: str, level: int, role: str = "ink") -> None:
        """A title; those of the first two levels are in the outline of the document."""
        if self.will_page_break(_LEAST_BELOW):
            self.add_page()
        self.ln(_HEADINGS[level] * _PT * (0.9 if level > 1 else 0))
        if level < 3:
            self.start_section(safe(text), level=level - 1)
        self._write(text, _HEADINGS[level], role, is_bold=True)

    def text_of(self, text: str = "", role: str = "ink", *, indent: float = 0.0) -> None:
        """A paragraph; the letters of what comes next are usual ones."""
        if text:
            self._write(text, _BODY, role, indent=indent)
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

    def grid(self, columns: Sequence[str], rows: Rows, numbers: Sequence[bool] = ()) -> None:
        """A table; `numbers` says which columns are set flush right. One cell heads others."""
        self._letters(_SMALL, "ink")
        align = [
            "RIGHT" if is_number else "LEFT" for is_number in numbers or [False] * len(columns)
        ]
        with self.table(
            borders_layout=TableBordersLayout.HORIZONTAL_LINES,
            headings_style=FontFace(emphasis="BOLD", color=_rgb("muted")),
            line_height=_SMALL * _PT * _LINE,
            padding=0.6,
            text_align=align,
        ) as table:
            table.row([safe(column) for column in columns])
            for cells in rows:
                row = table.row()
                span = len(columns) if len(cells) == 1 else 1
                for cell in cells:
                    row.cell(safe(cell), colspan=span)
        self.ln(1.5)
        self.text_of()

    def picture(self, png: bytes, alternative: str) -> None:
        """A picture as wide as the text, on the next page where there is no room for it."""
        self.image(BytesIO(png), w=self.epw, alt_text=safe(alternative), keep_aspect_ratio=True)
        self.ln(2)

    def bar(self, role: str) -> None:
        """A short thick stroke in the colour of a role, above what it stands for."""
        if self.will_page_break(_LEAST_BELOW):
            self.add_page()
        self.ln(2.5)
        self.set_fill_color(*_rgb(role))
        self.rect(self.l_margin, self.get_y(), 14, 0.9, style="F")
        self.ln(1.8)

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
            self.epw - indent, height, safe(text), align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT
        )

    def _letters(self, points: float, role: str, *, is_bold: bool = False) -> None:
        self.set_font(_FAMILY, "B" if is_bold else "", points)
        self.set_text_color(*_rgb(role))


def _rgb(role: str) -> tuple[int, int, int]:
    colour = LIGHT[role]
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
