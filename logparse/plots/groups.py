"""Runs of one side on common places of the axis: their median, and how far they lie apart."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from logparse.plots.content import Line
    from logparse.signals.series import FloatArray

LEAST_SHARE = 0.5
"""A median stands for a group only where at least this share of its runs has a value."""
QUARTILES_FROM = 5
"""From so many runs on quartiles say more than the range, which grows with every run."""
MOST_PLACES = 500
"""Runs that share no places are looked at in so many, more than a figure has room for."""


@dataclass(frozen=True, eq=False)
class Group:
    """Runs at the same places: `values` has the shape (runs, places), NaN where a run has none."""

    x: FloatArray
    values: FloatArray

    @cached_property
    def median(self) -> FloatArray:
        """The median of the runs; NaN where fewer than half of them have a value."""
        return self._quantile(0.5)

    @property
    def bounds(self) -> tuple[FloatArray, FloatArray]:
        """Quartiles of five and more runs, lowest and highest of fewer; NaN as the median."""
        share = 0.25 if len(self.values) >= QUARTILES_FROM else 0.0
        return self._quantile(share), self._quantile(1 - share)

    @property
    def spread(self) -> str:
        """What `bounds` are: `middle half of 6 runs`, `range of 3 runs`."""
        count = len(self.values)
        return f"{'middle half' if count >= QUARTILES_FROM else 'range'} of {count} runs"

    @np.errstate(over="ignore")
    def less(self, other: Group) -> tuple[FloatArray, FloatArray, FloatArray]:
        """The difference of medians, and the least and largest of any run less any other's.

        The other group is at the same places.
        """
        lowest, highest = self._quantile(0.0), self._quantile(1.0)
        return (
            self.median - other.median,
            lowest - other._quantile(1.0),
            highest - other._quantile(0.0),
        )

    def _quantile(self, share: float) -> FloatArray:
        found = np.full(len(self.x), np.nan)
        is_told = np.isfinite(self.values).mean(axis=0) >= LEAST_SHARE
        if is_told.any():
            # Taken of a quarter, because two huge values do not add up.
            found[is_told] = 4 * np.nanquantile(self.values[:, is_told] / 4, share, axis=0)
        return found


def group(lines: Sequence[Line], x: FloatArray | None = None) -> Group:
    """The curves of runs at the places x, by default at those of `common`."""
    places = common(lines) if x is None else x
    return Group(places, np.array([held(line, places) for line in lines]))


def common(lines: Iterable[Line]) -> FloatArray:
    """All places of the curves; evenly spaced ones where these are more than `MOST_PLACES`."""
    places: FloatArray = np.unique(np.concatenate([line.x for line in lines]))
    if len(places) <= MOST_PLACES:
        return places
    return np.linspace(places[0], places[-1], MOST_PLACES)


def held(line: Line, places: FloatArray) -> FloatArray:
    """The last value of a curve that was known at each place: NaN before its first, after its last.

    Where the curve is broken nothing is known until its next value.
    """
    at = np.searchsorted(line.x, places, side="right") - 1
    is_there = (at >= 0) & (places <= line.x[-1])
    return np.where(is_there, line.y[np.maximum(at, 0)], np.nan)
