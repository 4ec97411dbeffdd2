"""Pictures of runs and comparisons.

    figure = plots.figure(plots.picture(report.runs[-1], "loss", "grad-norms"))
    figure.savefig("run.png")

A picture is data; figures are matplotlib's own, made without pyplot: nothing global is touched,
and they work with any backend, in notebooks and in threads. Only `figure`, `save` and `svg`
import matplotlib. Names are loaded when they are first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from logparse.plots.drawing.figures import figure
    from logparse.plots.drawing.saving import save, svg
    from logparse.plots.look import DARK, LIGHT, Look
    from logparse.plots.picturing import picture
    from logparse.plots.subject import Wanted
    from logparse.plots.views import VIEWS

__all__ = [
    "DARK",
    "LIGHT",
    "VIEWS",
    "Look",
    "Wanted",
    "figure",
    "picture",
    "save",
    "svg",
]

_HOMES = {
    "DARK": "look",
    "LIGHT": "look",
    "VIEWS": "views",
    "Look": "look",
    "Wanted": "subject",
    "figure": "drawing.figures",
    "picture": "picturing",
    "save": "drawing.saving",
    "svg": "drawing.saving",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
