"""Letters: the one font of all pictures, how wide texts are, and how they are made to fit.

The font is the one that comes with matplotlib, taken by its file: what fonts a machine has, and
which a user has set, changes nothing.
"""

from __future__ import annotations

from functools import cache, lru_cache
from pathlib import Path

import matplotlib
from matplotlib.font_manager import FontProperties, get_font
from matplotlib.ft2font import LoadFlags

from logparse.renderers.spans import escape

FAMILY = "DejaVu Sans"
POINTS_PER_INCH = 72.0
LINE = 1.3
"""The height of a line of text, in sizes of its font."""
_MEASURED = (
    (POINTS_PER_INCH, LoadFlags.NO_HINTING),
    (100.0, LoadFlags.FORCE_AUTOHINT),
    (150.0, LoadFlags.FORCE_AUTOHINT),
)
_MISSING = "□"
_ELLIPSIS = "…"
# Nothing longer is ever shown whole, and measuring a megabyte takes a while.
_LONGEST = 400
_WORD = 5
_HEAD = 0.4


@cache
def file(is_bold: bool) -> str:
    """Where the font's file lies."""
    name = "DejaVuSans-Bold.ttf" if is_bold else "DejaVuSans.ttf"
    return str(Path(matplotlib.get_data_path(), "fonts", "ttf", name))


def font(points: float, *, is_bold: bool = False) -> FontProperties:
    """The font in a size, as matplotlib wants it."""
    weight = "bold" if is_bold else "normal"
    return FontProperties(
        family=FAMILY, fname=file(is_bold), size=points, weight=weight, style="normal",
        variant="normal", stretch="normal",
    )  # fmt: skip


def safe(text: str) -> str:
    """The text on one line, with nothing that is invisible, or that the font has no sign for.

    The former is shown as an escape, the latter as an empty box; very long texts are cut.
    """
    return legible(text if len(text) <= _LONGEST else text[: _LONGEST - 1] + _ELLIPSIS)


def legible(text: str) -> str:
    """As `safe`, however long the text is."""
    shown = escape(text)
    return shown if shown.isascii() else "".join(map(_sign, shown))


@lru_cache(maxsize=4096)
def _sign(char: str) -> str:
    # `get_font` has a font for each thread; they do not get in each other's way.
    return (
        char if all(get_font(file(bold)).get_char_index(ord(char)) for bold in _BOTH) else _MISSING
    )


_BOTH = (False, True)


@lru_cache(maxsize=8192)
def width(text: str, points: float, *, is_bold: bool = False) -> float:
    """How wide a safe text is in inches, at the most.

    On a screen letters are moved to whole pixels, which makes some texts wider than on paper.
    """
    if not text:
        return 0.0
    face = get_font(file(is_bold))
    found = []
    for dpi, flags in _MEASURED:
        face.set_size(points, dpi)
        face.set_text(text, 0.0, flags=flags)
        found.append(face.get_width_height()[0] / 64 / dpi)
    return max(found)


def line_height(points: float) -> float:
    """How high a line of text is with the room around it, in inches."""
    return points * LINE / POINTS_PER_INCH


def clipped(
    text: str, room: float, points: float, *, is_bold: bool = False, head: float = 1.0
) -> str:
    """As much of a safe text as fits, an ellipsis for the rest; '' where nothing does.

    `head` is the part of what is kept that comes from the start, the rest comes from the end.
    """
    if width(text, points, is_bold=is_bold) <= room:
        return text
    fits, too_many = -1, len(text)
    while too_many - fits > 1:
        kept = (fits + too_many) // 2
        if width(_without_rest(text, kept, head), points, is_bold=is_bold) <= room:
            fits = kept
        else:
            too_many = kept
    return _without_rest(text, fits, head) if fits > 0 else ""


def _without_rest(text: str, kept: int, head: float) -> str:
    start = round(kept * head)
    tail = text[len(text) - (kept - start) :].lstrip(_ELLIPSIS)
    return text[:start].rstrip(f" {_ELLIPSIS}") + _ELLIPSIS + tail


def shortened(text: str, room: float, points: float) -> str:
    """A safe text with as much replaced by ellipses as is needed to make it fit.

    Of a name with dots, as parameters have them, the longest words go first; of others the middle,
    and more is kept of the end, which tells names apart.
    """
    words = text.split(".")
    while len(words) > 1 and width(".".join(words), points) > room:
        longest = max(words[:-1], key=len)
        if len(longest) <= _WORD:
            break
        words[words.index(longest)] = longest[: _WORD - 1] + _ELLIPSIS
    text = ".".join(words).replace(f"{_ELLIPSIS}.", _ELLIPSIS)
    return clipped(text, room, points, head=_HEAD)


def wrapped(parts: list[str], room: float, points: float, most: int) -> list[str]:
    """Safe texts with dots between them on as few lines as they need, and `most` at the most."""
    lines: list[str] = []
    for part in parts:
        joined = f"{lines[-1]} · {part}" if lines else part
        if lines and width(joined, points) <= room:
            lines[-1] = joined
        else:
            lines.append(clipped(part, room, points))
    if len(lines) > most:
        lines[most - 1 :] = [clipped(" · ".join(lines[most - 1 :]), room, points)]
    return lines
