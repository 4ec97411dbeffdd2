"""Charts: curves, bands, levels and dots in axes, with their names at the right end."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.patches import Polygon, Rectangle
from matplotlib.transforms import ScaledTranslation

from logparse.plots.drawing.heading import Heading, room_for_rest
from logparse.plots.drawing.lettering import clipped, safe, width
from logparse.plots.drawing.scales import Scale, drawable, spanning, tick_labels
from logparse.plots.drawing.sheet import DASHES, HAIRLINE, Frame, line, show_ticks
from logparse.plots.drawing.tags import Tag, draw_tags
from logparse.renderers.numbers import number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from logparse.plots.content import Band, Chart, Dot, Level, Line
    from logparse.plots.drawing.sheet import Sheet
    from logparse.plots.look import Look

HEIGHT = 1.15
"""Inches of a panel of usual height."""
_LEAST_HEIGHT = 0.4
_GAP = 0.1
_TICK_ROOM = 0.27
_FEWEST_TICKS, _MOST_TICKS = 3, 5
_BAND_ALPHA = 0.16
_TINT_ALPHA = 0.09
# A finding over more of the axis than this says nothing by a tint.
_WIDEST_TINT = 0.5
_THIN_PT, _USUAL_PT, _MAIN_PT = 0.9, 1.3, 1.7
_WIDTHS = {"train": 1.2, "val": _MAIN_PT, "total": _MAIN_PT}


@dataclass(frozen=True, eq=False)
class ChartPlan:
    """A chart on its way to a sheet. `is_top` names the phases of the schedule."""

    chart: Chart
    look: Look
    half: float
    is_top: bool = False

    @cached_property
    def scale(self) -> Scale:
        """The vertical scale."""
        chart = self.chart
        values = [line.y for line in chart.lines]
        values += [side for band in chart.bands for side in (band.low, band.high)]
        values.append(np.array([dot.y for dot in chart.dots], dtype=np.float64))
        levels = [level.value for level in chart.levels]
        return spanning(np.concatenate(values), levels, is_log=chart.is_log)

    @property
    def margins(self) -> tuple[float, float]:
        """Inches that are needed left of the axes, and right of them."""
        ticks = tick_labels(self._ticks(self.scale.low, self.scale.high))
        left = max((width(text, self.look.small_pt) for text in ticks), default=0.0)
        names = [width(tag.text, self.look.text_pt) for tag in self._tags]
        right = max(names) + 2 * _GAP if names else _GAP
        return left + _GAP, max(right, room_for_rest(self.chart.marks, self.look.small_pt))

    def height(self, frame: Frame) -> float:
        """Inches of the whole panel."""
        return self._heading(frame).height + self._body

    def draw(self, sheet: Sheet, frame: Frame, top: float, shared: Axes | None) -> Axes:
        """The panel, from `top` inches down."""
        heading = self._heading(frame)
        heading.draw(sheet, top)
        top += heading.height
        axes = sheet.axes(frame.left, top, frame.right - frame.left, self._body, shared)
        self._set_scales(axes, frame)
        self._draw_backgrounds(axes, frame)
        for band in self.chart.bands:
            self._draw_band(axes, band)
        for level in self.chart.levels:
            self._draw_level(axes, level)
        for one in sorted(self.chart.lines, key=self._width):
            self._draw_line(axes, one)
        for dot in self.chart.dots:
            self._draw_dot(axes, dot)
        self._draw_broken(axes)
        draw_tags(sheet, self._tags, frame, top, self._body)
        return axes

    def _heading(self, frame: Frame) -> Heading:
        chart = self.chart
        return Heading(
            frame, chart.title, chart.unit, chart.notes, chart.marks,
            chart.shades if self.is_top else (), self.half,
        )  # fmt: skip

    @property
    def _body(self) -> float:
        height = self.chart.height if np.isfinite(self.chart.height) else 1.0
        return max(HEIGHT * height, _LEAST_HEIGHT)

    def _ticks(self, low: float, high: float) -> tuple[float, ...]:
        most = min(max(int(self._body / _TICK_ROOM), _FEWEST_TICKS), _MOST_TICKS)
        return Scale(low, high, self.chart.is_log).ticks(most)

    def _set_scales(self, axes: Axes, frame: Frame) -> None:
        if self.chart.is_log:
            axes.set_yscale("log", nonpositive="mask")
        axes.set_xlim(frame.x.low, frame.x.high)
        axes.set_ylim(self.scale.low, self.scale.high)
        axes.yaxis.set_minor_locator(axes.xaxis.get_minor_locator())
        show_ticks(axes.yaxis, self._ticks, tick_labels)
        axes.grid(True, axis="y", which="major")
        for side in ("left", "bottom"):
            axes.spines[side].set(
                visible=True, linewidth=HAIRLINE, edgecolor=self.look.colour("muted")
            )

    def _draw_backgrounds(self, axes: Axes, frame: Frame) -> None:
        for shade in self.chart.shades[1::2]:
            # A phase ends where the next one begins: neither has half an epoch more.
            span = shade.first, max(shade.last, shade.first + self.half)
            self._draw_span(axes, span, "shade", 1.0)
        roles: dict[tuple[float, float], str] = {}
        for mark in sorted(self.chart.marks, key=lambda mark: mark.severity.rank):
            roles[mark.first, mark.last] = mark.severity.value
        for (first, last), role in roles.items():
            if last - first > _WIDEST_TINT * (frame.x.high - frame.x.low):
                continue
            if first == last:
                self._draw_place(axes, first, role)
            else:
                self._draw_span(axes, (first - self.half, last + self.half), role, _TINT_ALPHA)

    def _draw_span(self, axes: Axes, span: tuple[float, float], role: str, alpha: float) -> None:
        axes.add_artist(
            Rectangle(
                (span[0], 0.0), span[1] - span[0], 1.0, transform=axes.get_xaxis_transform(),
                facecolor=self.look.colour(role), alpha=alpha, edgecolor="none", linewidth=0.0,
                zorder=0.1,
            )
        )  # fmt: skip

    def _draw_place(self, axes: Axes, x: float, role: str) -> None:
        axes.add_artist(
            line(
                [x, x], [0.0, 1.0], self.look.colour(role), 0.8, linestyle=(0.0, (1.5, 2.5)),
                transform=axes.get_xaxis_transform(), zorder=0.2,
            )
        )  # fmt: skip

    def _width(self, one: Line) -> float:
        return _THIN_PT if one.is_thin else _WIDTHS.get(one.role, _USUAL_PT)

    def _draw_line(self, axes: Axes, one: Line) -> None:
        y = drawable(one.y, is_log=self.chart.is_log)
        there = np.concatenate([[False], np.isfinite(y), [False]])
        alone = np.flatnonzero(there[1:-1] & ~there[:-2] & ~there[2:])
        style = DASHES if one.is_dashed else "-"
        drawn = line(
            one.x,
            y,
            self.look.colour(one.role),
            self._width(one),
            linestyle=style,
            zorder=2.0,
        )
        if len(alone):  # a point without neighbours makes no stroke
            drawn.set(marker="o", markersize=self._width(one) + 2.5, markevery=alone.tolist())
        axes.add_artist(drawn)

    def _draw_band(self, axes: Axes, band: Band) -> None:
        is_log = self.chart.is_log
        low, high = drawable(band.low, is_log=is_log), drawable(band.high, is_log=is_log)
        there = np.flatnonzero(np.isfinite(low) & np.isfinite(high))
        for part in np.split(there, np.flatnonzero(np.diff(there) > 1) + 1):
            if not len(part):
                continue
            x = band.x[part]
            if len(part) == 1:
                x, part = np.array([x[0] - self.half / 2, x[0] + self.half / 2]), part.repeat(2)
            corners = np.column_stack(
                [np.concatenate([x, x[::-1]]), np.concatenate([low[part], high[part][::-1]])]
            )
            axes.add_artist(
                Polygon(
                    corners, closed=True, facecolor=self.look.colour(band.role), edgecolor="none",
                    alpha=_BAND_ALPHA, linewidth=0.0, zorder=1.0,
                )
            )  # fmt: skip

    def _draw_level(self, axes: Axes, level: Level) -> None:
        if self.scale.low <= level.value <= self.scale.high:
            axes.add_artist(
                line(
                    [0.0, 1.0], [level.value] * 2, self.look.colour("reference"), 1.0,
                    linestyle=DASHES, transform=axes.get_yaxis_transform(), zorder=1.5,
                )
            )  # fmt: skip

    def _draw_dot(self, axes: Axes, dot: Dot) -> None:
        y = drawable(np.array([dot.y]), is_log=self.chart.is_log)
        colour = self.look.colour(dot.role)
        ring = partial(line, [dot.x], y, colour, 0.0, zorder=3.0, clip_on=False)
        if dot.kind == "best":
            paper = self.look.colour("paper")
            axes.add_artist(
                ring(marker="o", markersize=6.0, markerfacecolor=paper, markeredgewidth=1.5)
            )
        else:  # it points at the place from above
            above = ScaledTranslation(0.0, 5 / 72, axes.figure.dpi_scale_trans)
            axes.add_artist(ring(marker="v", markersize=5.0, transform=axes.transData + above))

    def _draw_broken(self, axes: Axes) -> None:
        if self.chart.broken:
            error = self.look.colour("error")
            axes.add_artist(
                line(
                    self.chart.broken, [1.0] * len(self.chart.broken), error, 0.0, marker="x",
                    markersize=4.0, markeredgewidth=1.1, clip_on=False, zorder=3.0,
                    transform=axes.get_xaxis_transform(),
                )
            )  # fmt: skip

    @cached_property
    def _tags(self) -> list[Tag]:
        """Names of lines, levels and bands, the most telling first."""
        lines = sorted(self.chart.lines, key=self._width, reverse=True)
        tags = [tag for one in lines if not one.is_thin and (tag := self._line_tag(one))]
        tags += [self._level_tag(level) for level in self.chart.levels if np.isfinite(level.value)]
        tags += [tag for band in self.chart.bands if (tag := self._band_tag(band))]
        return tags + [tag for one in lines if one.is_thin and (tag := self._line_tag(one))]

    def _tag(self, text: str, role: str, at: float, x: float | None = None) -> Tag:
        shown = clipped(safe(text), self.look.width_in * 0.2, self.look.text_pt)
        return Tag(shown, role, 1 - at, x)

    def _line_tag(self, one: Line) -> Tag | None:
        there = np.flatnonzero(np.isfinite(drawable(one.y, is_log=self.chart.is_log)))
        if not one.label or not len(there):
            return None
        x, y = float(one.x[there[-1]]), float(one.y[there[-1]])
        return self._tag(one.label, one.role, self.scale.place(y), x)

    def _band_tag(self, band: Band) -> Tag | None:
        low, high = (
            self.scale.fraction(drawable(side, is_log=self.chart.is_log))
            for side in (band.low, band.high)
        )
        middle = (low + high) / 2
        there = np.flatnonzero(np.isfinite(middle))
        if not band.label or not len(there):
            return None
        at = min(max(float(middle[there[-1]]), 0.0), 1.0)
        return self._tag(band.label, band.role, at, float(band.x[there[-1]]))

    def _level_tag(self, level: Level) -> Tag:
        """A level outside says its value and where it would be."""
        text = level.label
        if not self.scale.low <= level.value <= self.scale.high:
            value = number(level.value)
            arrow = "↑" if level.value > self.scale.high else "↓"
            text = f"{text} {arrow}" if value in text else f"{text} {value} {arrow}"
        return self._tag(text, "reference", self.scale.place(level.value))
