"""What the names mean that hand-written programs print before their numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from math import nan

from logparse.metrics import METRICS, Better
from logparse.readers.points.meanings import AXES, meaning

_COUNTERS = {
    **dict.fromkeys(("epoch", "ep"), "epoch"),
    **dict.fromkeys(("step", "iter", "iteration", "iters", "update"), "step"),
    **dict.fromkeys(("batch", "minibatch"), "step"),
}
_GLOBAL = frozenset(("global_step", "num_updates", "globalstep", "total_steps_done"))
_SPLIT = re.compile(
    r"(?P<train>train(?:ing)?|trn?)|(?P<val>val(?:id(?:ation|ating)?)?|vl|eval(?:uat(?:ion|ing))?|dev)"
    r"|(?P<test>test(?:ing)?)"
)
_SAME_AS = re.compile(
    r"avg|average|mean|running|smooth(?:ed)?|current|cur|mini|set|the|epoch|batch"
)
_LEADS = re.compile(r"info|debug|root|main|step|iter|results?|metrics|stats|phase|performance")
_OTHER_THAN = re.compile(
    r"best|min|max|minimum|maximum|prev(?:ious)?|last|old|new|target|final|std|var|patience|delta"
    r"|threshold|weight|scale|initial|lowest|highest|improvement|diff|baseline|scheduler"
)
_TIME = re.compile(r"(?:epoch_)?time(?:_(?:taken|elapsed))?|duration|took")
_VALUE = re.compile(
    r"(?P<number>[-+]?(?:[0-9][0-9,]*(?:\.[0-9]*)?|\.[0-9]+|nan|inf)(?:inity)?(?:e[-+]?[0-9]+)?)"
    r"(?:\s?(?:/|of)\s?(?P<total>[0-9][0-9,]*))?\s?(?P<unit>[%A-Za-z/]*)"
    r"(?:\s{1,2}\(\s*(?P<mean>[0-9.]+(?:e[-+]?[0-9]+)?)\))?",
    re.IGNORECASE,
)
_FACTORS = {"%": 0.01, "ms": 1e-3, "ms/step": 1e-3, "k": 1e3, "m": 1e6}


@dataclass(frozen=True, slots=True)
class Name:
    """What a name stands for.

    kind    `epoch`, `step` or `global_step` for what counts; `quality` for what is trained or
            judged by; `fact` for other numbers of known meaning, `other` for those of none;
            `time` for how long something took;
            `none` for one that is not of this moment, as the best loss so far
    column  canonical, or as printed
    split   the split that the name speaks of; '' for none
    """

    kind: str
    column: str = ""
    split: str = ""


@dataclass(frozen=True, slots=True)
class Value:
    """A number as printed: `total` behind a slash, `mean` in brackets, NaN without; its unit."""

    number: float
    total: float = nan
    unit: str = ""
    mean: float = nan

    @property
    def scaled(self) -> float:
        """The number in units of one: per cent as a share, milliseconds as seconds."""
        return self.number * _FACTORS.get(self.unit, 1.0)


@lru_cache(maxsize=4096)
def named(text: str, split: str) -> Name:
    """What a name means where the line, or one above it, speaks of a split, or of none ('')."""
    bare = bare_name(text)
    plain = re.sub(r"[^0-9a-z@./]+|\.(?![0-9a-z])", "_", bare.casefold()).strip("_/.")
    plain = re.sub(r"__+", "_", plain)
    plain = re.sub(r"(?:acc|prec|accuracy)@([15])", r"acc\1", plain).replace("@", "")
    if plain.removeprefix("train_") in _GLOBAL:
        return Name("global_step")
    parts = re.split(r"_", plain)
    spoken = next((s for part in re.split(r"[_/]", plain) if (s := split_of(part))), "")
    if parts[-1] in _COUNTERS and len(parts) <= 2:
        return Name(_COUNTERS[parts[-1]], split=spoken)
    if _TIME.fullmatch(plain):
        return Name("time")
    if plain == "eta" or any(map(_OTHER_THAN.fullmatch, parts)):
        return Name("none")
    kept = [part for part in parts if not _SAME_AS.fullmatch(part)] or parts
    while len(kept) > 1 and _LEADS.fullmatch(kept[0]):
        kept = kept[1:]
    return _meant("_".join(kept), bare, spoken, split)


@lru_cache(maxsize=4096)
def bare_name(printed: str) -> str:
    """A name without what parts it from its number."""
    return re.split(r"[:=]", printed, maxsplit=1)[0].strip("'\" \t")


def split_of(word: str) -> str:
    """`train`, `val` or `test` for a word that speaks of one, else ''."""
    found = _SPLIT.fullmatch(word.casefold())
    return str(found.lastgroup) if found else ""


def _meant(plain: str, text: str, spoken: str, split: str) -> Name:
    of = spoken or split
    bare = re.sub(r"^(?:test(?:ing)?)[_/]|[_/](?:test(?:ing)?)$", "", plain)
    if spoken != "test" and split not in ("", "train") and not spoken:
        bare = f"{'val' if split == 'test' else split}_{bare}"
    elif spoken == "test":
        bare = f"val_{bare}"
    meant = meaning(bare)
    if meant.known and meant.column in AXES:
        return Name("other", text, of)
    if meant.known:
        known = METRICS.get(meant.column.partition("/")[0])
        is_quality = known is not None and known.better is not Better.NEITHER
        return Name("quality" if is_quality else "fact", meant.column, of)
    tail = bare
    while "_" in tail:
        tail = tail.partition("_")[2]
        if meaning(tail).known and " " in text:
            return Name("none")
    is_loss = "loss" in re.split(r"[_./]", bare)
    return Name("quality" if is_loss else "other", meant.column, of)


def value(text: str) -> Value | None:
    """A printed number with its total and unit; None for any other text."""
    try:
        return Value(float(text))
    except ValueError:
        found = _VALUE.fullmatch(text)
    if found is None:
        return None
    try:
        number = float(found["number"].replace(",", ""))
    except ValueError:
        return None
    total = float(found["total"].replace(",", "")) if found["total"] else nan
    try:
        mean = float(found["mean"] or nan)
    except ValueError:
        mean = nan
    return Value(number, total, found["unit"].casefold(), mean)
