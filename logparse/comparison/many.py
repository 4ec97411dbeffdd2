"""What many runs are for: a ranking, a scaling law, groups over several tasks."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

from logparse import keys
from logparse.comparison import measures
from logparse.signals.consistency.differences import seed_sd

if TYPE_CHECKING:
    from collections.abc import Callable

    from logparse.comparison.ledger import Ledger
    from logparse.comparison.model import Measure, Ranking, ScalingFamily, Tasks
    from logparse.comparison.options import Options
    from logparse.findings import SourceFailure
    from logparse.run import Run

MOST_SIDES = 6
"""More sides than these are ranked, if nothing else is asked for."""


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
    from logparse.comparison.ranking import rank

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
    sizes = {one[measures.SIZE] for side in found.measured for one in side if measures.SIZE in one}
    if len(sizes) < 3:
        return None
    from logparse.comparison.scaling import Member, scaling_family

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
    """The sides over the tasks that a setting names, and the runs that lack it."""
    if options.task is None:
        return None, []
    raise NotImplementedError


def _data_scale(run: Run) -> str:
    known = keys.positive(run.settings, keys.SAMPLES_KEYS)
    return "" if known is None else f"{known[0]} {known[1]:g}"
