"""A page of a given width: the only place where lines are broken, padded and aligned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from logparse.renderers.spans import Line, Span, cells, clip, cut, escape, line_cells

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_NARROWEST = 24
_NARROW = 60
# Longer than this, a word with slashes is taken for noise rather than for a path to copy.
_LONGEST_PATH = 512


@dataclass(frozen=True, slots=True)
class Page:
    """Where lines are laid out: the width in columns, and whether only ASCII may be shown."""

    width: int = 80
    ascii_only: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "width", max(self.width, _NARROWEST))

    @property
    def is_narrow(self) -> bool:
        return self.width < _NARROW

    @property
    def arrow(self) -> str:
        return "->" if self.ascii_only else "→"

    @property
    def ellipsis(self) -> str:
        return "..." if self.ascii_only else "…"

    @property
    def separator(self) -> Span:
        """What stands between two facts on one line."""
        return (" | " if self.ascii_only else " · ", "dim")

    def span(self, text: str, style: str = "") -> Span:
        """A span that is safe to show, whatever the text holds."""
        return (escape(text, ascii_only=self.ascii_only), style)

    def clip(self, text: str, width: int) -> str:
        """The text made safe, and cut with an ellipsis where it exceeds `width` columns."""
        return clip(escape(text, ascii_only=self.ascii_only), width, self.ellipsis)

    def crop(self, line: Line) -> Line:
        """The line, cut with an ellipsis where it is wider than the page."""
        if line_cells(line) <= self.width:
            return line
        kept: list[Span] = []
        room = self.width - cells(self.ellipsis)
        for text, style in line:
            head = text if cells(text) <= room else cut(text, room)[0]
            room -= cells(head)
            if room < 0:  # the head has one character at least
                break
            kept.append((head, style))
            if head != text:
                break
        return (*kept, (self.ellipsis, "dim"))

    def words(self, text: str, style: str = "") -> Line:
        """The text as spans of one word each, for `fill`; only spaces separate."""
        return tuple(self.span(word, style) for word in text.split(" ") if word)

    def fill(self, words: Iterable[Span], *, first: Line = (), hang: int = 0) -> Iterator[Line]:
        """Words set one after the other, broken at spaces, `hang` columns in from line two on."""
        return self._break(((word,) for word in words), (" ", ""), first, hang)

    def flow(self, items: Sequence[Line], *, first: Line = (), hang: int = 0) -> Iterator[Line]:
        """Facts with separators between them, broken between facts where that is possible."""
        return self._break(items, self.separator, first, hang)

    def _break(self, atoms: Iterable[Line], glue: Span, first: Line, hang: int) -> Iterator[Line]:
        line, is_started = list(first), False
        for atom, joint in self._pieces(atoms, glue, self.width - hang):
            lead = (joint,) if is_started else ()
            # A first line whose label overruns the hanging column may be left to the label.
            may_break = is_started or line_cells(tuple(line)) > hang
            if may_break and line_cells((*line, *lead, *atom)) > self.width:
                yield tuple(line)
                line, lead = [(" " * hang, "")], ()
            line += [*lead, *atom]
            is_started = True
        yield tuple(line)

    def _pieces(self, atoms: Iterable[Line], glue: Span, room: int) -> Iterator[tuple[Line, Span]]:
        """Each atom with the joint before it; what is wider than a line comes in several."""
        for atom in atoms:
            if line_cells(atom) <= room:
                yield atom, glue
                continue
            joint = glue
            for text, style in atom:
                for word in text.split(" "):
                    for part in _parts(word, room):
                        yield ((part, style),), joint
                        joint = ("", "")
                    joint = (" ", "")


def _parts(word: str, room: int) -> Iterator[str]:
    if "/" in word and len(word) <= _LONGEST_PATH:
        yield word
        return
    while word:
        head, word = cut(word, room)
        yield head


def pad(span: Span, width: int, *, right: bool = False) -> Span:
    """The span filled with spaces to `width` columns; flush right on demand."""
    text, style = span
    fill = " " * max(width - cells(text), 0)
    return (fill + text, style) if right else (text + fill, style)


def spaced(blocks: Iterable[Iterable[Line]]) -> Iterator[Line]:
    """The blocks with one blank line between those that say something."""
    is_first = True
    for block in blocks:
        for position, line in enumerate(block):
            if not position and not is_first:
                yield ()
            is_first = False
            yield line
