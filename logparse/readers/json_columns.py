"""Many JSON objects at once as columns of numbers."""

from __future__ import annotations

from math import nan
from typing import TYPE_CHECKING

import numpy as np

from logparse.readers.json_objects import SPLIT_KEYS, number_of, numbers_of, unfolded
from logparse.readers.points.table import Block

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence, Set

    from logparse.numerals import Floats

_NUMBERS: frozenset[type] = frozenset((int, float, type(None)))


def columns_of(found: Sequence[object], first_line: int) -> Block | None:
    """The numbers of objects, one a line, as `numbers_of` has them for each.

    None where one is no object, or has no number: such lines are counted one by one.
    """
    if set(map(type, found)) != {dict}:
        return None
    objects: Sequence[dict[str, object]] = found  # type: ignore[assignment]
    names = list(dict.fromkeys(name for one in objects for name in one))
    columns = {name: [one.get(name) for one in objects] for name in names}
    kinds: dict[str, Set[type]] = {name: {*map(type, values)} for name, values in columns.items()}
    if any(dict in kind for kind in kinds.values()) or any(
        str in kinds.get(key, ()) for key in SPLIT_KEYS
    ):
        rows = [numbers_of(unfolded(one)) for one in objects]
        names = list(dict.fromkeys(name for row in rows for name in row))
        columns = {name: [row.get(name) for row in rows] for name in names}
        kinds = dict.fromkeys(names, _NUMBERS)
    return _block(columns, kinds, first_line, len(objects))


def _block(
    columns: dict[str, list[object]], kinds: Mapping[str, Set[type]], first_line: int, count: int
) -> Block | None:
    read = {name: _numbers(values, kinds[name]) for name, values in columns.items()}
    has_any = np.zeros(count, dtype=bool)
    for _, is_there in read.values():
        has_any |= is_there
    if not has_any.all():
        return None
    # In the order in which names come, as it is when lines are taken one by one.
    known = sorted((n for n in read if read[n][1].any()), key=lambda n: int(read[n][1].argmax()))
    return Block(
        np.arange(first_line, first_line + count, dtype=np.int64),
        {name: read[name][0] for name in known},
        {name: np.isnan(read[name][0]) & read[name][1] for name in known},
    )


def _numbers(values: list[object], kinds: Set[type]) -> tuple[Floats, np.ndarray]:
    """Values as floats, NaN where there is no number; and where one is."""
    if kinds <= _NUMBERS:
        try:
            column = np.array(values, dtype=np.float64)
        except OverflowError:
            pass
        else:
            if type(None) not in kinds:
                return column, np.ones(len(values), dtype=bool)
            return column, np.array([value is not None for value in values])
    known = [number_of(value) for value in values]
    column = np.array([nan if n is None else n for n in known], dtype=np.float64)
    return column, np.array([n is not None for n in known])
