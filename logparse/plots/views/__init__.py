"""What can be drawn of a run: each view makes panels from a subject, one module a view.

A view always answers: where the log lacks what it needs, with a `Blank` that says what.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from logparse.errors import UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from logparse.plots.content import Panel
    from logparse.plots.subject import Subject

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
