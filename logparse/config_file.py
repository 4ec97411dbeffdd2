"""Where a configuration is written: the nearest file, from a folder upwards."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from logparse.configuration import Configuration, configuration_from
from logparse.errors import ConfigurationError
from logparse.paths import name_for_people

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

OWN_FILE = "logdiag.toml"
SHARED_FILE = "pyproject.toml"
TABLE = ("tool", "logdiag")


def find_configuration(folder: Path) -> Configuration:
    """That of the nearest file, from the folder upwards; the empty one where there is none.

    In one folder `logdiag.toml` comes before `pyproject.toml`, and one of these without a
    [tool.logdiag] is passed over. Raises as `read_configuration` does.
    """
    for place in (folder, *folder.parents):
        for name in (OWN_FILE, SHARED_FILE):
            path = place / name
            # Path.is_file raises where a folder may not be searched; such a one has no say.
            if os.path.isfile(path) and (found := _read(path, name_for_people(str(path)))):  # noqa: PTH113
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


def _read(path: Path, name: str) -> Configuration | None:
    """The configuration in the file, None for a pyproject.toml without one."""
    text = _text(path, name)
    folder = str(path.absolute().parent)
    if path.name != SHARED_FILE:
        return configuration_from(_own_table(_parsed(text, name), name), file=name, folder=folder)
    # Reading a project file that does not speak of us could only fail.
    if TABLE[-1] not in text:
        return None
    tools = _parsed(text, name).get(TABLE[0])
    if not isinstance(tools, dict) or TABLE[-1] not in tools:
        return None
    table, place = tools[TABLE[-1]], ".".join(TABLE)
    if not isinstance(table, dict):
        raise ConfigurationError(f"{name}: {place}: expected a table")
    return configuration_from(table, file=name, folder=folder, place=place)


def _text(path: Path, name: str) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ConfigurationError(f"{name}: {(error.strerror or str(error)).lower()}") from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{name}: no UTF-8 at byte {error.start}") from error
    except ValueError as error:
        raise ConfigurationError(f"{name}: {error}") from error


def _parsed(text: str, name: str) -> Mapping[str, object]:
    import tomllib

    try:
        return tomllib.loads(text.replace("\r\n", "\n"))
    except RecursionError as error:
        raise ConfigurationError(f"{name}: no TOML: nested too deeply") from error
    except ValueError as error:
        raise ConfigurationError(f"{name}: no TOML: {error}") from error


def _own_table(table: Mapping[str, object], name: str) -> Mapping[str, object]:
    if TABLE[0] in table:
        where = f"[{'.'.join(TABLE)}] is for {SHARED_FILE}"
        raise ConfigurationError(f"{name}: {where}: here the keys are at the top level")
    return table
