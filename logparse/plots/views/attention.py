"""What the trained model made of one example: its attention, and the classes it gave it.

Rows of attention, and of probabilities, sum to 1; where they do not, the panel says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from logparse.findings import plural
from logparse.plots.content import Blank, Heatmap

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logparse.plots.content import Panel
    from logparse.plots.subject import Subject
    from logparse.run import Inference
    from logparse.signals.series import FloatArray

MOST_MAPS = 12
"""Maps that are drawn: of many layers and heads the first ones."""
MOST_PLACES = 96
"""Positions or classes that are drawn of each: cells of more are too small to be seen."""
ROUNDING = 1e-3
"""A sum this near to 1 is one: half precision keeps three digits."""


def panels(subject: Subject) -> list[Panel]:
    """A map for each layer and head, then the log-probabilities by position and class."""
    found = subject.run.inference
    if found is None:
        return [Blank("attention", "the log has no final inference, as a metrics JSON has")]
    return [*_maps(found), *_classes(found)]


def _maps(found: Inference) -> Iterator[Panel]:
    if found.attention is None:
        yield Blank("attention", "the final inference has no attention weights of one shape")
        return
    layers, heads, queries, keys = found.attention.shape
    for at in range(min(layers * heads, MOST_MAPS)):
        layer, head = divmod(at, heads)
        values = found.attention[layer, head]
        is_last = at == MOST_MAPS - 1 and layers * heads > MOST_MAPS
        more = (f"the first {MOST_MAPS} of {layers * heads} maps",) if is_last else ()
        yield _heatmap(
            f"attention, layer {layer + 1}" + (f", head {head + 1}" if heads > 1 else ""),
            values,
            _tokens(found.example, queries),
            _tokens(found.example, keys),
            ("query position", "key position"),
            (*(_sums(values) or _entropy(values)), *more),
        )


def _classes(found: Inference) -> Iterator[Panel]:
    if found.log_probs is None:
        yield Blank("log-probabilities", "the final inference has none of one shape")
        return
    positions, classes = found.log_probs.shape
    with np.errstate(over="ignore"):
        probabilities = np.exp(found.log_probs)
    yield _heatmap(
        "log-probabilities",
        found.log_probs,
        _tokens(found.example, positions),
        tuple(map(str, range(classes))),
        ("position", "class"),
        _sums(probabilities),
    )


def _heatmap(
    title: str,
    values: FloatArray,
    rows: tuple[str, ...],
    columns: tuple[str, ...],
    axes: tuple[str, str],
    notes: tuple[str, ...],
) -> Heatmap:
    shown = values[:MOST_PLACES, :MOST_PLACES]
    height, width = shown.shape
    cut = (
        ()
        if shown.size == values.size
        else (f"the first {height} x {width} of {values.shape[0]} x {values.shape[1]}",)
    )
    lost = values.size - int(np.isfinite(values).sum())
    odd = (f"{plural(lost, 'value')} not finite",) if lost else ()
    return Heatmap(
        title=title,
        rows=rows[:height],
        x=np.arange(width, dtype=np.float64),
        values=np.where(np.isfinite(shown), shown, np.nan),
        columns=columns[:width],
        row_axis=axes[0],
        column_axis=axes[1],
        notes=(*notes, *odd, *cut),
    )


def _tokens(example: str, count: int) -> tuple[str, ...]:
    """The example's characters or words, whichever are so many; else the positions from 1."""
    for parts in (list(example), example.split()):
        if len(parts) == count:
            return tuple("␣" if part.isspace() else part for part in parts)
    return tuple(map(str, range(1, count + 1)))


def _entropy(values: FloatArray) -> tuple[str, ...]:
    """How widely a position looks, on average: 0 bits at one place, the most at all alike."""
    rows = values[np.isfinite(values).all(axis=1) & (values >= 0).all(axis=1)]
    if not len(rows) or values.shape[1] < 2:
        return ()
    bits = -np.sum(rows * np.log2(np.where(rows > 0, rows, 1.0)), axis=1)
    return (f"mean entropy {bits.mean():.2f} of {np.log2(values.shape[1]):.2f} bits",)


def _sums(values: FloatArray) -> tuple[str, ...]:
    """The largest distance of a row's sum from 1, where it is more than rounding."""
    with np.errstate(over="ignore", invalid="ignore"):
        away = np.abs(values.sum(axis=1) - 1.0)
    away = away[~np.isnan(away)]
    if not len(away) or away.max() <= ROUNDING:
        return ()
    return (f"rows do not sum to 1: off by up to {away.max():.2g}",)
