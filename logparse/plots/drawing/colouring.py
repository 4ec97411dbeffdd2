"""Values as colours: the image of a table, and the bar that says which colour is which value."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from matplotlib import colormaps
from matplotlib.colors import Colormap, ListedColormap, Normalize
from matplotlib.image import AxesImage

from logparse.plots.drawing.lettering import line_height, width
from logparse.plots.drawing.scales import Scale, drawable, spanning, tick_labels

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from logparse.plots.content import Heatmap
    from logparse.plots.drawing.sheet import Sheet
    from logparse.plots.look import Look
    from logparse.signals.series import FloatArray

_COLOURS = 192
_BAR = 0.1
_GAP = 0.1
_TICK = 0.04
_HIGHEST_BAR = 1.5
_TICK_ROOM = 0.32
_MOST_TICKS = 4
_NOTHING = "no value"


@cache
def _colours() -> Colormap:
    """From dark blue to yellow; to people who see no red or no green it looks much the same."""
    steps = colormaps["cividis"](np.linspace(0.0, 1.0, _COLOURS))
    return ListedColormap(steps, name="values").with_extremes(bad=(0.0, 0.0, 0.0, 0.0))


def colour_scale(heatmap: Heatmap) -> Scale:
    """From the least to the largest value that there is."""
    return spanning(heatmap.values, is_log=heatmap.is_log, padding=0.0)


def fractions(heatmap: Heatmap, scale: Scale) -> FloatArray:
    """Where the values are on the scale; those that a log scale cannot show are the lowest."""
    values = np.asarray(heatmap.values, dtype=np.float64)
    placed = np.clip(scale.fraction(drawable(values, is_log=heatmap.is_log)), 0.0, 1.0)
    return np.where(np.isfinite(values) & ~np.isfinite(placed), 0.0, placed)


def draw_image(axes: Axes, placed: FloatArray, extent: tuple[float, float, float, float]) -> None:
    """A table of fractions as colours, a sharp rectangle for each; NaN is left open."""
    image = AxesImage(
        axes, cmap=_colours(), norm=Normalize(0.0, 1.0), interpolation="none", origin="upper",
        extent=extent, resample=False, interpolation_stage="data",
    )  # fmt: skip
    image.set_data(np.ma.masked_invalid(placed))
    image.set_clip_path(axes.patch)
    axes.add_image(image)


class ColourBar:
    """A slim bar in the right margin: ticks with labels, and what a gap is."""

    def __init__(self, scale: Scale, height: float, look: Look, *, has_gaps: bool) -> None:
        self._scale, self._look, self._has_gaps = scale, look, has_gaps
        self._height = min(height - 1.7 * line_height(look.small_pt) * has_gaps, _HIGHEST_BAR)
        most = min(max(int(self._height / _TICK_ROOM), 2), _MOST_TICKS)
        ticks = scale.ticks(most) or (scale.low,)
        self._ticks = list(zip(ticks, tick_labels(ticks), strict=True))

    @property
    def width(self) -> float:
        """Inches that it takes right of the axes."""
        texts = [text for _, text in self._ticks] + [_NOTHING] * self._has_gaps
        return _GAP + _BAR + 2 * _TICK + max(width(text, self._look.small_pt) for text in texts)

    def draw(self, sheet: Sheet, left: float, top: float) -> None:
        """The bar beside axes that end at `left`, down from `top`."""
        left += _GAP
        axes = sheet.axes(left, top, _BAR, self._height)
        axes.set_xlim(0.0, 1.0)
        axes.set_ylim(0.0, 1.0)
        draw_image(axes, np.linspace(1.0, 0.0, _COLOURS)[:, None], (0.0, 1.0, 0.0, 1.0))
        small = self._look.small_pt
        for value, text in self._ticks:
            y = top + self._height * (1 - self._scale.place(value))
            sheet.stroke([left + _BAR, left + _BAR + _TICK], [y, y], "muted")
            sheet.words(
                left + _BAR + 2 * _TICK, y, text, role="muted", points=small, va="center_baseline"
            )
        if self._has_gaps:
            y = top + self._height + 1.2 * line_height(small)
            sheet.block(left, y - _BAR / 2, _BAR, _BAR, "shade")
            sheet.words(
                left + _BAR + 2 * _TICK, y, _NOTHING, role="muted", points=small,
                va="center_baseline",
            )  # fmt: skip
