"""The meaning of an epoch line: which text is which metric, and which dialect wrote it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from logparse.columns import Keyed, RowPlan
from logparse.metrics import metric

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from logparse.scan import Parsed, Values
    from logparse.shapes import Shape, Slot

_PLAIN: Mapping[str, tuple[str, ...]] = {
    "gn_positional": ("grad_norm/reg", "grad_norm/cls", "grad_norm/ter", "grad_norm"),
    "gd": ("grad_norm_median", "grad_norm_p90", "grad_norm_max"),
    "ur": ("update_ratio_median", "update_ratio_max"),
    "lr_main": ("lr_main",),
    "lr": ("lr",),
    "sched": ("sched_pct",),
    "aux_losses": ("train_loss", "aux_loss", "aux_ratio"),
    "delta_losses": ("train_loss", "aux_loss", "aux_ratio", "base_rmse", "delta_rmse"),
    "slope": ("slope_rmse",),
    "hub": ("slip", "hub_max"),
    "fmb": ("beats_base_share",),
    "time": ("elapsed_s", "throughput"),
    "chk": ("checkpoint_flag",),
    "gpu": ("gpu_gib",),
}
_AUX_STATE = {"ON": 1.0, "DISABLED": 0.0}

REQUIRED_COLUMNS = ("train_rmse", "val_rmse", "slope_rmse", "slip")
"""Every dialect prints these in every epoch line: a line without them was cut."""

_SPLIT_METRICS = tuple(f"{s}_{m}" for s in ("train", "val") for m in ("rmse", "mae", "r2"))

F2_DECIMALS = 4

NAMED_ORDER = ("rmse", "mae", "r2")
POSITIONAL_ORDER = ("rmse", "r2", "mae")

_ZERO = re.compile(r"(?:^|, )zero:([0-9]+)/0\.000(?=,|$)")


@dataclass(frozen=True, slots=True)
class EpochPlan:
    """What a reader knows of all epoch lines of one shape.

    `dialect` is final but for `F`, where the decimals of the texts at `split_at` tell F1 from F2.
    `list_at` is the index of the parameter list where the line carries it, else None. `missing`
    is what every dialect prints in every epoch line and this shape lacks: such a line was cut.
    """

    row: RowPlan
    dialect: str
    split_at: tuple[int, ...]
    list_at: int | None
    missing: tuple[str, ...]

    def dialect_of(self, values: Values) -> str:
        """The dialect of one line; F1 and F2 are both `F` while all their metrics are nan."""
        if self.dialect != "F":
            return self.dialect
        for at in self.split_at:
            decimals = len(values[at].partition(".")[2])
            if decimals:
                return "F2" if decimals == F2_DECIMALS else "F1"
        return "F"


def plan_epoch(parsed: Parsed, legend_order: tuple[str, ...]) -> EpochPlan:
    """The plan for all lines of a shape; `legend_order` is the run's own `TR[...]` bracket."""
    shape = parsed.shape
    order = legend_order or _order(shape, parsed.values)
    numeric = dict(reversed(list(_numeric(shape, order))))
    return EpochPlan(
        RowPlan(
            tuple(sorted(numeric.items(), key=lambda item: item[1])),
            keyed=tuple(_keyed(shape)),
            constants=tuple(_marks(shape)),
            coded=tuple(("aux_enabled", at, _AUX_STATE) for at in _at(shape, "aux")[:1]),
            int_lists=tuple(("opt_params", at) for at in _labelled(shape, "opts", "|cnts=")[:1]),
            free=tuple(_free(shape)),
        ),
        dialect_of(shape),
        tuple(at for name, at in numeric.items() if name in _SPLIT_METRICS),
        next(iter(_at(shape, "spaced_parameters")), None),
        tuple(name for name in REQUIRED_COLUMNS if name not in numeric),
    )


def dialect_of(shape: Shape) -> str:
    """The dialect that prints these fields; `F` where only the decimals can tell F1 from F2."""
    rules = {slot.rule for slot in shape.slots}
    labels = {slot.label for slot in shape.slots if slot.rule == "val"}
    if "VAL[" in labels:
        return "F" if "lr_main" in rules else "G"
    if "gn_named" in rules:
        return "E"
    if "opts" not in rules:
        return "A"
    if "aux" in rules:
        return "B"
    return "C" if r"topK\(g/u\)=" in shape.key else "D"


def _at(shape: Shape, rule: str) -> list[int]:
    return [at for at, slot in enumerate(shape.slots) if slot.rule == rule]


def _order(shape: Shape, values: Values) -> tuple[str, ...]:
    """Named gradient norms mean rmse,mae,r2, positional ones rmse,r2,mae; else decimals decide."""
    rules = {slot.rule for slot in shape.slots}
    if "gn_named" in rules:
        return NAMED_ORDER
    if "gn_positional" in rules:
        return POSITIONAL_ORDER
    decimals = [len(values[at].partition(".")[2]) for at in _at(shape, "train")[:3]]
    return POSITIONAL_ORDER if decimals[1:] == [2, 3] else NAMED_ORDER


def _numeric(shape: Shape, order: tuple[str, ...]) -> Iterator[tuple[str, int]]:
    for at, slot in enumerate(shape.slots):
        if slot.rule in ("train", "val"):
            yield _split_metric(slot, order), at
        elif slot.rule == "opts" and slot.label != "|cnts=":
            yield ("opt_groups" if slot.index == 0 else f"opt_lr/{slot.index - 1}"), at
        elif slot.rule == "gn_named" and slot.label == ",TOT=":
            yield "grad_norm", at
        elif slot.rule in _PLAIN:
            yield _PLAIN[slot.rule][slot.index], at


def _split_metric(slot: Slot, order: tuple[str, ...]) -> str:
    if slot.index < 3:
        return f"{slot.rule}_{order[slot.index]}"
    return f"{slot.rule}_{slot.label.strip(',=').lower()}"


def _keyed(shape: Shape) -> Iterator[Keyed]:
    if names := _labelled(shape, "gn_named", "GN[", ","):
        yield Keyed(("grad_norm",), names, (_labelled(shape, "gn_named", "="),))
    if names := _labelled(shape, "layers", "LAYER_GN[", ","):
        values = (_labelled(shape, "layers", ":"), _labelled(shape, "layers", "/"))
        yield Keyed(("layer_grad_norm", "layer_grad_ratio"), names, values)


def _free(shape: Shape) -> Iterator[tuple[str, int]]:
    """Fields the dialects do not have, under their own names, unless these mean something here."""
    for at in _at(shape, "other"):
        name = shape.slots[at].label.rstrip("=")
        if metric(name) is None and name not in ("epoch", "line"):
            yield name, at


def _labelled(shape: Shape, rule: str, *labels: str) -> tuple[int, ...]:
    return tuple(at for at in _at(shape, rule) if shape.slots[at].label in labels)


def _marks(shape: Shape) -> Iterator[tuple[str, float]]:
    """B and C mark the epoch after a checkpoint with a star, and leave others bare."""
    is_marked = re.escape(" *CHKPT") in shape.key
    if is_marked or dialect_of(shape) in ("B", "C"):
        yield "checkpoint_flag", float(is_marked)


def split_zero_count(text: str) -> tuple[str, int | None]:
    """The list without its `zero:N/0.000` entry, and N: a count of tensors, not a gradient."""
    found = _ZERO.search(text)
    if found is None:
        return text, None
    return (text[: found.start()] + text[found.end() :]).removeprefix(", "), int(found[1])
