"""Closed forms of a falling learning rate, fitted with unknown length and floor.

A printed LR has few digits, so a form is accepted when every value is met within 2% or within
one print step, whichever is more.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from logparse.signals.series import FloatArray, IntArray

RELATIVE_TOLERANCE = 0.02
NEGLIGIBLE = 1e-3
NEARLY_AS_GOOD = 0.1
MAX_FIT_POINTS = 200
MIN_FALLING_STEPS = 3
COARSE_LENGTHS = 80
ZOOM_LENGTHS = 25
ZOOM_ROUNDS = 4

Basis: TypeAlias = Callable[[FloatArray, FloatArray], FloatArray]


@dataclass(frozen=True, slots=True)
class Fit:
    """A form that was fitted: `error` is the worst deviation in units of the tolerance.

    parameters  `length` in epochs from the start of the fall, `peak` and `floor` as LRs, and
                the form's own (`gamma` per epoch, `power`)
    """

    kind: str
    error: float
    parameters: Mapping[str, float]


def tolerance(values: FloatArray, step: Callable[[float], float]) -> FloatArray:
    """What each printed value may deviate: 2% of it, or one print step.

    Values below a thousandth of the peak are held to 2% of that thousandth: there an LR does
    nothing any more, and a printed zero may be any small number.
    """
    steps = np.array([step(float(value)) for value in values])
    sizes = np.maximum(np.abs(values), NEGLIGIBLE * float(np.max(np.abs(values))))
    return np.asarray(np.maximum(np.maximum(RELATIVE_TOLERANCE * sizes, steps), 1e-300))


def worst(predicted: FloatArray, values: FloatArray, allowed: FloatArray) -> float:
    """The largest deviation in units of what is allowed; infinite without points."""
    if not len(values):
        return math.inf
    return float(np.max(np.abs(predicted - values) / allowed))


@np.errstate(all="ignore")
def fit_fall(time: FloatArray, values: FloatArray, allowed: FloatArray) -> Fit | None:
    """The form that meets all values best; of equals the first of exponential, linear, cosine,
    polynomial.

    `time` starts at 0 where the LR stood at its peak. None when none fits, or when fewer than
    three steps fall: anything passes through two of them.
    """
    if int(np.count_nonzero(np.diff(values) < 0)) < MIN_FALLING_STEPS:
        return None
    keep = _spread(len(time))
    points = (time[keep], values[keep], allowed[keep])
    tried = [form(*points) for form in (_exponential, _linear, _cosine, _polynomial)]
    fits = [fit for fit in tried if fit is not None and fit.error <= 1]
    best = min((fit.error for fit in fits), default=1.0)
    return next((fit for fit in fits if fit.error <= best + NEARLY_AS_GOOD), None)


def _spread(count: int) -> IntArray:
    """At most 200 indices from first to last, so that a long run costs no more."""
    spread = np.linspace(0, count - 1, min(count, MAX_FIT_POINTS)).round()
    indices: IntArray = np.unique(spread.astype(np.int64))
    return indices


def _exponential(time: FloatArray, values: FloatArray, allowed: FloatArray) -> Fit | None:
    if float(np.min(values)) <= 0:
        return None
    weights = values / allowed
    # Less weight than that is none, and its square would vanish within the fit.
    weights = np.maximum(weights, 1e-9 * weights.max())
    slope, intercept = np.polyfit(time, np.log(values), 1, w=weights)
    error = worst(np.exp(intercept + slope * time), values, allowed)
    parameters = {"gamma": math.exp(slope), "peak": math.exp(intercept), "floor": 0.0}
    return Fit("exponential", error, parameters)


def _linear(time: FloatArray, values: FloatArray, allowed: FloatArray) -> Fit | None:
    return _search("linear", lambda t, length: 1 - t / length, (time, values, allowed), {})


def _polynomial(time: FloatArray, values: FloatArray, allowed: FloatArray) -> Fit | None:
    fits = [
        _search(
            "polynomial",
            lambda t, length, q=power: (1 - t / length) ** q,  # type: ignore[misc]
            (time, values, allowed),
            {"power": power},
        )
        for power in (0.5, 0.9, 1.5, 2.0, 3.0)
    ]
    return min(fits, key=lambda fit: fit.error)


def _cosine(time: FloatArray, values: FloatArray, allowed: FloatArray) -> Fit | None:
    fits = [
        _search(
            "cosine",
            lambda t, length: (1 + np.cos(np.pi * t / length)) / 2,
            (time + offset, values, allowed),
            {"offset": offset},
        )
        for offset in (0.0, 0.25, 0.5, 0.75, 1.0)
    ]
    return min(fits, key=lambda fit: fit.error)


def _search(
    kind: str,
    basis: Basis,
    points: tuple[FloatArray, FloatArray, FloatArray],
    extra: Mapping[str, float],
) -> Fit:
    """The length with the smallest worst error: a coarse grid, then closer and closer."""
    span = float(points[0][-1])
    lengths = np.geomspace(max(span / 4, 3), 20 * span, COARSE_LENGTHS)
    lengths = np.unique(np.append(lengths, np.arange(-2.0, 3.0) + span))
    lengths = lengths[lengths >= 3]
    for _ in range(ZOOM_ROUNDS):
        best, _, _, _ = _best_length(basis, lengths, points)
        below, above = lengths[max(best - 1, 0)], lengths[min(best + 1, len(lengths) - 1)]
        lengths = np.unique(np.append(np.linspace(below, above, ZOOM_LENGTHS), lengths[best]))
    best, error, floor, drop = _best_length(basis, lengths, points)
    found = {"length": float(lengths[best]), "floor": floor, "peak": floor + drop}
    return Fit(kind, error, {**found, **extra})


def _best_length(
    basis: Basis, lengths: FloatArray, points: tuple[FloatArray, FloatArray, FloatArray]
) -> tuple[int, float, float, float]:
    """Index, worst error, floor and drop of the best length; least squares for the last two.

    Past its length a form stays at its floor.
    """
    time, values, allowed = points
    shape = basis(np.minimum(time[None, :], lengths[:, None]), lengths[:, None])
    weight = 1 / allowed**2
    weight = weight / weight.sum()
    mean_shape = shape @ weight
    mean_value = float(values @ weight)
    centred = shape - mean_shape[:, None]
    power = (centred**2) @ weight
    drop = np.where(power > 0, (centred @ (weight * (values - mean_value))) / power, 0.0)
    floor = mean_value - drop * mean_shape
    deviation = np.abs(floor[:, None] + drop[:, None] * shape - values) / allowed
    errors = deviation.max(axis=1)
    impossible = (drop <= 0) | (floor < -allowed.min()) | ~np.isfinite(errors)
    errors = np.where(impossible, np.inf, errors)
    best = int(np.argmin(errors))
    return best, float(errors[best]), float(floor[best]), float(drop[best])
