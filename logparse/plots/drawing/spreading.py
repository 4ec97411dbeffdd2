"""Texts and bars kept apart: labels along a line, bars in lanes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def spread(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Places within low and high, `gap` apart at least, each near its wanted one.

    In the order of `wanted`, whose order along the line is kept too. Where not all fit, the gap
    shrinks: ask `room_for` how many do.
    """
    if not wanted:
        return []
    gap = min(gap, (high - low) / max(len(wanted) - 1, 1))
    order = sorted(range(len(wanted)), key=lambda at: (wanted[at], at))
    # Less their ranks' gaps, the places only have to rise: blocks that fall are levelled.
    blocks: list[tuple[float, int]] = []
    for rank, at in enumerate(order):
        blocks.append((wanted[at] - rank * gap, 1))
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            (first, few), (second, more) = blocks[-2:]
            blocks[-2:] = [((first * few + second * more) / (few + more), few + more)]
    flat = [value for value, count in blocks for _ in range(count)]
    top = high - (len(wanted) - 1) * gap
    places = [0.0] * len(wanted)
    for rank, at in enumerate(order):
        places[at] = min(max(flat[rank], low), max(top, low)) + rank * gap
    return places


def room_for(gap: float, low: float, high: float) -> int:
    """How many labels fit between low and high."""
    return int((high - low) / gap + 1e-9) + 1 if high >= low else 0


def lanes(spans: Sequence[tuple[float, float]], most: int, gap: float) -> list[int | None]:
    """A lane for each span, so that no two in one are nearer than `gap`; None where all are full.

    Spans are served in their order, each in the first lane that has room for it.
    """
    taken: list[list[tuple[float, float]]] = [[] for _ in range(most)]
    found: list[int | None] = []
    for first, last in spans:
        free = (
            lane
            for lane, others in enumerate(taken)
            if all(last + gap <= start or stop + gap <= first for start, stop in others)
        )
        lane = next(free, None)
        if lane is not None:
            taken[lane].append((first, last))
        found.append(lane)
    return found
