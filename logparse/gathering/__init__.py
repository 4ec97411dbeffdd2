"""Arguments of a comparison to sides: found, read once each, judged, counted once, and named."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from logparse.errors import ComparisonError
from logparse.findings import SourceFailure
from logparse.gathering.drafts import Draft, settled
from logparse.gathering.orders import Item, Order, ordered
from logparse.gathering.shelf import Member, Shelf

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from logparse.comparison.model import Side
    from logparse.intake import Bench

__all__ = ["Gathered", "Item", "gather"]


@dataclass(frozen=True, slots=True)
class Gathered:
    """The sides of a comparison, the reference first; what is not in them and why; remarks."""

    sides: tuple[Side, ...]
    errors: tuple[SourceFailure, ...] = ()
    remarks: tuple[str, ...] = ()


def gather(
    items: Sequence[Item],
    bench: Bench,
    *,
    baseline: Item | None = None,
    progress: Callable[[int, int], None] | None = None,
    processes: int = 1,
) -> Gathered:
    """The sides that the items stand for, in their order, that of the baseline first.

    The baseline is one of the items, a label, the name of a side, or else one side more.
    `progress` is told, after each source, how many of how many are read. Raises ComparisonError
    where the baseline cannot be had: against another one every number would be another.
    """
    orders, name = ordered(items, baseline)
    shelf = Shelf((part for order in orders for part in order.parts), bench, progress, processes)
    errors: list[SourceFailure] = []
    drafts: list[Draft] = []
    for order in orders:
        got = [one for part in order.parts for one in shelf.members(part)]
        errors += [one for one in got if isinstance(one, SourceFailure)]
        drafts += _drafts(order, [one for one in got if isinstance(one, Member)])
    sides, uncounted, remarks = settled(drafts)
    errors = [*dict.fromkeys([*errors, *uncounted])]
    if name and name not in {side.label for side in sides}:
        raise ComparisonError(f"the baseline {name} is neither a file nor a side", errors)
    if any(draft.is_baseline and not draft.members for draft in drafts):
        who = f"the baseline {baseline}" if isinstance(baseline, str) else "the baseline"
        raise ComparisonError(f"{who} could not be read: nothing is compared without it", errors)
    sides.sort(key=lambda side: bool(name) and side.label != name)
    return Gathered(tuple(sides), tuple(errors), (*remarks, *shelf.remarks))


def _drafts(order: Order, members: list[Member]) -> list[Draft]:
    if order.is_group:
        return [Draft(order.label, members, is_group=True, is_baseline=order.is_baseline)]
    return [Draft("", [member], is_group=False) for member in members]
