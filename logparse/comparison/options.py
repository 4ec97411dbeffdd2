"""What is asked of a comparison, and how it is written: `val_rmse=0.04`, `val_rmse:5%`, `2%`."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from logparse.comparison.model import AXES, Axis
from logparse.errors import ComparisonError, UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


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


@dataclass(frozen=True, slots=True)
class Noise:
    """SD between runs that differ in their seed only, as the caller knows it.

    `column` is the metric, '' for the main one; a relative `amount` is a share of the value.
    """

    column: str
    amount: float
    is_relative: bool

    def sd(self, value: float) -> float:
        """The SD around a value of the metric, in its unit."""
        return self.amount * abs(value) if self.is_relative else self.amount


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How to compare.

    metrics  columns to compare, the first is the main one; () for those of the validation split
    by       the measure to rank the sides by; None to rank only many of them
    axis     where values are compared before the end of a run
    target   what runs are to reach; None for the worst run's best
    noises   seed noise that is known
    limits   how much worse than the reference a side may be
    task     the setting that names the task of a run; None where all runs have the same
    """

    metrics: tuple[str, ...] = ()
    by: str | None = None
    axis: Axis = "epoch"
    target: Target | None = None
    noises: tuple[Noise, ...] = ()
    limits: tuple[Limit, ...] = ()
    task: str | None = None


def options(
    *,
    metrics: Iterable[str] = (),
    by: str | None = None,
    align: str = "epoch",
    target: str | None = None,
    seed_noise: Iterable[str] = (),
    fail_if: Iterable[str] = (),
    task: str | None = None,
) -> Options:
    """The options from texts, one of which may hold several with commas between.

    Raises ComparisonError for one that cannot be meant.
    """
    return Options(
        metrics=tuple(_listed(metrics)),
        by=by,
        axis=_axis(align),
        target=None if target is None else _target(target),
        noises=tuple(map(_noise, _listed(seed_noise))),
        limits=tuple(map(_limit, _listed(fail_if))),
        task=task,
    )


def _listed(texts: Iterable[str]) -> Iterator[str]:
    yield from (part.strip() for text in texts for part in text.split(",") if part.strip())


def _axis(text: str) -> Axis:
    for axis in AXES:
        if text == axis:
            return axis
    raise UnknownNameError("axis to align by", text, AXES)


def _target(text: str) -> Target:
    column, _, number = text.partition("=")
    value = _number(number)
    if not column.strip() or value is None:
        raise ComparisonError(f"target {text!r} is not of the form val_rmse=0.04")
    return Target(column.strip(), value, is_given=True)


def _noise(text: str) -> Noise:
    column, equals, amount = text.rpartition("=")
    known = _amount(amount)
    if known is None or (equals and not column.strip()):
        raise ComparisonError(f"seed noise {text!r} is not of the form 2%, 0.001 or val_mae=0.5%")
    return Noise(column.strip(), *known)


def _limit(text: str) -> Limit:
    name, _, amount = text.rpartition(":")
    known = _amount(amount)
    if not name.strip() or known is None:
        raise ComparisonError(f"limit {text!r} is not of the form val_rmse:5% or val_rmse:0.002")
    return Limit(name.strip(), *known, text.strip())


def _amount(text: str) -> tuple[float, bool] | None:
    """A number of 0 or more, and whether it is a share; None for anything else."""
    bare = text.strip()
    number = _number(bare.removesuffix("%"))
    if number is None or number < 0:
        return None
    return (number / 100, True) if bare.endswith("%") else (number, False)


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
