"""The parts of a whole in one chart: modules as lines, parameters as a band, remarks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from logparse.findings import plural
from logparse.plots.content import PARTS, Band, Line, part
from logparse.plots.grids import grid_of
from logparse.plots.subject import MOST_POINTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from logparse.plots.content import Role
    from logparse.plots.grids import Grid
    from logparse.plots.subject import Subject

LOW, HIGH = 0.1, 0.9
"""Quantiles between which the band of parameters is drawn."""
_MOST_NAMED = 3


def part_columns(subject: Subject, *metrics: str) -> list[str]:
    """Columns `<metric>/<part>` of the first of the metrics that has any with a value."""
    for metric in metrics:
        names = [str(name) for name in subject.run.epochs if str(name).startswith(f"{metric}/")]
        found = [name for name in names if len(subject.series(name))]
        if found:
            return found
    return []


def part_lines(
    subject: Subject, columns: list[str], first: int = 0
) -> tuple[tuple[Line, ...], tuple[str, ...]]:
    """Thin lines of the largest parts by their median, and a remark on those left out.

    Their roles begin with the part `first`.
    """
    grid = grid_of(subject.run.epochs, columns).within(*subject.window)
    order = np.argsort(-grid.typical, kind="stable")[: PARTS - first]
    lines = (
        subject.line(columns[at], grid.names[at], part(first + rank), is_thin=True)
        for rank, at in enumerate(order.tolist())
    )
    rest = len(columns) - len(order)
    return subject.lines(*lines), (f"{rest} smaller not drawn",) if rest else ()


@np.errstate(all="ignore")
def quantile_band(grid: Grid, role: Role, noun: str = "parameter") -> Band | None:
    """From the 10% to the 90% quantile of each epoch; None with fewer than two names."""
    rows = grid.rows(np.asarray(np.isfinite(grid.values).any(axis=1)))
    if len(rows.names) < 2 or not len(rows.epochs):
        return None
    low, high = np.nanquantile(rows.values, (LOW, HIGH), axis=1)
    label = f"{LOW:.0%}-{HIGH:.0%} of {plural(len(rows.names), noun)}".replace("%-", "-")
    return thinned_band(Band(label, rows.epochs.astype(np.float64), low, high, role))


def thinned_band(band: Band, most: int = MOST_POINTS) -> Band:
    """The band with at most so many points, as wide in each stretch as it is anywhere in it."""
    count = len(band.x)
    if count <= most:
        return band
    starts = np.linspace(0, count, most, endpoint=False).astype(int)
    low = np.fmin.reduceat(band.low, starts)
    high = np.fmax.reduceat(band.high, starts)
    return Band(band.label, band.x[starts], low, high, band.role)


def visible(bands: Iterable[Band], *, is_log: bool) -> tuple[Band, ...]:
    """The bands of which the scale shows anything: on a log scale not those that are all zeros."""
    return tuple(band for band in bands if not is_log or bool((band.high > 0).any()))


def left_out(drawn: Iterable[Line | Band], *, is_log: bool) -> tuple[str, ...]:
    """A remark on curves that have values which a log scale cannot show."""
    if not is_log:
        return ()
    lowest = ((one.label, one.y if isinstance(one, Line) else one.low) for one in drawn)
    labels = [label for label, values in lowest if bool((values <= 0).any())]
    if not labels:
        return ()
    return (": ".join(filter(None, ["zeros not drawn", first_few(labels)])),)


def first_few(names: Sequence[str]) -> str:
    """The first three of some names and how many more there are, in words."""
    rest = len(names) - _MOST_NAMED
    return ", ".join(names[:_MOST_NAMED]) + (f" and {rest} more" if rest > 0 else "")
