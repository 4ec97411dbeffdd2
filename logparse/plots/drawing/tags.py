"""Names at the right end of what they name, kept apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from logparse.plots.drawing.lettering import clipped, line_height
from logparse.plots.drawing.spreading import room_for, spread

if TYPE_CHECKING:
    from collections.abc import Sequence

    from logparse.plots.drawing.sheet import Frame, Sheet

_NEAR, _FAR = 0.03, 0.13
_MOVED = 0.025
# The lowest name stays clear of the name of the axis below it.
_ABOVE_TICKS = 0.03


@dataclass(frozen=True, slots=True)
class Tag:
    """A name for a place: a part of the axes' height from the top, and where what it names ends."""

    text: str
    role: str
    depth: float
    x: float | None = None


def draw_tags(sheet: Sheet, tags: Sequence[Tag], frame: Frame, top: float, height: float) -> None:
    """As many tags as there is room for, the first ones first; thin lines lead to those moved."""
    points = frame.look.text_pt
    low, high = top, top + height - _ABOVE_TICKS
    gap = line_height(points) * 0.92
    tags = tags[: room_for(gap, low, high)]
    wanted = [top + tag.depth * height for tag in tags]
    for tag, at, y in zip(tags, wanted, spread(wanted, gap, low, high), strict=True):
        end = frame.right if tag.x is None else frame.at(tag.x)
        near, far = frame.right + _NEAR, frame.right + _FAR
        ends_early = frame.right - end > 2 * frame.inches_per_place
        if ends_early:
            # Dotted and without colour: a curve that ends must not seem to go on.
            sheet.stroke([end + _NEAR, near], [at, at], "muted", is_dotted=True)
        if abs(y - at) > _MOVED or ends_early:
            sheet.stroke([near, far], [at, y], tag.role)
        room = frame.page_right - frame.right - _FAR - _NEAR
        text = clipped(tag.text, room, points)
        sheet.words(frame.right + _FAR + _NEAR, y, text, role=tag.role, va="center_baseline")
