"""What stands above a panel's axes: title, unit, notes, the findings in lanes, names of phases."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from logparse.plots.drawing.lettering import clipped, line_height, safe, width, wrapped
from logparse.plots.drawing.spreading import lanes

if TYPE_CHECKING:
    from collections.abc import Collection

    from logparse.plots.content import Mark, Shade
    from logparse.plots.drawing.sheet import Frame, Sheet

MOST_LANES = 4
"""Findings above a panel that do not fit into so many lanes are counted."""
_LANE = 0.165
_BAR = 0.028
_SHORTEST_BAR = 0.05
_APART = 0.08
_BETWEEN = 0.28
_GAP = 0.05
_MOST_NOTE_LINES = 3
_TITLE_SIZE = 1.15


def room_for_rest(marks: Collection[Mark], points: float) -> float:
    """Inches right of the axes that the count of findings without a lane may need."""
    count = len({*marks})
    return width(_more(count), points) + _APART if count > MOST_LANES else 0.0


def _more(count: int) -> str:
    return f"+{count} more"


@dataclass(frozen=True, slots=True)
class _Placed:
    mark: Mark
    lane: int
    bar: tuple[float, float]
    text_left: float


@dataclass(frozen=True, eq=False)
class Heading:
    """The lines above axes, in a frame: how high they are, and how they are drawn."""

    frame: Frame
    title: str
    unit: str = ""
    notes: tuple[str, ...] = ()
    marks: tuple[Mark, ...] = ()
    named: tuple[Shade, ...] = ()
    half: float = 0.5
    """Half the width of a place on the axis: an epoch's bar reaches so far to both sides."""

    @property
    def height(self) -> float:
        """In inches, the small gap to the axes included."""
        names = line_height(self._small) if self._names else 0.0
        return self._written_height + self._lane_count * _LANE + names + _GAP

    def draw(self, sheet: Sheet, top: float) -> None:
        """Everything, from `top` inches down."""
        baseline = top + self._title_height * 0.72
        self._draw_title(sheet, baseline)
        beside, below = self._noted
        sheet.words(self.frame.page_right, baseline, beside, role="muted", ha="right")
        for at, note in enumerate(below, start=1):
            y = baseline + at * line_height(self._points)
            sheet.words(self.frame.page_left, y, note, role="muted")
        top += self._written_height
        self._draw_lanes(sheet, top)
        baseline = top + self._lane_count * _LANE + line_height(self._small) * 0.8
        for name, left in self._names:
            sheet.words(left, baseline, name, role="muted", points=self._small)

    @property
    def _written_height(self) -> float:
        """Of the title and the notes."""
        return self._title_height + len(self._noted[1]) * line_height(self._points)

    @property
    def _points(self) -> float:
        return self.frame.look.text_pt

    @property
    def _small(self) -> float:
        return self.frame.look.small_pt

    @property
    def _title_points(self) -> float:
        return self._points * _TITLE_SIZE

    @property
    def _title_height(self) -> float:
        return line_height(self._title_points) + 0.05

    @property
    def _room(self) -> float:
        return self.frame.page_right - self.frame.page_left

    @cached_property
    def _shown(self) -> tuple[str, str]:
        """Title and unit, as much of them as one line takes."""
        title = clipped(safe(self.title), self._room, self._title_points, is_bold=True)
        left = self._room - width(title, self._title_points, is_bold=True) - _APART
        return title, clipped(safe(self.unit), left, self._points)

    @cached_property
    def _noted(self) -> tuple[str, list[str]]:
        """Notes beside the title where all of them fit there, else on lines below it."""
        parts = [safe(note) for note in self.notes if note]
        title, unit = self._shown
        used = width(title, self._title_points, is_bold=True) + width(unit, self._points) + _APART
        joined = " · ".join(parts)
        if width(joined, self._points) <= self._room - used - _BETWEEN:
            return joined, []
        return "", wrapped(parts, self._room, self._points, _MOST_NOTE_LINES)

    def _draw_title(self, sheet: Sheet, baseline: float) -> None:
        title, unit = self._shown
        left = self.frame.page_left
        sheet.words(left, baseline, title, points=self._title_points, is_bold=True)
        left += width(title, self._title_points, is_bold=True) + _APART
        sheet.words(left, baseline, unit, role="muted")

    @cached_property
    def _placed(self) -> list[_Placed]:
        marks = list(dict.fromkeys(self.marks))
        marks.sort(key=lambda mark: (-mark.severity.rank, mark.first - mark.last, mark.first))
        bars = [self._bar(mark) for mark in marks]
        lefts = [self._text_left(mark, bar) for mark, bar in zip(marks, bars, strict=True)]
        spans = [
            (min(bar[0], left), max(bar[1], left + self._code_width(mark)))
            for mark, bar, left in zip(marks, bars, lefts, strict=True)
        ]
        found = lanes(spans, MOST_LANES, _APART)
        return [
            _Placed(mark, lane, bar, left)
            for mark, lane, bar, left in zip(marks, found, bars, lefts, strict=True)
            if lane is not None
        ]

    @property
    def _lane_count(self) -> int:
        return max((placed.lane + 1 for placed in self._placed), default=0)

    @property
    def hidden(self) -> str:
        """How many findings have no lane: `+2 more`, or ''."""
        count = len({*self.marks}) - len(self._placed)
        return _more(count) if count else ""

    def _code_width(self, mark: Mark) -> float:
        return width(self._code(mark), self._small, is_bold=True)

    def _code(self, mark: Mark) -> str:
        room = self.frame.right - self.frame.left
        return clipped(safe(mark.code), room, self._small, is_bold=True)

    def _bar(self, mark: Mark) -> tuple[float, float]:
        left, right = self.frame.at(mark.first - self.half), self.frame.at(mark.last + self.half)
        missing = max(_SHORTEST_BAR - (right - left), 0.0) / 2
        return left - missing, right + missing

    def _text_left(self, mark: Mark, bar: tuple[float, float]) -> float:
        """Codes start with their bars, unless they would leave the axes."""
        return max(min(bar[0], self.frame.right - self._code_width(mark)), self.frame.left)

    def _draw_lanes(self, sheet: Sheet, top: float) -> None:
        for placed in self._placed:
            y = top + placed.lane * _LANE
            role = placed.mark.severity.value
            left, right = placed.bar
            sheet.words(
                placed.text_left, y + _LANE * 0.64, self._code(placed.mark), role=role,
                points=self._small, is_bold=True,
            )  # fmt: skip
            sheet.block(left, y + _LANE * 0.76, right - left, _BAR, role)
        sheet.words(
            self.frame.right + _APART, top + _LANE * 0.64, self.hidden, role="muted",
            points=self._small,
        )  # fmt: skip

    @cached_property
    def _names(self) -> list[tuple[str, float]]:
        """Names of phases with their places, of those that are wide enough for theirs."""
        found: list[tuple[str, float]] = []
        free = self.frame.at(self.frame.x.low) - self.frame.inches_per_place
        for shade in self.named:
            left, right = self.frame.at(shade.first), self.frame.at(shade.last)
            name = safe(shade.kind)
            end = left + width(name, self._small)
            if free <= left and end + _APART <= right:
                found.append((name, left))
                free = end + _APART
        return found
