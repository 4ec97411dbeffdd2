"""The finite points of one logged column, with where each was printed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

from logparse.metrics import Better, direction, is_boundless

if TYPE_CHECKING:
    from logparse.records import Resolution
    from logparse.run import Run

FloatArray: TypeAlias = npt.NDArray[np.float64]
IntArray: TypeAlias = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Point:
    """One value with its epoch number and its 1-based line."""

    epoch: int
    value: float
    line: int


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """A column without its gaps: `epochs`, `values` and `lines` have one entry per finite value.

    `values` are in the metric's own unit; `costs` are the same turned so that lower is better.
    """

    column: str
    epochs: IntArray
    values: FloatArray
    lines: IntArray
    better: Better
    resolution: Resolution | None = None

    def __len__(self) -> int:
        return len(self.values)

    @property
    def costs(self) -> FloatArray:
        return -self.values if self.better is Better.HIGHER else self.values

    @property
    def print_step(self) -> float:
        """Distance of two neighbouring printed values at the median size; 0.0 if unknown."""
        if self.resolution is None or not len(self):
            return 0.0
        return self.resolution.step(float(np.median(np.abs(self.values))))

    @property
    def perfect(self) -> float:
        """What a perfect model prints: 0 where lower is better, else 1, or 100 for per cent.

        0 for rewards and others without a bound, too.
        """
        if self.better is not Better.HIGHER or self.is_boundless:
            return 0.0
        top = float(self.values.max()) if len(self) else 1.0
        return 100.0 if 1 < top <= 100 and not self.column.endswith("r2") else 1.0

    @property
    def is_boundless(self) -> bool:
        """True where higher is better and nothing is best: shares of such a value mean nothing."""
        return self.better is Better.HIGHER and (
            is_boundless(self.column) or (len(self) > 0 and float(self.values.max()) > _PER_CENT)
        )

    @property
    def stride(self) -> int:
        """Median distance of neighbouring points in epochs; 1 with fewer than two points."""
        return int(np.median(np.diff(self.epochs))) if len(self) > 1 else 1

    @property
    def first(self) -> Point:
        return self.point(0)

    @property
    def last(self) -> Point:
        return self.point(-1)

    @property
    def best(self) -> Point:
        """The best value; the earliest of several equal ones."""
        return self.point(int(np.argmin(self.costs)))

    def point(self, index: int) -> Point:
        return Point(int(self.epochs[index]), float(self.values[index]), int(self.lines[index]))

    def level(self, start: int | None, stop: int | None) -> float:
        """Median of the values [start:stop], in the metric's own unit; the part has values."""
        return 2 * float(np.median(self.values[start:stop] / 2))  # two huge values do not add up

    def between(self, first_epoch: int, last_epoch: int) -> Series:
        """The points with first_epoch <= epoch <= last_epoch."""
        return self._take((self.epochs >= first_epoch) & (self.epochs <= last_epoch))

    def tail(self, count: int) -> Series:
        """The last `count` points, all if there are fewer."""
        return self._take(np.arange(len(self)) >= len(self) - count)

    def head(self, count: int) -> Series:
        """The first `count` points, all if there are fewer."""
        return self._take(np.arange(len(self)) < count)

    def thinned(self, count: int) -> Series:
        """At most `count` of the points, evenly spaced, the last among them."""
        every = -(-len(self) // count)
        return self._take(np.arange(len(self))[::-1] % every == 0) if every > 1 else self

    def improvement(self, earlier: float, later: float) -> float:
        """How much better `later` is than `earlier`: positive is better, in either direction."""
        return later - earlier if self.better is Better.HIGHER else earlier - later

    def _take(self, keep: npt.NDArray[np.bool_]) -> Series:
        if keep.all():
            return self
        return Series(
            self.column,
            self.epochs[keep],
            self.values[keep],
            self.lines[keep],
            self.better,
            self.resolution,
        )


PARAMETERS = "parameters/"
_PER_CENT = 100.0


def series_of(run: Run, column: str) -> Series:
    """The finite points of a column, or of a listed parameter; empty when it is not there."""
    frame, name = run.epochs, column
    if column.startswith(PARAMETERS):
        label = column.removeprefix(PARAMETERS)
        frame, name = run.parameters[run.parameters["name"] == label], "grad_norm"
    if name not in frame:
        none = np.empty(0, dtype=np.int64)
        return Series(column, none, np.empty(0), none, direction(column, run.better))
    whole = Series(
        column,
        frame["epoch"].to_numpy(dtype=np.int64),  # not copied: columns without gaps share them
        frame[name].to_numpy(dtype=np.float64),
        frame["line"].to_numpy(dtype=np.int64),
        direction(column, run.better),
        run.resolution.get(column),
    )
    return whole._take(np.isfinite(whole.values))
