"""What the page looks like and how its tables are sorted: its own files, and the colours."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from markupsafe import Markup

from logparse.plots.look import DARK, LIGHT

if TYPE_CHECKING:
    from collections.abc import Mapping


@cache
def style() -> Markup:
    """The style sheet, with the colours of the figures as variables: `var(--error)`."""
    dark = f"@media screen and (prefers-color-scheme: dark) {{\n{_variables(DARK)}}}\n"
    return Markup(_variables(LIGHT) + dark + _text("style.css"))


@cache
def script() -> Markup:
    """The script that makes tables sortable; the page tells everything without it."""
    return Markup(_text("sort.js"))


@cache
def policy() -> str:
    """What the page may load: nothing; what it may run: its own script and no other."""
    digest = base64.b64encode(hashlib.sha256(script().encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def _variables(colours: Mapping[str, str]) -> str:
    lines = "".join(f"  --{role}: {colour};\n" for role, colour in colours.items())
    return f":root {{\n{lines}}}\n"


def _text(name: str) -> str:
    return files("logparse.pages.templates").joinpath(name).read_text("utf-8")
