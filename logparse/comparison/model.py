"""What a comparison is made of: data only, with every number's own values kept beside it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from statistics import fmean, median, stdev
from typing import TYPE_CHECKING, Literal, TypeAlias

from logparse.findings import Severity
from logparse.metrics import Better

if TYPE_CHECKING:
    from logparse.findings import RunReport
    from logparse.run import Run

Axis: TypeAlias = Literal["epoch", "step", "time", "samples"]
"""What is held equal where values are compared before the end of a run."""

AXES: tuple[Axis, ...] = ("epoch", "step", "time", "samples")
FAILURES = ("NUM001", "LOSS003")
"""Non-finite, divergence: what is best in such a run is from before."""
MOST_SIDES = 6
"""More sides cannot be read beside each other: they are ranked, if nothing else is asked for."""


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

    @property
    def failures(self) -> tuple[str, ...]:
        """Codes of errors after which what the run printed is no result."""
        errors = (one for one in self.judged.findings if one.severity is Severity.ERROR)
        return tuple(dict.fromkeys(one.code for one in errors if one.code in FAILURES))


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
    """What a run has of a measure, and the epoch where that stands, if at one.

    `place` is that as the log counts, `1,700` steps, where it does not count by epochs.
    """

    number: float
    epoch: int | None = None
    place: str = ""


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
