"""Numbers that a source tells one at a time, each under a tag, and the points they make."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from logparse.readers.points.meanings import meaning
from logparse.readers.points.table import Block, Points

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from logparse.numerals import Floats

    Ints: TypeAlias = NDArray[np.int64]

MAX_RESTARTS = 100
"""Steps that fall more often are those of several writers at once, not of a run that restarts."""


class Scalars:
    """Collects numbers in the order of the source; about 40 bytes each.

    Numbers of one step become one point, whichever tags they have and however far apart they
    stand, so that tags at different rates do not look like a run that goes back and forth.
    """

    def __init__(self) -> None:
        self._names: dict[str, int] = {}
        self._starts: list[int] = []
        self._record, self._tag, self._step = array("q"), array("q"), array("q")
        self._clock, self._value = array("d"), array("d")

    def __len__(self) -> int:
        return len(self._record)

    def add(self, record: int, name: str, step: int, clock_s: float, value: float) -> None:
        """Take a number; `clock_s` since 1970, UTC."""
        self._record.append(record)
        self._tag.append(self._names.setdefault(name, len(self._names)))
        self._step.append(step)
        self._clock.append(clock_s)
        self._value.append(value)

    def begin_part(self) -> None:
        """What follows was written after a restart."""
        self._starts.append(len(self))

    def points(self, like: Points) -> Points:
        """The points so far, with what else `like` tells of the source."""
        made = Points()
        made.facts, made.lines, made.unparsed = like.facts, like.lines, like.unparsed
        made.blanks, made.legends, made.lost = like.blanks, like.legends, like.lost
        tag, step = np.array(self._tag, dtype=np.int64), np.array(self._step, dtype=np.int64)
        cuts = _restarts(tag, step, self._starts)
        for first, stop in zip(cuts, [*cuts[1:], len(tag)], strict=True):
            if stop > first:
                made.add_block(self._block(slice(first, stop), tag[first:stop], step[first:stop]))
        return made

    def _block(self, part: slice, tag: Ints, step: Ints) -> Block:
        """The points of a part between restarts, by rising step."""
        names = [*self._names]
        order = np.lexsort((np.arange(len(tag)), tag))
        by_tag = np.split(order, np.flatnonzero(np.diff(tag[order])) + 1)
        place, epochs = _places(by_tag, step)
        repeat = _repeats(tag, place)
        has_steps = len(place) < 2 or bool(np.ptp(place)) or not repeat.any()
        order = np.lexsort((repeat, place))
        is_new = np.diff(place[order], prepend=place[order[0]] - 1).astype(bool)
        is_new |= np.diff(repeat[order], prepend=-1).astype(bool)
        firsts = order[is_new]
        row_of = np.empty(len(tag), dtype=np.int64)
        row_of[order] = np.cumsum(is_new) - 1
        columns: dict[str, Floats] = {}
        if has_steps:
            columns["step"] = place[firsts].astype(np.float64)
        columns["clock_s"] = np.array(self._clock[part])[firsts]
        if epochs is not None and not any(meaning(name).column == "epoch" for name in names):
            columns["epoch"] = epochs(place[firsts])
        values, nan_at = np.array(self._value[part]), {}
        for mine in by_tag:
            name = names[tag[mine[0]]]
            name = f"{name}_value" if name in ("step", "clock_s") else name
            columns.setdefault(name, np.full(len(firsts), np.nan))[row_of[mine]] = values[mine]
            nan_at[name] = np.zeros(len(firsts), dtype=bool)
            nan_at[name][row_of[mine]] = np.isnan(values[mine])
        records = np.array(self._record[part], dtype=np.int64)[firsts]
        return Block(np.maximum.accumulate(records), columns, nan_at)


class Epochs:
    """Epochs by step, from numbers that a program writes when an epoch is over."""

    def __init__(self, numbers: Ints, ends: Ints) -> None:
        self._numbers = np.append(numbers, numbers[-1] + 1).astype(np.float64)
        self._ends = ends

    def __call__(self, steps: Ints) -> Floats:
        """The epoch that each step is part of."""
        return np.asarray(self._numbers[np.searchsorted(self._ends, steps, side="left")])


def _restarts(tag: Ints, step: Ints, starts: list[int]) -> list[int]:
    """Where parts begin, 0 among them: where the steps of a tag fall, once for all tags."""
    order = np.argsort(tag, kind="stable")
    falls = np.flatnonzero((np.diff(tag[order]) == 0) & (np.diff(step[order]) < 0))
    found = [(int(order[at + 1]), int(order[at])) for at in falls[: len(tag)]]
    cuts = [0]
    for at, before in sorted([*found, *((start, start - 1) for start in starts)]):
        # A tag that was silent since the last cut falls because of that restart, not of another.
        if before >= cuts[-1]:
            cuts.append(at)
    return cuts if len(cuts) <= MAX_RESTARTS else [0]


def _places(by_tag: list[Ints], step: Ints) -> tuple[Ints, Epochs | None]:
    """The step of each number, and the epochs, where some tags count these while others go on.

    A tag whose steps fall far behind those that were written before it counts something else:
    its numbers belong to the steps just reached.
    """
    reached = np.maximum.accumulate(step)
    place = step.copy()
    epochs: Epochs | None = None
    longest = 0
    for mine in by_tag:
        last = mine[-1]
        if len(mine) < 2 or step[last] * 2 >= reached[last]:
            continue
        place[mine] = reached[mine]
        if len(mine) > longest and (np.diff(step[mine]) == 1).all():
            epochs, longest = Epochs(step[mine], reached[mine]), len(mine)
    return place, epochs


def _repeats(tag: Ints, place: Ints) -> Ints:
    """How many numbers of the same tag and step come before each."""
    order = np.lexsort((place, tag))
    is_new = np.diff(tag[order], prepend=-1).astype(bool)
    is_new |= np.diff(place[order], prepend=place[order[0]] - 1).astype(bool)
    starts = np.flatnonzero(is_new)
    repeats = np.empty(len(tag), dtype=np.int64)
    repeats[order] = np.arange(len(tag)) - starts[np.cumsum(is_new) - 1]
    return repeats
