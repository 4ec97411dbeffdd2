"""Paths as names: what a file is called from somewhere else. Nothing is read from disk."""

from __future__ import annotations

import os
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def absolute(path: str) -> str:
    """The whole path, with forward slashes and without `..`; links are not followed."""
    return os.path.abspath(path).replace(os.sep, "/")


def seen_from(folder: str, path: str) -> str:
    """The path from the folder, with forward slashes; the whole path where there is no such way."""
    try:
        return os.path.relpath(path, folder).replace(os.sep, "/")
    except ValueError:  # on another drive
        return absolute(path)


def name_for_people(path: str) -> str:
    """The path from the current folder where it is below it, else the whole path."""
    try:
        short = seen_from(os.curdir, path)
    except OSError:  # the current folder is gone
        return path
    return absolute(path) if short.startswith("../") else short


def short_names(paths: Iterable[str]) -> dict[str, str]:
    """For each path its last part, with so many parts before it as tell it from the others."""
    whole = {path: tuple(absolute(path).strip("/").split("/")) for path in paths}
    left, names, depth = dict(whole), dict[str, str](), 0
    while left:
        depth += 1
        ends = Counter(parts[-depth:] for parts in {*whole.values()})
        for path, parts in [*left.items()]:
            if ends[parts[-depth:]] == 1 or depth >= len(parts):
                names[path] = "/".join(parts[-depth:])
                del left[path]
    return names
