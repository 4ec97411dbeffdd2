"""Arguments of a comparison as orders: which runs form one side, under which label."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from logparse.errors import ComparisonError
from logparse.findings import RunReport
from logparse.gathering.wanted import Wanted, wanted
from logparse.run import Run
from logparse.sources import is_there

Item: TypeAlias = "str | os.PathLike[str] | Run | RunReport | Sequence[Item] | Mapping[str, Item]"
"""What can be compared: text is read as `wanted` does, a sequence is one group."""

Part: TypeAlias = "Wanted | Run | RunReport"


@dataclass(frozen=True, slots=True)
class Order:
    """Runs as they were asked for: one side if it is a group, else a side for each run."""

    label: str
    is_group: bool
    parts: tuple[Part, ...]
    is_baseline: bool = False

    def is_called(self, text: str) -> bool:
        """True where the text is the label, or asks for the same as the only part does."""
        asked = [(part.path, part.pick) for part in self.parts if isinstance(part, Wanted)]
        one = wanted(text)
        return text == self.label or (len(self.parts) == 1 and asked == [(one.path, one.pick)])


def ordered(items: Sequence[Item], baseline: Item | None) -> tuple[list[Order], str]:
    """The orders of the items, the baseline first and as one side; raises as `orders_of` does.

    The baseline is one of the items, or the label of one, or one item more. The text of one that
    is none of these comes second, else '': it can only be the name of a side.
    """
    if baseline is None:
        return orders_of(items), ""
    others = [item for item in items if item is not baseline]
    if isinstance(baseline, str | os.PathLike):
        text, orders = os.fspath(baseline), orders_of(items)
        called = [order for order in orders if order.is_called(text)]
        if called:
            rest = [order for order in orders if order is not called[0]]
            return [replace(called[0], is_group=True, is_baseline=True), *rest], ""
        if not is_there(wanted(text).path):
            return orders, text
    first, *rest = orders_of([baseline, *others])
    return [replace(first, is_group=True, is_baseline=True), *rest], ""


def orders_of(items: Iterable[Item]) -> list[Order]:
    """An order for each item, but one for all with the same label; a mapping is one for each key.

    Raises ComparisonError for a label inside a group, TypeError for what is no item.
    """
    orders: list[Order] = []
    places: dict[str, int] = {}
    for item in items:
        for order in _orders(item):
            if order.label in places:
                at = places[order.label]
                orders[at] = replace(order, parts=(*orders[at].parts, *order.parts))
                continue
            if order.label:
                places[order.label] = len(orders)
            orders.append(order)
    return orders


def _orders(item: Item) -> list[Order]:
    if isinstance(item, Mapping):
        return [Order(str(label), True, _parts(inner)) for label, inner in item.items()]
    if isinstance(item, str | os.PathLike):
        one = wanted(os.fspath(item))
        return [Order(one.label, bool(one.label), (one,))]
    return [Order("", not isinstance(item, Run | RunReport), _parts(item))]


def _parts(item: Item) -> tuple[Part, ...]:
    if isinstance(item, Run | RunReport):
        return (item,)
    if isinstance(item, str | os.PathLike):
        one = wanted(os.fspath(item))
        if one.label:
            raise ComparisonError(f"{one.text!r} is inside a group, and labels are for whole ones")
        return (one,)
    if isinstance(item, Sequence):
        return tuple(part for one in item for part in _parts(one))
    raise TypeError(f"neither a path nor a run nor a group of them: {item!r}")
