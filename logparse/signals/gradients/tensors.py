"""The parameter lists as one table: gradient norms and update ratios by epoch and label."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from logparse.run import Run
    from logparse.signals.series import FloatArray, IntArray

MIN_PRESENCE = 0.5
_STRETCH = 1 << 18
_SMALL = re.compile(
    r"^(bias.*|.*_bias.*|norm.*|layer_?norm.*|ln_.*|bn\d*|(.*_)?embed.*|pos(ition)?s?(_.*)?)$"
)


@dataclass(frozen=True, slots=True, eq=False)
class TensorTable:
    """One row for each epoch with a list, one column for each label printed in half of them.

    norms      gradient norms as printed, NaN where none was; of a label that stands twice in a
               list the larger one, as in merged lists
    ratios     update ratios, likewise
    is_exact   True when a printed 0 is a zero; False when it is only less than half a step
    """

    names: tuple[str, ...]
    epochs: IntArray
    norms: FloatArray
    ratios: FloatArray
    is_exact: bool = True

    def only(self, keep: Iterable[int]) -> TensorTable:
        """Some of the columns, in the order given."""
        at = list(keep)
        names = tuple(self.names[i] for i in at)
        return TensorTable(names, self.epochs, self.norms[:, at], self.ratios[:, at], self.is_exact)

    @property
    def matrices(self) -> TensorTable:
        """The weight matrices: no biases, normalisations or embeddings."""
        return self.only(at for at, name in enumerate(self.names) if is_matrix(name))


def is_matrix(name: str) -> bool:
    """Whether a label is that of a weight matrix, as far as labels tell."""
    return not any(_SMALL.match(part) for part in name.split("."))


def tensor_table(run: Run) -> TensorTable | None:
    """The table of a run's parameter lists; None without lists.

    Labels printed too rarely are left out, so that the table has at most a few cells for each
    entry of the lists, however many names these have. Filled a stretch at a time: the lists of a
    long run are the largest thing in memory.
    """
    if not len(run.parameters):
        return None
    labels = run.parameters["name"].astype("category")
    epochs = np.unique(run.parameters["epoch"].to_numpy())
    codes = labels.cat.codes.to_numpy()
    often = np.bincount(codes, minlength=len(labels.cat.categories)) >= MIN_PRESENCE * len(epochs)
    used = labels.cat.categories[often]
    names = [name for name in labels.unique() if name in used]
    rank = {name: at for at, name in enumerate(names)}
    column = np.array([rank.get(name, -1) for name in labels.cat.categories])
    norms = np.full((len(epochs), len(names)), np.nan)
    ratios = np.full((len(epochs), len(names)), np.nan)
    for start in range(0, len(codes), _STRETCH):
        stretch = slice(start, start + _STRETCH)
        part = run.parameters.iloc[stretch]
        rows = np.searchsorted(epochs, part["epoch"].to_numpy())
        at = column[codes[stretch]]
        for table, key in ((norms, "grad_norm"), (ratios, "update_ratio")):
            values = part[key].to_numpy()
            keep = np.isfinite(values) & (at >= 0)
            np.fmax.at(table, (rows[keep], at[keep]), values[keep])
    printed = run.resolution.get("parameters/grad_norm")
    is_exact = printed is None or printed.scientific
    return TensorTable(tuple(map(str, names)), epochs.astype(np.int64), norms, ratios, is_exact)
