"""What one must know to read a comparison's numbers: sentences, each about one thing."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from logparse import keys
from logparse.comparison import measures, statistics
from logparse.comparison.facts import compared_facts
from logparse.comparison.ledger import counts_alike
from logparse.comparison.model import Verdict
from logparse.findings import plural

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from logparse.comparison.facts import Facts
    from logparse.comparison.ledger import Ledger
    from logparse.comparison.model import Row, Side
    from logparse.comparison.verdicts import Pairs
    from logparse.run import Run

_MOST = 4


def remarks(
    ledger: Ledger,
    facts: Facts,
    rows: Sequence[Row],
    pairs: Sequence[Pairs | None],
    groups: Sequence[Side],
    candidates: Sequence[str],
) -> Iterator[str]:
    """All that apply, those that question the comparison first.

    `groups` are what should be repeats of one configuration: the sides, or their parts by task;
    `candidates` what would be tested if there were runs enough.
    """
    yield from _other_data(facts)
    for group in groups:
        mixture = [*_mixture(group)]
        yield from mixture or _repeated_seeds(group)
    for side in ledger.sides:
        yield from _failures(side)
        yield from _short_cuts(side)
    if ledger.why_not:
        yield f"values are not compared at equal {ledger.axis}: {ledger.why_not}"
    is_unreached = not set(measures.TO_TARGET) & {*ledger.measures}
    if ledger.target is not None and is_unreached and counts_alike(ledger.sides):
        yield f"no run reaches {ledger.target.column} {ledger.target.value:g}"
    for side, pair in zip(ledger.sides[1:], pairs, strict=True):
        if pair is not None:
            yield from _pairing(side, len(pair.order))
    yield from _untested(rows, candidates)
    yield from _too_few(rows)


def _pairing(side: Side, pairs: int) -> Iterator[str]:
    """What was compared seed by seed, and what was not, though the seeds match."""
    if pairs < statistics.MIN_PAIRS:
        return
    tested = "and so are tests" if pairs >= statistics.LEAST_PAIRS else "tests are not"
    why = "" if pairs >= statistics.LEAST_PAIRS else ": signs of so few pairs cannot reach 5%"
    yield f"{side.label}: intervals are paired by seed, {tested}{why}"


def _other_data(facts: Facts) -> Iterator[str]:
    """Baselines are those of the data: where they differ, so do the data."""
    differing = [fact.key for fact in facts.differing if fact.block == "baselines"]
    if differing:
        yield (
            f"the baselines differ ({_listed(differing)}): other data, another split or another "
            "horizon; the metrics are not those of one task"
        )


def _mixture(side: Side) -> Iterator[str]:
    """The spread of a group is seed noise only if nothing but the seed varies in it."""
    mixed = [
        fact.key
        for fact in compared_facts([side]).varying
        if fact.block in ("hyperparameters", "model", "batch")
        and fact.key.upper() not in keys.SEED_KEYS
    ]
    if mixed:
        yield (
            f"the runs of {side.label} differ in {_listed(mixed)}: they are no repeats of one "
            "configuration, and their spread is more than seed noise"
        )


def _repeated_seeds(side: Side) -> Iterator[str]:
    seeds = [seed_of(entrant.run) for entrant in side.entrants]
    again = [seed for seed, count in Counter(seeds).items() if seed is not None and count > 1]
    if again and len(side) > 1:
        yield f"{side.label} has seed {again[0]:g} more than once: such runs share their luck"


def _failures(side: Side) -> Iterator[str]:
    """Runs of a group that failed: their best values come from before."""
    failed = {one.name: one.failures for one in side.entrants if one.failures}
    if failed and len(side) > 1:
        codes = ", ".join(sorted({code for codes in failed.values() for code in codes}))
        yield (
            f"{len(failed)} of {plural(len(side), 'run')} of {side.label} failed ({codes}: "
            f"{_listed([*failed])}), and what counts of them is from before"
        )


def _short_cuts(side: Side) -> Iterator[str]:
    for entrant in side.entrants:
        last = entrant.run.last_epoch
        if entrant.until is not None and last is not None and last < entrant.until:
            yield f"{entrant.name} ends at {entrant.run.label(last)}, before E{entrant.until}"


def _untested(rows: Sequence[Row], candidates: Sequence[str]) -> Iterator[str]:
    """What would have been tested if there were more runs."""
    tested = {row.measure.name for row in rows if any(one and one.test for one in row.changes)}
    left = [
        row.measure.label
        for row in rows
        if row.measure.name in candidates and row.measure.name not in tested
    ]
    if tested and left:
        yield f"so few runs leave no room for more tests: {_listed(left)} not tested"


def _too_few(rows: Sequence[Row]) -> Iterator[str]:
    """That no outcome at all could have been called a difference, and how many runs could."""
    told = [
        (row, side, change)
        for row in rows
        for side, change in enumerate(row.changes)
        if change is not None and change.p is not None
    ]
    few = [one for one in told if one[2].verdict is Verdict.TOO_FEW]
    if not few:
        return
    row, side, change = few[0]
    first, second = row.summaries[0], row.summaries[side]
    if first is None or second is None or change.least_p is None:
        return
    least, needed = change.least_p * len(told), statistics.seeds_for_a_test(len(told))
    yield (
        f"{first.n}+{second.n} runs are too few: {plural(len(told), 'exact test')} cannot go below "
        f"p = {min(1.0, least):.2g}; {needed} a side would do"
    )


def seed_of(run: Run) -> float | None:
    """The seed that a run declares."""
    return keys.number(run.settings, keys.SEED_KEYS)


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_MOST])
    return shown if len(names) <= _MOST else f"{shown} and {len(names) - _MOST} more"
