"""The learning rate, of every optimizer group that has its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logparse.plots.content import PARTS, Blank, Chart, part
from logparse.plots.parts import first_few, left_out, part_columns

if TYPE_CHECKING:
    from logparse.plots.content import Panel
    from logparse.plots.subject import Subject


_LOGGED = ("lr", "lr_main")


def panels(subject: Subject) -> list[Panel]:
    """One panel; the schedule's phases are shaded."""
    columns = _columns(subject)
    shown = [*columns.items()][:PARTS]
    lines = subject.lines(
        *(subject.line(column, label, part(at)) for at, (label, column) in enumerate(shown))
    )
    if not lines:
        return [Blank("learning rate", subject.lack("learning rate", "lr", "opt_lr/"))]
    is_log, rest = subject.is_log(lines), len(columns) - len(shown)
    return [
        Chart(
            title="learning rate",
            is_log=is_log,
            lines=lines,
            marks=subject.marks("LR"),
            shades=subject.shades,
            broken=subject.broken(shown[0][1]),
            notes=(
                *((f"{rest} more rates not drawn",) if rest else ()),
                *left_out(lines, is_log=is_log),
            ),
            height=0.8,
        )
    ]


def _columns(subject: Subject) -> dict[str, str]:
    """Columns by label: the groups where their rates differ, else the one rate."""
    groups = part_columns(subject, "opt_lr")
    alike: dict[bytes, list[str]] = {}
    for column in groups:
        alike.setdefault(subject.signals.series(column).values.tobytes(), []).append(column)
    if len(alike) > 1:
        return {_label(columns): columns[0] for columns in alike.values()}
    found = [name for name in (*_LOGGED, *groups) if len(subject.series(name))]
    return {"": found[0] if found else _LOGGED[0]}


def _label(columns: list[str]) -> str:
    """`group 0`, or `groups 0, 1, 2 and 4 more` for those that share a rate."""
    names = [column.partition("/")[2] for column in columns]
    return f"group{'s' * (len(names) > 1)} {first_few(names)}"
