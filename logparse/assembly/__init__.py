"""Which files make one run, and the one run that they make."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import TYPE_CHECKING

from logparse.assembly.bundle import Bundle, sifted, single
from logparse.assembly.charts import folder_of, of_one_run, with_charts
from logparse.assembly.joining import as_validation, end_to_end, joined, why_apart
from logparse.assembly.merging import counted_on
from logparse.assembly.names import bundles, is_training, twins
from logparse.assembly.stitching import goes_on, stitched
from logparse.parts import Part
from logparse.paths import seen_from

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from logparse.run import Run

__all__ = [
    "Assembled",
    "Bundle",
    "assembled",
    "bundles",
    "goes_on",
    "is_training",
    "joined",
    "label",
    "sifted",
    "single",
    "stitched",
    "twins",
    "why_apart",
]

_NAMED = 3
"""So many files are named, of more the rest is counted."""


@dataclass(frozen=True, slots=True)
class Assembled:
    """The runs of a bundle, in the order of its files, and what is to be remarked."""

    runs: tuple[Run, ...] = ()
    remarks: tuple[str, ...] = ()


def assembled(bundle: Bundle, read: Callable[[Bundle], list[Run]]) -> Assembled:
    """The runs of a bundle; `read` gives those of one that is read as a single log.

    What cannot be read gives no runs, and leaves the others as they are.
    """
    if bundle.kind in ("file", "rotated", "store"):
        return Assembled(tuple(read(bundle)))
    if bundle.kind == "prefixes":
        return _latest(bundle.files, read)
    if bundle.kind == "twice":
        return _told_once(bundle, read)
    inner = [assembled(_whole(one), read) for one in bundle.parts]
    remarks = tuple(told for one in inner for told in one.remarks)
    found = [one.runs for one in inner if one.runs]
    if bundle.kind == "curves" and len(found) > 1:
        return Assembled(tuple(_charted(found)), remarks)
    if bundle.kind in ("series", "events"):
        runs = _chained(found, may_join=bundle.kind == "events")
        return Assembled(tuple(runs), remarks)
    is_mixed = any(len({run.source for run in runs}) > 1 for runs in found)
    if bundle.kind == "apart" or len(found) < 2 or is_mixed:
        return Assembled(tuple(run for runs in found for run in runs), remarks)
    return _side_by_side(bundle, found, remarks)


def label(files: Sequence[str]) -> str:
    """What several files are called together: the first whole, the others as seen from it."""
    first, *others = files
    if len(files) > _NAMED:
        return f"{first} + {len(others)} more"
    folders = {os.path.dirname(name) for name in files}  # noqa: PTH120
    folder = os.path.commonpath(folders) if len(folders) > 1 else next(iter(folders))
    short = [seen_from(folder or ".", name) for name in others]
    return " + ".join([first, *short])


def _latest(files: Sequence[str], read: Callable[[Bundle], list[Run]]) -> Assembled:
    """The last state that can be read: the earlier ones are only its beginnings."""
    for at, name in reversed([*enumerate(files)]):
        if runs := read(single(name)):
            has = "has" if at == 1 else "have"
            told = [f"{name} holds what {label(files[:at])} {has}, and more"] if at else []
            return Assembled(tuple(runs), tuple(told))
    return Assembled()


def _told_once(bundle: Bundle, read: Callable[[Bundle], list[Run]]) -> Assembled:
    """The runs of the first part that has any: what else there is tells of the same."""
    for at, part in enumerate(bundle.parts, 1):
        found = assembled(_whole(part), read)
        if found.runs:
            source = label([*dict.fromkeys(run.source for run in found.runs)])
            others = (label(_whole(one).files) for one in bundle.parts[at:])
            told = (f"{name}: not read, {source} tells of the same" for name in others)
            return Assembled(found.runs, (*found.remarks, *told))
    return Assembled()


def _charted(found: Sequence[tuple[Run, ...]]) -> list[Run]:
    """The runs of event files, those that are charts of the outer folder's run put to it."""
    whole, others = of_one_run(found)
    made = [run for runs in whole for run in runs]
    if len(whole) > 1:
        name = folder_of([one for run in made for one in run.files])
        made = [*_named([with_charts(made)], whole, name)]
    return [*made, *(run for runs in others for run in runs)]


def _side_by_side(
    bundle: Bundle, found: Sequence[tuple[Run, ...]], remarks: tuple[str, ...]
) -> Assembled:
    """One run of the first runs of all files, one of the second ones, ...; or all of them apart."""
    separate = tuple(run for runs in found for run in runs)
    files = [name for runs in found for name in runs[0].files]
    name = label(files)
    first, *others = found
    if bundle.kind == "pair":
        others = [_as_many(first, tuple(map(as_validation, runs))) for runs in others]
    else:
        name = folder_of(files)
    if len({len(runs) for runs in (first, *others)}) > 1:
        counts = ", ".join(str(len(runs)) for runs in found)
        return Assembled(separate, (*remarks, f"{name} stay apart: they hold {counts} runs"))
    together = [*zip(first, *others, strict=True)]
    if why := next(filter(None, map(why_apart, together)), ""):
        return Assembled(separate, (*remarks, f"{name} stay apart: {why}"))
    return Assembled(tuple(_named(map(joined, together), found, name)), remarks)


def _as_many(first: tuple[Run, ...], runs: tuple[Run, ...]) -> tuple[Run, ...]:
    """The runs; but one, where its lines were taken for runs of their own, as training shows."""
    is_counted = len(first) == 1 < len(runs) and first[0].counted_from is not None
    lines = sum(len(run.epochs) for run in runs)
    if is_counted and abs(lines - len(first[0].epochs)) <= 1:
        return (end_to_end(runs),)
    return runs


def _chained(found: Sequence[tuple[Run, ...]], *, may_join: bool) -> list[Run]:
    """The runs of files written one after another, put together where the next goes on.

    With `may_join` also where it tells other things of the same run.
    """
    chains: list[tuple[list[Run], list[tuple[Run, ...]]]] = []
    for runs in filter(None, found):
        whole, parts = chains[-1] if chains else ([], [])
        is_next = bool(whole) and goes_on(whole[-1], runs[0])
        is_beside = len(whole) == len(runs) == 1 and may_join and not why_apart([*whole, *runs])
        if not (is_next or is_beside):
            chains.append(([*runs], [runs]))
            continue
        after = sum(map(_lines, parts))
        last, rest = whole.pop(), [counted_on(run, after) for run in runs[1:]]
        together = stitched(last, runs[0], after) if is_next else joined([last, runs[0]])
        whole += [together, *rest]
        parts.append(runs)
    made: list[Run] = []
    for whole, parts in chains:
        files = [one for runs in parts for one in runs[0].files]
        name = folder_of(files) if may_join and len(chains) == 1 else label(files)
        made += _named(whole, parts, name) if len(parts) > 1 else whole
    return made


def _named(runs: Iterable[Run], found: Sequence[tuple[Run, ...]], name: str) -> Iterator[Run]:
    """The runs that the files make, numbered anew, with which lines are of which file."""
    parts: list[Part] = []
    for of_file, after in zip(found, accumulate(map(_lines, found), initial=0), strict=False):
        inner = of_file[0].parts or (Part(of_file[0].source, 0),)
        parts += [Part(one.source, one.after + after) for one in inner]
    made = [*runs]
    for at, run in enumerate(made, 1):
        yield replace(run, source=name, parts=tuple(parts), index=at, count=len(made))


def _whole(part: str | Bundle) -> Bundle:
    return part if isinstance(part, Bundle) else single(part)


def _lines(runs: Iterable[Run]) -> int:
    return sum(run.coverage.lines for run in runs)
