"""How far a step moves the weights: as the log prints it, and as far as it can be worked out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from logparse.plots.content import Band, Blank, Chart, Level, Line, part
from logparse.plots.grids import Grid
from logparse.plots.parts import left_out, part_columns, part_lines, quantile_band, visible
from logparse.plots.subject import thinned
from logparse.rules.upd.update_too_large import UpdateTooLarge
from logparse.rules.upd.update_too_small import UpdateTooSmall
from logparse.signals.gradients.updates import optimizer_family

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logparse.plots.content import Panel
    from logparse.plots.subject import Subject

_PROXY = {
    "sgd": "printed: lr*|g|/|w|",
    "adam": "printed: lr*|g|/|w|, which is no step of Adam's",
    "unknown": "printed: lr*|g|/|w|, a step under plain SGD only",
}
_STEP = {"sgd": "step, clipped", "adam": "step at most, lr/rms(w)"}


def panels(subject: Subject) -> list[Panel]:
    """One panel; thresholds of the rules on updates only beside the steps that they judge."""
    steps, bands = _steps(subject), tuple(_bands(subject))
    printed = subject.lines(
        subject.line("update_ratio_median", "median", part(0)),
        subject.line("update_ratio_max", "max", part(1), is_thin=True),
    )
    modules, remarks = part_lines(subject, part_columns(subject, "update_ratio"), first=2)
    lines = (*printed, *modules, *steps)
    if not lines and not bands:
        return [Blank("update ratio", subject.lack("update ratio", "update_ratio"))]
    edges = [edge for band in bands for edge in (band.low, band.high)]
    is_log = subject.is_log([*lines, *edges], auto=True)
    proxy = _PROXY[optimizer_family(subject.run)]
    return [
        Chart(
            title="update ratio",
            is_log=is_log,
            lines=lines,
            bands=visible(bands, is_log=is_log),
            levels=tuple(_limits(subject)) if steps else (),
            marks=subject.marks("UPD"),
            shades=subject.shades,
            broken=subject.broken("update_ratio_median"),
            notes=(
                proxy,
                *remarks,
                *left_out([*lines, *bands], is_log=is_log),
                *subject.unplaced("UPD"),
            ),
        )
    ]


def _bands(subject: Subject) -> Iterator[Band]:
    table = subject.signals.gradients.tensors
    if table is not None:
        grid = Grid(table.names, table.epochs, table.ratios, table.every)
        band = quantile_band(grid.within(*subject.window), "muted")
        yield from () if band is None else (band,)


def _steps(subject: Subject) -> tuple[Line, ...]:
    """The typical step relative to the weights, where the log tells it; see `Updates.typical`."""
    found = subject.signals.gradients.updates
    if found is None or not found.has_scale:
        return ()
    first, last = subject.window
    known = np.isfinite(found.typical) & (found.epochs >= first) & (found.epochs <= last)
    if not known.any():
        return ()
    x = found.epochs[known].astype(np.float64)
    line = Line(_STEP[found.family], x, found.typical[known], "total", is_dashed=True)
    return (thinned(line),)


def _limits(subject: Subject) -> Iterator[Level]:
    """What the rules on updates object to, as they were set where they fired."""
    small, large = UpdateTooSmall, UpdateTooLarge
    if optimizer_family(subject.run) == "sgd":
        yield _limit(subject, small.code, small.min_ratio, "too small")
    yield _limit(subject, large.code, large.max_ratio, "too large")


def _limit(subject: Subject, code: str, usual: float, word: str) -> Level:
    found = subject.found(code)
    used = usual if found is None else found.measured.get("threshold", usual)
    value = float(used) if isinstance(used, int | float) else usual
    return Level(f"{word} ({code})", value)
