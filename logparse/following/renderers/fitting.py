"""Which lines are kept where a block is higher than its screen."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from logparse.renderers.spans import Line


class Rank(IntEnum):
    """What a line tells; of two kinds the one that comes first here is kept longer."""

    COURSE = 0
    TITLE = 1
    GROWTH = 2
    ROW = 3
    STANDING = 4
    NEWEST = 5
    CURVE = 6
    DETAIL = 7
    HEADER = 8
    BLANK = 9
    OLDER = 10


class Ranked(NamedTuple):
    """A line with its rank; of one rank those of a lower `order` are kept longer."""

    rank: Rank
    line: Line
    order: int = 0


def fitted(ranked: Iterable[Ranked], height: int | None) -> list[Line]:
    """As many lines as the height allows, in the order given; all for None."""
    lines = list(ranked)
    kept = sorted(range(len(lines)), key=lambda at: (lines[at].rank, lines[at].order))
    return [lines[at].line for at in sorted(kept if height is None else kept[: max(height, 0)])]
