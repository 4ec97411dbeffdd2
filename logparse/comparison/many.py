"""What many runs are for: a ranking, a scaling law, groups over several tasks."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain
from statistics import median
from typing import TYPE_CHECKING, TypeAlias

from logparse import keys
from logparse.comparison import measures, statistics
from logparse.comparison.facts import facts_of, text_of
from logparse.comparison.model import MOST_SIDES, Side, Verdict
from logparse.comparison.ranking import rank
from logparse.comparison.rows import rows
from logparse.comparison.scaling import Member, scaling_family
from logparse.comparison.tasks import Tasks, left_out, pooled
from logparse.errors import UnknownNameError
from logparse.findings import SourceFailure
from logparse.signals.consistency.differences import seed_sd
from logparse.sources import natural_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from logparse.comparison.ledger import Ledger
    from logparse.comparison.model import Entrant, Measure, Row, Value
    from logparse.comparison.options import Options
    from logparse.comparison.ranking import Ranking
    from logparse.comparison.scaling import ScalingFamily
    from logparse.comparison.tasks import Pooled
    from logparse.run import Run


def ranking_of(
    found: Ledger, options: Options, noise: Callable[[Measure, float], float | None]
) -> Ranking | None:
    """The sides by the measure asked for; by the main metric where there are many of them."""
    if options.by is not None:
        measure = found.find(options.by)
    elif found.main is not None and len(found.sides) > MOST_SIDES:
        measure = measures.best(found.main)
    else:
        return None
    told = found.summaries(measure)
    known = [one for one in told if one is not None]
    sd = seed_sd(*(one.numbers for one in known))
    if sd is None and known:
        sd = noise(measure, median([one.median for one in known]))
    costs = {
        "time": found.summaries(measures.TOTAL_S),
        "size": found.summaries(measures.SIZE),
    }
    return rank(measure, told, costs, sd)


def scaling_of(found: Ledger) -> ScalingFamily | None:
    """The best main metric against the number of parameters, for each data scale."""
    if found.main is None:
        return None
    measure = measures.best(found.main)
    members = [
        Member(
            entrant.name, one[measures.SIZE].number, _data_scale(entrant.run), one[measure].number
        )
        for side, runs in zip(found.sides, found.measured, strict=True)
        for entrant, one in zip(side.entrants, runs, strict=True)
        if measures.SIZE in one and measure in one
    ]
    return scaling_family(measure, members)


def tasks_of(found: Ledger, options: Options) -> tuple[Tasks | None, list[SourceFailure]]:
    """The sides over the tasks that a fact of the runs names, and the runs that lack it.

    Raises UnknownNameError where no run has such a fact.
    """
    if options.task is None or found.main is None:
        return None, []
    measure = measures.best(found.main)
    sides = zip(found.sides, found.measured, strict=True)
    by_task = [_by_task(side, runs, options.task) for side, runs in sides]
    if not any(task for side in by_task for task in side):
        known = {
            key for side in found.sides for one in side.entrants for _, key in facts_of(one.run)
        }
        raise UnknownNameError("setting", options.task, known)
    names = [task for task in dict.fromkeys(task for side in by_task for task in side) if task]
    told = [_rows_of(found, by_task, measure, task) for task in sorted(names, key=natural_key)]
    results = [_numbers(side, measure) for side in by_task]
    over_all, left = [], {}
    for side, numbers in zip(found.sides[1:], results[1:], strict=True):
        one = pooled(side.label, results[0], numbers, measure.better)
        over_all += [one] if one is not None else []
        left[side.label] = tuple(
            f"{task}: {why}" for task, why in left_out(results[0], numbers).items()
        )
    lacking = [
        SourceFailure(entrant.name, f"no {options.task}: left out of the tasks")
        for side in by_task
        for entrant, _ in side.get("", ())
    ]
    tasks = Tasks(options.task, measure, tuple(chain(*told)), tuple(_corrected(over_all)), left)
    return tasks, lacking


def _data_scale(run: Run) -> str:
    known = keys.positive(run.settings, keys.SAMPLES_KEYS)
    return "" if known is None else f"{known[0]} {known[1]:g}"


def groups_of(found: Ledger, options: Options) -> list[Side]:
    """What should be repeats of one configuration: the sides, or their parts by task."""
    if options.task is None:
        return list(found.sides)
    return [
        Side(f"{side.label} ({task})", tuple(entrant for entrant, _ in some))
        for side, runs in zip(found.sides, found.measured, strict=True)
        for task, some in _by_task(side, runs, options.task).items()
    ]


_Runs: TypeAlias = "list[tuple[Entrant, Mapping[Measure, Value]]]"


def _by_task(side: Side, runs: Sequence[Mapping[Measure, Value]], key: str) -> dict[str, _Runs]:
    """The runs of a side under the name of their task; under '' those that have none."""
    found: dict[str, _Runs] = {}
    for entrant, one in zip(side.entrants, runs, strict=True):
        found.setdefault(text_of(entrant.run, key) or "", []).append((entrant, one))
    return found


def _rows_of(
    found: Ledger, by_task: Sequence[Mapping[str, _Runs]], measure: Measure, task: str
) -> list[Row]:
    """The measure in one task; it is tested over all of them only."""
    runs = [side.get(task, []) for side in by_task]
    part = replace(
        found,
        sides=tuple(
            Side(side.label, tuple(entrant for entrant, _ in some))
            for side, some in zip(found.sides, runs, strict=True)
        ),
        measured=tuple(tuple(one for _, one in some) for some in runs),
    )
    told = rows(part, [measure], pairs=[None] * (len(runs) - 1), noise=lambda *_: None)
    return [replace(row, task=task) for row in told]


def _numbers(side: Mapping[str, _Runs], measure: Measure) -> dict[str, list[float]]:
    """Each task and the values of its runs."""
    told = {
        task: [one[measure].number for _, one in some if measure in one]
        for task, some in side.items()
        if task
    }
    return {task: numbers for task, numbers in told.items() if numbers}


def _corrected(over_all: Sequence[Pooled]) -> Iterator[Pooled]:
    """The sides with p values corrected for the number of them."""
    holm = statistics.holm([one.p for one in over_all])
    for one, p in zip(over_all, holm, strict=True):
        is_lost = one.p <= statistics.LEVEL < p
        yield replace(one, holm=p, verdict=Verdict.NONE if is_lost else one.verdict)
