"""Where a configuration is written: the nearest file from a folder upwards, or the user's own."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from logparse.configuration import Configuration, configuration_from
from logparse.errors import ConfigurationError
from logparse.paths import name_for_people
from logparse.small_files import read_small, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

OWN_FILE = "logdiag.toml"
SHARED_FILE = "pyproject.toml"
TABLE = ("tool", "logdiag")
MAX_BYTES = 1 << 20
FOLDER_VARIABLE = "LOGDIAG_CONFIG_DIR"
"""Names another folder for the user's own file; set but empty, there is none."""


def find_configuration(folder: Path) -> Configuration:
    """That of the nearest file, from the folder upwards, else the user's own, else the empty one.

    In one folder `logdiag.toml` comes before `pyproject.toml`, and one of these without a
    [tool.logdiag] is passed over. Raises as `read_configuration` does.
    """
    for path in _places(folder):
        if _is_there(path) and (found := _read(path, name_for_people(str(path)))):
            return found
    return Configuration()


def read_configuration(path: Path) -> Configuration:
    """That of a file, of a `pyproject.toml` its [tool.logdiag].

    Raises ConfigurationError, in one line, for a file that cannot be read or meant.
    """
    found = _read(path, str(path))
    if found is None:
        raise ConfigurationError(f"{path}: has no [{'.'.join(TABLE)}]")
    return found


def _places(folder: Path) -> Iterator[Path]:
    for place in (folder, *folder.parents):
        yield place / OWN_FILE
        yield place / SHARED_FILE
    named = os.environ.get(FOLDER_VARIABLE)
    if named is None:
        from platformdirs import user_config_path

        yield user_config_path("logdiag", appauthor=False) / OWN_FILE
    elif named:
        yield Path(named) / OWN_FILE


def _is_there(path: Path) -> bool:
    """True for a file, and for a link that leads nowhere: it was meant, so it must be told of."""
    # The methods of Path raise where a folder may not be searched; such a one has no say.
    return os.path.isfile(path) or os.path.islink(path)  # noqa: PTH113, PTH114


def _read(path: Path, name: str) -> Configuration | None:
    """The configuration in the file, None for a pyproject.toml without one."""
    folder = str(path.absolute().parent)
    try:
        data = read_small(path, max_bytes=MAX_BYTES)
        # Reading a project file that does not speak of us could only fail.
        if path.name == SHARED_FILE and TABLE[-1].encode() not in data:
            return None
        table = _parsed(text_of(data))
    except ValueError as error:
        raise ConfigurationError(f"{name}: {error}") from error
    if path.name != SHARED_FILE:
        return configuration_from(_own_table(table, name), file=name, folder=folder)
    tools = table.get(TABLE[0])
    if not isinstance(tools, dict) or TABLE[-1] not in tools:
        return None
    ours, place = tools[TABLE[-1]], ".".join(TABLE)
    if not isinstance(ours, dict):
        raise ConfigurationError(f"{name}: {place}: expected a table")
    return configuration_from(ours, file=name, folder=folder, place=place)


def _parsed(text: str) -> Mapping[str, object]:
    import tomllib

    try:
        return tomllib.loads(text.replace("\r\n", "\n"))
    except RecursionError as error:
        raise ValueError("no TOML: nested too deeply") from error
    except ValueError as error:
        raise ValueError(f"no TOML: {error}") from error


def _own_table(table: Mapping[str, object], name: str) -> Mapping[str, object]:
    if TABLE[0] in table:
        where = f"[{'.'.join(TABLE)}] is for {SHARED_FILE}"
        raise ConfigurationError(f"{name}: {where}: here the keys are at the top level")
    return table
