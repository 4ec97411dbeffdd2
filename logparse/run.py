"""A training run: header facts, typed settings and the frames that the analyzers work on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from logparse.parts import place
from logparse.settings import Pickled

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from logparse.metrics import Better
    from logparse.numerals import Floats as FloatArray
    from logparse.parts import Part
    from logparse.records import CheckpointSaved, Resolution, Unparsed
    from logparse.settings import Settings


MAX_EPOCH = 999_999_999
"""No line counts further, by the grammar."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """How every physical line of a run was understood.

    parsed + legend + blank + unparsed == lines, always. `unparsed_ranges` are inclusive,
    1-based line ranges.
    """

    lines: int = 0
    parsed: int = 0
    legend: int = 0
    blank: int = 0
    unparsed_ranges: tuple[tuple[int, int], ...] = ()

    @property
    def unparsed(self) -> int:
        return sum(last - first + 1 for first, last in self.unparsed_ranges)


@dataclass(frozen=True, slots=True)
class Truncation:
    """A record that stops in the middle: its line, the epoch it belongs to, what is missing."""

    line: int
    epoch: int | None
    missing: str


@dataclass(frozen=True, slots=True)
class Seam:
    """Where a run goes on after it was resumed, at an earlier place than it had come to.

    line     the first of the part that goes on
    number   where it goes on, in the unit of the log's own count: steps, else epochs
    reached  how far the part before had come
    dropped  points of the part before that the log tells again
    source   the file that goes on; '' for the same one
    """

    line: int
    number: float
    reached: float
    dropped: int
    source: str = ""


@dataclass(frozen=True, slots=True)
class EpochFacts:
    """A few finite numbers of one epoch line, by column."""

    epoch: int
    line: int
    values: tuple[tuple[str, float], ...]

    def get(self, column: str) -> float | None:
        """The number in a column; None where there is none."""
        return next((value for name, value in self.values if name == column), None)


@dataclass(frozen=True, slots=True)
class Predecessor:
    """The run before this one in the same file: where it ended, and what it was like.

    `head` holds its first epochs and `tail` its last ones, a few of each, in order; `settings`
    its settings as printed.
    """

    last_epoch: int | None
    last_line: int
    started: datetime | None = None
    head: tuple[EpochFacts, ...] = ()
    tail: tuple[EpochFacts, ...] = ()
    settings: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Inference:
    """What the trained model made of one example, in full precision; NaN where the log has none.

    example    the input text, '' where the log does not tell it
    log_probs  shape (positions, classes); None where absent or ragged
    attention  shape (layers, heads, positions, positions attended to), one head where the log
               tells none apart; None where absent or ragged
    """

    example: str
    log_probs: FloatArray | None
    attention: FloatArray | None


@dataclass(frozen=True, kw_only=True, eq=False)
class Run(Pickled):
    """One training run. All frames have a default RangeIndex and one row per printed fact.

    epochs      one row per epoch line, strictly increasing `epoch` (int64) and `line` (int64);
                all other columns float64 under the canonical names of `logparse.metrics`, NaN
                where the log printed nan or nothing; `<metric>/<part>` for modules and groups
    parameters  `epoch, position, name, grad_norm, update_ratio, line`; the list exactly as
                printed, repeats included, `position` from 0
    features    `epoch, position, name, score, line`
    started     UTC, None for a run without a header
    start_text  the stamp of RUN START as printed, '' without one
    dialect     'F2', or 'E+F1' when lines of several dialects are mixed, '' without epochs
    baselines   `train_mean_rmse`, `train_persistence_rmse`, `val_mean_rmse`,
                `val_persistence_rmse`, those present
    model       `total_params`, `trainable_params`, `frozen_params` (counts), `param_bytes`, ...
    batch       `B`, `groups`, `seq_len_full`, `feat`
    optimizer   `groups`, `lrs` (tuple of floats), `counts` (tuple of ints)
    micro       the MICRODETAIL snapshot, keys as printed, values typed; where a log tells how far
                an epoch is that is not over, `batch` of `batches` of `epoch`
    resolution  how finely each plain column of `epochs` was printed, and `parameters/grad_norm`
    nonfinite   per column of `epochs` the epochs where nan or an infinity was printed, and
                `parameters/<label>` likewise; a number that was not printed is not listed
    inference   what the model made of an example after its last epoch; None where the log has none
    counted_from  the first epoch that is not as printed: from there on the log repeats a number,
                and its lines were counted; None where all are as printed
    axis        what a row of `epochs` is: `epoch`, or in logs by steps `step`, `tokens`, ..., or
                `record`: then `epoch` counts rows, and the column of that name says where they are
    points      every number as logged, with `line`; None in formats of a line an epoch
    seams       where the run was resumed
    better      which way columns improve, where the user says so
    parts       the files, where it was read from several: lines are counted through all of them
    """

    source: str
    index: int
    count: int
    format: str
    dialect: str
    started: datetime | None
    epochs: pd.DataFrame
    parameters: pd.DataFrame
    features: pd.DataFrame
    settings: Settings
    baselines: Mapping[str, float]
    model: Mapping[str, object]
    batch: Mapping[str, int | None]
    optimizer: Mapping[str, object]
    micro: Mapping[str, object]
    coverage: Coverage
    resolution: Mapping[str, Resolution] = field(default_factory=dict)
    nonfinite: Mapping[str, NDArray[np.int64]] = field(default_factory=dict)
    unparsed: tuple[Unparsed, ...] = ()
    checkpoints: tuple[CheckpointSaved, ...] = ()
    truncation: Truncation | None = None
    predecessor: Predecessor | None = None
    start_text: str = ""
    inference: Inference | None = None
    counted_from: int | None = None
    axis: str = "epoch"
    points: pd.DataFrame | None = None
    seams: tuple[Seam, ...] = ()
    better: Mapping[str, Better] = field(default_factory=dict)
    parts: tuple[Part, ...] = ()

    @property
    def files(self) -> tuple[str, ...]:
        """The files it was read from, in order; `source` is what all of them are called."""
        return tuple(part.source for part in self.parts) or (self.source,)

    def place(self, line: int) -> tuple[str, int]:
        """The file that a line of this run stands in, and its number there."""
        return place(self.parts, line) if self.parts else (self.source, line)

    @property
    def has_start(self) -> bool:
        """True when the log prints a RUN START for this run."""
        return self.started is not None or bool(self.start_text)

    @property
    def first_epoch(self) -> int | None:
        return int(self.epochs["epoch"].iloc[0]) if len(self.epochs) else None

    @property
    def last_epoch(self) -> int | None:
        return int(self.epochs["epoch"].iloc[-1]) if len(self.epochs) else None

    @property
    def planned_key(self) -> str:
        """The setting that declares the run's length, in steps where rows are; else MAX_EPOCHS."""
        from logparse.axis import planned_key

        return planned_key(self)

    @property
    def planned_epochs(self) -> int | None:
        """How many epochs are declared, where that is a number that a run can reach.

        In logs by steps the rows that the log has when the declared steps are done.
        """
        from logparse.axis import planned_epochs

        return planned_epochs(self)

    @property
    def is_last_in_file(self) -> bool:
        return self.index == self.count

    def has(self, column: str) -> bool:
        """True when `epochs` has the column and at least one value of it is not NaN."""
        return column in self.epochs and bool(self.epochs[column].notna().any())

    def line_of(self, epoch: int) -> int | None:
        """The 1-based line where the epoch was printed, None for an epoch not in the log."""
        rows = self.epochs.loc[self.epochs["epoch"] == epoch, "line"]
        return int(rows.iloc[0]) if len(rows) else None

    def label(self, epoch: int) -> str:
        """A row as people call it: `E07`, or `step 700` in a log by steps."""
        from logparse.axis import label

        return label(self, epoch)

    def tidy(self) -> pd.DataFrame:
        """All metrics in long form: `run, epoch, step, split, metric, value, line`.

        `step` is missing in formats that count epochs only; rows without a value are left out.
        """
        from logparse.frames import tidy

        return tidy(self)

    def up_to(self, epoch: int) -> Run:
        """The run as its log told it when that epoch was the last in it, and no record was torn.

        Frames, non-finite places, checkpoints and unparsed lines end before the next epoch's
        line, and no later run follows; `coverage` stays that of all lines, `dialect` that of all
        epochs. A run that goes no further than the epoch comes back as it is, without a torn
        record of a later one.
        """
        from logparse.frames import up_to

        return up_to(self, epoch)

    def __repr__(self) -> str:
        span = f"E{self.first_epoch}-E{self.last_epoch}" if len(self.epochs) else "no epochs"
        kind = f"{self.format} {self.dialect}".rstrip()
        return f"<Run {self.index}/{self.count} of {self.source}: {kind}, {span}>"
