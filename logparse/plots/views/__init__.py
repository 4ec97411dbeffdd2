"""What can be drawn of a run: each view makes panels from a subject, one module a view.

A view always answers: where the log lacks what it needs, with a `Blank` that says what.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from logparse.errors import UnknownNameError
from logparse.plots.content import Blank

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from logparse.plots.content import Panel
    from logparse.plots.subject import Subject, Wanted

VIEWS = (
    *("loss", "lr", "grad-norms", "update-ratios", "layers", "throughput", "memory", "features"),
    "attention",
)
"""Names of all views, in the order in which they are drawn."""


def view(name: str) -> Callable[[Subject], Sequence[Panel]]:
    """The function `panels(subject)` of a view. Raises UnknownNameError for no such."""
    if name not in VIEWS:
        raise UnknownNameError("view", name, VIEWS)
    module = import_module(f"{__name__}.{name.replace('-', '_')}")
    found: Callable[[Subject], Sequence[Panel]] = module.panels
    return found


def overview(panels: Mapping[str, Sequence[Panel]], wanted: Wanted) -> list[Panel]:
    """The panels by view that were not asked for one by one: those without data are left out.

    A metric that was asked for by name stays, and so does everything where nothing has data.
    """
    everything = [panel for found in panels.values() for panel in found]
    kept = [
        panel
        for name, found in panels.items()
        for panel in found
        if not isinstance(panel, Blank) or (name == "loss" and wanted.metrics)
    ]
    return kept or everything
