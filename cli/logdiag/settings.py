"""The configuration of a command: from the nearest file, a named one, or none."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

if TYPE_CHECKING:
    from logparse.configuration import Configuration

ConfigFile: TypeAlias = Annotated[
    Path | None,
    typer.Option("--config", metavar="FILE", help="Configuration, instead of the nearest."),
]
Isolated: TypeAlias = Annotated[
    bool, typer.Option("--isolated", help="Read no configuration: defaults and flags only.")
]


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
