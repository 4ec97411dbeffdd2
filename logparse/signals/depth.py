"""Gradient norms along the depth of a network, as far as parameter names tell the depth."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from logparse.findings import Measure
    from logparse.run import Run
    from logparse.signals.series import FloatArray, IntArray

Key: TypeAlias = tuple[int, ...]
Table: TypeAlias = Mapping[str, Mapping[int, float]]

MIN_LAYERS = 3
MIN_PRESENCE = 0.5
FROZEN_DROP = 1e-2
_SMALL = re.compile(r"^(bias.*|.*_bias.*|norm.*|layer_?norm.*|ln_.*|bn\d*|embed.*)$")
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


def depth_profile(run: Run) -> DepthProfile | None:
    """The profile from the parameter lists, else from per-layer columns; None if depth is unknown.

    Depth is told by the integers in names. Names without any keep the order of the log, unless
    the log sorts them by norm. Frozen matrices (zero from the first epoch, or zero from one
    epoch to the next) are left out.
    """
    for table, ordered in _tables(run):
        names = _ordered(_matrices(_moving(table)), keep_order=ordered)
        if len(names) >= MIN_LAYERS:
            profile = _profile({name: table[name] for name in names})
            if profile is not None:
                return profile
    return None


def _tables(run: Run) -> Iterable[tuple[Table, bool]]:
    """Norm by name and epoch, with whether the order of names means anything."""
    frame = run.parameters
    if len(frame):
        columns = (frame[name].tolist() for name in ("epoch", "name", "grad_norm"))
        rows = list(zip(*columns, strict=True))
        yield _by_name(rows), not _is_sorted_by_norm(rows)
    for prefix in ("grad_norm/", "layer_grad_norm/"):
        found = [str(column) for column in run.epochs if str(column).startswith(prefix)]
        epochs = run.epochs["epoch"].tolist()
        yield (
            {
                column.removeprefix(prefix): {
                    epoch: value
                    for epoch, value in zip(epochs, run.epochs[column].tolist(), strict=True)
                    if np.isfinite(value)
                }
                for column in found
            },
            False,
        )


def _by_name(rows: Iterable[tuple[int, str, float]]) -> Table:
    """Norms by name and epoch; of a label printed twice the larger norm, as in merged lists."""
    table: dict[str, dict[int, float]] = defaultdict(dict)
    for epoch, name, norm in rows:
        if name != "zero" and np.isfinite(norm):
            table[name][epoch] = max(norm, table[name].get(epoch, 0.0))
    return table


def _is_sorted_by_norm(rows: list[tuple[int, str, float]]) -> bool:
    return all(
        earlier[2] >= later[2] for earlier, later in pairwise(rows) if earlier[0] == later[0]
    )


def _moving(table: Table) -> Table:
    """The table without frozen parameters."""
    return {name: norms for name, norms in table.items() if norms and not _is_frozen(norms)}


def _is_frozen(norms: Mapping[int, float]) -> bool:
    values = [norms[epoch] for epoch in sorted(norms)]
    alive = [value for value in values if value > 0]
    if not alive:
        return True
    return values[-1] == 0 and alive[-1] >= FROZEN_DROP * float(np.median(alive))


def _matrices(table: Table) -> list[str]:
    """Names of weight matrices; all names when there is none."""
    matrices = [name for name in table if not any(_SMALL.match(p) for p in name.split("."))]
    return matrices or list(table)


def _ordered(names: list[str], *, keep_order: bool) -> list[str]:
    """Names of the stack with most levels by their integers, else as the log has them."""
    stacks: dict[str, dict[str, Key]] = defaultdict(dict)
    for name in names:
        key = _integers(name)
        if key:
            stacks[name[: re.search(r"\d", name).start()]][name] = key  # type: ignore[union-attr]
    levels = {stem: len({key[0] for key in found.values()}) for stem, found in stacks.items()}
    stem = max(levels, key=lambda s: (levels[s], len(stacks[s])), default=None)
    if stem is not None and levels[stem] >= MIN_LAYERS:
        return sorted(stacks[stem], key=lambda name: stacks[stem][name])
    return names if keep_order else []


def _integers(name: str) -> Key:
    if _NOT_A_LAYER.search(name):
        return ()
    return tuple(int(digits) for digits in re.findall(r"\d+", name))


def _profile(table: Table) -> DepthProfile | None:
    """Rows for the epochs that print every steady name; None if too few names are steady."""
    all_epochs = sorted({epoch for norms in table.values() for epoch in norms})
    steady = [name for name in table if len(table[name]) >= MIN_PRESENCE * len(all_epochs)]
    epochs = [epoch for epoch in all_epochs if all(epoch in table[name] for name in steady)]
    if len(steady) < MIN_LAYERS or not epochs or epochs[-1] != all_epochs[-1]:
        return None
    norms = np.array([[table[name][epoch] for name in steady] for epoch in epochs])
    floor = float(norms[norms > 0].min()) / 2
    return DepthProfile(
        names=tuple(steady),
        epochs=np.array(epochs, dtype=np.int64),
        log_norms=np.log10(np.where(norms > 0, norms, floor)),
        has_zeros=bool((norms[-1] == 0).any()),
    )
