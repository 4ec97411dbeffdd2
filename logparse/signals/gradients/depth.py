"""Gradient norms along the depth of a network, as far as parameter names tell the depth."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from logparse.signals.gradients.tensors import MIN_PRESENCE, TensorTable, is_matrix

if TYPE_CHECKING:
    from collections.abc import Iterable

    from logparse.findings import Measure
    from logparse.run import Run
    from logparse.signals.series import FloatArray, IntArray

Key: TypeAlias = tuple[int, ...]

MIN_LAYERS = 3
FROZEN_DROP = 1e-2
_NOT_A_LAYER = re.compile(r"(original|parametrizations?)")


@dataclass(frozen=True, slots=True, eq=False)
class DepthProfile:
    """Gradient norms of weight matrices, shallow first.

    names      labels as printed
    epochs     epoch numbers, rising
    log_norms  log10 of the norm, shape (epochs, names), NaN where not printed; exact zeros
               stand at half of the smallest norm printed
    has_zeros  True when the newest epoch prints an exact zero for a matrix that once moved
    """

    names: tuple[str, ...]
    epochs: IntArray
    log_norms: FloatArray
    has_zeros: bool

    @property
    def shallow(self) -> FloatArray:
        """Median log10 norm of the shallowest third, per epoch."""
        return np.median(self.log_norms[:, : self._third], axis=1)

    @property
    def deep(self) -> FloatArray:
        """Median log10 norm of the deepest third, per epoch."""
        return np.median(self.log_norms[:, -self._third :], axis=1)

    @property
    def gaps(self) -> tuple[float, ...]:
        """Decades from deepest to shallowest third, per epoch: -3 is a thousandth."""
        return tuple((self.shallow - self.deep).tolist())

    def epochs_above(self, ratio: float) -> list[int]:
        """Epochs in which the shallow third's norms are so many times the deep third's."""
        return [
            int(epoch)
            for epoch, gap in zip(self.epochs, self.gaps, strict=True)
            if gap >= np.log10(ratio)
        ]

    @property
    def shallow_fall(self) -> float:
        """Decades by which the shallow third fell between the first and the last fifth."""
        fifth = max(len(self.epochs) // 5, 1)
        return float(np.median(self.shallow[:fifth]) - np.median(self.shallow[-fifth:]))

    @property
    def decades_per_layer(self) -> float:
        """Mean change of the newest norms from one matrix to the next deeper one."""
        newest = self.log_norms[-1]
        return float(newest[-1] - newest[0]) / (len(self.names) - 1)

    @property
    def shallow_norm(self) -> float:
        """Median norm of the shallowest third in the newest epoch."""
        return float(10.0 ** self.shallow[-1])

    def at(self, index: int) -> tuple[float, ...]:
        """The norms of one row, shallow first; -1 is the newest epoch."""
        return tuple((10.0 ** self.log_norms[index]).tolist())

    def facts(self) -> dict[str, Measure]:
        """What a finding shows of the profile; norms as text, shallow first."""
        return {
            "decades": self.gaps[-1],
            "shallow_fall": self.shallow_fall,
            "decades_per_layer": self.decades_per_layer,
            "profile_first": self.shown(0),
            "profile_last": self.shown(-1),
        }

    def shown(self, index: int) -> str:
        """The norms of one row as text, shallow first, at most eight of them."""
        norms = self.at(index)
        keep = np.unique(np.linspace(0, len(norms) - 1, min(len(norms), 8)).round().astype(int))
        return " ".join(f"{norms[i]:.1e}" for i in keep)

    @property
    def _third(self) -> int:
        return max(len(self.names) // 3, 1)


def depth_profile(run: Run, lists: TensorTable | None) -> DepthProfile | None:
    """The profile from the parameter lists, else from per-layer columns; None if depth is unknown.

    Depth is told by the integers in names. Names without any keep the order of the log, unless
    the log sorts them by norm. Frozen matrices (zero from the first epoch, or zero from one
    epoch to the next while others go on) are left out. Where all are zero, as after the death of
    every hidden unit, the last living epoch is shown.
    """
    for table, keeps_order in _tables(run, lists):
        names = _ordered(_matrices(_moving(table)), keep_order=keeps_order)
        if len(names) >= MIN_LAYERS:
            places = {name: at for at, name in enumerate(table.names)}
            profile = _profile(table.only(places[name] for name in names))
            if profile is not None:
                return profile
    return None


def _tables(run: Run, lists: TensorTable | None) -> Iterable[tuple[TensorTable, bool]]:
    """Norms by epoch and name, with whether the order of names means anything."""
    if lists is not None:
        yield _raised(lists, run), not is_sorted_by_norm(run)
    for prefix in ("grad_norm/", "layer_grad_norm/"):
        found = [str(column) for column in run.epochs if str(column).startswith(prefix)]
        if found:
            norms = run.epochs[found].to_numpy(dtype=np.float64)
            names = [column.removeprefix(prefix) for column in found]
            norms = np.where(np.isfinite(norms), norms, np.nan)
            yield TensorTable(tuple(names), run.epochs["epoch"].to_numpy(), norms, norms), False


def _raised(table: TensorTable, run: Run) -> TensorTable:
    """A norm printed as 0.000 is less than half a step, not zero, if it ever was more."""
    printed = run.resolution.get("parameters/grad_norm")
    if printed is None or table.is_exact:
        return table
    moved = np.nanmax(table.norms, axis=0, initial=0.0) > 0
    small = (table.norms == 0) & moved
    return replace(table, norms=np.where(small, printed.step(1.0) / 2, table.norms))


def is_sorted_by_norm(run: Run) -> bool:
    """Whether all lists go from the largest norm to the smallest: no order of the model."""
    epochs, norms = run.parameters["epoch"].to_numpy(), run.parameters["grad_norm"].to_numpy()
    rises = (epochs[1:] == epochs[:-1]) & (norms[1:] > norms[:-1])
    return not bool(rises.any())


def _moving(table: TensorTable) -> list[str]:
    """Names of the parameters that are not frozen."""
    lives = any(
        _is_alive(table.norms[:, at]) for at, name in enumerate(table.names) if is_matrix(name)
    )
    return [
        name
        for at, name in enumerate(table.names)
        if not _is_frozen(table.norms[:, at], others_live=lives)
    ]


def _is_alive(norms: FloatArray) -> bool:
    printed = norms[np.isfinite(norms)]
    return bool(len(printed) and printed[-1] > 0)


def _is_frozen(norms: FloatArray, *, others_live: bool) -> bool:
    printed = norms[np.isfinite(norms)]
    alive = printed[printed > 0]
    if not len(alive):
        return True
    stopped = printed[-1] == 0 and alive[-1] >= FROZEN_DROP * float(np.median(alive))
    return bool(stopped and others_live)


def _matrices(names: list[str]) -> list[str]:
    """Names of weight matrices; all names when there is none."""
    return [name for name in names if is_matrix(name)] or names


def _ordered(names: list[str], *, keep_order: bool) -> list[str]:
    """Names of the stack with most levels by their integers, else as the log has them."""
    stacks: dict[str, dict[str, Key]] = defaultdict(dict)
    for name in names:
        key = integers(name)
        if key:
            stacks[stem_of(name)][name] = key
    levels = {stem: len({key[0] for key in found.values()}) for stem, found in stacks.items()}
    stem = max(levels, key=lambda s: (levels[s], len(stacks[s])), default=None)
    if stem is not None and levels[stem] >= MIN_LAYERS:
        return sorted(stacks[stem], key=lambda name: stacks[stem][name])
    return names if keep_order else []


def stem_of(name: str) -> str:
    """What stands before the first digit: equal for the layers of one stack."""
    return re.split(r"\d", name, maxsplit=1)[0]


def integers(name: str) -> Key:
    """The integers in a name, by which a stack is ordered; () where they number no layers."""
    if _NOT_A_LAYER.search(name):
        return ()
    return tuple(int(digits) for digits in re.findall(r"\d{1,18}", name))


def _profile(table: TensorTable) -> DepthProfile | None:
    """Rows for the epochs that print every steady name; None if too few names are steady."""
    printed = np.isfinite(table.norms)
    steady = np.flatnonzero(printed.mean(axis=0) >= MIN_PRESENCE)
    whole = np.flatnonzero(printed[:, steady].all(axis=1))
    if len(steady) < MIN_LAYERS or not len(whole) or whole[-1] != len(printed) - 1:
        return None
    norms = table.norms[np.ix_(whole, steady)]
    positive = norms[norms > 0]
    if not len(positive):
        return None
    has_zeros = bool((norms[-1] <= 0).any())
    norms = _as_last_alive(norms)
    norms[norms <= 0] = positive.min() / 2 or positive.min()  # half of the least float is 0
    return DepthProfile(
        names=tuple(table.names[at] for at in steady),
        epochs=table.epochs[whole],
        log_norms=np.log10(norms, out=norms),
        has_zeros=has_zeros,
    )


def _as_last_alive(norms: FloatArray) -> FloatArray:
    """Rows of zeros as the last row before them with anything else; leading ones are kept."""
    rows = np.where((norms > 0).any(axis=1), np.arange(len(norms)), 0)
    return norms[np.maximum.accumulate(rows)]
