"""Limits on how much worse than the reference a side may be: held, broken, or not to be judged."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from logparse import keys
from logparse.axis import is_by_epochs
from logparse.findings import plural
from logparse.metrics import Better
from logparse.signals import Signals

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from logparse.comparison.model import Entrant, Measure, Side, Summary
    from logparse.comparison.options import Limit
    from logparse.run import Run

_ROUNDING = 1e-9


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


def judged(
    limit: Limit, measure: Measure, told: Sequence[Summary | None], sides: Sequence[Side]
) -> Iterator[Regression]:
    """The limit on every side but the first; `told` is what each side has of the measure."""
    first, reference = told[0], sides[0]
    for second, side in zip(told[1:], sides[1:], strict=True):
        why = _lack(limit, first, reference) or _lack(limit, second, side)
        why = why or unlike(measure, reference, side)
        if why or first is None or second is None:
            yield Regression(limit, side.label, Outcome.REFUSED, why)
        else:
            yield _measured(limit, measure, side.label, first, second)


def _lack(limit: Limit, told: Summary | None, side: Side) -> str:
    """That the side, or some of its runs, have no such measure."""
    if told is None:
        return f"{side.label} has no {limit.name}"
    lacking = f"{told.lacking} of {plural(len(side), 'run')} of {side.label}"
    return f"{lacking} lack {limit.name}" if told.lacking else ""


def _measured(
    limit: Limit, measure: Measure, label: str, first: Summary, second: Summary
) -> Regression:
    reference, value = first.mean, second.mean
    if limit.is_relative and reference == 0:
        why = "a share of 0 is no limit: give it in the unit of the metric"
        return Regression(limit, label, Outcome.REFUSED, why, reference, value)
    loss = value - reference if measure.better is Better.LOWER else reference - value
    loss = loss / abs(reference) if limit.is_relative else loss
    is_held = loss <= limit.amount + _ROUNDING * max(limit.amount, abs(loss))
    outcome = Outcome.HELD if is_held else Outcome.REGRESSED
    return Regression(limit, label, outcome, "", reference, value, loss)


def unlike(measure: Measure, reference: Side, side: Side) -> str:
    """Why the metric of one side says nothing about that of the other; '' where it does.

    Cost is compared whatever was learned; metrics ask for runs that did not fail, the same
    baselines, the same forecast horizon and as long a training.
    """
    if measure.better is Better.NEITHER:
        return f"{measure.name} has no better direction"
    if measure.kind != "quality":
        return ""
    for one in (*reference.entrants, *side.entrants):
        if one.failures:
            return f"{one.name} failed ({', '.join(one.failures)}): its best is from before"
    if why := _other_baselines(reference, side):
        return why
    first = reference.entrants[0]
    for one in (*reference.entrants[1:], *side.entrants):
        why = _other_horizon(first.run, one.run) or _other_length(first, one)
        if why:
            return f"{one.name} with {first.name}: {why}"
    return ""


def _other_baselines(reference: Side, side: Side) -> str:
    """Baselines are those of the data; in a group they may differ from seed to seed."""
    names = dict.fromkeys(key for one in (*reference.entrants, *side.entrants)
                          for key in one.run.baselines)  # fmt: skip
    for key in names:
        first, second = _baselines(reference, key), _baselines(side, key)
        if first and second and set(first) != set(second):
            return f"other baselines: {key} is {_told(second)} and {_told(first)}"
    return ""


def _baselines(side: Side, key: str) -> list[float]:
    known = (entrant.run.baselines.get(key, math.nan) for entrant in side.entrants)
    return sorted(value for value in known if math.isfinite(value))


def _told(values: Sequence[float]) -> str:
    low, high = f"{values[0]:.6g}", f"{values[-1]:.6g}"
    return low if low == high else f"{low} to {high}"


def _other_horizon(first: Run, second: Run) -> str:
    a, b = (keys.setting(run.settings, keys.HORIZON_KEYS) for run in (first, second))
    if a and b and a[1] != b[1]:
        return f"another horizon, {b[0]} {b[1]:g} and {a[0]} {a[1]:g}"
    return ""


def _other_length(first: Entrant, second: Entrant) -> str:
    """Another length of training: other epochs planned, or one that has not ended yet."""
    a, b = first.run, second.run
    if first.until is not None and second.until is not None and a.last_epoch == b.last_epoch:
        return ""
    if a.planned_epochs != b.planned_epochs:
        plans = [str(run.planned_epochs or "an undeclared number of") for run in (b, a)]
        unit = "epochs" if is_by_epochs(a) else "points"
        return f"another length of training, {' and '.join(plans)} {unit} planned"
    for short, long in ((first, second), (second, first)):
        until, last = short.run.last_epoch, long.run.last_epoch
        if until is None or last is None or until >= last:
            continue
        if not Signals(short.run).ending.is_over:
            cut = f"compare both with @{until}"
            return f"{short.name} ends at {short.run.label(until)} without having finished; {cut}"
    return ""
