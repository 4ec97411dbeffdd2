"""Samples per second, and the time that epochs took."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from logparse.metrics import METRICS
from logparse.plots.content import Blank, Chart, Line, part
from logparse.plots.parts import left_out
from logparse.plots.subject import curve
from logparse.renderers.numbers import duration
from logparse.signals.machine.timing import epoch_times

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logparse.plots.content import Panel
    from logparse.plots.subject import Subject
    from logparse.signals.series import Series

_FINE = 5
"""Rounding may be off by a tenth of a time of so many print steps, and the same way each epoch."""


def panels(subject: Subject) -> list[Panel]:
    """A panel of the rate and one of the time per epoch, those that the log tells."""
    drawn: list[Panel] = [panel for panel in (_rate(subject), _time(subject)) if panel is not None]
    why = subject.lack("throughput or time per epoch", "throughput", "elapsed_s")
    return drawn or [Blank("throughput", why)]


def _rate(subject: Subject) -> Chart | None:
    line = subject.line("throughput", "", part(0))
    return (
        None
        if line is None
        else _chart(subject, "throughput", "throughput", line, *subject.unplaced("DATA"))
    )


def _time(subject: Subject) -> Chart | None:
    times = epoch_times(subject.run)
    is_summed = not np.array_equal(times.values, subject.signals.series("elapsed_s").values)
    shown = times.between(*subject.window)
    line = curve(shown, "", part(0), broken=subject.broken("elapsed_s"))
    if line is None:
        return None
    notes = ("from the time since the start",) * is_summed
    return _chart(subject, "time per epoch", "elapsed_s", line, *_total(shown), *notes)


def _total(times: Series) -> Iterator[str]:
    """All epochs together, where times are printed finely enough to be added up."""
    if times.level(None, None) > _FINE * times.print_step:
        yield f"{duration(sum(times.values.tolist()))} in all"


def _chart(subject: Subject, title: str, column: str, line: Line, *notes: str) -> Chart:
    is_log = subject.is_log([line])
    return Chart(
        title=title,
        unit=METRICS[column].unit,
        is_log=is_log,
        lines=(line,),
        marks=subject.marks("DATA"),
        shades=subject.shades,
        broken=subject.broken(column),
        notes=(*notes, *left_out([line], is_log=is_log)),
        height=0.8,
    )
