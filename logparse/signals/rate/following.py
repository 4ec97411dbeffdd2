"""How well a run follows the schedule it declares, and which mistake explains where it does not."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from logparse.findings import epoch_label
from logparse.signals.rate.lengths import steps_per_epoch
from logparse.signals.rate.plans import ended, plans
from logparse.signals.rate.shapes import worst

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logparse.findings import Measure
    from logparse.run import Run
    from logparse.signals.rate.plans import Plan
    from logparse.signals.series import FloatArray, Series

BoolArray: TypeAlias = npt.NDArray[np.bool_]
MistakeKind: TypeAlias = Literal[
    "never stepped",
    "started again",
    "stepped once an epoch",
    "stepped every batch",
    "another length",
    "shifted",
    "another peak",
    "skipped steps",
]

MAX_POINTS = 200
MIN_POINTS_TO_FIT = 5
SMALLEST_SCALE = 1e-3
LARGEST_SCALE = 30.0
COARSE_SCALES = 240
ZOOM_ROUNDS = 3
ZOOM_SCALES = 21
SAME_SCALE = 0.03
NEAR_SCALE = 0.05
MOVED = 0.05


@dataclass(frozen=True, slots=True, eq=False)
class Following:
    """The declared plan in the form that meets the logged LR best.

    error      the second largest deviation in units of the tolerance: one stray epoch is none
    predicted  the plan's LR at each logged epoch
    compared   which of them were compared: those after a warm-up of unknown shape
    """

    plan: Plan
    error: float
    predicted: FloatArray
    compared: BoolArray


@dataclass(frozen=True, slots=True)
class Mistake:
    """What makes the declared plan fit: its clock, read wrongly.

    scale  plan epochs that pass in one epoch; shift  epochs by which the plan is behind
    length  epochs of the plan, where its clock runs at another scale
    """

    kind: MistakeKind
    scale: float
    shift: float
    error: float
    length: float = math.nan

    def words(self, first_epoch: int) -> str:
        """What the schedule did instead, for a run that begins at this epoch."""
        return {
            "never stepped": "it stays constant",
            "started again": f"it began again at {epoch_label(first_epoch)}",
            "stepped once an epoch": "it was stepped once an epoch, for a plan that counts batches",
            "stepped every batch": "it was stepped every batch, for a plan that counts epochs",
            "another length": f"its clock runs {self.scale:.3g} times as fast",
            "shifted": f"it is {self.shift:g} epochs behind",
            "another peak": f"it is {self.scale:.3g} times as high",
            "skipped steps": f"it is late by {1 - self.scale:.1%}",
        }[self.kind]

    @property
    def causes(self) -> tuple[str, ...]:
        """What brings it about, the likeliest first."""
        length = "the scheduler was made for another number of epochs or batches than are run"
        place = "scheduler.step() stands in the wrong loop"
        resume = "a resume without the scheduler's state"
        return {
            "never stepped": ("scheduler.step() is never called", "the log shows a fixed rate"),
            "started again": (resume, "the first rates of the plan are logged again"),
            "stepped once an epoch": (place, length),
            "stepped every batch": (place, length),
            "another length": (length, place),
            "shifted": (resume, "epochs without scheduler.step(), as after skipped steps"),
            "another peak": ("another group's rate",),
            "skipped steps": ("a loss scaler that skipped steps",),
        }[self.kind]

    @property
    def remedies(self) -> tuple[str, ...]:
        """What to do about it; for another length also a plan of the length that was stepped."""
        reload = "save and load the scheduler's state with the checkpoint, or pass last_epoch"
        where = "call scheduler.step() where the plan counts: after every batch for OneCycle"
        scale = self.scale or 1.0
        given = f"give the scheduler {self.length:.0f} epochs, not about {self.length / scale:.0f}"
        return {
            "never stepped": (where,),
            "started again": (f"{reload} on resume",),
            "stepped once an epoch": ("call scheduler.step() after every batch",),
            "stepped every batch": ("call scheduler.step() once an epoch",),
            "another length": (where, given),
            "shifted": (f"{reload} on resume",),
            "another peak": ("declare the rate of the group that is logged",),
            "skipped steps": ("count the plan in steps that were taken",),
        }[self.kind]

    def facts(self) -> dict[str, Measure]:
        """What a finding shows of it."""
        return {"fits": self.kind, "time_scale": self.scale, "time_shift": self.shift}


@np.errstate(all="ignore")
def follow(run: Run, lr: Series, allowed: FloatArray) -> Following | None:
    """The best of the declared forms at the usual conventions; None when none is declared."""
    found: Following | None = None
    for plan in map(ended, plans(run)):
        for time in _clocks(run, lr):
            mask = _compared(plan, time)
            predicted = plan.curve(time)
            error = _second_worst(predicted[mask], lr.values[mask], allowed[mask])
            if found is None or error < found.error:
                found = Following(plan, error, predicted, mask)
    return found


@np.errstate(all="ignore")
def mistake(run: Run, lr: Series, allowed: FloatArray) -> Mistake | None:
    """The first misreading of the plan's clock that explains the logged LR; None if none does."""
    count = int(lr.epochs[-1] - lr.epochs[0]) + 1
    keep = np.unique(np.linspace(0, len(lr) - 1, min(len(lr), MAX_POINTS)).round().astype(int))
    values, limits = lr.values[keep], allowed[keep]
    if len(lr) > 1 and is_constant(lr.values, allowed) and any(_moves(p, lr) for p in plans(run)):
        return Mistake("never stepped", 0.0, 0.0, 0.0)
    for plan in plans(run):
        for time in (clock[keep] for clock in _clocks(run, lr)):
            for kind, scale, shift in _suspects(run, time, count):
                error = _error(plan, (time - shift) * scale, values, limits, kind)
                if error <= 1:
                    return Mistake(kind, scale, shift, error)
    for plan in map(ended, plans(run)):
        for time in (clock[keep] for clock in _clocks(run, lr)):
            found = _scaled_clock(plan, time, values, limits) or _other_peak(
                plan, time, values, limits
            )
            if found is not None:
                return _named(found, steps_per_epoch(run))
    return None


def _named(found: Mistake, steps: float | None) -> Mistake:
    """A fitted scale by its name: 1/20 where an epoch has 20 steps, as torch counts them."""
    if steps is None or found.kind != "another length":
        return found
    kinds: tuple[tuple[MistakeKind, float], ...] = (
        ("stepped once an epoch", 1 / steps),
        ("stepped every batch", steps),
    )
    for kind, scale in kinds:
        if abs(found.scale - scale) <= NEAR_SCALE * scale:
            return replace(found, kind=kind, scale=scale)
    return found


def is_constant(values: FloatArray, allowed: FloatArray) -> bool:
    """True when one value meets every logged LR."""
    middle = (float(np.max(values)) + float(np.min(values))) / 2
    return worst(np.full(len(values), middle), values, allowed) <= 1


def _moves(plan: Plan, lr: Series) -> bool:
    """True when the plan's LR is to change by more than 5% over the logged epochs."""
    curve = ended(plan).curve(lr.epochs.astype(np.float64))
    return float(np.ptp(curve)) > MOVED * float(np.max(np.abs(curve)))


def _clocks(run: Run, lr: Series) -> Iterator[FloatArray]:
    """Epochs since the plan began, for an LR noted after or before the epoch's steps.

    Where a resumed run numbers its epochs from 1, the plan may have gone on.
    """
    first = run.first_epoch or 0
    after = lr.epochs.astype(np.float64) + (1.0 if first == 0 else 0.0)
    yield after
    yield after - 1
    before = run.predecessor.last_epoch if run.predecessor is not None else None
    if before and first <= 1:
        yield after + before
        yield after + before - 1


def _suspects(run: Run, time: FloatArray, count: int) -> Iterator[tuple[MistakeKind, float, float]]:
    """The usual mistakes as scale and shift of the clock, the likeliest first."""
    behind, steps = float(run.first_epoch or 0) - 1, steps_per_epoch(run)
    if behind > 0:
        yield "started again", 1.0, behind
    if steps is not None and steps > 1:
        yield "stepped once an epoch", 1 / steps, 0.0
        yield "stepped every batch", steps, 0.0
        if behind > 0:
            yield "stepped once an epoch", 1 / steps, behind
    if len(time) >= MIN_POINTS_TO_FIT:
        for shift in range(2, min(count, MAX_POINTS)):
            yield "shifted", 1.0, float(shift)


def _error(
    plan: Plan, time: FloatArray, values: FloatArray, allowed: FloatArray, kind: MistakeKind
) -> float:
    """Every point must be met, once the warm-up is over; at least two."""
    clock = plan if kind == "stepped every batch" else ended(plan)
    mask = _compared(plan, time)
    if int(mask.sum()) < 2:
        return math.inf
    return worst(clock.curve(time[mask]), values[mask], allowed[mask])


def _scaled_clock(
    plan: Plan, time: FloatArray, values: FloatArray, allowed: FloatArray
) -> Mistake | None:
    """The scale of time at which the plan fits; a little less than 1 where steps were skipped."""
    if len(time) < MIN_POINTS_TO_FIT or not math.isfinite(plan.length):
        return None
    scales = np.geomspace(SMALLEST_SCALE, LARGEST_SCALE, COARSE_SCALES)
    best, error = 1.0, math.inf
    for _ in range(ZOOM_ROUNDS):
        curves = plan.curve((scales[:, None] * time[None, :]).ravel()).reshape(len(scales), -1)
        errors = (np.abs(curves - values) / allowed).max(axis=1)
        at = int(np.argmin(errors))
        best, error = float(scales[at]), float(errors[at])
        below, above = scales[max(at - 1, 0)], scales[min(at + 1, len(scales) - 1)]
        scales = np.unique(np.append(np.linspace(below, above, ZOOM_SCALES), best))
    if error > 1:
        return None
    is_near = abs(best - 1) < SAME_SCALE
    return Mistake("skipped steps" if is_near else "another length", best, 0.0, error, plan.length)


def _other_peak(
    plan: Plan, time: FloatArray, values: FloatArray, allowed: FloatArray
) -> Mistake | None:
    """The plan times a constant, as for a group with its own rate."""
    mask = _compared(plan, time)
    predicted = plan.curve(time)[mask]
    if len(predicted) < 2 or float(predicted.min()) <= 0:
        return None
    factor = float(np.median(values[mask] / predicted))
    error = worst(factor * predicted, values[mask], allowed[mask])
    return Mistake("another peak", factor, 0.0, error) if error <= 1 else None


def _compared(plan: Plan, time: FloatArray) -> BoolArray:
    mask: BoolArray = time >= (plan.warm_up + 1 if plan.warm_up > 0 else -math.inf)
    return mask


def _second_worst(predicted: FloatArray, values: FloatArray, allowed: FloatArray) -> float:
    errors = np.sort(np.abs(predicted - values) / allowed)
    if not len(errors):
        return 0.0
    return float(errors[-2] if len(errors) > 2 else errors[-1])
