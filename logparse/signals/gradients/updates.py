"""How far one step moves the weights, as a share of their size."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from logparse.keys import BATCH_KEYS, OPTIMIZER_KEYS, positive

if TYPE_CHECKING:
    from logparse.run import Run
    from logparse.signals import Signals
    from logparse.signals.gradients.tensors import TensorTable
    from logparse.signals.series import FloatArray, IntArray

Family: TypeAlias = Literal["sgd", "adam", "unknown"]

MIN_LISTED = 0.75
ANNEALED = 0.1


@dataclass(frozen=True, slots=True, eq=False)
class Updates:
    """Steps relative to the weights, by epoch.

    family   sgd: lr*|g|/|w| after clipping is true but for momentum; adam: the printed ratios
             are on no scale, but no step moves a weight by much more than the learning rate;
             unknown: only comparisons between layers mean anything
    ratios   lr*|g|/|w| of the weight matrices as printed, shape (epochs, matrices), NaN where
             not printed
    typical  median over matrices after clipping for sgd; for adam the learning rate over the
             root mean square of all weights, an upper bound; NaN where unknown
    upper    the quarter of matrices that move most moves at least by this; for adam as `typical`
    annealed  True for epochs at a tenth of the highest learning rate or less
    """

    family: Family
    epochs: IntArray
    names: tuple[str, ...]
    ratios: FloatArray
    typical: FloatArray
    upper: FloatArray
    annealed: npt.NDArray[np.bool_]

    @property
    def known(self) -> int:
        """Epochs before the end of an anneal whose step is known."""
        return int(np.sum(np.isfinite(self.typical) & ~self.annealed))

    @property
    def median_step(self) -> float:
        """The step of the median epoch before the end of an anneal; NaN if none is known."""
        steps = self.typical[np.isfinite(self.typical) & ~self.annealed]
        return float(np.median(steps)) if len(steps) else math.nan

    @property
    def largest_step(self) -> float:
        """The largest step of the matrices that move most; NaN if none is known."""
        steps = self.upper[np.isfinite(self.upper)]
        return float(np.max(steps)) if len(steps) else math.nan

    def below(self, limit: float) -> tuple[int, ...]:
        """Epochs before the end of an anneal whose typical step is below a limit."""
        return tuple(self.epochs[(self.typical < limit) & ~self.annealed].tolist())

    def above(self, limit: float) -> tuple[int, ...]:
        """Epochs in which a quarter of the matrices moves by more than a limit."""
        return tuple(self.epochs[self.upper > limit].tolist())

    def laggards(self, factor: float, share: float) -> dict[str, float]:
        """Matrices whose ratio is at most `factor` of their epoch's median in a share of epochs
        and in the newest, with their median ratio to it."""
        with np.errstate(all="ignore"):
            relative = self.ratios / _quantile(self.ratios, 0.5)[:, None]
        known = np.isfinite(relative) & (relative > 0)
        found = {}
        for at, name in enumerate(self.names):
            printed = relative[known[:, at], at]
            low = printed <= factor
            if len(low) and low[-1] and low.mean() >= share:
                found[name] = float(np.median(printed))
        return found

    @property
    def extremes(self) -> tuple[str, str]:
        """The matrices whose median ratio over the run is smallest and largest."""
        moving = np.where(self.ratios > 0, self.ratios, np.nan)
        middle = _quantile(moving.T, 0.5)
        known = np.flatnonzero(np.isfinite(middle))
        order = known[np.argsort(middle[known], kind="stable")]
        return self.names[order[0]], self.names[order[-1]]

    def spreads(self, after: int) -> dict[int, float]:
        """95% over 5% quantile of the matrices' ratios, for epochs after a given one."""
        with np.errstate(all="ignore"):
            wide = _quantile(self.ratios, 0.95) / _quantile(self.ratios, 0.05)
        keep = np.isfinite(wide) & (self.epochs > after)
        return dict(zip(self.epochs[keep].tolist(), wide[keep].tolist(), strict=True))

    @property
    def has_scale(self) -> bool:
        """Whether the steps can be held against an absolute threshold."""
        return self.family != "unknown" and bool(np.isfinite(self.typical).any())


def optimizer_family(run: Run) -> Family:
    """The optimizer by its declared name."""
    names = (run.settings.get(key) for key in OPTIMIZER_KEYS)
    name = next((name.casefold() for name in names if isinstance(name, str)), "")
    if name.startswith("sgd"):
        return "sgd"
    return "adam" if "adam" in name or name == "lion" else "unknown"


@np.errstate(all="ignore")
def updates(signals: Signals) -> Updates | None:
    """The steps of a run with parameter lists; None without."""
    table = signals.gradients.tensors
    if table is None:
        return None
    family = optimizer_family(signals.run)
    matrices = table.matrices
    ratios = np.where(matrices.norms > 0, matrices.ratios, np.nan)
    clipped = _clip_factors(signals, table.epochs)
    typical, upper = _quantile(ratios, 0.5) * clipped, _quantile(ratios, 0.75) * clipped
    if family == "adam":
        typical = upper = _adam_steps(signals, table)
    annealed = _annealed(signals, table.epochs)
    return Updates(family, table.epochs, matrices.names, ratios, typical, upper, annealed)


@np.errstate(all="ignore")
def travel(signals: Signals) -> float | None:
    """An upper bound on how far a run under Adam can take the weights, as a share of their size.

    The learning rates of all steps, over the root mean square of the weights. Planned epochs that
    are still to come count with the highest rate so far. None where the log does not tell the
    steps of an epoch or the size of the weights.
    """
    found, steps = signals.gradients.updates, measured_steps(signals.run)
    if found is None or found.family != "adam" or steps is None:
        return None
    known = found.typical[np.isfinite(found.typical)]
    if not len(known):
        return None
    epochs = len(signals.run.epochs)
    to_come = max((signals.run.planned_epochs or epochs) - epochs, 0)
    return steps * (epochs * float(np.mean(known)) + to_come * float(np.max(known)))


def measured_steps(run: Run) -> float | None:
    """Samples of an epoch over the declared batch size: an upper bound, as times are rounded."""
    batch = positive(run.settings, BATCH_KEYS)
    if batch is None or not run.has("elapsed_s") or not run.has("throughput"):
        return None
    printed = run.resolution.get("elapsed_s")
    most = run.epochs["elapsed_s"] + (0.0 if printed is None else printed.step(1.0) / 2)
    samples = (most * run.epochs["throughput"]).to_numpy(dtype=np.float64)
    samples = samples[np.isfinite(samples) & (samples > 0)]
    return float(np.median(samples)) / batch[1] if len(samples) else None


def _quantile(ratios: FloatArray, share: float) -> FloatArray:
    """A quantile of each row's finite values, NaN in a row without."""
    ordered = np.sort(ratios, axis=1)  # NaN last
    counts = np.isfinite(ratios).sum(axis=1)
    if not ordered.shape[1]:
        return np.full(len(ratios), np.nan)
    at = np.maximum(np.ceil(share * counts).astype(int) - 1, 0)
    return np.where(counts > 0, ordered[np.arange(len(ratios)), at], np.nan)


def _annealed(signals: Signals, epochs: IntArray) -> npt.NDArray[np.bool_]:
    lr = signals.lr
    if not len(lr):
        return np.zeros(len(epochs), dtype=bool)
    peak = int(np.argmax(lr.values))
    low = (lr.values <= ANNEALED * lr.values[peak]) & (np.arange(len(lr)) > peak)
    return np.isin(epochs, lr.epochs[low])


def _clip_factors(signals: Signals, epochs: IntArray) -> FloatArray:
    clip = signals.gradients.clipping
    factors = np.ones(len(epochs))
    if clip is not None:
        _, ours, theirs = np.intersect1d(epochs, clip.norms.epochs, return_indices=True)
        factors[ours] = clip.factors[theirs]
    return factors


def _adam_steps(signals: Signals, table: TensorTable) -> FloatArray:
    """lr / rms(weights); NaN where the log does not tell the size of all weights.

    The printed ratio is lr*|g|/|w|, so that the lists tell |w| of every tensor that moves.
    """
    run, unknown = signals.run, np.full(len(table.epochs), np.nan)
    trainable, counts = run.model.get("trainable_params"), run.optimizer.get("counts")
    if not isinstance(trainable, int) or trainable <= 0 or not _one_rate(run):
        return unknown
    if isinstance(counts, tuple) and len(table.names) < MIN_LISTED * sum(counts):
        return unknown
    lr = run.epochs.set_index("epoch")["lr"].reindex(table.epochs).to_numpy(dtype=np.float64)
    moving = (table.norms > 0) & (table.ratios > 0)
    weights = np.where(moving, lr[:, None] * table.norms / table.ratios, 0.0)
    rms = np.sqrt((weights**2).sum(axis=1) / trainable)
    return np.where((rms > 0) & (lr > 0), lr / rms, np.nan)


def _one_rate(run: Run) -> bool:
    """True when all optimizer groups have one learning rate in every epoch."""
    groups = [name for name in run.epochs if str(name).startswith("opt_lr/")]
    if not run.has("lr"):
        return False
    return all(run.epochs[name].equals(run.epochs[groups[0]]) for name in groups)
