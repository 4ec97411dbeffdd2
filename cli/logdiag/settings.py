"""The configuration of a command, from the nearest file, a named one, or none; shared options."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import typer

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from logparse.configuration import Configuration
    from logparse.rules import Selection


def _formats(incomplete: str) -> list[str]:
    """Names of formats, for the shell."""
    from logparse.formats import all_formats

    return [one.format for one in all_formats() if one.format.startswith(incomplete)]


ConfigFile: TypeAlias = Annotated[
    Path | None,
    typer.Option("--config", metavar="FILE", help="Configuration, instead of the nearest."),
]
Isolated: TypeAlias = Annotated[
    bool, typer.Option("--isolated", help="Read no configuration: defaults and flags only.")
]
Select: TypeAlias = Annotated[
    list[str] | None, typer.Option("--select", metavar="CODE,..", help="Judge by these rules only.")
]
Ignore: TypeAlias = Annotated[
    list[str] | None, typer.Option("--ignore", metavar="CODE,..", help="Judge without these rules.")
]
ExtendSelect: TypeAlias = Annotated[
    list[str] | None,
    typer.Option("--extend-select", metavar="CODE,..", help="Judge by these rules as well."),
]
RunNumber: TypeAlias = Annotated[
    str, typer.Option("--run", metavar="N|all", help="Which run of a file; -1 is the last.")
]
Out: TypeAlias = Annotated[
    Path | None, typer.Option("-o", "--output", metavar="FILE", help="Write to a file.")
]
StdinName: TypeAlias = Annotated[
    str, typer.Option("--stdin-name", metavar="NAME", help="What to call standard input.")
]
FormatIn: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--format-in",
        metavar="NAME",
        help="Read as this format (logdiag formats), whatever it looks like.",
        autocompletion=_formats,
    ),
]
MapName: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--map", metavar="NAME=PRINTED", help="Take a printed name for a column: loss=my_loss."
    ),
]
BetterWay: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--better", metavar="NAME=WAY", help="Which way it improves: reward=higher, or lower."
    ),
]


def selection(
    select: list[str] | None, extend: list[str] | None, ignore: list[str] | None
) -> Selection:
    """The flags as a selection; NoRuleError for a --select of nothing."""
    from logparse.errors import NoRuleError
    from logparse.rules import Selection

    if select and not _codes(select):
        raise NoRuleError("--select names no rule: there is nothing to judge by")
    return Selection(_codes(select), _codes(extend), _codes(ignore))


def reading(
    format_in: str | None, map: list[str] | None, better: list[str] | None
) -> dict[str, Any]:
    """The flags about formats as options of `logparse.analyze`; a usage error for one without =."""
    names: dict[str, list[str]] = {}
    for name, printed in _pairs("--map", "loss=my_loss", map):
        names.setdefault(name, []).append(printed)
    ways = dict(_pairs("--better", "reward=higher", better))
    return {"format_in": format_in or "", "map": names, "better": ways}


def _pairs(flag: str, example: str, given: list[str] | None) -> Iterator[tuple[str, str]]:
    for text in given or ():
        name, _, value = text.partition("=")
        if not (name.strip() and value.strip()):
            raise typer.BadParameter(f"{flag} {text}: give it as {example}.")
        yield name.strip(), value.strip()


def _codes(given: Sequence[str] | None) -> tuple[str, ...]:
    return tuple(code.strip() for one in given or () for code in one.split(",") if code.strip())


def configuration(config: Path | None, isolated: bool) -> Configuration:
    """The configuration that the flags ask for. Raises ConfigurationError for a wrong one."""
    from logparse.config_file import find_configuration, read_configuration
    from logparse.configuration import Configuration

    if isolated and config is not None:
        raise typer.BadParameter("--isolated reads no configuration, --config one: give one.")
    if config is not None:
        return read_configuration(config)
    try:
        here = Path.cwd()
    except OSError:  # the folder is gone: nothing is near
        return Configuration()
    return Configuration() if isolated else find_configuration(here)
