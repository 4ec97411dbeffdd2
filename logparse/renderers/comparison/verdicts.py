"""Whether differences can be resolved and limits are held, as sections."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logparse.comparison.model import Outcome
from logparse.findings import plural
from logparse.renderers.comparison.cells import percent, short
from logparse.renderers.comparison.content import EMPTY, Cells, Column, Section, Table
from logparse.renderers.comparison.facts import MOST_BESIDE
from logparse.renderers.numbers import number

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from logparse.comparison import Comparison
    from logparse.comparison.model import Regression, Resolution

_NAMED = 2
_STYLES = {Outcome.HELD: "", Outcome.REGRESSED: "error", Outcome.REFUSED: "warning"}


def resolutions(comparison: Comparison) -> Iterator[Section]:
    """What REP002 says of each side, with what to try; sides of which it says the same together."""
    groups: dict[tuple[Cells, ...], list[str]] = {}
    for one in comparison.resolutions:
        groups.setdefault(_resolution(one), []).append(one.side)
    rows = []
    for told, sides in groups.items():
        for at, (kind, text) in enumerate(told):
            rows.append((kind, (_named(sides), "metric") if not at else EMPTY, text))
    if rows:
        columns = (Column(""), Column("side"), Column("REP002", fills=True))
        yield Section("resolution", table=Table(columns, tuple(rows), is_headed=False))


def _resolution(one: Resolution) -> tuple[Cells, ...]:
    if one.finding is not None:
        found = one.finding
        labels = ("try", *[""] * len(found.remedies))
        tries = (
            ((at, "dim"), (text, "")) for at, text in zip(labels, found.remedies, strict=False)
        )
        return ((found.code, found.severity.value), (found.reading, "")), *tries
    if one.unknown:
        return ((("unknown", "dim"), (one.unknown, "")),)
    return ((("clear", "dim"), (one.said, "")),) if one.said else ()


def _named(sides: Sequence[str]) -> str:
    return ", ".join(map(short, sides)) if len(sides) <= _NAMED else plural(len(sides), "side")


def regressions(comparison: Comparison) -> Iterator[Section]:
    """Each limit on each side, with the numbers or why it cannot be judged.

    Of many sides those that hold a limit are counted.
    """
    is_many = len(comparison.sides) > MOST_BESIDE
    held = [one for one in comparison.regressions if is_many and one.outcome is Outcome.HELD]
    rows = [_regression(one) for one in comparison.regressions if one not in held]
    rows += list(_held(held))
    if rows:
        columns = (Column("outcome"), Column("limit"), Column("side"), Column("said", fills=True))
        yield Section("limits", table=Table(columns, tuple(rows), is_headed=False))


def _held(held: Iterable[Regression]) -> Iterator[Cells]:
    counts: dict[str, int] = {}
    for one in held:
        counts[one.limit.text] = counts.get(one.limit.text, 0) + 1
    for limit, count in counts.items():
        yield ("held", ""), (limit, "metric"), (plural(count, "side"), ""), EMPTY


def _regression(one: Regression) -> Cells:
    is_broken = one.outcome is Outcome.REGRESSED
    outcome = one.outcome.value.upper() if is_broken else one.outcome.value
    return (
        (outcome, _STYLES[one.outcome]),
        (short(one.limit.text, 30), "metric"),
        (short(one.side), ""),
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
