"""Pictures by hand, and what is found on them when they are drawn."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

from logparse.findings import Severity
from logparse.plots.content import (
    Axis,
    Band,
    Blank,
    Chart,
    Dot,
    Heatmap,
    Level,
    Line,
    Mark,
    Panel,
    Picture,
    Shade,
    part,
)

DPI = 100.0
TOLERANCE = 1.0
"""Pixels by which the boxes of two texts may touch: a box is a little larger than its letters."""


@dataclass(frozen=True)
class Word:
    """A text as it was drawn, with its box in pixels."""

    text: str
    box: Bbox


class _Recorder(RendererAgg):
    """Notes which texts are drawn where."""

    def __init__(self, figure: Figure) -> None:
        width, height = figure.get_size_inches() * DPI
        super().__init__(width, height, DPI)
        self.words: list[Word] = []

    def draw_text(self, gc: Any, x: Any, y: Any, s: str, *args: Any, **named: Any) -> None:
        text = named.get("mtext") or args[-1]
        self.words.append(Word(s, text.get_window_extent(self)))


def words(figure: Figure) -> list[Word]:
    """All texts of a figure with their boxes."""
    figure.dpi = DPI
    recorder = _Recorder(figure)
    figure.draw(recorder)
    return recorder.words


def texts(figure: Figure) -> list[str]:
    """All texts of a figure."""
    return [word.text for word in words(figure)]


def overlapping(figure: Figure) -> list[tuple[str, str]]:
    """Pairs of texts whose boxes share more than a pixel in both directions."""
    return [
        (one.text, other.text)
        for one, other in combinations(words(figure), 2)
        if (shared := Bbox.intersection(one.box, other.box)) is not None
        and min(shared.width, shared.height) > TOLERANCE
    ]


def outside(figure: Figure) -> list[str]:
    """Texts that leave the figure."""
    width, height = figure.get_size_inches() * DPI
    return [
        word.text
        for word in words(figure)
        if word.box.x0 < -TOLERANCE
        or word.box.y0 < -TOLERANCE
        or word.box.x1 > width + TOLERANCE
        or word.box.y1 > height + TOLERANCE
    ]


def a_line(y: Any, label: str = "val", role: str = "val", **more: Any) -> Line:
    """A curve over epochs 1, 2, ..."""
    values = np.asarray(y, dtype=np.float64)
    return Line(label, np.arange(1.0, len(values) + 1), values, role, **more)


def a_picture(*panels: Panel, epochs: int = 70, title: str = "run.log") -> Picture:
    """Panels over epochs."""
    return Picture(
        title=title, subtitle="run-log F2", axis=Axis("epoch", 1.0, epochs), panels=panels
    )


def a_heatmap(rows: int, columns: int = 70, **more: Any) -> Heatmap:
    """A heatmap over epochs, with names as parameters of a transformer have them."""
    names = tuple(
        f"model.encoder.layers.{row // 10}.linear{row % 10}.weight" for row in range(rows)
    )
    values = 10 ** -np.add.outer(np.arange(rows) / rows, np.arange(columns) / 30)
    given: dict[str, Any] = {
        "title": "gradient norm",
        "rows": names,
        "x": np.arange(1.0, columns + 1),
        "values": values,
        "is_log": True,
    }
    return Heatmap(**(given | more))


def an_attention_map(count: int, **more: Any) -> Heatmap:
    """A map of tokens against tokens."""
    tokens = tuple(f" token{at}" for at in range(count))
    return Heatmap(
        title="attention",
        rows=tokens,
        columns=tokens,
        x=np.arange(count, dtype=np.float64),
        values=np.tri(count) / count,
        row_axis="query",
        column_axis="key",
        **more,
    )


MARKS = (
    Mark("BASE002", "worse-than-persistence", Severity.ERROR, 1, 70),
    Mark("GEN001", "overfitting", Severity.WARNING, 31, 70),
    Mark("LOSS004", "spike", Severity.NOTE, 12, 12),
    Mark("LOSS007", "shift", Severity.NOTE, 44, 52),
)


def five_panels(epochs: int = 70) -> Picture:
    """What an overview looks like: curves, parts, bands, levels, findings and phases."""
    rng = np.random.default_rng(0)
    x = np.arange(1.0, epochs + 1)
    val = 0.04 + 0.09 * x**-0.7 * (1 + 0.05 * rng.standard_normal(epochs))
    norms = 10 ** (-2 + 0.3 * rng.standard_normal((6, epochs)))
    shades = (Shade("warm-up", 1, 8), Shade("anneal", 9, epochs))
    parts = tuple(a_line(norm, f"part {at}", part(at)) for at, norm in enumerate(norms))
    return a_picture(
        Chart(
            title="rmse",
            unit="kWh",
            lines=(a_line(val * 0.8, "train", "train"), a_line(val)),
            levels=(Level("persistence", 0.03), Level("mean", 5.0)),
            dots=(Dot("best", 31, float(val[30]), "val"),),
            marks=MARKS,
            shades=shades,
            broken=(20.0,),
            notes=("best val 0.05 at E31",),
            height=1.5,
        ),
        Chart(title="learning rate", lines=(a_line(1e-3 / x, "", "part0"),), shades=shades),
        Chart(
            title="gradient norm",
            is_log=True,
            lines=(a_line(norms.sum(0), "total", "total"), *parts),
            bands=(Band("10-90%", x, norms.min(0) / 2, norms.max(0), "muted"),),
            dots=(Dot("spike", 41, 1.0, "total", "spike"),),
            levels=(Level("clip", 3.0),),
        ),
        Chart(title="update ratio", is_log=True, lines=parts[:4]),
        Blank("throughput", "the log has no times"),
        epochs=epochs,
    )
