"""What a picture shows, as data: drawn with matplotlib, with signs in a terminal, or told in words.

Places on the horizontal axis are epochs, hours, steps or samples, as the picture's `Axis` says;
values are in the unit of their panel. Texts are as the log has them: whoever draws makes them safe.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from logparse.findings import Severity
    from logparse.signals.series import FloatArray

Role: TypeAlias = str
"""What a stroke stands for, never its colour: `val`, `train`, `total` (the whole of something),
`reference` (baselines, limits), `muted`, or `part0` to `part6` for parts, sides and runs."""

PARTS = 7
"""How many parts can be told apart; views show no more lines than this beside `total`."""


def part(index: int) -> Role:
    """The role of the n-th part, from 0; the last one for all that come after it."""
    return f"part{min(index, PARTS - 1)}"


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """A curve: x and y of equal length, y NaN where it is broken. x rises.

    An empty label is drawn without one. A `thin` line is one of many, or the less important.
    """

    label: str
    x: FloatArray
    y: FloatArray
    role: Role
    is_thin: bool = False
    is_dashed: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Band:
    """A filled stretch between two curves: a range, or an interval."""

    label: str
    x: FloatArray
    low: FloatArray
    high: FloatArray
    role: Role


@dataclass(frozen=True, slots=True)
class Level:
    """A value that holds for the whole picture: a baseline, a limit, a capacity."""

    label: str
    value: float


@dataclass(frozen=True, slots=True)
class Dot:
    """A point of a curve that matters: the best epoch, a spike. `label` is told, not drawn."""

    label: str
    x: float
    y: float
    role: Role
    kind: Literal["best", "spike"] = "best"


@dataclass(frozen=True, slots=True)
class Mark:
    """A finding where it happened: from the first to the last place, inclusive."""

    code: str
    name: str
    severity: Severity
    first: float
    last: float


@dataclass(frozen=True, slots=True)
class Shade:
    """A phase of the learning-rate schedule, lightly drawn behind everything."""

    kind: str
    first: float
    last: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Chart:
    """Curves over the picture's axis.

    unit     '' for none
    is_log   whether values are drawn on a log scale; those of 0 and less are then left out
    broken   places where the log printed nan or an infinity
    notes    short remarks beside the title: the best value, what was left out or thinned
    height   in units of a usual panel
    """

    title: str
    unit: str = ""
    is_log: bool = False
    lines: tuple[Line, ...] = ()
    bands: tuple[Band, ...] = ()
    levels: tuple[Level, ...] = ()
    dots: tuple[Dot, ...] = ()
    marks: tuple[Mark, ...] = ()
    shades: tuple[Shade, ...] = ()
    broken: tuple[float, ...] = ()
    notes: tuple[str, ...] = ()
    height: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Heatmap:
    """A table of values as colours: one row for each name, the first on top.

    x         centres of the columns on the picture's axis; 0, 1, 2, ... where `columns` names them
    values    shape (rows, columns), NaN where there is none
    is_log    whether colours follow the logarithm; values of 0 and less are drawn as the lowest
    columns   names of the columns of a heatmap with an axis of its own, as tokens; () on the shared
    row_axis  what rows are: `parameter`, `query position`
    """

    title: str
    unit: str = ""
    rows: tuple[str, ...]
    x: FloatArray
    values: FloatArray
    is_log: bool = False
    columns: tuple[str, ...] = ()
    row_axis: str = ""
    column_axis: str = ""
    marks: tuple[Mark, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Blank:
    """A panel that was asked for and cannot be drawn, and why."""

    title: str
    reason: str


Panel: TypeAlias = Chart | Heatmap | Blank


@dataclass(frozen=True, slots=True)
class Axis:
    """The horizontal axis that panels share: its label with unit, and the first and last place.

    `is_epochs` says that places are numbered epochs, whole and written `E07`.
    """

    label: str
    low: float
    high: float
    is_epochs: bool = True


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Picture:
    """Panels over one axis, from top to bottom, under a title.

    `title` is the name of what is drawn, `subtitle` facts about it.
    """

    title: str
    subtitle: str = ""
    axis: Axis
    panels: tuple[Panel, ...] = field(default=())

    @property
    def is_blank(self) -> bool:
        """True when nothing of what was asked for can be drawn."""
        return all(isinstance(panel, Blank) for panel in self.panels)

    def _repr_svg_(self) -> str:
        """How a notebook shows it."""
        from logparse.plots import figure, svg
        from logparse.plots.words import describe_picture

        return svg(figure(self), title=self.title, description=describe_picture(self))
