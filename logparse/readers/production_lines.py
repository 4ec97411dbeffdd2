"""What the lines of the production log say: texts by name, and typed records."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING

from logparse.readers.values import literal
from logparse.records import CheckpointSaved, Legend, Note, Record, Separator, Snapshot

if TYPE_CHECKING:
    from collections.abc import Mapping

    from logparse.scan import Parsed
    from logparse.shapes import Shape

_FIRST = {
    **dict.fromkeys(("epoch_start", "validation_start", "validation", "epoch"), "epoch"),
    **dict.fromkeys(("old_epoch", "decoy", "no_batches", "stopped"), "epoch"),
    **dict.fromkeys(("batch", "old_batch"), "batch"),
    "losses": "train_loss",
    "directions": "dir_acc",
    "trend": "trend",
    "stop_count": "count",
    "planned": "epochs",
    "seed": "seed",
    "device": "device",
    "patience": "patience",
    "best_saved": "path",
    "best_told": "before",
    "skipped": "scenario",
    "memory": "json",
}
"""By kind, what the first value of a line is; a kind that is not here has a text."""
_OF = {"epoch": "epochs", "batch": "batches", "warm_up": "warm_up_epochs"}
"""What stands behind a slash, by what stands before it."""
_BY_LABEL = {
    " | Epoch ": "epoch",
    " [WARMUP ": "warm_up",
    " | loss=": "loss",
    " | dir_acc=": "dir_acc",
    " dir_acc=": "dir_acc",
    " | Time=": "time_s",
    " elapsed=": "time_s",
    " | val_loss=": "val_loss",
    " | Val=": "val_loss",
    " | train_loss=": "train_loss",
    " val_loss=": "val_loss",
    " | LR=": "lr",
    " lr=": "lr",
    " epoch_time=": "elapsed_s",
    " | batches=": "val_batches",
    "s | ": "hours",
    "s elapsed=": "hours",
    "h elapsed | ": "hours_left",
    "h remaining=": "hours_left",
    "% | Trend Quality: ": "quality",
    " | Improvement: ": "improvement",
    " out of ": "patience",
    " --> ": "val_loss",
    "' scenario; skipping batch ": "batch",
    " processed zero ": "split",
}
"""What a value is, by the text before it, but for the first one of a line."""
_OTHERWISE = {("epoch", " | "): "elapsed_s", ("losses", " | "): "difference"}


@lru_cache(maxsize=256)
def _names(shape: Shape) -> tuple[str, ...]:
    names: list[str] = []
    for slot in shape.slots:
        if not names:
            names.append(_FIRST.get(shape.kind, "text"))
        elif slot.label == "/":
            names.append(_OF[names[-1]])
        else:
            known = _OTHERWISE.get((shape.kind, slot.label)) or _BY_LABEL.get(slot.label)
            names.append(known or "more")
    return tuple(names)


def fields(parsed: Parsed) -> dict[str, str]:
    """The texts of a line by name: `epoch`, `epochs`, `batch`, `loss`, `dir_acc`, `time_s`, ..."""
    return dict(zip(_names(parsed.shape), parsed.values, strict=True))


def options(parsed: Parsed) -> tuple[str, dict[str, str]]:
    """The title of a line of settings, and their texts by key."""
    found: dict[str, str] = {}
    key = ""
    for text in parsed.values[1:]:
        if text.startswith(" ") and text.endswith("="):
            key, text = text.strip(" ="), ""
        found[key] = text
    return parsed.values[0].removesuffix(" |"), found


def memory(text: str) -> Mapping[str, object] | None:
    """What a snapshot of the memory says, by its own names; None for what is no JSON."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def record(line: int, parsed: Parsed) -> Record:
    """The record of a line; numbers as printed."""
    kind = parsed.shape.kind
    if kind == "rule":
        return Separator(line)
    if kind == "other":
        return Legend(line)
    if kind == "options":
        title, found = options(parsed)
        return Snapshot(line, title, {key: literal(text) for key, text in found.items()})
    told = fields(parsed)
    if kind == "best_saved":
        return CheckpointSaved(line, float(told["val_loss"]), told["path"])
    if kind == "memory":
        return Snapshot(line, kind, memory(told["json"]) or {})
    if kind in ("run_start", "checkpoint", "failed", "validation_warning", "test"):
        return Note(line, told.get("text", ""))
    return Snapshot(line, kind, {name: literal(text) for name, text in told.items()})
