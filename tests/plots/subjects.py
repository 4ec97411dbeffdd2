"""Subjects for tests of views, and what must hold of every panel whatever the log."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from logparse.findings import Confidence, Finding, RunReport, Severity
from logparse.judging import judge
from logparse.plots.content import Blank, Chart, Heatmap
from logparse.plots.grids import MOST_COLUMNS, MOST_ROWS
from logparse.plots.look import LIGHT
from logparse.plots.subject import MOST_POINTS, Subject, Wanted
from logparse.plots.views import VIEWS, view
from logparse.rules import all_rules

if TYPE_CHECKING:
    from logparse.plots.content import Axis, Line, Panel
    from logparse.run import Run

OF_LOGS = tuple(name for name in VIEWS if name != "attention")
"""Views of a training log; attention is of a metrics JSON."""


def subject(run: Run, *findings: Finding, **wanted: Any) -> Subject:
    """The run as views see it, with these findings."""
    return Subject(RunReport(run, findings, ()), Wanted(**wanted))


def judged(run: Run, **wanted: Any) -> Subject:
    """The run as views see it, with what all rules find."""
    return Subject(judge(run, all_rules()), Wanted(**wanted))


def panels(name: str, drawn: Subject) -> list[Any]:
    """The panels of a view, each of them sound; a warning is an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = list(view(name)(drawn))
    assert found
    for panel in found:
        assert_sound(panel, drawn.axis)
    return found


def panel(name: str, drawn: Subject) -> Any:
    """The first panel of a view."""
    return panels(name, drawn)[0]


def finding(
    code: str,
    epochs: tuple[int, int] | None = None,
    severity: Severity = Severity.WARNING,
    **measured: float,
) -> Finding:
    """A finding under a code."""
    return Finding(
        code=code,
        name="name-of-it",
        severity=severity,
        confidence=Confidence.HIGH,
        reading="It is so.",
        measured=measured,
        remedies=(),
        confirm="It is not so.",
        epochs=epochs,
    )


def assert_sound(panel: Panel, axis: Axis) -> None:
    """What drawing relies on."""
    assert panel.title
    if isinstance(panel, Blank):
        assert panel.reason
        return
    for mark in panel.marks:
        assert axis.low <= mark.first <= mark.last <= axis.high
    if isinstance(panel, Heatmap):
        assert_sound_heatmap(panel, axis)
    else:
        assert_sound_chart(panel, axis)


def assert_sound_heatmap(panel: Heatmap, axis: Axis) -> None:
    """Rows and columns fit the values, and are not too many."""
    assert panel.values.shape == (len(panel.rows), len(panel.x))
    assert 0 < len(panel.rows) <= MOST_ROWS and 0 < len(panel.x) <= MOST_COLUMNS
    assert_rising(panel.x, axis)
    assert np.isfinite(panel.values).any() and not np.isinf(panel.values).any()
    assert not panel.is_log or (panel.values > 0).any()


def assert_sound_chart(panel: Chart, axis: Axis) -> None:
    """Curves lie within the axis, are no longer than promised, and are of known roles."""
    assert panel.lines or panel.bands
    for line in panel.lines:
        assert len(line.x) == len(line.y) <= 2 * MOST_POINTS and line.role in LIGHT
        assert_rising(line.x, axis)
        assert np.isfinite(line.y).any() and not np.isinf(line.y).any()
    for band in panel.bands:
        assert len(band.x) == len(band.low) == len(band.high) <= MOST_POINTS
        assert_rising(band.x, axis)
        assert np.all(band.low <= band.high)
    assert all(np.isfinite(level.value) for level in panel.levels)
    assert all(np.isfinite([dot.x, dot.y]).all() and dot.role in LIGHT for dot in panel.dots)
    assert all(axis.low <= shade.first <= shade.last <= axis.high for shade in panel.shades)
    assert all(axis.low <= at <= axis.high for at in (*panel.broken, *(d.x for d in panel.dots)))
    assert panel.height > 0 and all(panel.notes)
    assert not panel.is_log or any_above_zero(panel)


def any_above_zero(panel: Chart) -> bool:
    """Whether a log scale has anything to show."""
    curves = [*(line.y for line in panel.lines), *(band.high for band in panel.bands)]
    return any(bool((curve > 0).any()) for curve in curves)


def assert_rising(x: Any, axis: Axis) -> None:
    """Places rise, and are those of the picture's axis."""
    assert np.all(np.diff(x) > 0) and axis.low <= x[0] and x[-1] <= axis.high


def line(chart: Chart, label: str) -> Line:
    """The line of that label."""
    return next(one for one in chart.lines if one.label == label)
