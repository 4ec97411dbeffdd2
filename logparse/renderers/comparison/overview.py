"""What was compared, everything that is said of it in order, and what to do next."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from logparse.comparison.model import MOST_SIDES
from logparse.findings import plural
from logparse.renderers.comparison import facts, measures, pooled, standings, verdicts
from logparse.renderers.comparison.cells import short
from logparse.renderers.comparison.content import Section
from logparse.renderers.numbers import number
from logparse.renderers.spans import can_paste

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logparse.comparison import Comparison
    from logparse.comparison.model import Side
    from logparse.run import Run

_NAMED = 5
_LONGEST = 60


def heading(comparison: Comparison) -> list[str]:
    """`b.log with a.log, the reference` and how many runs there are."""
    first, *others = comparison.sides
    is_single = all(len(side) == 1 for side in comparison.sides)
    names = [_named(side, is_single) for side in others[:_NAMED]]
    if more := len(others) - len(names):
        names.append(f"{more} more")
    told = ", ".join(names[:-1]) + " and " * (len(names) > 1) + names[-1]
    said = [f"{told} with {_named(first, is_single)}, the reference"]
    return [*said, "1 run each"] if is_single else said


def _named(side: Side, is_single: bool) -> str:
    name = short(side.label, _LONGEST)
    return name if is_single else f"{name} ({plural(len(side), 'run')})"


def basis(comparison: Comparison) -> Iterator[str]:
    """By which metric the sides are judged, and what is to be reached."""
    if comparison.main is None:
        yield "no metric in common"
        return
    yield f"judged by {comparison.main}"
    if (target := comparison.target) is not None:
        origin = "" if target.is_given else ", the worst run's best"
        yield f"target {target.column} {number(target.value)}{origin}"


def sections(comparison: Comparison, *, errors: bool = True) -> Iterator[Section]:
    """Everything that is said, the parts with nothing to say left out.

    Many ranked sides are told by their table alone; `errors` are what was not compared.
    """
    is_many = comparison.ranking is not None and len(comparison.sides) > MOST_SIDES
    yield from facts.settings(comparison)
    yield from standings.ranking(comparison)
    if not is_many:
        yield from measures.metrics(comparison)
        yield from facts.findings(comparison)
    yield from verdicts.resolutions(comparison)
    yield from verdicts.regressions(comparison)
    yield from pooled.scaling(comparison)
    yield from pooled.tasks(comparison)
    if comparison.remarks:
        yield Section("notes", notes=tuple((one, "") for one in comparison.remarks))
    if errors and comparison.errors:
        told = ((f"{one.source}: {one.message}", "") for one in comparison.errors)
        yield Section("not compared", notes=tuple(told))


def next_command(comparison: Comparison) -> str:
    """The command that helps most now; '' where there is none that can be pasted."""
    runs = list(_with_new_findings(comparison))
    if runs and can_paste(runs[0].source):
        number = f" --run {runs[0].index}" if runs[0].count > 1 else ""
        return f"logdiag analyze {shlex.quote(runs[0].source)}{number}"
    if any(one.finding is not None for one in comparison.resolutions):
        return "logdiag explain REP002"
    return ""


def _with_new_findings(comparison: Comparison) -> Iterator[Run]:
    """Runs with findings that the reference does not have, those of the worst first."""
    new = [one for one in comparison.found if not one.counts[0] and any(one.counts)]
    for found in sorted(new, key=lambda one: -one.severity.rank):
        for side in comparison.sides[1:]:
            for entrant in side.entrants:
                if any(one.code == found.code for one in entrant.judged.findings):
                    yield entrant.run
