"""What a comparison is made of: data only, with every number's own values kept beside it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import StrEnum
from statistics import fmean, median, stdev
from typing import TYPE_CHECKING, Literal, TypeAlias

from logparse.metrics import Better

if TYPE_CHECKING:
    from collections.abc import Mapping

    from logparse.findings import Finding, RunReport, Severity
    from logparse.run import Run

Axis: TypeAlias = Literal["epoch", "step", "time", "samples"]
"""What is held equal where values are compared before the end of a run."""

AXES: tuple[Axis, ...] = ("epoch", "step", "time", "samples")


@dataclass(frozen=True, slots=True, eq=False)
class Entrant:
    """One run of a comparison, under the shortest name that tells it from the others.

    `until` is the epoch at which it was cut, None for a whole run.
    """

    name: str
    judged: RunReport
    until: int | None = None

    @property
    def run(self) -> Run:
        return self.judged.run


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """One run, or a group of runs that are repeats of one configuration."""

    label: str
    entrants: tuple[Entrant, ...]

    def __len__(self) -> int:
        return len(self.entrants)


@dataclass(frozen=True, slots=True)
class Measure:
    """A number that every run has or lacks.

    kind   `quality` (a metric of the model), `cost` (time, memory, size), `flow` (gradients)
    unit   as in `logparse.metrics`; `x` for a ratio, `epochs` for a count of them
    column the column of `Run.epochs` that it is taken from, '' for none
    """

    name: str
    label: str
    unit: str
    better: Better
    kind: Literal["quality", "cost", "flow"]
    column: str = ""

    @property
    def is_share(self) -> bool:
        """True for metrics whose differences are told in their own unit, as those of R2."""
        return self.kind == "quality" and self.better is Better.HIGHER


@dataclass(frozen=True, slots=True)
class Value:
    """What a run has of a measure, and the epoch where that stands, if at one."""

    number: float
    epoch: int | None = None


@dataclass(frozen=True, slots=True)
class Summary:
    """What the runs of a side have of a measure: one value for each run that has it."""

    values: tuple[Value, ...]
    names: tuple[str, ...]
    lacking: int = 0

    @property
    def numbers(self) -> tuple[float, ...]:
        return tuple(value.number for value in self.values)

    @property
    def n(self) -> int:
        return len(self.values)

    @property
    def median(self) -> float:
        return median(self.numbers)

    @property
    def mean(self) -> float:
        return fmean(self.numbers)

    @property
    def sd(self) -> float | None:
        """SD between the runs; None for a single one."""
        return stdev(self.numbers) if self.n > 1 else None


class Verdict(StrEnum):
    """What is said of a difference. Only BETTER, WORSE and DIFFERENT claim that there is one."""

    BETTER = "better"
    WORSE = "worse"
    DIFFERENT = "different"
    NONE = "none detectable"
    TOO_FEW = "too few runs"
    SINGLE = "one run a side"
    UNTESTED = "untested"


@dataclass(frozen=True, slots=True)
class Change:
    """A side against the reference.

    difference  mean of the side less mean of the reference, in the measure's unit
    relative    the same over the reference's mean; None where that means nothing
    low, high   95% interval of the difference, None with fewer than three runs a side
    is_paired   True when runs of equal seeds were compared with each other
    test        name of the test, '' where there is none
    p, least_p  its two-sided p value, and the least one that so few runs can reach
    holm        the p value, corrected for all tests of the comparison
    noise_sd    SD between runs that differ in their seed only, measured or assumed; None if unknown
    noises      |difference| in SDs of the difference of so many runs; None if unknown
    """

    difference: float
    relative: float | None
    verdict: Verdict
    low: float | None = None
    high: float | None = None
    is_paired: bool = False
    test: str = ""
    p: float | None = None
    least_p: float | None = None
    holm: float | None = None
    noise_sd: float | None = None
    noises: float | None = None

    def relative_to(self, mean: float, bound: float) -> float | None:
        """A bound of the interval as a share of the reference's mean."""
        return None if self.relative is None else bound / abs(mean)


@dataclass(frozen=True, slots=True)
class Row:
    """A measure over the sides, in their order; the reference is the first and has no change."""

    measure: Measure
    summaries: tuple[Summary | None, ...]
    changes: tuple[Change | None, ...]
    task: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """A setting or fact that differs: the texts of each side's runs, in order; '' for absent.

    `block` is one of hyperparameters, model, batch, optimizer, environment, baselines, log.
    """

    block: str
    key: str
    texts: tuple[tuple[str, ...], ...]

    def distinct(self, side: int) -> tuple[str, ...]:
        """The texts of a side, each once."""
        return tuple(dict.fromkeys(self.texts[side]))


@dataclass(frozen=True, slots=True)
class Facts:
    """What differs between the sides, of how many keys; what varies only within sides."""

    differing: tuple[Fact, ...] = ()
    varying: tuple[Fact, ...] = ()
    compared: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """In how many runs of each side a rule found something, of how many."""

    code: str
    name: str
    severity: Severity
    counts: tuple[int, ...]
    runs: tuple[int, ...]

    def share(self, side: int) -> float:
        """Share of the side's runs with the finding."""
        return self.counts[side] / self.runs[side] if self.runs[side] else math.nan


@dataclass(frozen=True, slots=True)
class Target:
    """A value of a metric that runs are to reach; `is_given` unless it is the worst run's best."""

    column: str
    value: float
    is_given: bool = False


@dataclass(frozen=True, slots=True)
class Limit:
    """How much worse a measure may get: `amount` of the reference, or in its own unit."""

    name: str
    amount: float
    is_relative: bool
    text: str


class Outcome(StrEnum):
    """What became of a limit for one side."""

    HELD = "held"
    REGRESSED = "regressed"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Regression:
    """A limit on one side: the numbers, or why it cannot be judged.

    `loss` is how much worse the side is, negative for better, in the unit of the limit.
    """

    limit: Limit
    side: str
    outcome: Outcome
    because: str = ""
    reference: float | None = None
    value: float | None = None
    loss: float | None = None


@dataclass(frozen=True, slots=True)
class Resolution:
    """What REP002 says of a side's difference to the reference, in the main metric.

    `finding` is None where the difference is resolvable, or where `unknown` says why nobody
    can tell; `said` is the rule's word where it is clear.
    """

    side: str
    finding: Finding | None = None
    said: str = ""
    unknown: str = ""


@dataclass(frozen=True, slots=True)
class Ranked:
    """One side in the ranking. `place` is from 1; None for one without the measure.

    pareto   the costs (`time`, `size`) for which no other side, by medians, is at least as good
             and at least as cheap, and one of both more so; never one that the side lacks
    is_tied  True for a side after the first where that may be ahead by seed noise and by being the
             best of so many; False where the noise is unknown
    """

    side: int
    place: int | None
    summary: Summary | None
    pareto: tuple[str, ...] = ()
    is_tied: bool = False


@dataclass(frozen=True, slots=True)
class Ranking:
    """The sides by one measure, the best first."""

    measure: Measure
    places: tuple[Ranked, ...]
    noise_sd: float | None = None


@dataclass(frozen=True, slots=True)
class ScalePoint:
    """One run of a scaling family; `residual` is log(value / fit), so 0.01 is 1% above the fit."""

    name: str
    size: float
    value: float
    fitted: float
    residual: float


@dataclass(frozen=True, slots=True)
class Scaling:
    """value = factor * parameters ** exponent, by least squares on logarithms.

    data       samples a run is trained on, as text; '' where undeclared
    low, high  95% interval of the exponent, by t with n - 2 degrees of freedom for n runs; it
               holds where the power law does
    spread     SD of the residuals, with the same degrees of freedom
    points     the runs, the smallest first
    bend       quadratic term of a parabola through the logarithms over its standard error: above
               0 the larger models gain less than the law says; None with fewer than four sizes
    bend_p     its two-sided p value, by t with n - 3 degrees of freedom; a small one says that a
               power law does not fit
    """

    data: str
    factor: float
    exponent: float
    low: float
    high: float
    spread: float
    bend: float | None
    bend_p: float | None
    points: tuple[ScalePoint, ...]


@dataclass(frozen=True, slots=True)
class ScalingFamily:
    """Fits of one measure against the number of parameters, one for each data scale.

    `lacks` says what stood in the way where there is no fit at all, or for a data scale.
    """

    measure: Measure
    fits: tuple[Scaling, ...] = ()
    lacks: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with its 95% interval, by stratified bootstrap."""

    estimate: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Pooled:
    """A side against the reference over all tasks that both have.

    Scores are values over the reference's median of the same task, so that those of the reference
    lie around 1. Every task counts the same, however many runs it has.

    scores, reference_scores  interquartile means
    ratio        the side's over the reference's
    improvement  the probability that a run of the side is better than one of the reference on a
                 task drawn by chance; ties count half
    p            that of permutations of the sides within tasks, two-sided
    holm         the same, corrected for all tests of the comparison
    """

    side: str
    tasks: tuple[str, ...]
    scores: Interval
    reference_scores: Interval
    ratio: Interval
    improvement: Interval
    p: float
    holm: float
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Tasks:
    """Groups over several tasks: rows for each task, and the sides over all of them."""

    key: str
    measure: Measure
    rows: tuple[Row, ...] = ()
    pooled: tuple[Pooled, ...] = ()
    left_out: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
