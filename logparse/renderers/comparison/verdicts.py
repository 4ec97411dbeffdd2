"""Whether differences can be resolved and limits are held, as sections."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from logparse.comparison.model import MOST_SIDES
from logparse.comparison.regressions import Outcome
from logparse.findings import plural
from logparse.renderers.comparison.cells import names, percent, short
from logparse.renderers.comparison.content import EMPTY, Cells, Column, Section, Table
from logparse.renderers.numbers import number

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from logparse.comparison import Comparison
    from logparse.comparison.found import Resolution
    from logparse.comparison.regressions import Regression

_NAMED = 2
_UNRESOLVED = "differ from the reference by no more than seeds do, or rest on a single run"
_RESOLVED = "differ from the reference by more than seeds do"
_STYLES = {Outcome.HELD: "", Outcome.REGRESSED: "error", Outcome.REFUSED: "warning"}


def resolutions(comparison: Comparison) -> Iterator[Section]:
    """What REP002 says of each side, with what to try; sides of which it says the same together.

    Of many sides the numbers are left out.
    """
    shown = _names(comparison)
    say = _in_brief if len(shown) > MOST_SIDES else _in_full
    groups: dict[tuple[Cells, ...], list[str]] = {}
    for one in comparison.resolutions:
        groups.setdefault(say(one), []).append(shown.get(one.side, one.side))
    rows = [
        (kind, EMPTY if at else (_named(sides), "metric"), text)
        for told, sides in groups.items()
        for at, (kind, text) in enumerate(told)
    ]
    if rows:
        columns = (Column(""), Column("side"), Column("REP002", fills=True))
        yield Section("resolution", table=Table(columns, tuple(rows), is_headed=False))


def _names(comparison: Comparison) -> dict[str, str]:
    """What each side is called in tables, by its label."""
    labels = (side.label for side in comparison.sides)
    return dict(zip(labels, names(comparison.sides), strict=True))


def _in_full(one: Resolution) -> tuple[Cells, ...]:
    if one.finding is not None:
        found = one.finding
        tries = [(("", ""), (text, "")) for text in found.remedies]
        tries[:1] = [(("try", "dim"), text) for _, text in tries[:1]]
        return ((found.code, found.severity.value), (found.reading, "")), *tries
    if one.unknown:
        return ((("unknown", "dim"), (one.unknown, "")),)
    return ((("clear", "dim"), (one.said, "")),) if one.said else ()


def _in_brief(one: Resolution) -> tuple[Cells, ...]:
    if one.finding is not None:
        return (((one.finding.code, one.finding.severity.value), (_UNRESOLVED, "")),)
    return _in_full(one if one.unknown else replace(one, said=one.said and _RESOLVED))


def _named(sides: Sequence[str]) -> str:
    return ", ".join(sides) if len(sides) <= _NAMED else plural(len(sides), "side")


def regressions(comparison: Comparison) -> Iterator[Section]:
    """Each limit on each side, with the numbers or why it cannot be judged.

    Of many sides those that hold a limit are counted.
    """
    shown = _names(comparison)
    is_many = len(shown) > MOST_SIDES
    told: list[Regression] = []
    held: list[Regression] = []
    for one in comparison.regressions:
        (held if is_many and one.outcome is Outcome.HELD else told).append(one)
    rows = [*(_regression(one, shown.get(one.side, one.side)) for one in told), *_held(held)]
    if rows:
        columns = (Column("outcome"), Column("limit"), Column("side"), Column("said", fills=True))
        yield Section("limits", table=Table(columns, tuple(rows), is_headed=False))


def _held(held: Iterable[Regression]) -> Iterator[Cells]:
    for limit, count in Counter(one.limit.text for one in held).items():
        yield ("held", ""), (limit, "metric"), (plural(count, "side"), ""), EMPTY


def _regression(one: Regression, side: str) -> Cells:
    is_broken = one.outcome is Outcome.REGRESSED
    outcome = one.outcome.value.upper() if is_broken else one.outcome.value
    return (
        (outcome, _STYLES[one.outcome]),
        (short(one.limit.text, 30), "metric"),
        (side, ""),
        (_measured(one), ""),
    )


def _measured(one: Regression) -> str:
    """`0.0352 v 0.0388: 9.3% better`, and why it is not judged."""
    if one.value is None or one.reference is None:
        return one.because
    told = f"{number(one.value)} v {number(one.reference)}"
    if one.loss is not None:
        share = percent(abs(one.loss)).removeprefix("+")
        amount = share if one.limit.is_relative else number(abs(one.loss))
        told += f": {amount} {'worse' if one.loss > 0 else 'better'}" if one.loss else ": equal"
    return f"{told}; {one.because}" if one.because else told
