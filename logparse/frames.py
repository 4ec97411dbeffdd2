"""The long frames: parameter lists, feature lists, all metrics in tidy form; a run's beginning."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd

from logparse.columns import FLUSH_ROWS, Growing
from logparse.metrics import metric
from logparse.numerals import Floats, read_numbers

if TYPE_CHECKING:
    from collections.abc import Container, Iterable

    from logparse.run import Run

_ENTRY_COLUMNS: dict[str, type[np.generic]] = {
    "epoch": np.int32, "position": np.int32, "name": np.int32,
    "grad_norm": np.float64, "update_ratio": np.float64, "line": np.int32,
}  # fmt: skip


class EntryTable:
    """Parameter lists `name:g/u,name:g/u`, kept as text and converted many lists at once."""

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._epochs: list[int] = []
        self._lines: list[int] = []
        self._columns = {name: Growing(kind) for name, kind in _ENTRY_COLUMNS.items()}
        self._names: dict[str, int] = {}
        self._size = 0

    def add(self, epoch: int, line: int, text: str) -> None:
        """Add the list of one epoch, as printed, without its label."""
        self._texts.append(text)
        self._epochs.append(epoch)
        self._lines.append(line)
        if len(self._texts) >= FLUSH_ROWS:
            self._flush()

    def frame(self) -> pd.DataFrame:
        """`epoch, position, name (category), grad_norm, update_ratio, line`; of all so far."""
        self._flush()
        columns: dict[str, Any] = {
            name: column.lend(self._size) for name, column in self._columns.items()
        }
        names = pd.Index(list(self._names), dtype="str")
        columns["name"] = pd.Categorical.from_codes(columns["name"], categories=names)
        return pd.DataFrame(columns, copy=False)

    def _flush(self) -> None:
        if not self._texts:
            return
        counts = np.array([text.count(":") for text in self._texts])
        starts = np.cumsum(counts) - counts
        names, norms, ratios = _read_entries(self._texts)
        known = names.categories
        codes = [self._names.setdefault(name, len(self._names)) for name in known]
        end = self._size + len(norms)
        for name, values in (
            ("epoch", np.repeat(self._epochs, counts)),
            ("position", np.arange(len(norms)) - np.repeat(starts, counts)),
            ("name", np.array(codes)[names.codes]),
            ("grad_norm", norms),
            ("update_ratio", ratios),
            ("line", np.repeat(self._lines, counts)),
        ):
            self._columns[name].write(slice(self._size, end), values, size=end)
        self._size = end
        self._texts, self._epochs, self._lines = [], [], []


_ENTRIES_TO_CSV = bytes.maketrans(b":/,", b",,\n")


_FEW_ENTRIES = 1024


def _read_entries(texts: list[str]) -> tuple[pd.Categorical, Floats, Floats]:
    """The names and both numbers of the entries of many lists, as a CSV of three columns."""
    joined = ",".join(texts)
    if ", " in joined:
        joined = joined.replace(", ", ",")
    raw = joined.encode().translate(_ENTRIES_TO_CSV)
    if raw.count(b"\n") < _FEW_ENTRIES:
        return _few_entries(raw.decode())
    kinds: dict[str, type[np.float64] | str] = {
        "name": "category",
        "grad_norm": np.float64,
        "update_ratio": np.float64,
    }
    table = read_numbers(raw, kinds)
    names = cast("pd.Categorical", table["name"].array)
    return names, table["grad_norm"].to_numpy(), table["update_ratio"].to_numpy()


def _few_entries(csv: str) -> tuple[pd.Categorical, Floats, Floats]:
    """As pandas' reader has them, without its cost of a thousand entries per call."""
    fields = csv.strip("\n").replace("\n", ",").split(",")
    names, norms, ratios = fields[::3], fields[1::3], fields[2::3]
    known = sorted(set(names))
    rank = {name: at for at, name in enumerate(known)}
    codes = np.array([rank[name] for name in names])
    found = pd.Categorical.from_codes(codes, categories=pd.Index(known, dtype="str"))
    return found, np.array([*map(float, norms)]), np.array([*map(float, ratios)])


_FEATURE_COLUMNS = {
    "epoch": "int32", "position": "int32", "name": "str", "score": "float64", "line": "int32",
}  # fmt: skip


@cache
def _no_features() -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in _FEATURE_COLUMNS.items()})


class FeatureTable:
    """Feature lists: few and short, converted as they come."""

    def __init__(self) -> None:
        self._rows: list[tuple[int, int, str, float, int]] = []

    def add(self, epoch: int, line: int, features: Iterable[tuple[str, float]]) -> None:
        self._rows += [(epoch, at, name, score, line) for at, (name, score) in enumerate(features)]

    def frame(self) -> pd.DataFrame:
        """`epoch, position, name, score, line`."""
        if not self._rows:
            return _no_features().copy()
        columns = zip(*self._rows, strict=True)
        return pd.DataFrame(
            {
                name: pd.Series(list(values), dtype=kind)
                for (name, kind), values in zip(_FEATURE_COLUMNS.items(), columns, strict=True)
            }
        )


def tidy(run: Run) -> pd.DataFrame:
    """All metrics of a run in long form, see `Run.tidy`."""
    values = [name for name in run.epochs.columns if name not in ("epoch", "line", "step")]
    frame, ids = run.epochs, ["epoch", "line"]
    if "step" in frame:
        frame = frame.assign(step=_whole(frame["step"]))
        ids.append("step")
    long = frame.melt(ids, values, "metric", "value").dropna(subset="value")
    if "step" not in frame:
        long = long.assign(step=pd.array([pd.NA] * len(long), dtype="Int64"))
    long = long.assign(run=run.index)
    long["split"] = long["metric"].map({name: _split(name) for name in values}).astype("str")
    order = ["run", "epoch", "step", "split", "metric", "value", "line"]
    return long[order].sort_values(["epoch", "line"], kind="stable", ignore_index=True)


def _whole(steps: pd.Series[float]) -> pd.Series[int]:
    """Steps as whole numbers, missing where there is none."""
    return steps.where(np.isfinite(steps)).round().astype("Int64")


def _split(column: str) -> str:
    known = metric(column)
    head = column.partition("_")[0]
    return known.split if known else head if head in ("train", "val") else ""


def up_to(run: Run, epoch: int) -> Run:
    """The run as its log told it just before the next epoch's line, see `Run.up_to`."""
    if run.last_epoch is None or epoch >= run.last_epoch:
        is_later = run.truncation is not None and (run.truncation.epoch or 0) > epoch
        return replace(run, truncation=None) if is_later else run
    count = int(run.epochs["epoch"].searchsorted(epoch, side="right"))
    end = int(run.epochs["line"].iloc[count])
    saved = tuple(one for one in run.checkpoints if one.line < end)
    nonfinite = {name: at[at <= epoch] for name, at in run.nonfinite.items()}
    printed = {name: at for name, at in nonfinite.items() if len(at)}
    epochs = _beginning(run.epochs, count, saved[-1].line if saved else 0, printed)
    parameters = run.parameters.loc[run.parameters["epoch"] <= epoch].reset_index(drop=True)
    parameters["name"] = parameters["name"].cat.remove_unused_categories()
    told = {name for name in epochs if np.isfinite(epochs[name]).any()}
    told |= {"parameters/grad_norm"} if len(parameters) else set()
    counted = run.counted_from
    return replace(
        run,
        count=run.index,
        epochs=epochs,
        parameters=parameters,
        features=run.features.loc[run.features["epoch"] <= epoch].reset_index(drop=True),
        resolution=MappingProxyType({k: v for k, v in run.resolution.items() if k in told}),
        nonfinite=MappingProxyType(printed),
        unparsed=tuple(one for one in run.unparsed if one.line < end),
        checkpoints=saved,
        truncation=None,
        inference=None,
        points=run.points if run.points is None else _points_before(run.points, end),
        seams=tuple(seam for seam in run.seams if seam.line < end),
        counted_from=None if counted is None or counted > epoch else counted,
    )


def _points_before(points: pd.DataFrame, line: int) -> pd.DataFrame:
    """The points above a line."""
    return points.loc[points["line"] < line].reset_index(drop=True)


def _beginning(
    epochs: pd.DataFrame, count: int, saved_line: int, nonfinite: Container[str]
) -> pd.DataFrame:
    """The first rows, with the columns of which they print anything.

    A flag tells of the checkpoint of the epoch before, so that of the last one is known only
    where its own record stands below it.
    """
    first = epochs.iloc[:count].copy()
    if count and "checkpoint" in first:
        is_saved = saved_line > first["line"].iloc[-1]
        first.loc[count - 1, "checkpoint"] = 1.0 if is_saved else np.nan
    kept = {name for name in first if first[name].notna().any() or name in nonfinite}
    kept |= {"epoch", "line"} | ({"checkpoint"} if "checkpoint_flag" in kept else set())
    return first[[name for name in first if name in kept]]
