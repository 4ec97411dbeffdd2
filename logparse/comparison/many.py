"""What many runs are for: a ranking, a scaling law, groups over several tasks."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from logparse import keys
from logparse.comparison import measures, statistics
from logparse.comparison.facts import text_of
from logparse.comparison.model import Row, Side, Tasks, Verdict
from logparse.comparison.ranking import rank
from logparse.comparison.rows import rows
from logparse.comparison.scaling import Member, scaling_family
from logparse.comparison.tasks import pooled
from logparse.errors import ComparisonError
from logparse.findings import SourceFailure
from logparse.signals.consistency.differences import seed_sd

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from logparse.comparison.ledger import Ledger
    from logparse.comparison.model import Measure, Pooled, Ranking, ScalingFamily, Value
    from logparse.comparison.options import Options

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
    told = found.summaries(measure)
    known = [one for one in told if one is not None]
    sd = seed_sd(*(one.numbers for one in known))
    if sd is None and known:
        sd = noise(measure, statistics.middle([one.median for one in known]))
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
        Member(entrant.name, one[measures.SIZE].number, _data_scale(entrant.run), one[measure].number)
        for side, runs in zip(found.sides, found.measured, strict=True)
        for entrant, one in zip(side.entrants, runs, strict=True)
        if measures.SIZE in one and measure in one
    ]
    return scaling_family(measure, members)


def _data_scale(run: Run) -> str:
    known = keys.positive(run.settings, keys.SAMPLES_KEYS)
    return "" if known is None else f"{known[0]} {known[1]:g}"
