"""Pictures for the page and for paper, each with its description in words."""

from __future__ import annotations

import math
from dataclasses import replace
from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np
from markupsafe import Markup, escape

from logparse.plots.content import Line
from logparse.plots.look import Look
from logparse.plots.subject import thinned
from logparse.renderers import spans
from logparse.renderers.sparkline import is_log_scaled

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from logparse.pages.content import Figure
    from logparse.plots.content import Picture

_BESIDE = Look(width_in=6.8)
"""As wide as a figure stands on a desk's screen, so that its texts keep their size."""
_WIDE = Look(width_in=9.8)
_PAPER_DPI = 200
_WIDTH, _HEIGHT, _MARGIN = 132, 26, 3
_MOST_POINTS = 120


def svg(figure: Figure) -> Markup:
    """The figure as an SVG element, with its description in words."""
    from logparse.plots.drawing import figures, saving
    from logparse.plots.words import describe_picture

    drawn = saving.svg(
        figures.figure(_bare(figure), _WIDE if figure.is_wide else _BESIDE),
        title=figure.title,
        description=describe_picture(figure.picture),
        is_themed=True,
        id_prefix=f"{figure.id}-",
    )
    return Markup(drawn)


def png(figure: Figure, width_in: float) -> bytes:
    """The figure for paper, so many inches wide."""
    from logparse.plots.drawing import figures, saving

    stream = BytesIO()
    drawn = figures.figure(_bare(figure), Look(width_in=width_in))
    saving.save([drawn], stream, "png", dpi=_PAPER_DPI)
    return stream.getvalue()


def _bare(figure: Figure) -> Picture:
    """The picture without its own title: it would say what stands beside it."""
    return replace(figure.picture, title="", subtitle="")


def sparkline(values: Sequence[float], told: str) -> Markup | None:
    """The curve as a small SVG that stands in a line of text; None without two finite values.

    `told` is the text alternative. The curve is broken where a value is not finite, and drawn on
    a log scale where the one in a terminal is.
    """
    y = np.array(values, dtype=np.float64)
    finite = np.isfinite(y)
    if finite.sum() < 2:
        return None
    y = np.where(finite, y, np.nan)
    y = np.log(y) if is_log_scaled(values) else y
    line = thinned(Line("", np.arange(len(y), dtype=np.float64), y, "val"), _MOST_POINTS)
    strokes = "".join(
        f'<polyline points="{stroke}"/>' for stroke in _strokes(line, float(len(y) - 1))
    )
    return Markup(
        f'<svg class="spark" viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" height="{_HEIGHT}"'
        f' role="img" aria-label="{escape(spans.escape(told))}">{strokes}</svg>'
    )


def _strokes(line: Line, longest: float) -> Iterator[str]:
    """The points of each unbroken stretch; a single point is a short stroke."""
    # Halved, because the range of two huge numbers may be no number.
    half = line.y / 2
    low, high = float(np.nanmin(half)), float(np.nanmax(half))
    x = _MARGIN + line.x / longest * (_WIDTH - 2 * _MARGIN)
    share = (half - low) / (high - low) if high > low else np.where(np.isnan(half), half, 0.5)
    y = _MARGIN + (1 - share) * (_HEIGHT - 2 * _MARGIN)
    stretch: list[str] = []
    for at_x, at_y in zip([*x.tolist(), math.nan], [*y.tolist(), math.nan], strict=True):
        if not math.isnan(at_y):
            stretch.append(f"{at_x:.1f},{at_y:.1f}")
        elif stretch:
            yield " ".join(stretch if len(stretch) > 1 else [*stretch, f"{_after(stretch)}"])
            stretch = []


def _after(stretch: Sequence[str]) -> str:
    """A point just right of the last one."""
    x, y = stretch[-1].split(",")
    return f"{float(x) + 1:.1f},{y}"
