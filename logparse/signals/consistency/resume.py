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
    from logparse.signals import Signals
    from logparse.signals.consistency import Consistency
    from logparse.signals.numbering import Gap
    from logparse.signals.series import FloatArray, Series

ResumeKind: TypeAlias = Literal["resume", "rollback", "gap", "unannounced"]

RATES = ("lr", "lr_main")
LOSSES = ("train_loss", "train_rmse", "val_rmse")
SETS_LR = ("LR", "LEARNING_RATE", "SCHED", "ONECYCLE", "EPOCHS", "WARMUP")
"""What a setting is called that the learning rate goes by."""
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

    copied, shared  epochs that come again with the same figures, of those that could be compared
    missing         what a gap leaves out
    is_planned      True where the rates after are those of the declared schedule
    is_compared     False where neither rates nor losses stand on both sides of the border
    """

    kind: ResumeKind
    first_epoch: int
    last_before: int
    line: int
    line_before: int
    copied: int
    shared: int
    missing: Gap | None
    is_compared: bool
    is_planned: bool
    changed: tuple[str, ...]
    rate: RateJump | None
    jumps: tuple[Jump, ...]

    @property
    def is_set(self) -> bool:
        """True where a changed setting explains another rate."""
        return any(key in edit.split()[0].upper() for edit in self.changed for key in SETS_LR)

    @property
    def is_suspect(self) -> bool:
        """False for a rate that a plan or a changed setting explains, or that fell as at a cut."""
        return not (self.rate is None or self.is_planned or self.is_set or self.rate.is_cut)

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
        if self.missing is not None:
            found["missing_epochs"] = self.missing.missing
        if self.kind == "unannounced":
            found |= {"epochs_with_same_figures": self.copied, "epochs_compared": self.shared}
        return found | ({"changed_settings": ", ".join(self.changed)} if self.changed else {})


def resume(log: Consistency) -> Resume | None:
    """How the run goes on; None for a run of its own, or one without a run before it.

    A second training that starts at its first epoch under its own RUN START is a run of its own.
    """
    run, before = log.run, log.run.predecessor
    if before is None or before.last_epoch is None or run.first_epoch is None:
        return None
    kind = _kind(log)
    if kind is None:
        return None
    losses = tuple(log.signals.series(name) for name in LOSSES)
    until = tuple(facts for facts in before.tail if facts.epoch < run.first_epoch)
    has_course = kind in ("resume", "rollback")
    jumps = [_jump_over(one, until) for one in losses] if has_course else []
    rates = None if kind == "unannounced" else _rates(log.signals, until)
    found = None if rates is None else _break_over(rates, before.head, has_gap=kind == "gap")
    return Resume(
        kind,
        run.first_epoch,
        before.last_epoch,
        int(run.epochs["line"].iloc[0]),
        before.tail[-1].line if before.tail else before.last_line,
        *_copied(before, losses),
        log.gap_before if kind == "gap" else None,
        rates is not None or any(jumps),
        log.signals.rate.is_as_declared,
        _changed(run, before) if run.has_start else (),
        found,
        tuple(jump for jump in jumps if jump is not None),
    )


def _kind(log: Consistency) -> ResumeKind | None:
    if log.starts_at_first:
        return None if log.run.has_start else "unannounced"
    if log.gap_before is None:
        return "rollback"
    return "resume" if log.gap_before.is_empty else "gap"


def _copied(before: Predecessor, losses: tuple[Series, ...]) -> tuple[int, int]:
    """How many epochs of the run before come again with the same figures, of how many known."""
    theirs = {facts.epoch: facts for facts in (*before.head, *before.tail)}
    again = shared = 0
    for epoch, facts in theirs.items():
        known = [(one, value) for one in losses if (value := facts.get(one.column)) is not None]
        here = [
            bool(np.any(one.values[one.epochs == epoch] == value))
            for one, value in known
            if (one.epochs == epoch).any()
        ]
        shared += bool(here)
        again += bool(here) and all(here)
    return again, shared


def _changed(run: Run, before: Predecessor) -> tuple[str, ...]:
    """`KEY old -> new` of the settings that both declare and that differ."""
    return tuple(
        f"{key} {old} -> {run.settings.raw[key]}"
        for key, old in before.settings
        if key in run.settings.raw and run.settings.raw[key] != old
    )


@dataclass(frozen=True, slots=True)
class _Rates:
    """The positive learning rates of a column on both sides of the border, some of each."""

    column: str
    old: list[float]
    new: list[float]


def _rates(signals: Signals, until: tuple[EpochFacts, ...]) -> _Rates | None:
    """The rates of the largest group, else those that a run passes on; None without both sides."""
    for name in dict.fromkeys((signals.lr.column, *RATES)):
        old = [value for facts in until if (value := facts.get(name)) and value > 0]
        new = [value for value in signals.series(name).values[:WINDOW].tolist() if value > 0]
        if old and new:
            return _Rates(name, old, new)
    return None


def _break_over(rates: _Rates, head: tuple[EpochFacts, ...], *, has_gap: bool) -> RateJump | None:
    start = [value for facts in head if (value := facts.get(rates.column))]
    return rate_break(rates.old, rates.new, start, has_gap=has_gap)


def rate_break(
    old: list[float], new: list[float], start: list[float], *, has_gap: bool = False
) -> RateJump | None:
    """The break of the learning rate, None where it goes on as both sides do.

    `start` are the first rates of the run. Over a gap a schedule goes its way unseen: there only
    rates that start again are a break.
    """
    ratio = new[0] / old[-1]
    steps = [b / a for a, b in (*pairwise(old[-WINDOW:]), *pairwise(new))]
    usual = max((max(step, 1 / step) for step in steps), default=1.0)
    restarts = _repeats(new, start) and abs(ratio - 1) > SAME and not _repeats(new, old[-1:])
    is_break = not has_gap and max(ratio, 1 / ratio) > max(LR_FREE, usual)
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


def _jump_over(series: Series, until: tuple[EpochFacts, ...]) -> Jump | None:
    found = [value for facts in until if (value := facts.get(series.column)) is not None]
    values = np.array(found, dtype=np.float64)
    return jump(series, values, series.first.value) if len(series) else None


@np.errstate(all="ignore")
def jump(series: Series, values: FloatArray, after: float) -> Jump | None:
    """The first value after against the trend of the values before; None for too few of them."""
    if len(values) < MIN_BEFORE or values.min() <= 0 or after <= 0:
        return None
    old, new = np.log(values), math.log(after)
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
        after,
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
