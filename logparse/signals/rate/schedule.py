"""Which learning-rate schedule a run follows: what it declares first, what fits second."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from logparse.keys import plateau_patience_key
from logparse.signals.rate.following import follow, is_constant
from logparse.signals.rate.phases import find_cuts
from logparse.signals.rate.plans import PlanKind, onecycle_plan
from logparse.signals.rate.shapes import fit_fall, tolerance

if TYPE_CHECKING:
    from collections.abc import Mapping

    from logparse.run import Run
    from logparse.settings import Settings
    from logparse.signals.rate.phases import Cut
    from logparse.signals.rate.shapes import Fit
    from logparse.signals.series import FloatArray, IntArray, Series

ScheduleKind: TypeAlias = PlanKind | Literal["warm-up", "warm-up-stable-decay", "unexplained"]

RESTART_RATIO = 1.5
HOLD_SHARE = 0.2
EQUAL_RATIOS = 0.05


@dataclass(frozen=True, slots=True)
class Schedule:
    """The schedule as recognised.

    source          `declared` (closed form from the run's settings), `fitted`, or `none`
    error           worst deviation in units of the tolerance (2% or one print step)
    parameters      what the form was fitted or declared with; LRs, epochs
    declared_error  how far the declared form is off, None when none is declared
    declared_kind   its kind, empty when none is declared
    predicted       the declared form's LR at each logged epoch, empty when none is declared
    """

    kind: ScheduleKind
    source: Literal["declared", "fitted", "none"]
    error: float
    parameters: Mapping[str, float] = field(default_factory=dict)
    declared_error: float | None = None
    predicted: tuple[float, ...] = ()
    declared_kind: str = ""

    @property
    def is_planned(self) -> bool:
        """True when a plan set the LR, False when the run's own metric did or nobody knows."""
        return self.kind not in ("plateau-driven", "unexplained")


@np.errstate(all="ignore")
def recognise(run: Run, lr: Series) -> Schedule | None:
    """The schedule behind the LR column; None without one, or with one value and no plan."""
    if not len(lr):
        return None
    allowed = allowed_error(lr)
    followed = follow(run, lr, allowed)
    if followed is None:
        return _fitted(run, lr, allowed) if len(lr) > 1 else None
    plan, error = followed.plan, followed.error
    facts = {"length": plan.length, "peak_lr": plan.peak, "floor": plan.floor}
    found = Schedule(plan.kind, "declared", error, facts) if error <= 1 else None
    return replace(
        found or _fitted(run, lr, allowed),
        declared_error=error,
        declared_kind=plan.kind,
        predicted=tuple(followed.predicted.tolist()),
    )


def allowed_error(lr: Series) -> FloatArray:
    """What each value of the LR may deviate from a closed form."""
    return tolerance(lr.values, lr.resolution.step if lr.resolution else lambda value: 0.0)


def onecycle(settings: Settings, epochs: FloatArray) -> FloatArray | None:
    """LR at the end of each epoch under the declared OneCycle; None when it is not declared.

    The share of the cycle that has passed is epoch / MAX_EPOCHS. Strategy `cos` or `linear`.
    """
    plan = onecycle_plan(settings)
    return None if plan is None else plan.curve(epochs)


def declared_kind(settings: Settings) -> ScheduleKind | None:
    """`plateau-driven` or `step` where a setting names the scheduler, else None."""
    text = " ".join(
        f"{key} {settings[key]}" for key in settings if "SCHED" in key.upper()
    ).casefold()
    if "plateau" in text or plateau_patience_key(settings) is not None:
        return "plateau-driven"
    if "step" in text.replace("steps", "") or any("MILESTONE" in key.upper() for key in settings):
        return "step"
    return None


def _fitted(run: Run, lr: Series, allowed: FloatArray) -> Schedule:
    """Smooth forms first, then stairs: a closed form explains more than a list of cuts."""
    if is_constant(lr.values, allowed):
        return Schedule("constant", "fitted", 0.0, {"peak": float(np.max(lr.values))})
    smooth = _warm_up_and_fall(lr, allowed) or _restarts(lr, allowed)
    if smooth is None or declared_kind(run.settings) == "plateau-driven":
        stairs = _stairs(run, lr)
        return stairs if smooth is None or stairs.source == "declared" else smooth
    return smooth


def _warm_up_and_fall(lr: Series, allowed: FloatArray) -> Schedule | None:
    """A rise that never falls, then a hold at the peak, then one closed form."""
    peak = int(np.argmax(lr.values))
    if np.any(np.diff(lr.values[: peak + 1]) < 0):
        return None
    at_peak = np.abs(lr.values[peak:] - lr.values[peak]) <= allowed[peak:] * 1e-3
    hold = peak + int(np.argmin(at_peak)) - 1 if not at_peak.all() else len(lr) - 1
    if hold == len(lr) - 1:
        return Schedule("warm-up" if hold == peak else "constant", "fitted", 0.0, _peak(lr, peak))
    for start in dict.fromkeys((peak, hold)):
        fit = _fit_from(lr, allowed, start, len(lr))
        if fit is not None:
            is_cycle = peak >= 2 and not _rises_evenly(lr.values[: peak + 1])
            kind = _composed(fit.kind, is_cycle=is_cycle, held=start - peak, count=len(lr))
            return Schedule(kind, "fitted", fit.error, {**fit.parameters, **_peak(lr, peak)})
    return None


def _fit_from(lr: Series, allowed: FloatArray, start: int, stop: int) -> Fit | None:
    time = (lr.epochs[start:stop] - lr.epochs[start]).astype(np.float64)
    return fit_fall(time, lr.values[start:stop], allowed[start:stop])


def _rises_evenly(values: FloatArray) -> bool:
    """True for a rise nearer to a line, as of a warm-up, than to the cosine of a cycle."""
    share = np.linspace(0.0, 1.0, len(values))
    risen = (values - values[0]) / (values[-1] - values[0])
    off_line, off_cosine = risen - share, risen - (1 - np.cos(np.pi * share)) / 2
    return float(np.abs(off_line).max()) < float(np.abs(off_cosine).max())


def _composed(form: str, *, is_cycle: bool, held: int, count: int) -> ScheduleKind:
    if held >= max(HOLD_SHARE * count, 2):
        return "warm-up-stable-decay"
    if form == "cosine" and is_cycle:
        return "onecycle"
    kinds: dict[str, ScheduleKind] = {
        "exponential": "exponential",
        "linear": "linear",
        "cosine": "cosine",
        "polynomial": "polynomial",
    }
    return kinds[form]


def _peak(lr: Series, peak: int) -> dict[str, float]:
    return {"peak_epoch": float(lr.epochs[peak]), "peak_lr": float(lr.values[peak])}


def _first_top(lr: Series) -> tuple[int, int]:
    """Where the LR first stood at its first top, and where last; zeros without a fall."""
    falls = np.flatnonzero(np.diff(lr.values) < 0)
    last = int(falls[0]) if len(falls) else 0
    return int(np.argmax(lr.values[: last + 1])), last


def _restarts(lr: Series, allowed: FloatArray) -> Schedule | None:
    """Cosine falls joined by jumps back up, after a warm-up or none; the last may be cut short."""
    _, first = _first_top(lr)
    jumps = np.flatnonzero(lr.values[1:] > RESTART_RATIO * lr.values[:-1]) + 1
    jumps = jumps[jumps > first]
    if not len(jumps):
        return None
    bounds = [first, *jumps.tolist(), len(lr)]
    errors = []
    for start, stop in pairwise(bounds):
        if stop - start < 5 and start > first:
            continue
        fit = _fit_from(lr, allowed, start, stop)
        errors.append(math.inf if fit is None else fit.error)
    if not errors or max(errors) > 1:
        return None
    return Schedule("cosine-restarts", "fitted", max(errors), {"restarts": float(len(jumps))})


def _stairs(run: Run, lr: Series) -> Schedule:
    """Constant treads with cuts between: planned steps, or cuts by a plateau scheduler."""
    cuts = find_cuts(lr)
    falls = np.flatnonzero(np.diff(lr.values) < 0).astype(np.int64) + 1
    rises_late = bool(np.any(np.diff(lr.values[int(np.argmax(lr.values)) :]) > 0))
    if not len(falls) or rises_late or 2 * len(falls) > len(lr):
        return Schedule("unexplained", "none", math.inf)
    declared = declared_kind(run.settings)
    if declared is not None:
        return Schedule(declared, "declared", 0.0, _stair_facts(lr, cuts))
    if not _equal_ratios(lr, falls):
        return Schedule("unexplained", "none", math.inf)
    if _regular(lr, falls):
        return Schedule("step", "fitted", 0.0, _stair_facts(lr, cuts))
    kind: ScheduleKind = "plateau-driven" if len(falls) > 1 else "unexplained"
    return Schedule(kind, "fitted" if len(falls) > 1 else "none", 0.0, _stair_facts(lr, cuts))


def _stair_facts(lr: Series, cuts: tuple[Cut, ...]) -> dict[str, float]:
    facts = {"peak_lr": float(np.max(lr.values)), "cuts": float(len(cuts))}
    return {**facts, "factor": cuts[0].ratio} if cuts else facts


def _equal_ratios(lr: Series, falls: IntArray) -> bool:
    """True when all treads but the last (a floor may stop it) fall by one ratio, as printed."""
    before, after = lr.values[falls - 1], lr.values[falls]
    ratios = after / np.where(before > 0, before, 1.0)
    compared = ratios[:-1] if len(ratios) > 2 else ratios
    step = lr.resolution.step if lr.resolution else (lambda value: 0.0)
    rounding = max(step(float(value)) / value for value in after if value > 0) if after.all() else 0
    return bool(np.ptp(compared) <= (EQUAL_RATIOS + 2 * rounding) * float(np.median(ratios)))


def _regular(lr: Series, falls: IntArray) -> bool:
    """True when two or more cuts come at multiples of one gap and none is missing at the end.

    The first gap begins with the run or, after a warm-up, with its last epoch or the one after.
    """
    epochs = lr.epochs[falls]
    gaps = np.diff(epochs)
    if len(epochs) < 2 or np.ptp(gaps) > 0:
        return False
    gap, lead, warm = int(gaps[0]), int(epochs[0] - lr.epochs[0]), _first_top(lr)[0]
    fits_start = lead in (gap, gap - 1) if int(lr.epochs[0]) <= 1 else lead <= gap
    fits_start |= warm > 0 and int(epochs[0] - lr.epochs[warm]) in (gap, gap + 1)
    return bool(fits_start and int(lr.epochs[-1] - epochs[-1]) <= gap)
