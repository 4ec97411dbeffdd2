"""REP002 unresolvable-difference."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logparse.findings import Confidence, Finding, Severity, plural
from logparse.rules.base import Clear, NotApplicable, Rule, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logparse.run import Run
    from logparse.signals import Signals
    from logparse.signals.consistency.differences import Difference


@rule
class UnresolvableDifference(Rule):
    """Two runs, or two groups of runs, differ by no more than their seeds make them differ.

    What it does: holds the difference of two final values against the spread between runs of
    the same settings and different seeds, and says how many seeds would tell it.

    Why it matters: the better of two such runs was lucky, and a choice made by it is a coin toss.
    Epochs of one run do not help: they are not independent of each other.

    Test: the difference is below 2 sqrt 2 seed SD for one run on each side, in general below
    2 SD sqrt(1/n + 1/m); or one side is a single run. The SD is that within groups of three
    runs or more, else one that was given. It takes two runs and does not apply to one: `logdiag
    compare` asks it.

    False alarms: runs that share seed and data order, whose differences are smaller than those
    between seeds.

    Try: as many seeds on each side as find the difference with a probability of 80%.

    Source: TP; the t test is arithmetic.
    """

    code = "REP002"
    name = "unresolvable-difference"
    severity = Severity.NOTE
    needs = ()

    def check(self, run: Run, signals: Signals) -> Iterator[Finding | Clear]:
        raise NotApplicable("needs two runs or groups to compare: one run has no difference")

    def compare(self, found: Difference, metric: str) -> Finding | Clear:
        """What the rule says of a difference in the final values of a metric."""
        first, second = found.seeds
        if found.is_resolvable:
            return Clear(f"{metric} differs by {found.size:.3g}, least {found.least:.3g}")
        is_single = min(found.seeds) == 1
        beyond = "rests on a single run" if found.is_beyond_noise else "is within seed noise"
        origin = "measured" if found.is_measured else "assumed"
        # As many seeds as tell the difference measure the SD as well.
        is_guess = not found.is_measured and found.seeds_needed is None
        return self.finding(
            reading=f"The difference of {found.size:.3g} in {metric} {beyond}.",
            measured={
                "metric": metric,
                "difference": found.size,
                "least_difference": found.least,
                "seed_sd": found.seed_sd,
                "seed_sd_is": origin,
                "seeds_first": first,
                "seeds_second": second,
                "seeds_needed": found.seeds_needed or "more than 1000",
            },
            causes=("the two do not differ", "they differ by less than so few seeds can show"),
            remedies=(
                _more_seeds(found.seeds_needed),
                *(("train three seeds to measure the SD",) if is_guess else ()),
            ),
            confirm=_confirmation(found),
            confidence=Confidence.MEDIUM if is_single or not found.is_measured else Confidence.HIGH,
        )


def _more_seeds(needed: int | None) -> str:
    if needed is None:
        return "choose by another measure: a thousand seeds on each side would not tell these apart"
    return f"train {plural(needed, 'seed')} on each side"


def _confirmation(found: Difference) -> str:
    if found.seeds_needed is None or found.least_then is None:
        return "Another pair of runs differs as little."
    runs = plural(found.seeds_needed, "seed")
    return f"With {runs} on each side the means differ by {found.least_then:.3g} or more."
