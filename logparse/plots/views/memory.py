"""Memory of the device: the high-water mark of each epoch, and what there is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logparse.metrics import METRICS
from logparse.plots.content import Blank, Chart, Level, part
from logparse.plots.parts import left_out
from logparse.renderers.numbers import number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logparse.plots.content import Panel
    from logparse.plots.subject import Subject

_COLUMN = "gpu_gib"
_UNIT = METRICS[_COLUMN].unit


def panels(subject: Subject) -> list[Panel]:
    """One panel; without a curve a blank with what a snapshot in the log tells."""
    line = subject.line(_COLUMN, "allocated", part(0))
    if line is None or not (subject.signals.series(_COLUMN).values > 0).any():
        return [Blank("GPU memory", _why(subject, is_logged=line is not None))]
    is_log = subject.is_log([line])
    return [
        Chart(
            title="GPU memory",
            unit=_UNIT,
            is_log=is_log,
            lines=(line,),
            levels=tuple(_levels(subject)),
            marks=subject.marks("MEM"),
            shades=subject.shades,
            broken=subject.broken(_COLUMN),
            notes=(
                _peak(subject),
                *left_out([line], is_log=is_log),
                *subject.unplaced("MEM"),
            ),
            height=0.8,
        )
    ]


def _levels(subject: Subject) -> Iterator[Level]:
    found = subject.signals.machine.memory
    for label, value in (("capacity", found.capacity), ("reserved", found.reserved)):
        if value is not None:
            yield Level(label, float(value))


def _peak(subject: Subject) -> str:
    """The highest mark that is shown, of what the device has, and where that is from."""
    peak = number(max(subject.series(_COLUMN).values))
    found = subject.signals.machine.memory
    if found.capacity is None:
        return f"peak {peak} {_UNIT}"
    return f"peak {peak} of {number(found.capacity)} {_UNIT} ({found.source})"


def _why(subject: Subject, *, is_logged: bool) -> str:
    found = subject.signals.machine.memory
    told = [
        f"{word} {number(value)} {_UNIT}"
        for word, value in (("peak", found.peak), ("reserved", found.reserved))
        if value is not None
    ]
    reason = subject.lack("GPU memory per epoch", _COLUMN)
    if is_logged:
        reason = "no GPU memory is in use"
    return f"{reason}; its snapshot: {', '.join(told)}" if told else reason
