"""The configuration of a command, from the nearest file, a named one, or none; shared options."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from logparse.configuration import Configuration
    from logparse.rules import Selection

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


def selection(
    select: list[str] | None, extend: list[str] | None, ignore: list[str] | None
) -> Selection:
    """The flags as a selection; NoRuleError for a --select of nothing."""
    from logparse.errors import NoRuleError
    from logparse.rules import Selection

    if select and not _codes(select):
        raise NoRuleError("--select names no rule: there is nothing to judge by")
    return Selection(_codes(select), _codes(extend), _codes(ignore))


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
