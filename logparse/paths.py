"""Paths as names: what a file is called from somewhere else. Nothing is read from disk."""

from __future__ import annotations

import os


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
