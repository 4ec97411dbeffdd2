"""Findings of a run beside the figures of what they speak of; each figure once."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from logparse.axis import span
from logparse.errors import UnknownNameError
from logparse.findings import plural
from logparse.pages import wording
from logparse.pages.content import Card, Figure, Topic
from logparse.plots.content import Blank
from logparse.plots.picturing import picture
from logparse.plots.subject import Subject
from logparse.plots.views import VIEWS
from logparse.renderers.diagnosis import measure
from logparse.rules import family, find_rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logparse.findings import Finding
    from logparse.pages.entries import Entry
    from logparse.plots.content import Picture
    from logparse.run import Run

_VIEWS = {
    **dict.fromkeys(("LOSS", "GEN", "BASE", "NUM"), "loss"),
    "LR": "lr",
    "GRAD": "grad-norms",
    "UPD": "update-ratios",
    "DATA": "throughput",
    "MEM": "memory",
}
"""The view that shows what a family of rules speaks of; the others speak of no curve."""

_TITLES = {
    "loss": "Loss and metrics",
    "lr": "Learning rate",
    "grad-norms": "Gradients",
    "update-ratios": "Updates",
    "layers": "Layers",
    "throughput": "Time",
    "memory": "Memory",
    "features": "Features",
    "attention": "Attention",
}
_REST = "Settings and the log itself"
_RARE = ("features", "attention")
"""Most programs do not log these: that they are missing is no news."""
_MOST_LINES = 4


class Topics:
    """The figures of a run and its findings, drawn as much as its entry says."""

    def __init__(self, entry: Entry) -> None:
        self._entry = entry
        self._subject = Subject(entry.judged)
        self._drawn: dict[str, Figure] = {}
        self._not_drawn: list[str] = []
        if entry.drawn == "all":
            for view in VIEWS:
                self._draw(_TITLES[view], view)
        elif entry.drawn == "brief":
            self._draw(_TITLES["loss"], "loss", "lr")

    @property
    def with_findings(self) -> tuple[Topic, ...]:
        """The findings by what they speak of, that of the worst first."""
        cards: dict[str, list[Card]] = {}
        for found in self._entry.judged.findings:
            view = _VIEWS.get(family(found.code), "")
            cards.setdefault(view, []).append(_card(found, self._entry))
        return tuple(
            Topic(_TITLES.get(view, _REST), self._drawn.get(view), tuple(found))
            for view, found in cards.items()
        )

    @property
    def figures(self) -> tuple[Figure, ...]:
        """The figures that no finding stands beside."""
        beside = {_VIEWS.get(family(one.code), "") for one in self._entry.judged.findings}
        return tuple(drawn for view, drawn in self._drawn.items() if view not in beside)

    @property
    def remarks(self) -> tuple[str, ...]:
        """What could not be drawn, and why; and what is drawn in part."""
        thinning = self._subject.thinning if self._drawn else ""
        return (*self._not_drawn, *([thinning] if thinning else []))

    def _draw(self, title: str, *views: str) -> None:
        made = picture(self._subject, *views)
        shown = tuple(panel for panel in made.panels if not isinstance(panel, Blank))
        blanks = [panel for panel in made.panels if isinstance(panel, Blank)]
        if not {*views} & {*_RARE}:
            self._not_drawn += [f"{panel.title} not drawn: {panel.reason}" for panel in blanks]
        if views != ("layers",):
            self._keep(replace(made, panels=shown), title, views[0])
            return
        # Heatmaps are tall: each is a figure of its own, so that they stand side by side.
        for at, panel in enumerate(shown, start=1):
            self._keep(replace(made, panels=(panel,)), panel.title, f"{views[0]}-{at}")

    def _keep(self, made: Picture, title: str, name: str) -> None:
        if made.panels:
            told = f"{title} of {self._entry.label}"
            self._drawn[name] = Figure(f"{self._entry.id}-{name}", told, made)


def _card(found: Finding, entry: Entry) -> Card:
    return Card(
        id=entry.card_id(found),
        severity=found.severity,
        code=found.code,
        name=found.name,
        confidence=f"{found.confidence} confidence",
        where=tuple(_where(found, entry.run)),
        measured=tuple((name.replace("_", " "), measure(v)) for name, v in found.measured.items()),
        reading=found.reading,
        causes=found.causes,
        remedies=tuple(map(wording.remedy, found.remedies)),
        confirm=found.confirm,
        rule=rule_id(found.code),
    )


def rule_id(code: str) -> str:
    """Where the rule of this code is explained; '' for a code of no rule."""
    try:
        return f"rule-{find_rule(code).code}"
    except UnknownNameError:
        return ""


def _where(found: Finding, run: Run) -> Iterator[str]:
    if found.epochs is not None:
        yield span(run, *found.epochs)
    if lines := found.lines[:_MOST_LINES]:
        more = len(found.lines) - len(lines)
        noun = "line" if len(found.lines) == 1 else "lines"
        rest = f" and {plural(more, 'line')} more" if more else ""
        yield f"{noun} {', '.join(map(str, lines))}{rest}"
