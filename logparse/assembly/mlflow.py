"""A run folder of MLflow's local store as one log: the values of all its metrics, by time."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

import numpy as np

from logparse.errors import LogParseError
from logparse.formats.mlflow_metric import MlflowMetricReader
from logparse.readers.mlflow_folder import folder_facts
from logparse.readers.points.runs import runs_of
from logparse.readers.points.table import Points
from logparse.readers.scalars import Scalars
from logparse.records import Unparsed
from logparse.sources import read_chunks

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from logparse.numerals import Floats
    from logparse.readers.points.meanings import Hints
    from logparse.run import Run


def store_runs(
    files: Sequence[str], hints: Hints, failed: Callable[[str, LogParseError], None]
) -> list[Run]:
    """The runs of a run folder, given its metric files; `failed` is told of what breaks off.

    `line` is the number of a value in the order of time, from 1; lines that are no values are
    counted after all that are.
    """
    folder = store_folder(files[0])
    readers = [MlflowMetricReader(name) for name in files]
    for name, reader in zip(files, readers, strict=True):
        try:
            for chunk in read_chunks(name):
                reader.feed(chunk)
        except LogParseError as error:
            failed(name, error)
        reader.close()
    points = _by_time(readers)
    points.facts = folder_facts(Path(folder))
    found = runs_of(points, str(folder), MlflowMetricReader.format, hints)
    return [build() for build in found]


def store_folder(metric_file: str) -> PurePath:
    """The run folder that a metric file lies in: it holds `metrics`."""
    path = PurePath(metric_file)
    return next((one.parent for one in path.parents if one.name == "metrics"), path.parent)


def _by_time(readers: Sequence[MlflowMetricReader]) -> Points:
    """The values of all metrics as points, one a step, and the lines that are no values."""
    scalars, rest = Scalars(), Points()
    parts = [_values(one) for one in readers]
    clocks, steps, values = (np.concatenate(column) for column in zip(*parts, strict=True))
    counts = [len(clock) for clock, _, _ in parts]
    owners = np.repeat(np.arange(len(parts)), counts)
    order = np.argsort(clocks, kind="stable")
    reached = np.maximum.accumulate(steps[order])
    # A single value without a step, as of a last test, is of the step reached.
    is_placed = (np.array(counts)[owners] == 1) & (steps == 0)
    steps[order] = np.where(is_placed[order], reached, steps[order])
    for record, at in enumerate(order.tolist(), 1):
        name = readers[owners[at]].metric
        scalars.add(record, name, int(steps[at]), float(clocks[at]), float(values[at]))
    rest.lines = len(order)
    for reader in readers:
        kept = {one.line: one for one in reader.points.unparsed}
        for line in reader.points.lost:
            rest.lines += 1
            lost = kept.get(line, Unparsed(line, "", None, ""))
            rest.lose(replace(lost, line=rest.lines))
        for _ in reader.points.blanks:
            rest.lines += 1
            rest.blank(rest.lines)
    return scalars.points(rest)


def _values(reader: MlflowMetricReader) -> tuple[Floats, Floats, Floats]:
    """Times, steps and values of a metric; values without a step have step 0."""
    frame, _ = reader.points.frame()
    if not len(frame):
        return np.empty(0), np.empty(0), np.empty(0)
    steps = frame["step"].fillna(0.0) if "step" in frame else np.zeros(len(frame))
    clocks = np.maximum.accumulate(frame["clock_s"].to_numpy())
    return clocks, np.asarray(steps, dtype=np.float64), frame[reader.metric].to_numpy()
