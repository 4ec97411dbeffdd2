"""Reports in the forms people and programs read; data in, text out, nothing printed."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from logparse.errors import UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Callable

    from logparse.findings import Report

RENDERERS = {
    "text": "logparse.renderers.text",
    "json": "logparse.renderers.as_json",
    "markdown": "logparse.renderers.markdown",
    "sarif": "logparse.renderers.sarif",
    "github": "logparse.renderers.github",
}
"""Name of each format, and the module whose `render(report, **options) -> str` makes it."""


def renderer(name: str) -> Callable[..., str]:
    """The function that renders a `Report` in the named format; UnknownNameError for no such."""
    if name not in RENDERERS:
        raise UnknownNameError("format", name, RENDERERS)
    found: Callable[..., str] = import_module(RENDERERS[name]).render
    return found


def render(report: Report, format: str = "text", **options: object) -> str:
    """The report in the named format; the options are those of that renderer.

    text: `run`, `ascii_only`, `width`, `show_unparsed`, `show_errors`, `full`; json: none;
    markdown: `run`, `ascii_only`, `limit`; sarif: `run`, `folder`, `root`; github: those and
    `ascii_only`.
    """
    return renderer(format)(report, **options)
