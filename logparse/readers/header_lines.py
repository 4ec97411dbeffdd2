"""Typed records of every line of the run log that is not part of an epoch block."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from logparse.readers.values import (
    byte_size,
    int_or_none,
    literal,
    number_or_none,
    thousands,
    utc_stamp,
)
from logparse.records import (
    Baseline,
    BatchShape,
    BlockTitle,
    CheckpointSaved,
    HeaderFacts,
    Legend,
    MicroDetail,
    Note,
    Record,
    RunStart,
    Separator,
    Setting,
    Snapshot,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from logparse.scan import Parsed

METRICS_IN_BRACKETS = frozenset({"rmse", "mae", "r2"})


def header_record(line: int, parsed: Parsed) -> Record:
    """The record of a header line; every kind of the grammar but the epoch block's has one."""
    return _MAKERS[parsed.shape.kind](line, parsed)


def _by_rule(parsed: Parsed) -> dict[str, list[str]]:
    """The values of each rule in the line, in order."""
    found: dict[str, list[str]] = {}
    for slot, value in zip(parsed.shape.slots, parsed.values, strict=True):
        found.setdefault(slot.rule, []).append(value)
    return found


def _metric_order(texts: Iterable[str]) -> tuple[str, ...]:
    """The first bracket `TR[rmse,r2,mae]` that names these three metrics in some order."""
    for text in texts:
        order = tuple(text[3:-1].split(",")) if text.startswith("TR[") else ()
        if set(order) == METRICS_IN_BRACKETS and len(order) == len(METRICS_IN_BRACKETS):
            return order
    return ()


def _legend(line: int, parsed: Parsed) -> Record:
    return Legend(line, _metric_order(parsed.values))


def _baseline(line: int, parsed: Parsed) -> Record:
    split, predictor, rmse = parsed.values
    return Baseline(line, split.strip().lower(), predictor.split()[0], float(rmse))


def _setting(line: int, parsed: Parsed) -> Record:
    raw = parsed.values[1] if len(parsed.values) > 1 else ""
    return Setting(line, parsed.values[0].strip().removesuffix("=").rstrip(), raw, literal(raw))


def _facts(line: int, parsed: Parsed) -> Record:
    values = _by_rule(parsed)
    return HeaderFacts(
        line,
        dict(_optimizer(values)),
        dict(_model(values)),
        _metric_order(values.get("template", ())),
    )


def _optimizer(values: dict[str, list[str]]) -> Iterator[tuple[str, object]]:
    if debug := values.get("debug_opt"):
        yield "groups", int(debug[0])
        yield "lrs", tuple(_floats(debug[1]))
        yield "counts", tuple(int(n) for n in re.findall(r"[0-9]+", debug[2]))
    if total := values.get("scheduler"):
        yield "total_steps", int(total[0])


def _floats(listed: str) -> Iterator[float]:
    for text in re.findall(r"[^\s,'\"\[\]]+", listed):
        try:
            yield float(text)
        except ValueError:
            yield float("nan")


def _model(values: dict[str, list[str]]) -> Iterator[tuple[str, object]]:
    if static := values.get("model_static"):
        names = ("total_params", "trainable_params", "frozen_params")
        yield from zip(names, map(thousands, static), strict=False)
    if sample := values.get("sample_params"):
        yield "sample_params", literal(sample[0])
    if size := values.get("param_bytes"):
        yield "param_bytes", byte_size(size[0])


def _batch_shape(line: int, parsed: Parsed) -> Record:
    names = ("B", "groups", "seq_len_full", "feat")
    return BatchShape(line, dict(zip(names, map(int_or_none, parsed.values), strict=True)))


_SNAPSHOTS: dict[str, tuple[tuple[str, ...], Callable[[str], object]]] = {
    "batch_info": (("x0_shape",), literal),
    "debug_shapes": (("raw_reg", "aux_out", "aux_weight"), literal),
    "debug_losses": (("main_loss", "aux_loss", "weighted_aux_loss"), number_or_none),
    "debug_grads": (("backbone", "head", "aux"), literal),
    "nonzero_counts": (("counts",), literal),
}


def _snapshot(line: int, parsed: Parsed) -> Record:
    kind = parsed.shape.kind
    names, convert = _SNAPSHOTS[kind]
    return Snapshot(line, kind, dict(zip(names, map(convert, parsed.values), strict=False)))


def _microdetail(line: int, parsed: Parsed) -> Record:
    pairs = _micro_pairs(parsed)
    glued = pairs.get("env", "").startswith("torch=")
    if not glued:
        return MicroDetail(line, "sorted", {key: _micro(text) for key, text in pairs.items()})
    values: dict[str, object] = {
        key: _glued(text) for key, text in pairs.items() if key not in ("cuda", "dev")
    }
    values["env"] = {
        "torch": _or_none(pairs["env"].removeprefix("torch=")),
        "cuda": _or_none(pairs.get("cuda")),
        "device_name": _or_none(pairs.get("dev")),
    }
    return MicroDetail(line, "glued", values)


def _or_none(text: str | None) -> str | None:
    return None if text == "None" else text


def _micro_pairs(parsed: Parsed) -> dict[str, str]:
    """Keys and texts; a key without a text keeps an empty one."""
    pairs, name = {}, ""
    for text in parsed.values:
        if _is_micro_name(text):
            name = text.strip(" =")
        pairs[name] = "" if _is_micro_name(text) else text
    return pairs


def _is_micro_name(text: str) -> bool:
    return text.startswith(" ") and text.endswith("=")


def _micro(text: str) -> object:
    return byte_size(text) or literal(text)


def _glued(text: str) -> object:
    """As `_micro`, where milliseconds carry their unit (`collector_ms=688.4ms`)."""
    if found := re.fullmatch(r"([0-9.]+|nan|-?inf)ms", text):
        return literal(found[1])
    return _micro(text)


def _checkpoint(line: int, parsed: Parsed) -> Record:
    return CheckpointSaved(line, float(parsed.values[0]), parsed.values[1])


_MAKERS: dict[str, Callable[[int, Parsed], Record]] = {
    "separator": lambda line, parsed: Separator(line),
    "run_start": lambda line, parsed: RunStart(line, utc_stamp(parsed.values[0]), parsed.values[0]),
    "block_title": lambda line, parsed: BlockTitle(line, parsed.values[0].rstrip(":")),
    "legend_title": _legend,
    "legend": _legend,
    "baseline": _baseline,
    "setting": _setting,
    "facts": _facts,
    "batch_shape": _batch_shape,
    **dict.fromkeys(_SNAPSHOTS, _snapshot),
    "note": lambda line, parsed: Note(line, parsed.values[0] if parsed.values else ""),
    "microdetail": _microdetail,
    "checkpoint_saved": _checkpoint,
}
