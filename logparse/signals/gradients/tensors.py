"""The parameter lists as one table: gradient norms and update ratios by epoch and label."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterable

    from logparse.run import Run
    from logparse.signals.series import FloatArray, IntArray

MIN_PRESENCE = 0.5
MOST_ENTRIES = 1 << 19
"""13,000 epochs of 40 tensors."""
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
    every      1; k where the table has only every k-th list of a very long run
    """

    names: tuple[str, ...]
    epochs: IntArray
    norms: FloatArray
    ratios: FloatArray
    is_exact: bool = True
    every: int = 1

    def only(self, keep: Iterable[int]) -> TensorTable:
        """Some of the columns, in the order given."""
        at = list(keep)
        names = tuple(self.names[i] for i in at)
        return replace(self, names=names, norms=self.norms[:, at], ratios=self.ratios[:, at])

    @property
    def matrices(self) -> TensorTable:
        """The weight matrices: no biases, normalisations or embeddings."""
        return self.only(at for at, name in enumerate(self.names) if is_matrix(name))


def is_matrix(name: str) -> bool:
    """Whether a label is that of a weight matrix, as far as labels tell."""
    return not any(_SMALL.match(part) for part in name.split("."))


def tensor_table(run: Run, most: int = MOST_ENTRIES) -> TensorTable | None:
    """The table of a run's parameter lists; None without lists.

    Labels printed too rarely are left out, so that the table has at most a few cells for each
    entry of the lists, however many names these have. Of lists with more than `most` entries in
    all, every k-th is looked at, the newest among them: they are the largest thing in memory.
    """
    if not len(run.parameters):
        return None
    printed_in = run.parameters["epoch"].to_numpy()
    known = np.sort(pd.unique(printed_in))
    every = -(-len(run.parameters) // most)
    epochs = known[::-every][::-1].astype(np.int64)
    lists = run.parameters
    if every > 1:
        lists = lists[np.isin(printed_in, epochs)]
    labels = lists["name"].astype("category")
    codes = labels.cat.codes.to_numpy()
    often = np.bincount(codes, minlength=len(labels.cat.categories)) >= MIN_PRESENCE * len(epochs)
    used = labels.cat.categories[often]
    names = [name for name in labels.unique() if name in used]
    rank = {name: at for at, name in enumerate(names)}
    columns = np.array([rank.get(name, -1) for name in labels.cat.categories])[codes]
    rows = np.searchsorted(epochs, lists["epoch"].to_numpy())
    norms = np.full((len(epochs), len(names)), np.nan)
    ratios = np.full((len(epochs), len(names)), np.nan)
    for table, key in ((norms, "grad_norm"), (ratios, "update_ratio")):
        values = lists[key].to_numpy()
        keep = np.isfinite(values) & (columns >= 0)
        np.fmax.at(table, (rows[keep], columns[keep]), values[keep])
    printed = run.resolution.get("parameters/grad_norm")
    is_exact = printed is None or printed.scientific
    return TensorTable(tuple(map(str, names)), epochs, norms, ratios, is_exact, every)
