"""Results in the forms people and programs read; data in, text out, nothing printed."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from logparse.errors import UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from logparse.comparison import Comparison
    from logparse.findings import Report

RENDERERS = {
    "text": "logparse.renderers.text",
    "json": "logparse.renderers.as_json",
    "markdown": "logparse.renderers.markdown",
    "sarif": "logparse.renderers.sarif",
    "github": "logparse.renderers.github",
}
"""Name of each format, and the module whose `render(report, **options) -> str` makes it."""


COMPARISON_RENDERERS = {
    "text": "logparse.renderers.comparison.text",
    "json": "logparse.renderers.comparison.as_json",
    "csv": "logparse.renderers.comparison.as_csv",
    "markdown": "logparse.renderers.comparison.markdown",
}
"""The same of a `Comparison`."""


def renderer(name: str, formats: Mapping[str, str] = RENDERERS) -> Callable[..., str]:
    """The function that renders in the named one of the formats; UnknownNameError for no such."""
    if name not in formats:
        raise UnknownNameError("format", name, formats)
    found: Callable[..., str] = import_module(formats[name]).render
    return found


def render(result: Report | Comparison, format: str = "text", **options: object) -> str:
    """The report or comparison in the named format; the options are those of that renderer.

    Of a report, text: `run`, `ascii_only`, `width`, `show_unparsed`, `show_errors`, `full`; json:
    none; markdown: `run`, `ascii_only`, `limit`; sarif: `run`, `folder`, `root`; github: those
    and `ascii_only`.
    Of a comparison, text: `ascii_only`, `width`, `show_errors`; json: none; csv: `table`;
    markdown: `ascii_only`, `limit`.
    """
    from logparse.comparison import Comparison

    is_comparison = isinstance(result, Comparison)
    return renderer(format, COMPARISON_RENDERERS if is_comparison else RENDERERS)(result, **options)
