"""The learning-rate plan that a run declares in its settings, as closed forms of the time passed.

Programs differ in small print: whether an epoch's LR is noted before or after the scheduler's
step, whether a decay of N epochs has N steps or one more or less, whether the warm-up is part of
it. None of that is a fault, so a declaration stands for several forms and a run follows it by any.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from logparse.axis import is_by_epochs
from logparse.keys import (
    FLOOR_KEYS,
    GAMMA_KEYS,
    GROWTH_KEYS,
    LENGTH_KEYS,
    NAME_KEYS,
    PEAK_KEYS,
    PERIOD_KEYS,
    POWER_KEYS,
    STEP_KEYS,
    number,
)
from logparse.signals.rate.lengths import milestones, readings, steps_per_epoch, warm_up_epochs
from logparse.signals.series import FloatArray

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logparse.run import Run
    from logparse.settings import Settings

PlanKind: TypeAlias = Literal[
    "constant",
    "step",
    "exponential",
    "linear",
    "polynomial",
    "cosine",
    "cosine-restarts",
    "onecycle",
    "plateau-driven",
]
Curve: TypeAlias = Callable[[FloatArray], FloatArray]

SMOOTH = ("onecycle", "cosine", "linear", "polynomial")
HARDLY_MOVED = 0.5
"""A factor whose power over all epochs leaves more of the rate is one per step."""

_NAMES: tuple[tuple[str, PlanKind], ...] = (
    ("plateau", "plateau-driven"),
    ("onecycle", "onecycle"),
    ("1cycle", "onecycle"),
    ("restart", "cosine-restarts"),
    ("cos", "cosine"),
    ("step", "step"),
    ("exp", "exponential"),
    ("poly", "polynomial"),
    ("linear", "linear"),
    ("constant", "constant"),
)


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """One closed form of the declared schedule.

    curve    LR after a time in epochs since the run began; it may be asked beyond the end
    length   epochs from the start of the plan to its end; infinite for a constant rate
    warm_up  epochs of a warm-up of unknown shape before or over the form; not to be compared
    peak     the highest LR, floor the last
    """

    kind: PlanKind
    curve: Curve
    length: float
    peak: float
    floor: float
    warm_up: float = 0.0


def declared_kind(settings: Settings) -> PlanKind | None:
    """The schedule that is named, or OneCycle where its own settings are declared."""
    named = declared_name(settings)
    return "onecycle" if named is None and onecycle_plan(settings) is not None else named


def declared_name(settings: Settings) -> PlanKind | None:
    """The kind of schedule that a setting names in words; None when none does."""
    names = {key.upper(): key for key in settings}
    for key in NAME_KEYS:
        text = str(settings[names[key]]).casefold().replace("_", "") if key in names else ""
        for mark, kind in _NAMES:
            if mark in text:
                return kind
    return None


def plans(run: Run) -> tuple[Plan, ...]:
    """The forms that the declared schedule may take; none when it is not declared in full.

    None in logs by steps, whose rows are no unit of a schedule.
    """
    if not is_by_epochs(run):
        return ()
    name = declared_name(run.settings)
    if name in (None, "onecycle"):
        plan = onecycle_plan(run.settings)
        return () if plan is None else (plan,)
    peak, warm_up = number(run.settings, PEAK_KEYS), warm_up_epochs(run)
    if name is None or peak is None or peak <= 0 or warm_up is None:
        return ()
    return tuple(_named(name, run, peak, warm_up))


def _named(name: PlanKind, run: Run, peak: float, warm_up: float) -> Iterator[Plan]:
    floor = min(max(number(run.settings, FLOOR_KEYS) or 0.0, 0.0), peak)
    span = peak - floor
    power = number(run.settings, POWER_KEYS) or 1.0
    shapes: dict[str, Curve] = {
        "cosine": lambda share: (1 + np.cos(np.pi * share)) / 2,
        "linear": lambda share: 1 - np.clip(share, 0.0, 1.0),
        "polynomial": lambda share: (1 - np.clip(share, 0.0, 1.0)) ** power,
    }
    if name in shapes:
        for start, length in _lengths(run, warm_up):
            curve = _falling(shapes[name], start, length, floor, span)
            yield Plan(name, curve, start + length, peak, floor, warm_up)
    elif name == "constant":
        yield Plan(name, lambda time: np.full(len(time), peak), math.inf, peak, peak, warm_up)
    elif name == "cosine-restarts":
        yield from _restarts(run, peak, floor)
    elif name in ("step", "exponential"):
        for curve in _powers(run, peak) if name == "exponential" else _stairs(run, peak):
            yield Plan(name, curve, math.inf, peak, 0.0, warm_up)
            if floor > 0:
                yield Plan(name, _at_least(floor, curve), math.inf, peak, floor, warm_up)


def _lengths(run: Run, warm_up: float) -> Iterator[tuple[float, float]]:
    """Start and length of a decay: the whole run or what the warm-up leaves, by N or one off."""
    declared, planned = number(run.settings, LENGTH_KEYS), run.planned_epochs
    whole = declared if declared and declared > 0 else planned
    if not whole:
        return
    wholes = [*readings(run, whole), *([planned] if planned and whole > planned else [])]
    for each, start in product(wholes, dict.fromkeys((0.0, warm_up, float(round(warm_up))))):
        for length in dict.fromkeys((each - start, each - start - 1, each - start + 1, each)):
            if length >= 1:
                yield start, float(length)


def _falling(shape: Curve, start: float, length: float, floor: float, span: float) -> Curve:
    return lambda time: floor + span * shape(np.maximum(time - start, 0.0) / length)


def _at_least(floor: float, curve: Curve) -> Curve:
    return lambda time: np.maximum(curve(time), floor)


def _restarts(run: Run, peak: float, floor: float) -> Iterator[Plan]:
    declared, growth = number(run.settings, PERIOD_KEYS), number(run.settings, GROWTH_KEYS) or 1.0
    for period in readings(run, declared) if declared else ():
        if period >= 1 and growth >= 1:
            yield _restarting(period, growth, peak, floor)


def _restarting(period: float, growth: float, peak: float, floor: float) -> Plan:
    starts = [0.0]
    while len(starts) < 64:
        starts.append(starts[-1] + period * growth ** (len(starts) - 1))
    bounds = np.array(starts)

    def curve(time: FloatArray) -> FloatArray:
        if growth == 1:
            share = np.mod(np.maximum(time, 0.0), period) / period
        else:
            at = np.searchsorted(bounds, np.maximum(time, 0.0), side="right") - 1
            share = (np.maximum(time, 0.0) - bounds[at]) / (period * growth ** at.astype(float))
        return np.asarray(floor + (peak - floor) * (1 + np.cos(np.pi * share)) / 2)

    return Plan("cosine-restarts", curve, math.inf, peak, floor)


def _powers(run: Run, peak: float) -> Iterator[Curve]:
    """A factor per epoch, or per step where by the epoch it would hardly move the rate."""
    gamma, steps = number(run.settings, GAMMA_KEYS), steps_per_epoch(run)
    if gamma is None or not 0 < gamma <= 1:
        return
    yield _power(gamma, peak)
    if steps is not None and gamma ** (run.planned_epochs or 1) > HARDLY_MOVED:
        yield _power(gamma**steps, peak)


def _power(gamma: float, peak: float) -> Curve:
    return lambda time: np.asarray(peak * gamma ** np.clip(time, 0.0, 1e4), dtype=np.float64)


def _stairs(run: Run, peak: float) -> Iterator[Curve]:
    """Milestones, else equal treads, in epochs, or in steps where the run has fewer epochs."""
    gamma, every = number(run.settings, GAMMA_KEYS), number(run.settings, STEP_KEYS) or 0.0
    gamma, cuts = 0.1 if gamma is None else gamma, milestones(run.settings)
    first = cuts[0] if cuts else every
    if not 0 < gamma <= 1 or first < 1:
        return
    found = readings(run, first)
    if run.planned_epochs is not None and first > run.planned_epochs and len(found) == 1:
        return
    for each in found:
        yield _stair(gamma, peak, every * each / first, [cut * each / first for cut in cuts])


def _stair(gamma: float, peak: float, every: float, cuts: list[float]) -> Curve:
    def curve(time: FloatArray) -> FloatArray:
        whole = np.floor(time + 1e-9)
        if cuts:
            passed = (whole[:, None] >= np.array(cuts)[None, :]).sum(axis=1)
        else:
            passed = np.maximum(np.floor(whole / every), 0.0)
        return np.asarray(peak * gamma ** np.minimum(passed, 1e4), dtype=np.float64)

    return curve


def onecycle_plan(settings: Settings) -> Plan | None:
    """The declared OneCycle, strategy `cos` or `linear`; None when it is not declared in full, or
    switched off."""
    names = ("MAX_LR", "DIV_FACTOR", "FINAL_DIV", "PCT_START")
    top, div, final_div, start = (settings.number(f"ONECYCLE_{name}") for name in names)
    planned = settings.number("MAX_EPOCHS")
    if any("ONECYCLE" in key.upper() and settings[key] is False for key in settings):
        return None
    if not top or planned is None or planned <= 0 or not div or not final_div:
        return None
    warm_up = min(max(0.3 if start is None else start, 1e-9), 1 - 1e-9)
    low, end = top / div, top / div / final_div
    is_linear = str(settings.get("ONECYCLE_STRATEGY", "cos")).startswith("lin")

    def curve(time: FloatArray) -> FloatArray:
        share = np.clip(time / planned, 0.0, 1.0)
        rise = _between(low, top, share / warm_up, is_linear)
        fall = _between(top, end, (share - warm_up) / (1 - warm_up), is_linear)
        return np.where(share <= warm_up, rise, fall)

    return Plan("onecycle", curve, planned, top, end)


def _between(start: float, end: float, share: FloatArray, is_linear: bool) -> FloatArray:
    share = np.clip(share, 0.0, 1.0)
    curve = share if is_linear else (1 - np.cos(np.pi * share)) / 2
    return np.asarray(start + (end - start) * curve, dtype=np.float64)


def ended(plan: Plan) -> Plan:
    """The same plan, but resting at its floor once it is over."""
    if not math.isfinite(plan.length):
        return plan
    return replace(plan, curve=lambda time: plan.curve(np.minimum(time, plan.length)))
