"""The columns of a table: which hold numbers, and what a row of cells says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from logparse.readers.cells import ABSENT, number_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from logparse.numerals import Floats

TEXTS = 3
"""A column that begins with so many texts and no number is passed over from there on."""


@dataclass(slots=True)
class Columns:
    """The columns under one header, each a place in the lists.

    cells   the header as printed
    names   what the points call them; '' for one that is passed over
    strict  True where the meaning is known: a text among its numbers makes a line unclear
    texts   how many texts it began with; -1 once it had a number
    sums    names of sums, and the columns that are summed
    axis    the column that counts on within a run, None without one
    """

    separator: str
    cells: list[str]
    names: list[str]
    strict: list[bool]
    texts: list[int]
    sums: dict[str, tuple[str, ...]]
    axis: int | None

    @property
    def wanted(self) -> list[int]:
        """Columns that hold numbers, as far as was seen."""
        return [at for at, name in enumerate(self.names) if name and self.texts[at] < TEXTS]

    def numbers(self, cells: Sequence[str]) -> dict[str, float] | str:
        """The numbers of a row by name, or the column that should hold one and does not."""
        numbers: dict[str, float] = {}
        for at in self.wanted:
            if cells[at] in ABSENT:
                continue
            value = number_of(cells[at], self.separator)
            if value is not None:
                numbers[self.names[at]], self.texts[at] = value, -1
            elif self.texts[at] >= 0:
                self.texts[at] += 1
            elif self.strict[at]:
                return self.cells[at]
        for name, parts in self.sums.items():
            if all(part in numbers for part in parts):
                numbers[name] = sum(numbers[part] for part in parts)
        return numbers

    def take(
        self, columns: Sequence[Floats], masks: Sequence[NDArray[np.bool_]]
    ) -> tuple[dict[str, Floats], dict[str, NDArray[np.bool_]]]:
        """Many rows of the wanted columns, and where NaN was printed, by name; with the sums."""
        values: dict[str, Floats] = {}
        printed: dict[str, NDArray[np.bool_]] = {}
        for at, column, mask in zip(self.wanted, columns, masks, strict=True):
            values[self.names[at]], printed[self.names[at]] = column, mask
            if self.texts[at] >= 0 and (mask | ~np.isnan(column)).any():
                self.texts[at] = -1
        for name, parts in self.sums.items():
            if all(part in values for part in parts):
                there = [~np.isnan(values[part]) | printed[part] for part in parts]
                values[name] = _sum([values[part] for part in parts])
                printed[name] = np.isnan(values[name]) & np.logical_and.reduce(there)
        return values, {name: mask for name, mask in printed.items() if mask.any()}

    def count(self, numbers: Mapping[str, float]) -> float | None:
        """How far a row is on the axis."""
        return numbers.get(self.names[self.axis]) if self.axis is not None else None


def _sum(parts: Sequence[Floats]) -> Floats:
    total = parts[0].copy()
    with np.errstate(invalid="ignore"):
        for part in parts[1:]:
            total += part
    return total
