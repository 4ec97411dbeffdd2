"""The picture of one run: the views that are asked for, or the overview."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logparse.findings import RunReport
from logparse.plots.content import Picture
from logparse.plots.places import placed
from logparse.plots.subject import Subject, Wanted
from logparse.plots.views import VIEWS, overview, view

if TYPE_CHECKING:
    from logparse.run import Run

OVERVIEW = ("loss", "lr", "grad-norms", "update-ratios")
"""What is drawn where nothing is asked for; panels without data are left out of it."""


def picture(drawn: Run | RunReport | Subject, *views: str, wanted: Wanted | None = None) -> Picture:
    """The views of a run over one axis of epochs, in the order of `VIEWS`; else the overview.

    A `Run` is drawn without findings, a `RunReport` with them. A view that the log has no data for
    is a blank panel with the reason. A `Subject` is drawn as it is: several pictures of one share
    its signals. Raises UnknownNameError for a view that does not exist.
    """
    subject = drawn if isinstance(drawn, Subject) else _subject(drawn, wanted or Wanted())
    if views:
        names = sorted({*views}, key=_place)
        panels = [panel for name in names for panel in view(name)(subject)]
    else:
        panels = overview({name: view(name)(subject) for name in OVERVIEW}, subject.wanted)
    made = Picture(
        title=subject.run.source, subtitle=subject.told, axis=subject.axis, panels=tuple(panels)
    )
    return placed(made, subject.run)


def _subject(drawn: Run | RunReport, wanted: Wanted) -> Subject:
    judged = drawn if isinstance(drawn, RunReport) else RunReport(drawn, (), ())
    return Subject(judged, wanted)


def _place(name: str) -> int:
    return VIEWS.index(name) if name in VIEWS else -1
