"""A measure against the number of parameters: a power law for each scale of the data."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from logparse.comparison.statistics import LEVEL, Floats
from logparse.metrics import Better
from logparse.sources import natural_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from logparse.comparison.model import Measure

MIN_SIZES = 3
"""Fewer sizes leave nothing of which a power law could be wrong."""
MIN_SPAN = 2.0
"""The largest size over the smallest; closer ones say little of how the measure scales."""
SIZES_FOR_A_BEND = 4
"""A parabola goes through three sizes whatever they are."""
_DIGITS = 9
_ALIKE = 10.0**-_DIGITS
"""Logarithms that are closer than this differ by rounding alone."""
_LARGEST = 700.0
"""Numbers with a larger logarithm cannot be held."""


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
class Member:
    """One run of a family: its trainable parameters, the scale of its data, its value.

    `data` is '' where that is unknown.
    """

    name: str
    size: float
    data: str
    value: float


def scaling_family(measure: Measure, members: Sequence[Member]) -> ScalingFamily | None:
    """One power law for each data scale, in natural order; None of fewer than three sizes in all.

    Runs without a positive size and value are left out, and `lacks` says so.
    """
    if len({member.size for member in members if _is_positive(member.size)}) < MIN_SIZES:
        return None
    if measure.better is not Better.LOWER:
        return ScalingFamily(measure, lacks=("a power law is fitted to errors only",))
    whole = [one for one in members if _is_positive(one.size) and _is_positive(one.value)]
    fits, lacks = [], []
    if len(whole) < len(members):
        count = len(members) - len(whole)
        lacks.append(f"{count} of {len(members)} runs have no positive size and value")
    for data in sorted({member.data for member in members}, key=natural_key):
        found = _scaling(data, [member for member in whole if member.data == data])
        if isinstance(found, Scaling):
            fits.append(found)
        else:
            lacks.append(f"data scale {data}: {found}" if data else found)
    return ScalingFamily(measure, tuple(fits), tuple(lacks))


def _is_positive(number: float) -> bool:
    """True for a number of which the logarithm is finite, a float or not."""
    try:
        return 0 < float(number) < math.inf
    except OverflowError:
        return False


def _scaling(data: str, members: Sequence[Member]) -> Scaling | str:
    """The power law, or why there is none."""
    from scipy import special

    x = np.log([float(member.size) for member in members])
    y = np.log([float(member.value) for member in members])
    sizes = len(set(x.round(_DIGITS).tolist()))
    if sizes < MIN_SIZES:
        return f"a power law needs {MIN_SIZES} sizes, and there are {sizes}"
    if np.ptp(x) < math.log(MIN_SPAN) - _ALIKE:
        return f"sizes differ by less than a factor of {MIN_SPAN:g}"
    exponent, error, residuals = _last_term(x, y, 1)
    start = float(y.mean() - exponent * x.mean())
    if max(abs(start), float(np.abs(y - residuals).max())) > _LARGEST:
        return "values lie too far apart for a power law"
    bend, bend_p = _bend(x, y) if sizes >= SIZES_FOR_A_BEND else (None, None)
    freedom = len(members) - 2
    margin = float(special.stdtrit(freedom, 1 - LEVEL / 2)) * error
    return Scaling(
        data=data,
        factor=math.exp(start),
        exponent=exponent,
        low=exponent - margin,
        high=exponent + margin,
        spread=math.sqrt(float(residuals @ residuals) / freedom),
        bend=bend,
        points=_points(members, y, residuals),
        bend_p=bend_p,
    )


def _last_term(x: Floats, y: Floats, degree: int) -> tuple[float, float, Floats]:
    """The highest coefficient of a polynomial through y, its standard error, the residuals."""
    basis, weights = np.linalg.qr(np.vander(x - x.mean(), degree + 1, increasing=True))
    shares = basis.T @ y
    residuals = y - basis @ shares
    spread = math.sqrt(float(residuals @ residuals) / (len(x) - degree - 1))
    scale = float(weights[-1, -1])
    return float(shares[-1]) / scale, max(spread, _ALIKE) / abs(scale), residuals


def _bend(x: Floats, y: Floats) -> tuple[float, float]:
    """The t value of the quadratic term, and its two-sided p value."""
    from scipy import special

    bend, error, _ = _last_term(x, y, 2)
    t = bend / error
    return t, float(2 * special.stdtr(len(x) - 3, -abs(t)))


def _points(members: Sequence[Member], y: Floats, residuals: Floats) -> tuple[ScalePoint, ...]:
    """The runs with what the power law makes of them, the smallest first."""
    points = [
        ScalePoint(member.name, float(member.size), float(member.value), math.exp(fit), residual)
        for member, fit, residual in zip(
            members, (y - residuals).tolist(), residuals.tolist(), strict=True
        )
    ]
    return tuple(sorted(points, key=lambda point: (point.size, natural_key(point.name))))
