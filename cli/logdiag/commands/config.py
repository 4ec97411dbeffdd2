"""`logdiag config`: which configuration is in effect."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from logdiag.console import output
from logdiag.settings import ConfigFile, Isolated, configuration

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logparse.configuration import Configuration
    from logparse.renderers.layout import Page
    from logparse.renderers.spans import Line


def run(
    show: Annotated[
        bool, typer.Option("--show", help="Show every value and where it comes from.")
    ] = False,
    format: Annotated[Literal["text", "json"], typer.Option(help="Form of --show.")] = "text",
    config: ConfigFile = None,
    isolated: Isolated = False,
) -> None:
    """Check the configuration and say where it is; --show prints what is in effect."""
    from logparse.renderers.settings import document, lines

    found = configuration(config, isolated)
    with output() as console:
        if show and format == "json":
            console.stream.write(json.dumps(document(found), indent=2) + "\n")
        else:
            console.write((lines if show else _brief)(found, console.page))


def _brief(found: Configuration, page: Page) -> Iterator[Line]:
    from logparse.rules import all_rules

    facts = [
        found.file or "no configuration file",
        f"{len(found.judges())} of {len(all_rules())} rules selected",
        *([f"{len(found.rules)} configured"] if found.rules else []),
    ]
    yield from page.flow([(page.span(fact),) for fact in facts], hang=2)
    yield (page.span("next  ", "dim"), page.span("logdiag config --show", "code"))
