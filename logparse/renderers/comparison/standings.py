"""The ranking of many sides, as a section."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logparse.findings import Severity
from logparse.keys import SEED_KEYS
from logparse.renderers.comparison import cells
from logparse.renderers.comparison.content import EMPTY, Cell, Cells, Column, Section, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logparse.comparison import Comparison
    from logparse.comparison.facts import Fact
    from logparse.comparison.found import Found
    from logparse.comparison.model import Row
    from logparse.comparison.ranking import Ranked, Ranking

_COSTS = {"total_s": Column("time", gives=3), "total_params": Column("size", gives=2)}
_BLOCKS = ("hyperparameters", "batch", "environment")
"""What one chooses; the rest follows from it, or from the data."""
_ROOM = 16
_MOST_CODES = 3
_FIRST_TO_GO = 10


def ranking(comparison: Comparison) -> Iterator[Section]:
    """The sides, the best first: value, Pareto marks, costs, what was found, what varies."""
    ranked = comparison.ranking
    if ranked is None:
        return
    names = cells.names(comparison.sides)
    costs = {name: _row(comparison, name) for name in _COSTS if name != ranked.measure.name}
    chosen = [fact for fact in comparison.facts.differing if fact.block in _BLOCKS]
    facts = sorted(chosen, key=_order)
    told = [cells.excerpts([cells.texts(fact.distinct(at)) for at in range(len(fact.texts))], _ROOM)
            for fact in facts]  # fmt: skip
    rows = tuple(
        (
            *_standing(ranked, one, names[one.side]),
            *(_cost(row, one.side) for row in costs.values()),
            _found(comparison, one.side),
            *((texts[one.side], "") for texts in told),
        )
        for one in ranked.places
    )
    columns = (
        Column("", is_right=True),
        Column("side"),
        Column(cells.label(ranked.measure)),
        Column("pareto", gives=1),
        *(_COSTS[name] for name in costs),
        Column("found", gives=4),
        *(
            Column(cells.short(fact.key, _ROOM), gives=_FIRST_TO_GO + at, is_told=True)
            for at, fact in enumerate(facts)
        ),
    )
    table = Table(columns, rows, left_out="more that vary")
    yield Section("ranking", f"by {cells.label(ranked.measure)}", table, tuple(_legend(ranked)))


def _order(fact: Fact) -> tuple[bool, int]:
    """Seeds last: they are chosen to be told apart."""
    return fact.key.upper() in SEED_KEYS, _BLOCKS.index(fact.block)


def _row(comparison: Comparison, name: str) -> Row | None:
    return next((row for row in comparison.rows if row.measure.name == name), None)


def _standing(ranked: Ranking, one: Ranked, name: str) -> Cells:
    place = cells.ABSENT if one.place is None else f"{'~' * one.is_tied}{one.place}"
    return (
        (place, "title" if one.place == 1 else ""),
        (name, ""),
        (cells.summary(ranked.measure, one.summary), "metric"),
        (", ".join(one.pareto), ""),
    )


def _cost(row: Row | None, side: int) -> Cell:
    told = None if row is None else row.summaries[side]
    if row is None or told is None:
        return EMPTY
    return cells.value(row.measure, told.median), ""


def _found(comparison: Comparison, side: int) -> Cell:
    """The codes of errors and warnings, the worst first, with counts in a group."""
    bad = [
        one for one in comparison.found if one.severity is not Severity.NOTE and one.counts[side]
    ]
    bad.sort(key=lambda one: -one.severity.rank)
    more = [f"+{len(bad) - _MOST_CODES}"] if len(bad) > _MOST_CODES else []
    told = [*(_code(one, side) for one in bad[:_MOST_CODES]), *more]
    return " ".join(told), bad[0].severity.value if bad else ""


def _code(found: Found, side: int) -> str:
    runs = found.runs[side]
    return found.code if runs == 1 else f"{found.code} {found.counts[side]}/{runs}"


def _legend(ranked: Ranking) -> Iterator[Cell]:
    if any(one.is_tied for one in ranked.places):
        noise = (
            "" if ranked.noise_sd is None else f", at a seed SD of {cells.digits(ranked.noise_sd)}"
        )
        count = sum(one.place is not None for one in ranked.places)
        yield f"~: behind by no more than the best of {count} is by luck{noise}", "dim"
    if any(one.pareto for one in ranked.places):
        yield "pareto: no other side is as good and cheaper, or better and as cheap", "dim"
