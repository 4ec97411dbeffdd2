"""One line of the JSONL diagnostics: the epoch as printed, and numbers under canonical names."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from logparse.readers.json_places import BrokenJsonError, decoded
from logparse.readers.json_values import epoch_of, float_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

EITHER = ("loss", "accuracy")
"""Keys that both files have: they get the name of the split in front."""
TRAINING = {
    "learning_rate": "lr",
    "mean_grad_norm": "grad_norm",
    "max_grad_norm": "grad_norm_step_max",
    "min_grad_norm": "grad_norm_step_min",
    "mean_batch_loss": "train_batch_loss",
    "max_weight_change": "max_weight_change",
    "num_batches": "num_batches",
    "skipped_batches": "skipped_batches",
    "loss_scale": "loss_scale",
}
"""Keys that only the file of the training has, and their columns."""
STEPS = frozenset(("step", "global_step", "iter", "iteration", "batch", "batch_idx"))
"""Keys of programs that write a line a step, under the same names otherwise."""
PER_CENT = 100.0
_NUMBERED = frozenset((*EITHER, *TRAINING))
_SUFFIX = "_nonfinite"
_WORDS = frozenset(("nan", "inf", "-inf"))
_RESERVED = frozenset(("epoch", "line"))
_HELD_OUT = re.compile(r"(?<![a-z])(?:val|valid|validation|dev|eval|test)(?![a-z])")
# Objects as tuples of pairs, which lists are not, so that a key that comes twice is seen.
_PAIRS = json.JSONDecoder(object_pairs_hook=tuple)

_KEYS = "|".join(("epoch", *sorted(_NUMBERED))).encode()
_SETTINGS = re.compile(
    rb'(?:\A|[\r\n])(?![^\r\n]*"epoch"[ \t]*:)'
    rb'[ \t]*\{[^\r\n]*"[ \t]*:[ \t]*["{][^\r\n]*\}[ \t]*[\r\n]'
)
"""A line with an object that tells no epoch, and holds a text or an object."""
_FOREIGN = b"(?:" + "|".join(sorted(STEPS)).encode() + b')"'
_TELLS = re.compile(
    rb'(?:\A(?:\xef\xbb\xbf)?|[\r\n])[ \t]*\{'
    rb'(?=[^{}\[\]\r\n]*"epoch"[ \t]*:[ \t]*[0-9]+[ \t]*[,}])'
    rb'(?:[ \t]*"(?:' + _KEYS + rb')"[ \t]*:[ \t]*[^\s",{}\[\]]+[ \t]*,)*'
    rb'[ \t]*"loss"[ \t]*:[ \t]*[-0-9NIn](?:[^\r\n"]|"(?!' + _FOREIGN + rb')[^\r\n"]*")*\}'
)  # fmt: skip


def begins(head: bytes) -> bool:
    """True where a line holds a whole epoch number and a loss, and before them only known keys.

    Lines that count steps too are those of other programs, and so is what has settings above.
    """
    found = None if head.lstrip().startswith(b"[") else _TELLS.search(head)
    return found is not None and _SETTINGS.search(head, 0, found.start() + 1) is None


def split_of(source: str, keys: Iterable[str]) -> str:
    """`val` where the file is called so and no key speaks of training, else `train`."""
    name = re.split(r"[/\\]", source)[-1].casefold()
    is_training = any(key in TRAINING for key in keys)
    return "val" if _HELD_OUT.search(name) and not is_training else "train"


def entry(text: str) -> tuple[int, dict[str, float]]:
    """The epoch as printed, and the numbers by their keys. Raises BrokenJsonError."""
    at = len(text) - len(text.lstrip())
    pairs, end = decoded(text, at, _PAIRS, is_escaped="\\u" in text)
    if text[end:].strip():
        raise BrokenJsonError(end, "the end of the line")
    if not isinstance(pairs, tuple):
        raise BrokenJsonError(at, "an object")
    values: dict[str, object] = dict(pairs)
    if len(values) < len(pairs):
        raise BrokenJsonError(at, "each key once")
    epoch = epoch_of(values.pop("epoch", None))
    if epoch is None:
        raise BrokenJsonError(_place(text, "epoch"), "an epoch number")
    if not STEPS.isdisjoint(values):
        raise BrokenJsonError(at, "a line an epoch, without a step")
    numbers = {}
    for key, value in values.items():
        found = value if isinstance(value, float) else _number(text, key, values)
        if found is not None:
            numbers[key] = found
    return epoch, numbers


def _number(text: str, key: str, values: Mapping[str, object]) -> float | None:
    """The number under a key; of null the one that is not finite, if the line names it."""
    value = values[key]
    if value is None:
        word = values.get(key + _SUFFIX)
        return float(word) if isinstance(word, str) and word in _WORDS else None
    found = float_of(value)
    if key in _NUMBERED and (found is None or isinstance(value, bool)):
        raise BrokenJsonError(_place(text, key), "a number")
    return found


def fields(numbers: Mapping[str, float], split: str) -> dict[str, float]:
    """The numbers under the names of their columns, accuracies as shares instead of per cent.

    A key of the format's own comes before a foreign one that is called like its column.
    """
    found: dict[str, float] = {}
    for key, number in numbers.items():
        value = number / PER_CENT if key.endswith("accuracy") else number
        if key in EITHER:
            found[f"{split}_{key}"] = value
        elif key in TRAINING:
            found[TRAINING[key]] = value
        elif key not in _RESERVED:
            found.setdefault(key, value)
    return found


def _place(text: str, key: str) -> int:
    """Where the value of a key stands; 0 for a key that is not there."""
    found = re.search(rf'"{key}"\s*:\s*', text)
    return found.end() if found else 0
