"""The formats of logs, a module each; one is added by adding its module, here or elsewhere."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from inspect import isabstract
from pkgutil import iter_modules

from logparse.errors import LogParseError
from logparse.readers.base import Reader

ENTRY_POINTS = "logdiag.formats.v1"
"""Installed packages name readers of theirs here, one an entry point."""


@cache
def all_formats() -> tuple[type[Reader], ...]:
    """The reader of every format: those of a program first, then generic ones by their rank.

    Raises LogParseError where a reader that another package brings cannot be had.
    """
    found = [*_own(), *_brought()]
    return tuple(sorted(found, key=lambda one: (one.is_generic, one.rank, one.format)))


def format_named(name: str) -> type[Reader] | None:
    """The reader of the format of this name; None where there is none."""
    return next((reader for reader in all_formats() if reader.format == name), None)


def _own() -> list[type[Reader]]:
    found: dict[str, type[Reader]] = {}
    for module in iter_modules(__path__):
        named = import_module(f"{__name__}.{module.name}")
        for value in vars(named).values():
            is_reader = isinstance(value, type) and issubclass(value, Reader)
            if is_reader and value.__module__ == named.__name__ and not isabstract(value):
                found[value.format] = value
    found.pop("any", None)
    return [*found.values()]


def _brought() -> list[type[Reader]]:
    found = []
    for entry in entry_points(group=ENTRY_POINTS):
        try:
            reader = entry.load()
        except Exception as error:
            raise LogParseError(f"the format {entry.name} cannot be loaded: {error}") from error
        if not (isinstance(reader, type) and issubclass(reader, Reader)):
            raise LogParseError(f"the format {entry.name} is no reader: {entry.value}")
        found.append(reader)
    return found
