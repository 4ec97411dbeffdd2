"""The learning-rate plan that a run declares in its settings, as closed forms of the time passed.

Programs differ in small print: whether an epoch's LR is noted before or after the scheduler's
step, whether a decay of N epochs has N or N - 1 steps, whether the warm-up is part of it. None
of that is a fault, so a declaration stands for several forms and a run follows it by any of them.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from logparse.signals.rate.keys import (
    BATCH_KEYS,
    FLOOR_KEYS,
    GAMMA_KEYS,
    GROWTH_KEYS,
    LENGTH_KEYS,
    MILESTONE_KEYS,
    NAME_KEYS,
    PEAK_KEYS,
    PERIOD_KEYS,
    POWER_KEYS,
    SAMPLES_KEYS,
    STEP_KEYS,
    STEPS_KEYS,
    WARM_UP_EPOCHS_KEYS,
    WARM_UP_SHARE_KEYS,
    WARM_UP_STEPS_KEYS,
    number,
)
from logparse.signals.series import FloatArray

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logparse.run import Run, Settings

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


def steps_per_epoch(run: Run) -> float | None:
    """Optimizer steps of an epoch, as far as the log tells them."""
    declared = number(run.settings, STEPS_KEYS)
    total, planned = run.optimizer.get("total_steps"), run.planned_epochs
    samples, batch = number(run.settings, SAMPLES_KEYS), number(run.settings, BATCH_KEYS)
    if declared is None and isinstance(total, int) and planned:
        declared = total / planned
    if declared is None and samples and batch and batch > 0:
        declared = float(math.ceil(samples / batch))
    return declared if declared is not None and declared >= 1 else None


def warm_up_epochs(run: Run) -> float | None:
    """Epochs of the declared warm-up; None when steps are declared and an epoch's are unknown."""
    epochs = number(run.settings, WARM_UP_EPOCHS_KEYS)
    steps, share = (
        number(run.settings, WARM_UP_STEPS_KEYS),
        number(run.settings, WARM_UP_SHARE_KEYS),
    )
    if epochs is not None and epochs > 0:
        return epochs
    if share is not None and 0 < share <= 1 and run.planned_epochs:
        return share * run.planned_epochs
    if steps is not None and steps > 0:
        per_epoch = steps_per_epoch(run)
        return None if per_epoch is None else steps / per_epoch
    return 0.0


def plans(run: Run) -> tuple[Plan, ...]:
    """The forms that the declared schedule may take; none when it is not declared in full."""
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
        yield from _restarts(run.settings, peak, floor)
    elif name in ("step", "exponential"):
        yield from _stepped(run.settings, name, peak, warm_up)


def _lengths(run: Run, warm_up: float) -> Iterator[tuple[float, float]]:
    """Start and length of a decay: the whole run or what the warm-up leaves, by N or N - 1."""
    declared = number(run.settings, LENGTH_KEYS)
    whole = declared if declared and declared > 0 else run.planned_epochs
    if not whole:
        return
    for start in dict.fromkeys((0.0, warm_up, float(round(warm_up)))):
        for length in (whole - start, whole - start - 1, *((whole,) if declared else ())):
            if length >= 1:
                yield start, float(length)


def _falling(shape: Curve, start: float, length: float, floor: float, span: float) -> Curve:
    return lambda time: floor + span * shape(np.maximum(time - start, 0.0) / length)


def _restarts(settings: Settings, peak: float, floor: float) -> Iterator[Plan]:
    period, growth = number(settings, PERIOD_KEYS), number(settings, GROWTH_KEYS) or 1.0
    if not period or period < 1 or growth < 1:
        return
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

    yield Plan("cosine-restarts", curve, math.inf, peak, floor)


def _stepped(settings: Settings, name: PlanKind, peak: float, warm_up: float) -> Iterator[Plan]:
    gamma, every = number(settings, GAMMA_KEYS), number(settings, STEP_KEYS)
    gamma = gamma if gamma is not None or name == "exponential" else 0.1
    if gamma is None or not 0 < gamma <= 1:
        return
    cuts = milestones(settings)

    def curve(time: FloatArray) -> FloatArray:
        whole = np.floor(time + 1e-9)
        if name == "exponential":
            passed = np.maximum(time, 0.0)
        elif cuts:
            passed = (whole[:, None] >= np.array(cuts)[None, :]).sum(axis=1)
        else:
            passed = np.maximum(np.floor(whole / (every or 1.0)), 0.0)
        return np.asarray(peak * gamma ** np.minimum(passed, 1e4), dtype=np.float64)

    if name == "exponential" or cuts or (every and every >= 1):
        yield Plan(name, curve, math.inf, peak, 0.0, warm_up)


def milestones(settings: Settings) -> tuple[float, ...]:
    """The epochs of the declared milestones, from a list or its text; none when not declared."""
    names = {key.upper(): key for key in settings}
    key = next((names[key] for key in MILESTONE_KEYS if key in names), None)
    text = "" if key is None else str(settings[key])
    parts = text.strip("[]() ").replace(";", ",").split(",")
    try:
        found = sorted(float(part) for part in parts if part.strip())
    except ValueError:
        return ()
    return tuple(epoch for epoch in found if 0 < epoch < math.inf)[:1000]


def onecycle_plan(settings: Settings) -> Plan | None:
    """The declared OneCycle, strategy `cos` or `linear`; None when it is not declared in full."""
    names = ("MAX_LR", "DIV_FACTOR", "FINAL_DIV", "PCT_START")
    top, div, final_div, start = (settings.number(f"ONECYCLE_{name}") for name in names)
    planned = settings.number("MAX_EPOCHS")
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
