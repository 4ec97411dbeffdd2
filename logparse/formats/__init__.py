"""The formats of logs, a module each; one is added by adding its module, here or elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from inspect import isabstract
from pkgutil import iter_modules
from typing import TYPE_CHECKING

from logparse.errors import UnknownNameError
from logparse.readers.base import Reader

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

ENTRY_POINTS = "logdiag.formats.v1"
"""Installed packages name readers of theirs here, one an entry point."""


@dataclass(frozen=True, slots=True)
class Broken:
    """An entry point that gives no format: its name, the package, and why in one line."""

    name: str
    package: str
    why: str


@cache
def all_formats() -> tuple[type[Reader], ...]:
    """The reader of every format: those of a program first, then generic ones by their rank.

    A reader of another package that cannot be had is left out: `broken_formats` tells of it.
    """
    found = [*_own(), *_brought()[0]]
    return tuple(sorted(found, key=lambda one: (one.is_generic, one.rank, one.format)))


def broken_formats() -> tuple[Broken, ...]:
    """The entry points of other packages that give no reader, or one under a name that is taken."""
    return _brought()[1]


def format_named(name: str) -> type[Reader]:
    """The reader of the format of this name; UnknownNameError with the nearest one."""
    known = {reader.format: reader for reader in all_formats()}
    if name not in known:
        raise UnknownNameError("format", name, known)
    return known[name]


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


@cache
def _brought() -> tuple[tuple[type[Reader], ...], tuple[Broken, ...]]:
    taken = {reader.format for reader in _own()}
    found: list[type[Reader]] = []
    broken: list[Broken] = []
    for entry in entry_points(group=ENTRY_POINTS):
        reader, why = _loaded(entry)
        if reader is not None and reader.format in taken:
            why = f"there is a format {reader.format} already"
        if reader is None or why:
            package = entry.dist.name if entry.dist else ""
            broken.append(Broken(entry.name, package, why))
        else:
            taken.add(reader.format)
            found.append(reader)
    return tuple(found), tuple(broken)


def _loaded(entry: EntryPoint) -> tuple[type[Reader] | None, str]:
    """The reader of an entry point, or why there is none."""
    try:
        reader = entry.load()
    except Exception as error:  # whatever another package does while it is loaded
        told = " ".join(str(error).split())
        return None, f"cannot be loaded: {type(error).__name__}: {told}"
    is_reader = isinstance(reader, type) and issubclass(reader, Reader)
    if not is_reader or isabstract(reader) or not isinstance(getattr(reader, "format", 0), str):
        return None, f"is no reader: {entry.value}"
    return reader, ""
