"""Bundles within the folder of one run: curves of its charts, and what tells it again."""

from __future__ import annotations

from collections import defaultdict
from pathlib import PurePath
from typing import TYPE_CHECKING

from logparse.assembly.bundle import Bundle, flat
from logparse.assembly.folders import EVENTS, home, is_main, main_of, top

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence


def curves(found: Sequence[Bundle]) -> Iterator[Bundle]:
    """The bundles; event files that lie in folders below other event files are with those."""
    folders = _event_folders(found)
    groups: dict[PurePath, list[Bundle]] = defaultdict(list)
    for one in found:
        if _is_events(one):
            groups[top(_folder(one), folders)].append(one)
        else:
            yield one
    for group in groups.values():
        group.sort(key=lambda one: len(_folder(one).parts))
        yield Bundle("curves", tuple(map(flat, group))) if len(group) > 1 else group[0]


def twice(
    found: Sequence[Bundle], stored: Mapping[PurePath, Sequence[str]], named: Collection[str]
) -> Iterator[Bundle]:
    """The bundles; those that tell a run again, and were not asked for, are with the run's own.

    `stored` are the metric files of MLflow's run folders: other logs in these tell of the same.
    """
    owners = {name: one for one in found for name in one.files}
    mains = {home(name): name for name in owners if is_main(name)}
    events = _event_folders(found)
    again: dict[int, list[Bundle]] = defaultdict(list)
    second: set[int] = set()
    for one in found:
        folder = _folder(one)
        main = next((stored[above][0] for above in folder.parents if above in stored), None)
        if main is None and _is_events(one):
            main = main_of(folder, mains, events)
        if main in owners and owners[main] is not one and not {*named}.intersection(one.files):
            again[id(owners[main])].append(one)
            second.add(id(one))
    for one in found:
        others = again[id(one)]
        if others:
            rest = others[0] if len(others) == 1 else Bundle("apart", tuple(map(flat, others)))
            yield Bundle("twice", (flat(one), flat(rest)))
        elif id(one) not in second:
            yield one


def _event_folders(found: Sequence[Bundle]) -> frozenset[PurePath]:
    return frozenset(_folder(one) for one in found if _is_events(one))


def _folder(one: Bundle) -> PurePath:
    return PurePath(one.files[0]).parent


def _is_events(one: Bundle) -> bool:
    return EVENTS.fullmatch(PurePath(one.files[0]).name) is not None
