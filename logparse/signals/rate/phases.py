"""What the learning rate did: warm-up, plateau, anneal, cut. It has no noise: ratios are exact."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from logparse.signals.series import series_of

if TYPE_CHECKING:
    from logparse.run import Run
    from logparse.signals.series import Series

PhaseKind: TypeAlias = Literal["warm-up", "plateau", "anneal", "cut"]

CUT_RATIO = 0.7
SAME = 1e-9
SMOOTH_CUTS = 3
STEEPEST_ANNEAL = 0.3


@dataclass(frozen=True, slots=True)
class Phase:
    """A stretch of the LR curve; the step from `first_epoch` leads to the next epoch's LR."""

    kind: PhaseKind
    first_epoch: int
    last_epoch: int
    lr_first: float
    lr_last: float


@dataclass(frozen=True, slots=True)
class Cut:
    """One sudden fall of the LR: `epoch` is the first with the lower LR, `line` its line.

    `held` counts the steps just before without any change: 0 right after a rise.
    """

    epoch: int
    line: int
    before: float
    after: float
    held: int

    @property
    def ratio(self) -> float:
        return self.after / self.before


@dataclass(frozen=True, slots=True)
class _Stretch:
    kind: PhaseKind
    start: int
    stop: int

    @property
    def steps(self) -> int:
        return self.stop - self.start


def lr_series(run: Run) -> Series:
    """The LR of the group with most tensors, or of the first; empty without a learning rate.

    A group that only falls while another rises is warming up from above (biases) and is passed
    over.
    """
    groups = [series_of(run, column) for column in _group_columns(run)]
    usable = [group for group in groups if not _falls_in_warm_up(group, groups)]
    for candidate in (*usable[:1], series_of(run, "lr"), series_of(run, "lr_main")):
        if len(candidate):
            return candidate
    return series_of(run, "lr")


def find_phases(lr: Series) -> tuple[Phase, ...]:
    """The LR curve as stretches; a cut inside a smooth fall belongs to the anneal."""
    return tuple(
        Phase(
            stretch.kind,
            int(lr.epochs[stretch.start]),
            int(lr.epochs[stretch.stop]),
            float(lr.values[stretch.start]),
            float(lr.values[stretch.stop]),
        )
        for stretch in _stretches(lr)
    )


def find_cuts(lr: Series) -> tuple[Cut, ...]:
    """All one-step falls to 0.7 or less that are not part of a smooth anneal."""
    stretches = _stretches(lr)
    held = [0, *(s.steps if s.kind == "plateau" else 0 for s in stretches)]
    return tuple(
        Cut(
            epoch=int(lr.epochs[step + 1]),
            line=int(lr.lines[step + 1]),
            before=float(lr.values[step]),
            after=float(lr.values[step + 1]),
            held=held[order] if step == stretch.start else 0,
        )
        for order, stretch in enumerate(stretches)
        if stretch.kind == "cut"
        for step in range(stretch.start, stretch.stop)
    )


def _group_columns(run: Run) -> list[str]:
    """Columns of the groups' LRs, most tensors first; none when there is only one group."""
    columns = [str(name) for name in run.epochs.columns if str(name).startswith("opt_lr/")]
    if len(columns) < 2:
        return []
    return sorted(columns, key=lambda column: -_group_size(run, column))


def _group_size(run: Run, column: str) -> float:
    sizes = series_of(run, column.replace("opt_lr/", "opt_params/", 1))
    return sizes.last.value if len(sizes) else 0.0


def _falls_in_warm_up(group: Series, groups: list[Series]) -> bool:
    return bool(len(group) > 1) and any(
        len(other) == len(group)
        and np.argmax(other.values) > 0
        and bool(np.all(np.diff(group.values[: int(np.argmax(other.values)) + 1]) < 0))
        for other in groups
        if other is not group
    )


def _stretches(lr: Series) -> list[_Stretch]:
    is_fixed = lr.resolution is not None and not lr.resolution.scientific
    half = lr.print_step / 2 if is_fixed else 0.0
    steps = [
        _Stretch(_step_kind(*pair, half), i, i + 1)
        for i, pair in enumerate(pairwise(lr.values.tolist()))
    ]
    return _join(_without_rounding(_smooth_cuts(_join(steps), lr), lr))


def _step_kind(before: float, after: float, half: float) -> PhaseKind:
    """What a step is; no cut where rounding by `half` a print step may be all of it."""
    if abs(after - before) <= SAME * max(abs(before), abs(after)):
        return "plateau"
    if after > before:
        return "warm-up"
    return "cut" if after + half <= CUT_RATIO * (before - half) else "anneal"


def _join(stretches: list[_Stretch]) -> list[_Stretch]:
    """Neighbours of the same kind made one."""
    joined: list[_Stretch] = []
    for stretch in stretches:
        if joined and joined[-1].kind == stretch.kind:
            joined[-1] = replace(joined[-1], stop=stretch.stop)
        else:
            joined.append(stretch)
    return joined


def _smooth_cuts(stretches: list[_Stretch], lr: Series) -> list[_Stretch]:
    """Cuts that lean on a smooth fall, or come one upon the other, are an anneal.

    Not so a chain of falls to 0.3 or less: no plan divides the LR by ten in every epoch.
    """
    kinds = ["", *(stretch.kind for stretch in stretches), ""]

    def is_smooth(order: int) -> bool:
        beside = (kinds[order], kinds[order + 2])
        stretch = stretches[order]
        if "anneal" in beside or stretch.steps < SMOOTH_CUTS:
            return "anneal" in beside
        first, last = float(lr.values[stretch.start]), float(lr.values[stretch.stop])
        return last > first * STEEPEST_ANNEAL**stretch.steps

    return _join(
        [
            replace(s, kind="anneal") if s.kind == "cut" and is_smooth(order) else s
            for order, s in enumerate(stretches)
        ]
    )


def _without_rounding(stretches: list[_Stretch], lr: Series) -> list[_Stretch]:
    """Short flats inside a slow rise or fall are the log's rounding, not plateaus."""
    found = list(stretches)
    for order in range(1, len(stretches) - 1):
        left, flat, right = stretches[order - 1 : order + 2]
        moving = left.kind == right.kind and left.kind in ("warm-up", "anneal")
        if flat.kind == "plateau" and moving and (flat.steps == 1 or _one_digit(lr, left, right)):
            found[order] = replace(flat, kind=left.kind)
    return found


def _one_digit(lr: Series, left: _Stretch, right: _Stretch) -> bool:
    """True when the LR moved by at most two print steps on both sides of a flat."""
    moves = (
        abs(lr.values[left.stop] - lr.values[left.stop - 1]),
        abs(lr.values[right.start + 1] - lr.values[right.start]),
    )
    if lr.resolution is None:
        return False
    return float(max(moves)) <= 2.01 * lr.resolution.step(float(lr.values[left.stop - 1]))
