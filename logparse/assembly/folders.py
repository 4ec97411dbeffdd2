"""Folders as programs lay them out: which of their files are of a run, and which are no logs."""

from __future__ import annotations

import re
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

EVENTS = re.compile(r"events\.out\.tfevents\.(?P<time>[0-9]{1,12})\..+")
_WANDB_RUN = re.compile(r"(?:offline-)?run-[0-9]{8}_[0-9]{6}-.+")
_TABLES = frozenset(("metrics.csv", "results.csv"))
_STATE = "trainer_state.json"
_LOG_FOLDERS = (("runs",), ("logs",))
_META = "meta.yaml"
_WANDB = ".wandb"


def stores(names: Iterable[str]) -> dict[PurePath, list[str]]:
    """The metric files of each run folder of MLflow: that is one with `metrics` and `meta.yaml`."""
    paths = {name: PurePath(name) for name in names}
    folders = {path.parent for path in paths.values() if path.name == _META}
    found: dict[PurePath, list[str]] = {}
    for name, path in paths.items():
        for folder in folders.intersection(path.parents):
            inner = path.relative_to(folder).parts
            if inner[0] == "metrics" and not _is_of_machine(inner):
                found.setdefault(folder, []).append(name)
    return found


def passed_over(names: Iterable[str]) -> set[str]:
    """What lies in the folder of a run, and is no log whatever it looks like.

    Parameters, tags and the load of the machine in a run folder of MLflow; in one of W&B all but
    its own file, among it what the program printed.
    """
    paths = {name: PurePath(name) for name in names}
    stored = {path.parent for path in paths.values() if path.name == _META}
    runs = {
        path.parent
        for path in paths.values()
        if path.suffix == _WANDB and _WANDB_RUN.fullmatch(Path(path.parent).absolute().name)
    }
    beside = {folder.parent for folder in runs}
    found: set[str] = set()
    for name, path in paths.items():
        above = {*path.parents}
        is_messages = path.parent in beside and path.name.startswith("debug")
        if is_messages or (path.suffix != _WANDB and runs & above):
            found.add(name)
        for folder in stored & above:
            inner = path.relative_to(folder).parts
            if inner[0] in ("params", "tags") or _is_of_machine(inner):
                found.add(name)
    return found


def _is_of_machine(inner: tuple[str, ...]) -> bool:
    """True for what MLflow measures of the machine itself, which has a count of its own."""
    return len(inner) > 2 and inner[:2] == ("metrics", "system")


def home(name: str) -> PurePath:
    """The folder of the run that a file tells of: for a state of Hugging Face, its output's."""
    folder = PurePath(name).parent
    is_state = PurePath(name).name == _STATE and folder.name.startswith("checkpoint-")
    return folder.parent if is_state else folder


def is_main(name: str) -> bool:
    """True for a file that tells all that event files beside it tell."""
    return PurePath(name).name in _TABLES or PurePath(name).name == _STATE


def main_of(
    folder: PurePath, mains: Mapping[PurePath, str], events: Collection[PurePath]
) -> str | None:
    """The file that tells all that event files in this folder tell; None where none does.

    mains   such files, by the folder of their run
    events  the folders that hold event files
    """
    for above in (folder, *folder.parents):
        main = mains.get(above)
        if main is None:
            continue
        inner = folder.relative_to(above).parts
        is_log_folder = inner[:1] in _LOG_FOLDERS and PurePath(main).name == _STATE
        if not inner or is_log_folder or (len(inner) == 1 and above in events):
            return main
    return None


def top(folder: PurePath, events: Collection[PurePath]) -> PurePath:
    """The uppermost of the folders with event files that lie in each other without a gap."""
    while folder.parent in events and folder.parent != folder:
        folder = folder.parent
    return folder
