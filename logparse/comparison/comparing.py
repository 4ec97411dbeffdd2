"""Sides and options to a `Comparison`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from logparse.comparison import Comparison, measures
from logparse.comparison.facts import compared_facts
from logparse.comparison.found import compared_findings, resolutions
from logparse.comparison.ledger import ledger
from logparse.comparison.many import groups_of, ranking_of, scaling_of, tasks_of
from logparse.comparison.regressions import judged
from logparse.comparison.remarks import remarks as remarks_on
from logparse.comparison.remarks import seed_of
from logparse.comparison.rows import rows
from logparse.comparison.verdicts import Pairs
from logparse.errors import ComparisonError
from logparse.findings import SourceFailure
from logparse.rules.rep.unresolvable_difference import UnresolvableDifference

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from logparse.comparison.ledger import Ledger
    from logparse.comparison.model import Measure, Row, Side, Summary
    from logparse.comparison.options import Options
    from logparse.comparison.regressions import Regression
    from logparse.rules import Rule


def compare_sides(
    sides: Sequence[Side],
    options: Options,
    *,
    rules: Sequence[Rule] = (UnresolvableDifference(),),
    errors: Sequence[SourceFailure] = (),
    remarks: Sequence[str] = (),
) -> Comparison:
    """The sides against the first of them.

    Of the `rules` REP002 judges the difference itself, where it is among them. `errors` are what
    could not be read, `remarks` what was seen on the way; what cannot be compared is added.
    Raises ComparisonError where there are fewer than two sides, and UnknownNameError for a metric
    or measure that nothing has.
    """
    if len(sides) < 2:
        raise ComparisonError(_nothing_to_compare(sides))
    found, facts = ledger(sides, options), compared_facts(sides)
    noise = _SeedNoise(found.main, options)
    pairs = [_pairs(found.sides[0], side) for side in found.sides[1:]]
    judge = next((one for one in rules if isinstance(one, UnresolvableDifference)), None)
    candidates = _candidates(found, options)
    told = rows(found, found.measures, pairs=pairs, tested=candidates, noise=noise)
    tasks, lacking = tasks_of(found, options)
    shown = () if tasks else tuple(_worth_a_row(told, found))
    ranking, groups = ranking_of(found, options, noise), groups_of(found, options)
    return Comparison(
        sides=found.sides,
        main=found.main,
        axis=found.axis,
        at=found.at,
        target=found.target,
        measured=found.measured,
        facts=facts,
        rows=shown,
        found=compared_findings(found.sides),
        resolutions=() if tasks else tuple(resolutions(found, judge, noise)),
        regressions=tuple(_regressions(found, options)),
        ranking=ranking,
        scaling=scaling_of(found),
        tasks=tasks,
        remarks=(*remarks, *remarks_on(found, facts, shown, pairs, groups, candidates)),
        errors=(*errors, *lacking, *_without_metric(found)),
    )


@dataclass(frozen=True, slots=True)
class _SeedNoise:
    """SD between seeds around a value of a measure, where the caller knows it."""

    main: str | None
    options: Options

    def __call__(self, measure: Measure, value: float) -> float | None:
        if measure.kind != "quality" or measure.unit == "x":
            return None
        for known in self.options.noises:
            if measure.column == (known.column or self.main):
                return known.sd(value)
        return None


def _nothing_to_compare(sides: Sequence[Side]) -> str:
    return f"nothing to compare {sides[0].label} with" if sides else "no run is left to compare"


def _pairs(first: Side, second: Side) -> Pairs | None:
    """Which run of the second goes with which of the first: that of the same seed, if all have."""
    theirs = [seed_of(entrant.run) for entrant in first.entrants]
    mine = [seed_of(entrant.run) for entrant in second.entrants]
    is_matched = len(theirs) == len(set(theirs)) == len(mine) and set(mine) == set(theirs)
    if not is_matched or None in theirs or len(mine) < 2:
        return None
    return Pairs(tuple(mine.index(seed) for seed in theirs))


def _candidates(found: Ledger, options: Options) -> list[str]:
    """The measures to test, the most important first: results on validation, and speed.

    All others follow from them, or from what was set.
    """
    val = [column for column in found.columns if column.startswith("val_")]
    columns = found.columns if options.metrics or not val else val
    first = [found.main] if found.main else []
    names = [measures.best(column).name for column in dict.fromkeys([*first, *columns])]
    return names if options.metrics else [*names, measures.THROUGHPUT.name]


def _worth_a_row(told: Sequence[Row], found: Ledger) -> Iterator[Row]:
    """The rows without those that only repeat others, or that are alike on all sides."""
    main = measures.last(found.main) if found.main else None
    known: set[tuple[Summary | None, ...]] = set()
    for row in told:
        measure = row.measure
        is_final = measure.name.startswith("last_")
        is_alike = len({frozenset(one.numbers) for one in row.summaries if one is not None}) == 1
        # The last value may be that of the meeting point, and has been told then.
        if is_final and (measure != main or row.summaries in known):
            continue
        known.add(row.summaries)
        if measure in (measures.SIZE, *measures.LENGTHS) and is_alike:
            continue
        yield _without_changes(row) if _is_partly_reached(row) else row


def _is_partly_reached(row: Row) -> bool:
    """True where some runs never reached the target: those that did are not all of a side."""
    is_way = row.measure in measures.TO_TARGET
    return is_way and any(one is not None and one.lacking for one in row.summaries)


def _without_changes(row: Row) -> Row:
    return replace(row, changes=(None,) * len(row.changes))


def _regressions(found: Ledger, options: Options) -> Iterator[Regression]:
    for limit in options.limits:
        measure = found.find(limit.name)
        yield from judged(limit, measure, found.summaries(measure), found.sides)


def _without_metric(found: Ledger) -> Iterator[SourceFailure]:
    """What was left out of the metrics, and why."""
    if found.main is None:
        labels = " and ".join(side.label for side in found.sides)
        had = "; ".join(
            f"{side.label} has {_columns_of(side, found) or 'none'}" for side in found.sides
        )
        yield SourceFailure(labels, f"no metric in common: {had}")
        return
    best = measures.best(found.main)
    for side, runs in zip(found.sides, found.measured, strict=True):
        lacking = [
            entrant for entrant, one in zip(side.entrants, runs, strict=True) if best not in one
        ]
        for entrant in lacking:
            why = "it has no epochs" if not len(entrant.run.epochs) else f"it has no {found.main}"
            yield SourceFailure(entrant.name, f"{why}: left out of the metrics")


def _columns_of(side: Side, found: Ledger) -> str:
    """The metrics that a side has, of those that are compared."""
    runs = found.measured[found.sides.index(side)]
    had = [name for name in found.columns if any(measures.best(name) in one for one in runs)]
    return ", ".join(had)
