"""`logdiag formats`: which logs can be read, and why one is read as it is."""

from __future__ import annotations

import json
from typing import Annotated, Literal

import typer

from logdiag.console import output
from logdiag.settings import (
    BetterWay,
    ConfigFile,
    FormatIn,
    Isolated,
    MapName,
    StdinName,
    configuration,
    reading,
)

_READ, _NO_LOG = 0, 2

group = typer.Typer(help="List the formats that are read, or explain how a file is read.")


@group.callback(invoke_without_command=True)
def listed(
    context: typer.Context,
    format: Annotated[Literal["text", "json"], typer.Option(help="Form of the list.")] = "text",
) -> None:
    """List the formats that are read; `logdiag formats explain FILE` says how a file is read.

    A format is told by the content of a log. Other packages may bring more of them.
    """
    if context.invoked_subcommand is not None:
        return
    from logdiag.formats_shown import entries, table
    from logparse.formats import all_formats, broken_formats

    formats, broken = all_formats(), broken_formats()
    with output() as console:
        if format == "json":
            console.stream.write(json.dumps(entries(formats, broken), indent=2) + "\n")
        else:
            console.write(table(formats, broken, console.page))


@group.command()
def explain(
    path: Annotated[str, typer.Argument(metavar="FILE", help="A log, or - for standard input.")],
    lines: Annotated[
        bool, typer.Option("--lines", help="Line by line: how each was understood.")
    ] = False,
    format_in: FormatIn = None,
    map: MapName = None,
    better: BetterWay = None,
    format: Annotated[Literal["text", "json"], typer.Option(help="Form of the answer.")] = "text",
    stdin_name: StdinName = "<stdin>",
    config: ConfigFile = None,
    isolated: Isolated = False,
) -> None:
    """Say which format a file has and why, which others were tried, and what its names mean.

    Exit codes: 0 it is a log, 2 it is none or cannot be read.
    """
    from logdiag import formats_shown
    from logparse.column_hints import hints_from
    from logparse.explaining import explain as explained

    said = reading(format_in, map, better)
    hints = hints_from(said["map"], said["better"], beside=configuration(config, isolated).hints)
    found = explained(
        path,
        format_in=said["format_in"],
        hints=hints,
        with_lines=lines,
        stdin_name=stdin_name,
    )
    with output() as console:
        if format == "json":
            console.stream.write(json.dumps(formats_shown.document(found), indent=2) + "\n")
        else:
            console.write(formats_shown.lines(found, console.page))
    raise typer.Exit(_NO_LOG if found.why_not else _READ)
