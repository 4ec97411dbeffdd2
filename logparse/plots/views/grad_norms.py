"""Gradient norms: the total, the modules, how parameters scatter, and how far back they reach."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from logparse.keys import CLIP_KEYS, positive
from logparse.plots.content import Band, Blank, Chart, Dot, Level, Line, part
from logparse.plots.grids import Grid
from logparse.plots.parts import (
    left_out,
    part_columns,
    part_lines,
    quantile_band,
    thinned_band,
    visible,
)
from logparse.plots.subject import thinned
from logparse.renderers.numbers import as_printed, number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logparse.plots.content import Panel, Role
    from logparse.plots.subject import Subject
    from logparse.signals.gradients.depth import DepthProfile
    from logparse.signals.series import FloatArray

_BY_DEPTH = ("GRAD001", "GRAD002")
"""Rules that compare shallow with deep layers: where one fired, it is shown what it saw."""


def panels(subject: Subject) -> list[Panel]:
    """One panel of norms; a second one by depth where a finding speaks of the depth."""
    parts, remarks = part_lines(subject, part_columns(subject, "grad_norm", "layer_grad_norm"))
    total = subject.lines(subject.line("grad_norm", "total", "total"))
    lines, bands = (*total, *parts), tuple(_bands(subject))
    if not lines and not bands:
        return [
            Blank("gradient norm", subject.lack("gradient norm", "grad_norm", "layer_grad_norm"))
        ]
    edges = [edge for band in bands for edge in (band.low, band.high)]
    is_log = subject.is_log([*lines, *edges], auto=True)
    norms = Chart(
        title="gradient norm",
        is_log=is_log,
        lines=lines,
        bands=visible(bands, is_log=is_log),
        levels=tuple(_clip(subject)),
        dots=tuple(_spikes(subject)),
        marks=subject.marks("GRAD", "NUM"),
        shades=subject.shades,
        broken=subject.broken("grad_norm"),
        notes=(*remarks, *left_out([*lines, *bands], is_log=is_log), *subject.unplaced("GRAD")),
        height=1.3,
    )
    return [norms, *_depth(subject)]


def _bands(subject: Subject) -> Iterator[Band]:
    """How the parameters scatter: by their lists, else by what the log says of them."""
    table = subject.signals.gradients.tensors
    if table is not None:
        grid = Grid(table.names, table.epochs, table.norms, table.every).within(*subject.window)
        band = quantile_band(grid, "muted")
    else:
        band = _logged_band(subject)
    if band is not None:
        yield band


def _logged_band(subject: Subject) -> Band | None:
    low, high = (subject.series(f"grad_norm_{name}") for name in ("median", "p90"))
    at, left, right = np.intersect1d(low.epochs, high.epochs, return_indices=True)
    if not len(at):
        return None
    label = "50-90% of parameters"
    band = Band(label, at.astype(np.float64), low.values[left], high.values[right], "muted")
    return thinned_band(band)


def _clip(subject: Subject) -> Iterator[Level]:
    declared = positive(subject.run.settings, CLIP_KEYS)
    if declared is not None:
        key, limit = declared
        yield Level(f"{key} {number(limit)}", limit)


def _spikes(subject: Subject) -> Iterator[Dot]:
    """What GRAD003 found, with the threshold that it was found by."""
    found = subject.found("GRAD003")
    threshold = None if found is None else found.measured.get("z_threshold")
    if found is None or not isinstance(threshold, int | float):
        return
    norms = subject.series("grad_norm")
    for spike in subject.signals.curves.spikes("grad_norm", float(threshold)):
        for value in norms.between(spike.epoch, spike.epoch).values.tolist():
            label = f"{found.code} {as_printed(value, norms.resolution)}"
            yield Dot(label, float(spike.epoch), value, "total", "spike")


def _depth(subject: Subject) -> Iterator[Chart]:
    profile = subject.signals.gradients.depth_profile
    if profile is None or not any(subject.found(code) for code in _BY_DEPTH):
        return
    lines = subject.lines(
        _third(subject, profile, profile.shallow, "shallow third", part(0)),
        _third(subject, profile, profile.deep, "deep third", part(1)),
    )
    if not lines:
        return
    count = len(profile.names)
    zeros = ("0 drawn as half of the smallest",) * profile.has_zeros
    yield Chart(
        title="gradient norm by depth",
        is_log=subject.is_log(lines, auto=True),
        lines=lines,
        marks=subject.marks(codes=_BY_DEPTH),
        shades=subject.shades,
        notes=(f"medians of {max(count // 3, 1)} of {count} norms each", *zeros),
        height=0.8,
    )


@np.errstate(over="ignore")
def _third(
    subject: Subject, profile: DepthProfile, log_norms: FloatArray, label: str, role: Role
) -> Line | None:
    first, last = subject.window
    shown = (profile.epochs >= first) & (profile.epochs <= last)
    if not shown.any():
        return None
    x = profile.epochs[shown].astype(np.float64)
    return thinned(Line(label, x, 10.0 ** log_norms[shown], role))
