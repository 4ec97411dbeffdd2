"""The learning rate, of every optimizer group that has its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logparse.plots.content import PARTS, Blank, Chart, part
from logparse.signals.series import series_of

if TYPE_CHECKING:
    from logparse.plots.content import Panel
    from logparse.plots.subject import Subject


def panels(subject: Subject) -> list[Panel]:
    """One panel; the schedule's phases are shaded."""
    columns = _columns(subject)
    lines = subject.lines(
        *(
            subject.line(column, label, part(at))
            for at, (label, column) in enumerate(columns.items())
        )
    )
    if not lines:
        return [Blank("learning rate", "the log has no learning rate")]
    return [
        Chart(
            title="learning rate",
            is_log=subject.is_log(lines),
            lines=lines,
            marks=subject.marks("LR"),
            shades=subject.shades,
            height=0.8,
        )
    ]


def _columns(subject: Subject) -> dict[str, str]:
    """Columns by label: the groups where their rates differ, else the one rate."""
    epochs = subject.run.epochs
    groups = [str(name) for name in epochs if str(name).startswith("opt_lr/")]
    differ = {tuple(series_of(subject.run, name).values.tolist()): name for name in groups}
    if len(differ) > 1:
        named = list(differ.values())[:PARTS]
        return {f"group {name.partition('/')[2]}": name for name in named}
    return {"": "lr" if subject.run.has("lr") else "lr_main"}
