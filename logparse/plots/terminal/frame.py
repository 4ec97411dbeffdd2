"""What the panels of a picture share in a terminal: margins, the axis, lanes above and below."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from logparse.findings import epoch_label
from logparse.plots.terminal.canvas import Canvas
from logparse.plots.terminal.scales import Scale, short, steps
from logparse.renderers.layout import pad
from logparse.renderers.numbers import grouped
from logparse.renderers.spans import cells, clip, cut

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from logparse.plots.content import Axis, Mark, Shade
    from logparse.renderers.layout import Page
    from logparse.renderers.spans import Line, Span

_MOST_LANES = 8
_SHORTEST_PHASE = 3
_APART = 2
_LEAST_ENDS = 8


@dataclass(frozen=True)
class Frame:
    """A page, an axis, and the columns to the left and right of what is drawn.

    The left margin ends with the rule of the values' axis, the right one begins with a space.
    """

    page: Page
    axis: Axis
    left: int
    right: int

    @property
    def columns(self) -> int:
        """How many columns are left to draw on."""
        return max(self.page.width - self.left - self.right, 1)

    @cached_property
    def scale(self) -> Scale:
        return Scale(self.axis.low, self.axis.high)

    def sign(self, unicode: str, ascii_only: str) -> str:
        """The sign that the page can show."""
        return ascii_only if self.page.ascii_only else unicode

    def column(self, place: float) -> int | None:
        """The column of a place; None for one that is not on the axis."""
        share = self.scale.share(place)
        return None if share is None else self.canvas(1).column_of(share)

    def canvas(self, rows: int) -> Canvas:
        """So many rows to draw on."""
        return Canvas(self.columns, rows, ascii_only=self.page.ascii_only)

    def margin(self, text: str = "", style: str = "", rule: str = "") -> Span:
        """A text in the left margin, flush right before its rule."""
        room = self.left - max(cells(rule), 1) - (1 if text else 0)
        shown = self.page.clip(text, room) + (" " if text else "")
        return pad((shown + rule if rule else shown + " ", style), self.left, right=True)

    def bottom(self) -> Iterator[Line]:
        """The rule below a panel with its ticks, and their labels."""
        ticks = [*self._ticks()]
        rule = [self.sign("─", "-")] * self.columns
        below = [" "] * self.columns
        for column, start, text in ticks:
            rule[column] = self.sign("┬", "+")
            below[start : start + len(text)] = text
        corner = self.sign("└", "+")
        yield (self.margin(rule=corner, style="dim"), ("".join(rule), "dim"))
        label = "" if self.axis.is_epochs else self.axis.label
        yield (pad(("", ""), self.left), ("".join(below).rstrip(), "dim"))
        if label:
            text = self.page.clip(label, self.columns)
            yield (pad(("", ""), self.left), pad((text, "dim"), self.columns, right=True))

    def _ticks(self) -> Iterator[tuple[int, int, str]]:
        """Columns of ticks, where their labels start, and the labels: those that have room."""
        low, high = self.axis.low, self.axis.high
        least = 1.0 if self.axis.is_epochs else 0.0
        found = steps(low, high, max(self.columns // 9, 2), least) if low < high else []
        taken: list[tuple[int, int]] = []
        for place in [low, high, *found]:
            column = self.column(place)
            text = epoch_label(round(place)) if self.axis.is_epochs else grouped(short(place))
            if column is None or len(text) > self.columns:
                continue
            start = min(max(column - len(text) // 2, 0), self.columns - len(text))
            end = start + len(text) + _APART
            if all(end <= other or start >= stop for other, stop in taken):
                taken.append((start, end))
                yield column, start, text

    def lanes(self, marks: Iterable[Mark]) -> Iterator[Line]:
        """A line for each code, the worst first: `GEN001  ├────┤` over the epochs it speaks of."""
        by_code: dict[str, list[Mark]] = {}
        for mark in sorted(marks, key=lambda mark: (-mark.severity.rank, mark.first, mark.code)):
            by_code.setdefault(mark.code, []).append(mark)
        for code, found in [*by_code.items()][:_MOST_LANES]:
            yield (self.margin(code, found[0].severity.value), *self._lane(found))
        if len(by_code) > _MOST_LANES:
            text = f"and {len(by_code) - _MOST_LANES} more findings"
            yield (self.margin(), (self.page.clip(text, self.columns), "dim"))

    def _lane(self, marks: Sequence[Mark]) -> Line:
        drawn = [" "] * self.columns
        for mark in marks:
            for column, sign in self._stretch(mark.first, mark.last):
                drawn[column] = sign
        return (("".join(drawn).rstrip(), marks[0].severity.value),)

    def _stretch(self, first: float, last: float) -> Iterator[tuple[int, str]]:
        start, stop = self.column(first), self.column(last)
        if start is None or stop is None:
            return
        if start == stop:
            yield start, self.sign("◆", "*")
            return
        yield start, self.sign("├", "|")
        yield from ((column, self.sign("─", "-")) for column in range(start + 1, stop))
        yield stop, self.sign("┤", "|")

    def broken(self, places: Sequence[float]) -> Iterator[Line]:
        """A line with an exclamation mark wherever the log has nan or an infinity."""
        columns = {column for place in places if (column := self.column(place)) is not None}
        if columns:
            drawn = "".join("!" if at in columns else " " for at in range(self.columns))
            yield (self.margin("nan/inf", "error"), (drawn.rstrip(), "error"))

    def phases(self, shades: Sequence[Shade]) -> Iterator[Line]:
        """A line with the phases of the learning rate by name, as far as there is room."""
        drawn = [" "] * self.columns
        for shade in shades:
            start, stop = self.column(shade.first), self.column(shade.last)
            if start is None or stop is None:
                continue
            room = stop - start + 1
            rule = self.sign("─", "-")
            name = self.page.clip(shade.kind, room - 2) if room - 2 >= _SHORTEST_PHASE else ""
            text = f" {name} ".center(room, rule) if name else rule * room
            if cells(text) == len(text) == room:
                drawn[start : stop + 1] = text
                drawn[start] = self.sign("├", "|")
        if shades:
            yield (self.margin("phase", "dim"), ("".join(drawn).rstrip(), "dim"))


def shortened(text: str, width: int, ellipsis: str) -> str:
    """The text, or its beginning and its end where it is wider: layers and kinds come last."""
    if cells(text) <= width:
        return text
    room = width - cells(ellipsis)
    if room < _LEAST_ENDS:
        return clip(text, width, "") if width > 1 else ellipsis[:width]
    tail = cut(text[::-1], room - room // 4)[0][::-1]
    return cut(text, room // 4)[0] + ellipsis + tail
