"""Settings and findings of the sides, as sections."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from logparse.comparison.model import MOST_SIDES
from logparse.findings import plural
from logparse.renderers.comparison.cells import ABSENT, excerpts, short, side_columns, texts
from logparse.renderers.comparison.content import EMPTY, Cell, Cells, Column, Section, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logparse.comparison import Comparison
    from logparse.comparison.facts import Fact
    from logparse.comparison.found import Found
    from logparse.comparison.model import Side

_ROOM = 40
_LEAST, _LEAST_KEY = 14, 22


def settings(comparison: Comparison) -> Iterator[Section]:
    """The settings and facts that differ, each side's texts beside each other."""
    facts, sides = comparison.facts, comparison.sides
    if not facts.compared:
        return
    within = ", ".join(fact.key for fact in facts.varying)
    notes = ((f"vary within sides only: {within}", "dim"),) if within else ()
    said = f"{len(facts.differing) or 'none'} of {plural(facts.compared, 'fact')} differ"
    if len(facts.differing) == 1:
        said += "s"
    if not facts.differing:
        yield Section("settings", said, notes=notes)
        return
    rows: list[Cells] = []
    for block, found in groupby(facts.differing, key=lambda fact: fact.block):
        rows.append(((block, "dim"),))
        rows += [((short(fact.key, _ROOM), "metric"), *_told(fact)) for fact in found]
    columns = (Column("key", least=_LEAST_KEY), *_columns(sides))
    yield Section("settings", said, Table(columns, tuple(rows), is_headed=len(sides) > 2), notes)


def _columns(sides: tuple[Side, ...]) -> Iterator[Column]:
    if len(sides) > MOST_SIDES:
        yield Column("values", least=_LEAST_KEY)
        return
    yield from side_columns(sides, _LEAST)


def _told(fact: Fact) -> Cells:
    """The texts of each side; of many sides, all that there are."""
    if len(fact.texts) > MOST_SIDES:
        every = [text for side in fact.texts for text in side]
        return ((texts(excerpts(every, _ROOM // 3)), ""),)
    told = excerpts([texts(fact.distinct(at)) for at in range(len(fact.texts))], _ROOM)
    if len(told) == 2:
        told[1] = f"→ {told[1]}"
    return tuple((one, "") for one in told)


def findings(comparison: Comparison) -> Iterator[Section]:
    """What the rules found: where the sides differ a row, else the codes on one line."""
    sides, alike, rows = comparison.sides, [], []
    for found in comparison.found:
        if found.counts == found.runs:
            alike.append(found.code)
        else:
            rows.append(_row(found))
    where = "both sides" if len(sides) == 2 else f"all {len(sides)} sides"
    notes = ((f"on {where}: {', '.join(alike)}", ""),) if alike else ()
    columns = (Column("code"), *side_columns(sides, _LEAST), Column(""))
    table = Table(columns, tuple(rows)) if rows else None
    if table or notes:
        yield Section("findings", table=table, notes=notes)


def _row(found: Found) -> Cells:
    told: list[Cell] = [(_count(found, at), "") for at in range(len(found.counts))]
    is_pair = len(told) == 2 and all(found.runs)
    return (
        (f"{found.code} {found.name}", found.severity.value),
        *told,
        (_course(found), "") if is_pair else EMPTY,
    )


def _count(found: Found, side: int) -> str:
    count, runs = found.counts[side], found.runs[side]
    if runs > 1:
        return f"{count} of {runs}"
    return ("yes" if count else "no") if runs else ABSENT


def _course(found: Found) -> str:
    before, after = found.share(0), found.share(1)
    if not after or not before:
        return "gone" if not after else "new"
    return "fewer" if after < before else "more" if after > before else ""
