"""Text from a log made safe for Markdown: it is shown, and never becomes structure or a link."""

from __future__ import annotations

import re

from logparse.renderers.spans import escape

_BREAK = "\u200b"
# A reference to a character is text wherever it stands: in a table cell, in a list, inside HTML.
_REFERENCES = str.maketrans(
    {sign: f"&#{ord(sign)};" for sign in f"\\`*[]~|${_BREAK}"}
    | {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
)
_EMPHASIS = re.compile(r"(?<![^\W_])_|_(?![^\W_])")
# Where a forge would make a link: @name, #123, GH-123, https://..., www.example.org; or a :sign:.
_LINKS = re.compile(
    r"@(?=\w)|#(?=\d)|\bGH-(?=\d)|:(?=//|[a-z+-][\w+-]*:)|\bwww(?=\.)", re.IGNORECASE
)
# What would begin a heading, a list or a rule at the start of a block.
_OPENING = re.compile(r"[-+=]|#+(?= |$)|\d+(?=[.)])")
_TICKS = re.compile("`+")

EDIT = re.compile(r"[A-Z][A-Z0-9_]* \S.* -> \S.*")
"""A remedy that edits a setting: `KEY a -> b`."""


def prose(text: str, *, ascii_only: bool = False) -> str:
    """The text as inline Markdown that reads as the text: no markup, no HTML, no mention, no link.

    A zero-width space stands after what would make a link or a picture; a copy of the rendered
    text holds it.
    """
    shown = escape(text, ascii_only=ascii_only)
    shown = _LINKS.sub(lambda match: match[0] + _BREAK, shown).translate(_REFERENCES)
    return _EMPHASIS.sub("&#95;", shown)


def block(text: str, *, ascii_only: bool = False) -> str:
    """As `prose`, for the start of a paragraph or of a list's item."""
    shown = prose(text.strip(), ascii_only=ascii_only)
    opening = _OPENING.match(shown)
    if opening is None:
        return shown
    # Of a number the sign behind it makes a list, of the others they themselves.
    at = opening.end() if opening[0].isdecimal() else 0
    return f"{shown[:at]}&#{ord(shown[at])};{shown[at + 1 :]}"


def code(text: str, *, ascii_only: bool = False) -> str:
    """The text as a code span, where nothing is markup; '' for no text.

    A pipe ends a table's cell even there, so a text with one is no code but a `block`.
    """
    shown = escape(text, ascii_only=ascii_only).strip()
    if not shown or "|" in shown:
        return block(shown, ascii_only=ascii_only)
    fence = "`" * (max(map(len, _TICKS.findall(shown)), default=0) + 1)
    gap = " " if "`" in (shown[0], shown[-1]) else ""
    return f"{fence}{gap}{shown}{gap}{fence}"
