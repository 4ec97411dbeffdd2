"""Typed, frozen records that readers yield, each with the line it came from.

Numbers are as printed: no unit conversion, NaN and infinities kept. `line` is 1-based.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

Literal: TypeAlias = Any
"""A value of a Python literal as a log prints it: number, text, truth, None, or a container."""


@dataclass(frozen=True, slots=True)
class Record:
    """What one physical line says; the base of all records."""

    line: int


@dataclass(frozen=True, slots=True)
class Separator(Record):
    """The rule of dashes between runs."""


@dataclass(frozen=True, slots=True)
class RunStart(Record):
    """RUN START; `stamp` is aware, in UTC, `raw` as printed."""

    stamp: datetime | None
    raw: str


@dataclass(frozen=True, slots=True)
class BlockTitle(Record):
    """`BASELINES:` or `HYPERPARAMS:`."""

    title: str


@dataclass(frozen=True, slots=True)
class Legend(Record):
    """A line that explains the format; `metric_order` is the bracket `TR[...]` if it has one."""

    metric_order: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Baseline(Record):
    """RMSE of a naive predictor: `split` train or val, `predictor` mean or persistence."""

    split: str
    predictor: str
    rmse: float


@dataclass(frozen=True, slots=True)
class Setting(Record):
    """`KEY = value`; `raw` as printed, `value` typed by a guess."""

    key: str
    raw: str
    value: Literal


@dataclass(frozen=True, slots=True)
class ByteSize:
    """A human-readable byte count: `count` in bytes, true count within [count, count + spread].

    `spread` is in bytes; for rounded (not floored) sizes the interval is centred instead, and
    `rounded` is True: true count within count +- spread.
    """

    text: str
    count: float
    spread: float
    rounded: bool


@dataclass(frozen=True, slots=True)
class Resolution:
    """How finely a column was printed: digits after the point, of the mantissa if scientific."""

    decimals: int
    scientific: bool = False

    def step(self, value: float) -> float:
        """The distance between two neighbouring printed values near `value`."""
        if not self.scientific:
            return 10.0**-self.decimals
        if value == 0 or not math.isfinite(value):
            return 0.0
        return float(10.0 ** (math.floor(math.log10(abs(value))) - self.decimals))


@dataclass(frozen=True, slots=True)
class HeaderFacts(Record):
    """The line or lines about optimizer and model: DEBUG_OPT, SCHEDULER, MODEL_STATIC, ..."""

    optimizer: Mapping[str, object] = field(default_factory=dict)
    model: Mapping[str, object] = field(default_factory=dict)
    metric_order: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BatchShape(Record):
    """BATCH_SHAPE: geometry of the sampled batch, None where the log prints None."""

    values: Mapping[str, int | None]


@dataclass(frozen=True, slots=True)
class Snapshot(Record):
    """DEBUG_SHAPES, DEBUG_LOSSES, DEBUG_GRADS, GROUP_NONZERO_COUNTS or BATCH_INFO."""

    kind: str
    values: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class MicroDetail(Record):
    """MICRODETAIL: keys as printed; `family` is 'glued' (B, C) or 'sorted' (D-G).

    Milliseconds for keys ending in `_ms` and for the glued timings, MiB for `_mb`.
    """

    family: str
    values: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Note(Record):
    """A line of free text that a program prints on purpose: `[micro-collector] ...`."""

    text: str


@dataclass(frozen=True, slots=True)
class ListEntry:
    """One entry of a parameter list: label, gradient norm, update ratio, as printed."""

    name: str
    grad_norm: float
    update_ratio: float


@dataclass(frozen=True, slots=True)
class EpochLine(Record):
    """One epoch line: `fields` by canonical name; `parameters` when the list is in the line."""

    epoch: int
    dialect: str
    fields: Mapping[str, float]
    parameters: tuple[ListEntry, ...] | None = None


@dataclass(frozen=True, slots=True)
class ParameterList(Record):
    """The second line of an epoch block; `zero_count` is the count of the `zero:` entry."""

    parameters: tuple[ListEntry, ...]
    zero_count: int | None = None


@dataclass(frozen=True, slots=True)
class FeatureList(Record):
    """FEAT_TOP: score per feature, in the order printed."""

    features: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class CheckpointSaved(Record):
    """CHKPT SAVED: validation value and path of the checkpoint of the epoch printed before it."""

    val: float
    path: str


@dataclass(frozen=True, slots=True)
class Unparsed(Record):
    """A line no grammar accepts: its text (cut at 200 characters), and where it broke."""

    text: str
    column: int | None = None
    expected: str = ""
