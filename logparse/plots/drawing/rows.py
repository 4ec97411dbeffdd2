"""Names of rows: each where it fits, else groups by what their names start with, in brackets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_SEPARATOR = "."
# Groups that are too low for a name may take this part of the rows when a group is taken apart.
_UNNAMED = 0.34


@dataclass(frozen=True, slots=True)
class Group:
    """Rows `first` up to but without `stop`, and what their names have in common."""

    name: str
    first: int
    stop: int

    @property
    def size(self) -> int:
        return self.stop - self.first


def grouped(names: Sequence[str], least: int) -> list[Group]:
    """Neighbouring rows whose names start alike, `least` rows at least, as fine as is useful.

    Rows in no group of that size are in none. Empty where names have no common starts.
    """
    parts = [name.split(_SEPARATOR) for name in names]
    found = _taken_apart(parts, 0, len(names), 0, least)
    return [group for group in found if group.size >= least and group.name]


def _taken_apart(
    parts: list[list[str]], first: int, stop: int, depth: int, least: int
) -> list[Group]:
    """The groups within these rows, which agree in `depth` parts of their names."""
    whole = [Group(_SEPARATOR.join(parts[first][:depth]), first, stop)]
    smaller = list(_runs(parts, first, stop, depth))
    if len(smaller) == 1:
        is_leaf = all(len(parts[row]) <= depth for row in range(first, stop))
        return whole if is_leaf else _taken_apart(parts, first, stop, depth + 1, least)
    lost = sum(run[1] - run[0] for run in smaller if run[1] - run[0] < least)
    if lost > _UNNAMED * (stop - first):
        return whole
    return [group for run in smaller for group in _taken_apart(parts, *run, depth + 1, least)]


def _runs(parts: list[list[str]], first: int, stop: int, depth: int) -> Iterator[tuple[int, int]]:
    """Stretches of neighbouring rows that agree in the part at `depth`."""
    start = first
    for row in range(first + 1, stop + 1):
        if row == stop or parts[row][depth : depth + 1] != parts[start][depth : depth + 1]:
            yield start, row
            start = row
