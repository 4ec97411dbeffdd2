"""A run against the run before it in the file: does it go on with it, and does it fit on to it?"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from logparse.signals.noise import MAD_TO_SD
from logparse.signals.progress import theil_sen

if TYPE_CHECKING:
    from logparse.findings import Measure
    from logparse.run import EpochFacts, Predecessor, Run
    from logparse.signals.series import FloatArray, Series

ResumeKind: TypeAlias = Literal["resume", "rollback", "gap", "unannounced"]

LOSSES = ("train_loss", "train_rmse", "val_rmse")
MIN_BEFORE = 5
WINDOW = 8
SAME = 1e-9
LEAST_SIGMA = 1e-4
LR_FREE = 1.25
CUT_RATIO = 0.7


@dataclass(frozen=True, slots=True)
class Jump:
    """A metric across the border, as a share of its level: positive is worse than it was.

    expected  where the trend before would have led, before where the run before ended
    change    log of the first value after over the expected one
    z         what lies beyond both the trend and the last values, over the noise before
    """

    column: str
    before: float
    expected: float
    after: float
    change: float
    z: float


@dataclass(frozen=True, slots=True)
class RateJump:
    """A learning rate that breaks at the border.

    ratio     first value after over the last before
    usual     the largest step, as a ratio above 1, between neighbours on both sides
    restarts  True when the values after repeat those of the first epochs of the run before
    is_cut    True for a fall between level stretches, as a planned cut would have it
    """

    before: float
    after: float
    ratio: float
    usual: float
    restarts: bool

    @property
    def is_cut(self) -> bool:
        return self.ratio <= CUT_RATIO and self.usual <= 1 + SAME and not self.restarts


@dataclass(frozen=True, slots=True)
class Resume:
    """How a run goes on from the one before it.

    resume       from the next epoch on     rollback    from an epoch that was run already
    gap          some epochs are missing    unannounced from the start, without a RUN START
    """

    kind: ResumeKind
    first_epoch: int
    last_before: int
    line: int
    line_before: int
    copied: int
    changed: tuple[str, ...]
    rate: RateJump | None
    jumps: tuple[Jump, ...]

    def facts(self, jump: Jump | None) -> dict[str, Measure]:
        """What a finding shows of the border and of one metric across it."""
        found: dict[str, Measure] = {
            "first_epoch": self.first_epoch,
            "predecessor_last_epoch": self.last_before,
        }
        if self.rate is not None:
            rate = self.rate
            found |= {"lr_before": rate.before, "lr_after": rate.after, "lr_ratio": rate.ratio}
            found |= {"usual_lr_step": rate.usual, "repeats_first_rates": rate.restarts}
        if jump is not None:
            found |= {"loss": jump.column, "loss_before": jump.before, "loss_after": jump.after}
            found |= {"loss_expected": jump.expected, "z": jump.z}
        return found | ({"changed_settings": ", ".join(self.changed)} if self.changed else {})


def resume(run: Run, lr: Series, losses: tuple[Series, ...]) -> Resume | None:
    """How the run goes on; None for a run of its own, or one without a run before it.

    A second training that starts at its first epoch under its own RUN START is a run of its own.
    """
    before, first = run.predecessor, run.first_epoch
    if before is None or before.last_epoch is None or first is None:
        return None
    kind = _kind(run, first, before.last_epoch)
    if kind is None:
        return None
    goes_on = kind != "unannounced"
    until = tuple(facts for facts in before.tail if facts.epoch < first)
    jumps = [_jump(one, until) for one in losses] if goes_on and kind != "gap" else []
    return Resume(
        kind,
        first,
        before.last_epoch,
        int(run.epochs["line"].iloc[0]),
        before.tail[-1].line if before.tail else before.last_line,
        _copied(before, losses),
        _changed(run, before) if run.has_start else (),
        _rate(lr, until, before.head) if goes_on else None,
        tuple(jump for jump in jumps if jump is not None),
    )


def _kind(run: Run, first: int, last_before: int) -> ResumeKind | None:
    if first <= 1:
        return None if run.has_start else "unannounced"
    if first == last_before + 1:
        return "resume"
    return "rollback" if first <= last_before else "gap"


def _copied(before: Predecessor, losses: tuple[Series, ...]) -> int:
    """How many epochs of the run before come again with the same figures."""
    theirs = {facts.epoch: facts for facts in (*before.head, *before.tail)}
    again = 0
    for epoch, facts in theirs.items():
        known = [(one, facts.get(one.column)) for one in losses]
        here = [
            bool(np.any((one.epochs == epoch) & (one.values == value)))
            for one, value in known
            if value is not None
        ]
        again += bool(here) and all(here)
    return again


def _changed(run: Run, before: Predecessor) -> tuple[str, ...]:
    """`KEY old -> new` of the settings that both declare and that differ."""
    return tuple(
        f"{key} {old} -> {run.settings.raw[key]}"
        for key, old in before.settings
        if key in run.settings.raw and run.settings.raw[key] != old
    )


def _rate(
    lr: Series, until: tuple[EpochFacts, ...], head: tuple[EpochFacts, ...]
) -> RateJump | None:
    """The break of the learning rate, None where it goes on as both sides do."""
    old = [value for facts in until if (value := facts.get(lr.column)) and value > 0]
    new = [value for value in lr.values[:WINDOW].tolist() if value > 0]
    if not old or not new:
        return None
    ratio = new[0] / old[-1]
    steps = [b / a for a, b in (*pairwise(old[-WINDOW:]), *pairwise(new))]
    usual = max((max(step, 1 / step) for step in steps), default=1.0)
    start = [value for facts in head if (value := facts.get(lr.column))]
    restarts = _repeats(new, start) and abs(ratio - 1) > SAME and not _repeats(new, old[-1:])
    is_break = max(ratio, 1 / ratio) > max(LR_FREE, usual)
    if not (is_break or (restarts and _is_wide(ratio, old, new))):
        return None
    return RateJump(old[-1], new[0], ratio, usual, restarts)


def _repeats(new: list[float], start: list[float]) -> bool:
    """True when the first values are those of the run before's first epochs, one by one."""
    count = min(len(new), len(start), 3)
    return count > 0 and all(
        abs(a - b) <= SAME * max(a, b) for a, b in zip(new[:count], start[:count], strict=True)
    )


def _is_wide(ratio: float, old: list[float], new: list[float]) -> bool:
    """A restart shows against the last step before: the steps of a warm-up are large as well."""
    last = old[-1] / old[-2] if len(old) > 1 else 1.0
    return len(new) > 1 and abs(math.log(ratio / last)) > math.log(LR_FREE)


@np.errstate(all="ignore")
def _jump(series: Series, until: tuple[EpochFacts, ...]) -> Jump | None:
    """The first value after against the trend of the values before; None for too few of them."""
    found = [value for facts in until if (value := facts.get(series.column)) is not None]
    values = np.array(found, dtype=np.float64)
    if len(values) < MIN_BEFORE or not len(series) or values.min() <= 0 or series.first.value <= 0:
        return None
    old, new = np.log(values), math.log(series.first.value)
    near = old[-WINDOW:]
    places = np.arange(len(near), dtype=np.float64)
    slope = theil_sen(places, near)
    level = float(np.median(near - slope * places))
    expected = level + slope * len(near)
    low, high = min(expected, float(near[-3:].min())), max(expected, float(near[-3:].max()))
    beyond = max(new - high, 0.0) + min(new - low, 0.0)
    noise = _noise(series, old, near - slope * places - level)
    return Jump(
        series.column,
        float(values[-1]),
        math.exp(min(expected, 700.0)),
        series.first.value,
        new - expected,
        beyond / noise,
    )


def _noise(series: Series, old: FloatArray, residuals: FloatArray) -> float:
    """SD of the noise of the logarithm: of differences, of residuals, or of rounding."""
    differences = np.diff(old[-12:])
    spread = float(np.median(np.abs(differences - np.median(differences)))) / math.sqrt(2)
    scatter = float(np.median(np.abs(residuals)))
    rounding = series.print_step / math.exp(float(old[-1])) / math.sqrt(12)
    return max(MAD_TO_SD * spread, MAD_TO_SD * scatter, rounding, LEAST_SIGMA)
