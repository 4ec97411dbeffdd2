"""Pictures told in words, for people who do not see them: plain text, made safe to show."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from logparse.findings import epoch_label, plural
from logparse.plots.content import Axis, Blank, Chart, Heatmap
from logparse.renderers.numbers import number
from logparse.renderers.spans import escape

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from logparse.plots.content import Level, Line, Mark, Panel, Picture
    from logparse.signals.series import FloatArray

EPOCHS = Axis("epoch", 0.0, 0.0)
_COUNTED = ("step", "record", "token", "sample")
MOST_TOLD = 8
"""Of more curves, findings or places the first are told, and the rest is counted."""


def describe_picture(picture: Picture) -> str:
    """The title and the panels of a picture, a paragraph for each; no line end at the end.

    The phases of the learning rate are told of the first panel that shows them.
    """
    title = _joined(", ", [escape(picture.title), escape(picture.subtitle)])
    told, is_new = [f"{title}."], True
    for panel in picture.panels:
        if isinstance(panel, Chart) and panel.shades:
            panel, is_new = (panel if is_new else replace(panel, shades=())), False
        told.append(describe(panel, picture.axis))
    return "\n".join(told)


def describe(panel: Panel, axis: Axis = EPOCHS) -> str:
    """A panel in one to three sentences: what its curves do, what stands out, what is lacking.

    Places are told as the axis has them, by default as epochs.
    """
    if isinstance(panel, Blank):
        return f"{escape(panel.title)} is not drawn: {escape(panel.reason)}."
    told = _chart(panel, axis) if isinstance(panel, Chart) else _heatmap(panel, axis)
    return " ".join(f"{sentence}." for sentence in told if sentence)


def place(axis: Axis, at: float) -> str:
    """A place of the axis as one says it: `E07`, `step 1,500`, `1.5 hours`."""
    if axis.is_epochs:
        return epoch_label(round(at))
    if axis.label in _COUNTED:
        return f"{axis.label} {at:,.10g}"
    return f"{number(at)} {escape(axis.label)}"


def _chart(chart: Chart, axis: Axis) -> Iterator[str]:
    named = [line for line in chart.lines if line.label] or [*chart.lines[:1]]
    told = [_line(line, axis) for line in named[:MOST_TOLD]]
    left = len(chart.lines) - len(told)
    told += [plural(left, "more line")] if left else []
    told += dict.fromkeys(f"shaded: {escape(band.label)}" for band in chart.bands if band.label)
    yield f"{_title(chart)}: {_joined('; ', told) or 'nothing to draw'}"
    facts = [f"{escape(dot.label)} at {place(axis, dot.x)}" for dot in chart.dots]
    facts += [f"level {_level(level)}" for level in chart.levels]
    facts += _found(chart.marks, axis)
    phases = [f"{escape(one.kind)} {_span(one.first, one.last, axis)}" for one in chart.shades]
    yield _clauses(_several(facts), f"learning rate: {_several(phases)}" if phases else "")
    broken = _several([place(axis, at) for at in chart.broken])
    remarks = [text for note in chart.notes if (text := escape(note)) not in (*told, *facts)]
    yield _clauses(f"nan or an infinity at {broken}" if broken else "", *remarks)


def _level(level: Level) -> str:
    """The label, which may hold the value already."""
    label, value = escape(level.label), number(level.value)
    return label if label.endswith(value) else f"{label} {value}"


def _line(line: Line, axis: Axis) -> str:
    """`val from 0.105 at E01 to 0.0471 at E70, lowest 0.0388 at E31`."""
    label = f"{escape(line.label)} " if line.label else ""
    is_told = np.isfinite(line.y)
    x, y = line.x[is_told], line.y[is_told]
    if not len(y):
        return f"{label}without a finite value"
    if (y == y[0]).all():
        return f"{label}{number(y[0])} {_span(x[0], x[-1], axis)}"
    extremes = [
        f"{word} {number(y[at])} at {place(axis, x[at])}"
        for word, at in (("lowest", int(np.argmin(y))), ("highest", int(np.argmax(y))))
        if y[at] not in (y[0], y[-1])
    ]
    first, last = (
        f"{number(y[0])} at {place(axis, x[0])}",
        f"{number(y[-1])} at {place(axis, x[-1])}",
    )
    return _joined(", ", [f"{label}from {first} to {last}", *extremes])


def _heatmap(heatmap: Heatmap, axis: Axis) -> Iterator[str]:
    rows, columns = heatmap.values.shape
    by = escape(heatmap.row_axis) or "row"
    across = escape(heatmap.column_axis) or (axis.label if not heatmap.columns else "column")
    told = f"{_title(heatmap)}: {rows} x {columns} values by {by} and {across}"
    finite = heatmap.values[np.isfinite(heatmap.values)]
    if len(finite):
        ends = f"from {number(finite.min())} to {number(finite.max())}"
        yield f"{told}, {ends}, median {number(_median(finite))}{_extreme_rows(heatmap)}"
    else:
        yield f"{told}, without a finite value"
    yield _several(_found(heatmap.marks, axis))
    yield _clauses(*map(escape, heatmap.notes))


def _extreme_rows(heatmap: Heatmap) -> str:
    """Which rows are highest and lowest, by the median of their values."""
    finite = [row[np.isfinite(row)] for row in heatmap.values]
    levels = [
        (_median(row), name) for row, name in zip(finite, heatmap.rows, strict=True) if len(row)
    ]
    (low, bottom), (high, top) = min(levels), max(levels)
    if low == high:
        return ""
    told = f"; highest is {escape(top)} with a median of {number(high)}"
    return f"{told}, lowest {escape(bottom)} with {number(low)}"


def _median(values: FloatArray) -> float:
    return 2 * float(np.median(values / 2))  # two huge values do not add up


def _title(panel: Chart | Heatmap) -> str:
    inside = _joined(", ", [escape(panel.unit), "log scale" if panel.is_log else ""])
    return escape(panel.title) + (f" ({inside})" if inside else "")


def _found(marks: Iterable[Mark], axis: Axis) -> list[str]:
    """The findings, each with all of its places."""
    spans: dict[str, list[str]] = {}
    for mark in marks:
        found = f"{escape(mark.code)} {escape(mark.name)}"
        spans.setdefault(found, []).append(_span(mark.first, mark.last, axis))
    return [f"{found} {_several(where)}" for found, where in spans.items()]


def _span(first: float, last: float, axis: Axis) -> str:
    start, end = place(axis, first), place(axis, last)
    return f"at {start}" if start == end else f"from {start} to {end}"


def _several(texts: list[str]) -> str:
    left = len(texts) - MOST_TOLD
    return _joined(", ", [*texts[:MOST_TOLD], f"{left} more" if left > 0 else ""])


def _clauses(*texts: str) -> str:
    """The texts that say something, as one sentence."""
    return _joined("; ", texts)


def _joined(glue: str, texts: Iterable[str]) -> str:
    return glue.join(text for text in texts if text)
