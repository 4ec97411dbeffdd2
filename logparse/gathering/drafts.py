"""Runs to sides: each run counted once, and every run and side under a name of its own."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING

import numpy as np

from logparse.comparison.measures import quality_columns
from logparse.comparison.model import Entrant, Side
from logparse.findings import SourceFailure
from logparse.gathering.names import group_name, told_apart
from logparse.paths import short_names

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from logparse.gathering.shelf import Key, Member
    from logparse.run import Run

_OF_THE_MACHINE = ("elapsed_s", "throughput", "gpu_gib", "line")
"""Columns in which a run differs from its repetition by the same program, data and seed."""

_NAMED = 4
"""So many names are told, of more the rest is counted."""


@dataclass(slots=True, eq=False)
class Draft:
    """A side to be. A `label` of '' is made from the names of its runs."""

    label: str
    members: list[Member]
    is_group: bool
    is_baseline: bool = False


def settled(drafts: Sequence[Draft]) -> tuple[list[Side], list[SourceFailure], list[str]]:
    """The sides of the drafts, what is not counted in them and why, what is to be remarked.

    A run counts where it was first asked for, and a copy of another in one group not at all.
    Groups that end up without a run are no sides.
    """
    names = _names([member for draft in drafts for member in draft.members])
    _give_labels(drafts, names)
    was_read = {id(draft) for draft in drafts if draft.members}
    errors = [*_without_repeats(drafts)]
    for draft in drafts:
        errors += _without_copies(draft, names)
    for draft in drafts:
        if draft.is_group and not draft.is_baseline and not draft.members:
            why = "no run is left to compare" if id(draft) in was_read else "no run could be read"
            errors.append(SourceFailure(draft.label, why))
    sides = [_side(draft, names) for draft in drafts if draft.members]
    return sides, errors, [*_twins(sides), *_cuts(drafts, names)]


def _names(members: Sequence[Member]) -> dict[Key, str]:
    """A name for each run: of its file, with its number and last epoch where these are asked for.

    The number is there, too, where one file gives several runs.
    """
    distinct: dict[Key, Member] = {}
    for member in members:
        distinct.setdefault(member.key, member)
    short = short_names({member.source for member in members})
    indices = defaultdict(set)
    for member in distinct.values():
        indices[member.source].add(member.judged.run.index)
    names = []
    for member in distinct.values():
        name, index = short[member.source], member.judged.run.index
        name += f"#{index}" if member.is_numbered or len(indices[member.source]) > 1 else ""
        names.append(name if member.until is None else f"{name}@{member.until}")
    return dict(zip(distinct, told_apart(names), strict=True))


def _give_labels(drafts: Sequence[Draft], names: Mapping[Key, str]) -> None:
    given = [draft.label for draft in drafts if draft.label]
    new = [draft for draft in drafts if not draft.label]
    wanted = [group_name([names[member.key] for member in draft.members]) for draft in new]
    for draft, label in zip(new, told_apart(wanted, given), strict=True):
        draft.label = label


def _without_repeats(drafts: Sequence[Draft]) -> Iterator[SourceFailure]:
    """Take out what was asked for before; a single run that is the baseline is no mistake."""
    first: dict[Key, Draft] = {}
    for draft in drafts:
        kept = []
        for member in draft.members:
            other = first.get(member.key)
            if other is None:
                first[member.key] = draft
                kept.append(member)
            elif draft.is_group or not other.is_baseline:
                yield SourceFailure(member.source, _counted_once(other, draft))
        draft.members = kept


def _counted_once(first: Draft, again: Draft) -> str:
    if first is again:
        return f"is given twice in {again.label}: counted once"
    if not first.is_group and not again.is_group:
        return "is given twice: counted once"
    return f"stands in {first.label} already: not counted again in {again.label}"


def _without_copies(draft: Draft, names: Mapping[Key, str]) -> Iterator[SourceFailure]:
    """Take out runs of a group that are another one's, number for number: they tell nothing new."""
    first: dict[bytes, Member] = {}
    kept = []
    for member in draft.members:
        numbers = _numbers(member.judged.run)
        same = first.setdefault(numbers, member) if numbers else member
        if same is member:
            kept.append(member)
        else:
            why = f"has the same numbers as {names[same.key]}: counted once in {draft.label}"
            yield SourceFailure(member.source, why)
    draft.members = kept


def _twins(sides: Sequence[Side]) -> Iterator[str]:
    """Runs of several sides that are the same, number for number."""
    alike: dict[bytes, list[str]] = defaultdict(list)
    for side in sides:
        for entrant in side.entrants:
            if numbers := _numbers(entrant.run):
                alike[numbers].append(entrant.name)
    for names in alike.values():
        if len(names) > 1:
            more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
            who = f"{', '.join(names[:_NAMED])}{more}"
            yield f"the same numbers in {who}: copies, or repetitions with the same seed"


def _cuts(drafts: Sequence[Draft], names: Mapping[Key, str]) -> Iterator[str]:
    """One run up to several epochs: what it has in common with itself is no evidence."""
    cuts: dict[Key, list[str]] = defaultdict(list)
    for member in (member for draft in drafts for member in draft.members):
        cuts[member.key[:2]].append(names[member.key])
    yield from (f"{' and '.join(told)} are one run" for told in cuts.values() if len(told) > 1)


def _numbers(run: Run) -> bytes:
    """A digest of all that the epochs say of the model, b"" where no metric is ever a number.

    Runs that are lost from the first step on print the same whatever their seed is.
    """
    if not any(np.isfinite(run.epochs[name]).any() for name in quality_columns([run])):
        return b""
    columns = [
        name for name in map(str, run.epochs) if name.partition("/")[0] not in _OF_THE_MACHINE
    ]
    values = run.epochs[columns].to_numpy(dtype=np.float64, copy=True)
    values[np.isnan(values)] = np.nan  # NaN has many forms in memory
    return blake2b("\0".join(columns).encode() + values.tobytes()).digest()


def _side(draft: Draft, names: Mapping[Key, str]) -> Side:
    entrants = (Entrant(names[one.key], one.judged, one.until) for one in draft.members)
    return Side(draft.label, tuple(entrants))
