"""Styled text without colour: spans, lines, and how untrusted text is made safe to show.

A span carries a semantic style, not a colour: `title`, `metric`, `code`, `dim`, `good`, `bad`,
`error`, `warning`, `note`, `part0` to `part6` for parts, sides and runs of a picture, or '' for
plain. Whoever owns a terminal turns styles into colour.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TypeAlias

Span: TypeAlias = tuple[str, str]
"""A piece of text and its semantic style."""

Line: TypeAlias = tuple[Span, ...]
"""One line of output, without its line end."""

_NAMED = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
# Controls, format characters (bidi and zero width), surrogates, private use and separators.
_UNSAFE_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
# Signs that our own words use; anything else outside ASCII is escaped for an ASCII stream.
_ASCII_FOR = str.maketrans(
    {"·": "|", "→": "->", "…": "...", "≥": ">=", "≤": "<=", "≠": "!=", "≈": "~", "±": "+-"}
    | {"×": "x", "−": "-", "–": "-", "—": "-", "’": "'", "‘": "'", "“": '"', "”": '"'}  # noqa: RUF001
    | {"↓": "v", "↑": "^", "σ": "sigma", "µ": "u", "√": "sqrt", "²": "^2"}  # noqa: RUF001
    | {"\u00a0": " ", "\u202f": " "}
)
_NOT_PLAIN = re.compile(r"[^ -~]")


def escape(text: str, *, ascii_only: bool = False) -> str:
    """The text with everything that could steer a terminal shown as an escape: ESC as `\\x1b`.

    With `ascii_only` the result is ASCII: known signs get a spelling, the rest is escaped.
    """
    if text.isascii() and text.isprintable():
        return text
    if ascii_only:
        text = text.translate(_ASCII_FOR)
    return _NOT_PLAIN.sub(lambda match: _shown(match[0], ascii_only=ascii_only), text)


def _shown(char: str, *, ascii_only: bool) -> str:
    if char in _NAMED:
        return _NAMED[char]
    if not ascii_only and unicodedata.category(char) not in _UNSAFE_CATEGORIES:
        return char
    code = ord(char)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def can_paste(source: str) -> bool:
    """True for a name that a command can be given as it is shown.

    One that is shown escaped cannot; standard input cannot be read again.
    """
    return escape(source) == source and not source.startswith(("<", "-"))


def cells(text: str) -> int:
    """How many terminal columns the text takes: two for wide characters, none for marks."""
    if text.isascii():
        return len(text)
    return sum(map(_char_cells, text))


def _char_cells(char: str) -> int:
    if unicodedata.category(char) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in ("W", "F") else 1


def line_cells(line: Line) -> int:
    """How many terminal columns the line takes."""
    return sum(cells(text) for text, _ in line)


def plain(line: Line) -> str:
    """The line as text, styles dropped, no space at its end."""
    return "".join(text for text, _ in line).rstrip(" ")


def cut(text: str, width: int) -> tuple[str, str]:
    """Split the text where `width` columns are full; the head has one character at least."""
    used = 0
    for position, char in enumerate(text):
        used += _char_cells(char)
        if used > width and position:
            return text[:position], text[position:]
    return text, ""


def clip(text: str, width: int, ellipsis: str) -> str:
    """The text, or as much of it as fits `width` columns with the ellipsis behind."""
    if cells(text) <= width:
        return text
    return cut(text, max(width - cells(ellipsis), 1))[0] + ellipsis
