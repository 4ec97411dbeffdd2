"""Heatmaps as lines of text: a row for each name, values in four shades."""

from __future__ import annotations

from dataclasses import replace
from itertools import takewhile
from typing import TYPE_CHECKING

import numpy as np

from logparse.findings import plural
from logparse.plots.terminal.frame import shortened
from logparse.plots.terminal.scales import short, spanning
from logparse.renderers.layout import pad
from logparse.renderers.spans import cells

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logparse.plots.content import Heatmap
    from logparse.plots.terminal.frame import Frame
    from logparse.plots.terminal.scales import Scale
    from logparse.renderers.spans import Line
    from logparse.signals.series import FloatArray, IntArray

MOST_ROWS = 30
"""More rows than a screen has cannot be seen together."""
_WIDEST_CELL = 4
_SHARE_OF_NAMES = 40
_SHADES = ("░▒▓█", ".-+#")


def heatmap_lines(heatmap: Heatmap, frame: Frame) -> Iterator[Line]:
    """The lanes of findings, the rows, their axis, and what the shades stand for.

    Of many rows some are shown, evenly chosen. Names take two fifths of the page at most.
    """
    page, count = frame.page, len(heatmap.rows)
    room = _SHARE_OF_NAMES * page.width // 100
    names = _fitting([page.span(name)[0] for name in heatmap.rows], room, page.ellipsis)
    room = max(map(cells, names), default=0)
    frame = replace(frame, left=room + 2, right=0)
    scale = spanning([heatmap.values.ravel()], is_log=heatmap.is_log)
    if scale is None or not count:
        yield (frame.margin(), (page.clip("no finite value", frame.columns), "dim"))
        return
    if not heatmap.columns:
        yield from frame.lanes(heatmap.marks)
    shown = np.linspace(0, count - 1, min(count, MOST_ROWS)).round().astype(int).tolist()
    columns = _named(heatmap, frame) if heatmap.columns else _placed(heatmap, frame)
    for row in shown:
        drawn = _row(heatmap.values[row], columns, scale, frame)
        yield (pad((names[row], ""), room, right=True), ("  ", ""), (drawn, ""))
    if len(shown) < count:
        text = f"and {plural(count - len(shown), 'row')} between them"
        yield (frame.margin(), (page.clip(text, frame.columns), "dim"))
    yield from _names(heatmap, frame) if heatmap.columns else frame.bottom()
    yield from _legend(scale, frame)


@np.errstate(over="ignore")
def _placed(heatmap: Heatmap, frame: Frame) -> list[IntArray]:
    """For each column of the page those of the heatmap that fall on it, else the nearest one."""
    places = [frame.scale.value(share) for share in np.linspace(0, 1, frame.columns).tolist()]
    at = np.array([-1 if (found := frame.column(x)) is None else found for x in heatmap.x.tolist()])
    reach = float(np.median(np.diff(heatmap.x))) / 2 if len(heatmap.x) > 1 else np.inf
    columns = []
    for column, place in enumerate(places):
        there = np.flatnonzero(at == column)
        if not len(there) and len(at):
            nearest = int(np.argmin(np.abs(heatmap.x - place)))
            there = np.array([nearest] if abs(heatmap.x[nearest] - place) <= reach else [], int)
        columns.append(there)
    return columns


def _named(heatmap: Heatmap, frame: Frame) -> list[IntArray]:
    """As `_placed`, for columns without an axis: equally wide, several in one if need be."""
    count = heatmap.values.shape[1]
    wide = min(max(frame.columns // max(count, 1), 1), _WIDEST_CELL)
    parts = np.array_split(np.arange(count), min(count, frame.columns))
    return [there for there in parts for _ in range(wide)]


def _row(values: FloatArray, columns: list[IntArray], scale: Scale, frame: Frame) -> str:
    """A sign for each column: the shade of the median of its values, a space where there is none.

    What is below a logarithmic scale counts as its lowest.
    """
    signs = []
    for there in columns:
        told = values[there][np.isfinite(values[there])]
        level = max(2 * float(np.median(told / 2)), scale.low) if len(told) else np.nan
        share = scale.share(level)
        shades = frame.sign(*_SHADES)
        signs.append(" " if share is None else shades[min(int(4 * share), 3)])
    return "".join(signs).rstrip()


def _legend(scale: Scale, frame: Frame) -> Iterator[Line]:
    """`░ from 1e-9  ▒ from 3.2e-7  ...`."""
    shades = frame.sign(*_SHADES)
    if scale.low == scale.high:
        items = [f"{shades[2]} {short(scale.low)}"]
    else:
        edges = [short(float(f"{scale.value(at / 4):.2g}")) for at in range(5)]
        items = [f"{shade} from {edges[at]}" for at, shade in enumerate(shades)]
        items[-1] += f" to {edges[4]}"
    yield from frame.page.flow([((item, "dim"),) for item in items], first=(("  ", ""),), hang=2)


def _names(heatmap: Heatmap, frame: Frame) -> Iterator[Line]:
    """The names of the columns, in order."""
    page = frame.page
    words = [(page.clip(name, page.width // 2), "dim") for name in heatmap.columns[:MOST_ROWS]]
    left = len(heatmap.columns) - len(words)
    more = [(f"and {left} more", "dim")] if left else []
    label = page.clip(heatmap.column_axis or "columns", page.width // 2)
    yield from page.fill([*words, *more], first=((f"  {label}: ", "dim"),), hang=4)


def _fitting(names: list[str], room: int, ellipsis: str) -> list[str]:
    """The names, without what all begin with if one is too wide; what is still too wide is cut."""
    if max(map(cells, names), default=0) > room:
        parts = [name.split(".") for name in names]
        common = [*takewhile(lambda level: len({*level}) == 1, zip(*parts, strict=False))]
        # Of the shortest name the last part stays.
        shared = min(len(common), min(map(len, parts)) - 1)
        if shared:
            names = [ellipsis + ".".join(name[shared:]) for name in parts]
    return [shortened(name, room, ellipsis) for name in names]
