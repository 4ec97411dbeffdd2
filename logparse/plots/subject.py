"""One run as views see it: judged, with its signals, within the epochs asked for."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

import numpy as np

from logparse.axis import span
from logparse.plots.content import Axis, Line, Mark, Shade
from logparse.signals import Signals

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from logparse.findings import Finding, RunReport
    from logparse.plots.content import Role
    from logparse.run import Run
    from logparse.signals.series import FloatArray, Series

Scale = Literal["auto", "log", "linear"]

MOST_POINTS = 1000
"""A curve with more is thinned: of each stretch its lowest and its highest point are kept."""
MOST_PHASES = 12
_LOG_SPAN = 100.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What of a run is drawn, and how.

    scale    of values; `auto` is logarithmic where positive values span a factor of 100, and
             always for gradients and updates
    metrics  columns or stems of metrics (`val_rmse`, `rmse`) instead of the main one
    last     only so many epochs at the end; None for all
    """

    scale: Scale = "auto"
    metrics: tuple[str, ...] = ()
    last: int | None = None


@dataclass(frozen=True, eq=False)
class Subject:
    """A run to draw. Raises nothing: what is not there is empty."""

    judged: RunReport
    wanted: Wanted = field(default_factory=Wanted)

    @property
    def run(self) -> Run:
        return self.judged.run

    @cached_property
    def signals(self) -> Signals:
        return Signals(self.run)

    @cached_property
    def window(self) -> tuple[int, int]:
        """First and last epoch that are drawn; (0, 0) for a run without epochs."""
        epochs = self.run.epochs["epoch"]
        if not len(epochs):
            return 0, 0
        last = self.wanted.last
        shown = epochs if last is None else epochs.iloc[-max(last, 1) :]
        return int(shown.iloc[0]), int(shown.iloc[-1])

    @property
    def axis(self) -> Axis:
        """The axis of epochs, over the window."""
        first, last = self.window
        return Axis("epoch", float(first), float(last))

    def series(self, column: str) -> Series:
        """The finite points of a column within the window; see `Signals.series`."""
        return self.signals.series(column).between(*self.window)

    def broken(self, column: str) -> tuple[float, ...]:
        """Epochs in the window where the log printed nan or an infinity for the column."""
        first, last = self.window
        found = self.signals.nonfinite.get(column, ())
        return tuple(float(epoch) for epoch in found if first <= epoch <= last)

    def line(
        self, column: str, label: str, role: Role, *, is_thin: bool = False, is_dashed: bool = False
    ) -> Line | None:
        """The curve of a column, broken where it was not finite; None without a finite value."""
        series, broken = self.series(column), self.broken(column)
        return curve(series, label, role, broken=broken, is_thin=is_thin, is_dashed=is_dashed)

    def lines(self, *lines: Line | None) -> tuple[Line, ...]:
        """Those that are there."""
        return tuple(line for line in lines if line is not None)

    def is_log(self, drawn: Iterable[Line | FloatArray], *, auto: bool | None = None) -> bool:
        """Whether values are drawn on a log scale: as asked, else `auto`, else by their span.

        Never where no value is above 0.
        """
        arrays = [one.y if isinstance(one, Line) else one for one in drawn]
        values = np.concatenate([np.empty(0), *arrays])
        values = values[np.isfinite(values)]
        positive = values[values > 0]
        if not len(positive) or self.wanted.scale == "linear":
            return False
        if self.wanted.scale == "log" or auto is not None:
            return self.wanted.scale == "log" or bool(auto)
        is_positive = len(positive) == len(values)
        return is_positive and float(positive.max()) / _LOG_SPAN >= float(positive.min())

    def marks(self, *families: str, codes: Iterable[str] = ()) -> tuple[Mark, ...]:
        """The findings of these families (`LR`, `GRAD`) or codes with a place in the window."""
        named = {*codes}
        return tuple(
            Mark(found.code, found.name, found.severity, *self._within(found.epochs))
            for found in self.judged.findings
            if found.code.rstrip("0123456789") in families or found.code in named
            if found.epochs is not None and self._is_within(found.epochs)
        )

    def lack(self, what: str, *columns: str) -> str:
        """Why there is nothing to draw: no such thing in the log, or no number in the window.

        `columns` are where it would be, or how their names begin.
        """
        signals = self.signals
        names = [name for name in map(str, self.run.epochs) if name.startswith(columns)]
        names += [name for name in signals.nonfinite if name.startswith(columns)]
        if any(len(signals.series(name)) or name in signals.nonfinite for name in names):
            return f"no finite {what} in {span(self.run, *self.window)}"
        return f"the log has no {what}"

    def unplaced(self, *families: str) -> tuple[str, ...]:
        """The findings of these families that no epochs are told of, in words."""
        return tuple(
            f"{found.code} {found.name}"
            for found in self.judged.findings
            if found.code.rstrip("0123456789") in families and found.epochs is None
        )

    def found(self, code: str) -> Finding | None:
        """The finding of a rule, None where it did not fire."""
        return next((one for one in self.judged.findings if one.code == code), None)

    @cached_property
    def shades(self) -> tuple[Shade, ...]:
        """The phases of the learning rate within the window; none where it has but one, or many.

        Of a rate that is printed coarsely, every step looks like a phase.
        """
        phases = [
            Shade(phase.kind, *self._within((phase.first_epoch, phase.last_epoch)))
            for phase in self.signals.rate.phases
            if self._is_within((phase.first_epoch, phase.last_epoch))
        ]
        return tuple(phases) if 1 < len(phases) <= MOST_PHASES else ()

    @property
    def told(self) -> str:
        """Format and epochs in a line, as a picture's subtitle."""
        run = self.run
        if run.first_epoch is None:
            return f"{run.format}, no epochs"
        which = f" · run {run.index} of {run.count}" if run.count > 1 else ""
        cut = "" if self.wanted.last is None else " shown"
        thin = f" · {self.thinning}" if self.thinning else ""
        kind = f"{run.format} {run.dialect}".rstrip()
        return f"{kind}{which} · {span(self.run, *self.window)}{cut}{thin}"

    @property
    def thinning(self) -> str:
        """That curves are thinned, in words; '' where none can be long enough."""
        count = int(self.run.epochs["epoch"].between(*self.window).sum())
        if count <= MOST_POINTS:
            return ""
        return f"curves thinned to some {MOST_POINTS:,} of {count:,} points"

    def _is_within(self, epochs: tuple[int, int]) -> bool:
        first, last = self.window
        return epochs[0] <= last and epochs[1] >= first

    def _within(self, epochs: tuple[int, int]) -> tuple[float, float]:
        first, last = self.window
        return float(max(epochs[0], first)), float(min(epochs[1], last))


def curve(
    series: Series,
    label: str,
    role: Role,
    *,
    broken: Sequence[float] = (),
    is_thin: bool = False,
    is_dashed: bool = False,
) -> Line | None:
    """The points of a series as a line with a gap at each of `broken`; None without a point."""
    if not len(series):
        return None
    x = np.concatenate([series.epochs.astype(np.float64), broken])
    y = np.concatenate([series.values, np.full(len(broken), np.nan)])
    order = np.argsort(x, kind="stable")
    return thinned(Line(label, x[order], y[order], role, is_thin, is_dashed))


def thinned(line: Line, most: int = MOST_POINTS) -> Line:
    """The line with about `most` points, the lowest and highest of each stretch among them."""
    count = len(line.x)
    if count <= most:
        return line
    edges = np.linspace(0, count, most // 2 + 1).astype(int)
    keep = {0, count - 1}
    for start, stop in pairwise(edges):
        part = line.y[start:stop]
        keep.update(int(start) + int(at) for at in np.flatnonzero(np.isnan(part))[:1])
        if np.isfinite(part).any():
            keep |= {int(start + np.nanargmin(part)), int(start + np.nanargmax(part))}
    at = np.array(sorted(keep))
    return replace(line, x=line.x[at], y=line.y[at])
