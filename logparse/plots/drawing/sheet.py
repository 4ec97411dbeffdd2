"""The sheet that a picture is drawn on: places in inches, from the left and from the top."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from matplotlib.axis import YAxis
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.ticker import Formatter, Locator, NullLocator
from matplotlib.transforms import Affine2D

from logparse.plots.drawing.lettering import FAMILY, font

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from matplotlib.axes import Axes
    from matplotlib.axis import Axis as MatplotlibAxis

    from logparse.plots.drawing.scales import Scale
    from logparse.plots.look import Look
    from logparse.signals.series import FloatArray

HAIRLINE = 0.6
"""Width of grid lines, axes and leaders, in points."""
DASHES = (0.0, (4.0, 2.5))
DOTS = (0.0, (1.0, 3.0))
_DPI = 100.0
_TICK_PAD_PT = 4.0


@dataclass(frozen=True, slots=True)
class Frame:
    """Where a panel's parts are, in inches from the left: the page's edges and the axes' edges."""

    page_left: float
    left: float
    right: float
    page_right: float
    x: Scale
    look: Look

    def at(self, place: float) -> float:
        """Inches from the left of a place on the horizontal axis, within the axes."""
        return self.left + (self.right - self.left) * self.x.place(place)

    @property
    def inches_per_place(self) -> float:
        return (self.right - self.left) / (self.x.high - self.x.low)


class Sheet:
    """A figure of `look.width_in` by `height` inches, and strokes and words on it."""

    def __init__(self, look: Look, height: float) -> None:
        self.look = look
        self.height = height
        self.figure = Figure(
            figsize=(look.width_in, height), dpi=_DPI, facecolor=look.colour("paper"),
            edgecolor="none", linewidth=0.0,
        )  # fmt: skip
        self.figure.set_layout_engine("none")
        down = Affine2D().scale(1.0, -1.0).translate(0.0, height)
        self._inches = down + self.figure.dpi_scale_trans

    def words(
        self,
        x: float,
        y: float,
        text: str,
        *,
        role: str = "ink",
        points: float | None = None,
        is_bold: bool = False,
        ha: Literal["left", "right", "center"] = "left",
        va: Literal["baseline", "center_baseline"] = "baseline",
        rotation: float = 0.0,
    ) -> None:
        """A safe text, its baseline (or middle) at y."""
        if not text:
            return
        self.figure.text(
            x, y, text, transform=self._inches, color=self.look.colour(role), ha=ha, va=va,
            fontproperties=font(points or self.look.text_pt, is_bold=is_bold),
            rotation=rotation, rotation_mode="anchor", parse_math=False, usetex=False,
        )  # fmt: skip

    def stroke(
        self,
        xs: Sequence[float],
        ys: Sequence[float],
        role: str,
        *,
        width_pt: float = HAIRLINE,
        is_dotted: bool = False,
    ) -> None:
        """A line through places."""
        style = DOTS if is_dotted else "-"
        self.figure.add_artist(
            line(xs, ys, self.look.colour(role), width_pt, transform=self._inches, linestyle=style)
        )

    def block(self, left: float, top: float, width: float, height: float, role: str) -> None:
        """A filled rectangle."""
        colour = self.look.colour(role)
        self.figure.add_artist(
            Rectangle(
                (left, top), width, height, transform=self._inches, facecolor=colour,
                edgecolor="none", linewidth=0.0,
            )
        )  # fmt: skip

    def axes(
        self, left: float, top: float, width: float, height: float, shared: Axes | None = None
    ) -> Axes:
        """Axes without ticks, grid and box, on the x axis of others or on their own."""
        w, h = self.look.width_in, self.height
        box = (left / w, 1 - (top + height) / h, width / w, height / h)
        axes = self.figure.add_axes(box, sharex=shared, facecolor="none")
        axes.set_axisbelow(True)
        for side in ("top", "right", "left", "bottom"):
            axes.spines[side].set_visible(False)
        for axis in (axes.xaxis, axes.yaxis):
            self._bare(axis)
        axes.grid(False, which="both")
        return axes

    def _bare(self, axis: MatplotlibAxis) -> None:
        colour = self.look.colour("muted")
        axis.set_tick_params(
            which="both", reset=True, length=0.0, width=0.0, pad=_TICK_PAD_PT, color=colour,
            labelcolor=colour, labelsize=self.look.small_pt, labelfontfamily=FAMILY,
            labelrotation=0.0, top=False, bottom=False, left=False, right=False,
            labeltop=False, labelbottom=False, labelleft=False, labelright=False,
            grid_color=self.look.colour("grid"), grid_linewidth=HAIRLINE, grid_linestyle="-",
            grid_alpha=1.0,
        )  # fmt: skip
        axis.set_major_locator(NullLocator())
        axis.set_minor_locator(NullLocator())


def line(
    xs: Sequence[float] | FloatArray,
    ys: Sequence[float] | FloatArray,
    colour: str,
    width_pt: float,
    **more: object,
) -> Line2D:
    """A line of which nothing is left to matplotlib's settings."""
    given: dict[str, object] = {
        "linestyle": "-", "marker": "", "markersize": 4.0, "markeredgewidth": 0.0,
        "markerfacecolor": colour, "markeredgecolor": colour, "fillstyle": "full",
        "solid_capstyle": "round", "solid_joinstyle": "round", "dash_capstyle": "butt",
        "dash_joinstyle": "round", "antialiased": True, "drawstyle": "default",
    }  # fmt: skip
    return Line2D(xs, ys, color=colour, linewidth=width_pt, **(given | more))  # type: ignore[arg-type]


def show_ticks(
    axis: MatplotlibAxis,
    places: Callable[[float, float], Sequence[float]],
    labels: Callable[[Sequence[float]], list[str]],
) -> None:
    """Ticks at our own places with our own labels, which follow when somebody zooms."""
    axis.set_major_locator(_Places(places))
    axis.set_major_formatter(_Labels(labels))
    is_left = isinstance(axis, YAxis)
    if is_left:
        axis.set_tick_params(labelleft=True)
    else:
        axis.set_tick_params(labelbottom=True)
    for label in axis.get_ticklabels():
        label.set_usetex(False)
        label.set_horizontalalignment("right" if is_left else "center")
        label.set_verticalalignment("center_baseline" if is_left else "top")


class _Places(Locator):
    def __init__(self, places: Callable[[float, float], Sequence[float]]) -> None:
        self._places = places

    def __call__(self) -> Sequence[float]:
        low, high = sorted(self.axis.get_view_interval())  # type: ignore[union-attr]
        return self.tick_values(float(low), float(high))

    def tick_values(self, vmin: float, vmax: float) -> Sequence[float]:
        return np.array(self._places(vmin, vmax))  # type: ignore[return-value]


class _Labels(Formatter):
    def __init__(self, labels: Callable[[Sequence[float]], list[str]]) -> None:
        self._labels = labels

    def __call__(self, x: float, pos: int | None = None) -> str:
        return self._labels([x])[0]

    def format_ticks(self, values: Sequence[float]) -> list[str]:
        return self._labels([float(value) for value in values])
