"""What one line of names with numbers says of a run."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from math import isnan, nan
from typing import TYPE_CHECKING

from logparse.readers.key_value_names import Value, bare_name, named, split_of, value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logparse.scan import Parsed

_WORD = re.compile(r"[A-Za-z]+")


@dataclass(slots=True)
class Told:
    """Where a line stands, and its numbers by column.

    declared   numbers as text by their own names: what settings are made of
    epoch      as the line itself says, as all that follows; `epochs` are planned, or NaN
    step       counted from the run's or the epoch's beginning; `length` is that of an epoch or NaN
    is_global  True for a step that can only count from the run's beginning
    is_bar     True for a frame of a progress bar
    split      what the line speaks of, by itself or because a line above did
    quality    numbers that a run is trained or judged by; `known` those of any known meaning
    speaks_of_val  True where it names the validation set, and not the test set
    """

    numbers: dict[str, float] = field(default_factory=dict)
    declared: dict[str, str] = field(default_factory=dict)
    epoch: float | None = None
    epochs: float = nan
    step: float | None = None
    length: float = nan
    is_global: bool = False
    is_bar: bool = False
    split: str = ""
    quality: int = 0
    known: int = 0
    speaks_of_val: bool = False

    @property
    def has_place(self) -> bool:
        """True for a line that says where it stands."""
        return self.epoch is not None or self.step is not None

    @property
    def is_validation(self) -> bool:
        """True where all that can be judged is of the validation set."""
        judged = [name for name in self.numbers if name.startswith(("train_", "val_"))]
        if not judged:
            return self.split == "val"
        return all(name.startswith("val_") for name in judged)

    def count(self, kind: str, counted: Value) -> None:
        """Take a number that says where the line stands; the first counts, but a global step."""
        if kind == "epoch":
            if self.epoch is None:
                self.epoch, self.epochs = counted.number, counted.total
        elif kind == "global_step":
            self.step, self.length, self.is_global = counted.number, nan, True
        elif self.step is None:
            self.step, self.length = counted.number, counted.total


def told(parsed: Parsed, split: str, last_step: float, *, has_val: bool) -> Told:
    """What a line says where one above it spoke of `split`; `last_step` is that of training.

    A line that counts on says that training goes on. In a log without validation the test set
    stands for it.
    """
    found, spoken = Told(), ""
    pairs: list[tuple[str, Value, str, str]] = []
    for rule, name, text in _items(parsed):
        if rule == "split":
            spoken = _spoken(name)
            found.split = found.split or spoken
        elif rule == "bar":
            found.is_bar = True
        elif rule == "place":
            at, _, length = name.partition("/")
            found.count("step", Value(float(at), float(length)))
        elif (number := value(text)) is not None:
            kind = named(name, "").kind
            if kind in ("epoch", "step", "global_step"):
                found.count(kind, number)
            else:
                pairs.append((name, number, spoken, text))
    goes_on = found.epoch is not None or (found.step or 0.0) > last_step
    above = "" if goes_on else split
    for name, number, here, text in pairs:
        found.speaks_of_val |= "val" in (here, named(name, "").split)
        _take(found, name, number, here or above, text)
    found.split = found.split or above
    _settle_test(found, has_val=has_val)
    return found


def _items(parsed: Parsed) -> Iterator[tuple[str, str, str]]:
    """The rule of each thing in a line, its name or text, and its number."""
    name = ""
    for slot, text in zip(parsed.shape.slots, parsed.values, strict=True):
        if slot.rule not in ("pair", "counter"):
            yield slot.rule, text, ""
        elif slot.index == 0:
            name = text
        else:
            yield slot.rule, name, text


@lru_cache(maxsize=256)
def _spoken(text: str) -> str:
    word = _WORD.match(text)
    return split_of(word[0]) if word else ""


def _take(found: Told, printed: str, number: Value, split: str, text: str) -> None:
    name = named(printed, split)
    bare = bare_name(printed)
    found.declared[bare] = text
    if name.kind == "none":
        return
    if name.kind == "time":
        if number.unit in ("s", "ms"):
            found.numbers["elapsed_s" if number.unit == "s" else "step_time_s"] = number.scaled
        return
    amount = number.number / number.total if number.total > 0 else number.scaled
    if name.split in ("val", "test") and not isnan(number.mean):
        amount = number.mean
    column = f"test:{name.column}" if name.split == "test" else name.column
    if column not in found.numbers:
        found.numbers[column] = amount
        found.quality += name.kind == "quality"
        found.known += name.kind != "other"


def _settle_test(found: Told, *, has_val: bool) -> None:
    """The test set under its own name, or as the validation set where there is none."""
    has_val = has_val or found.speaks_of_val
    for name in [name for name in found.numbers if name[:5] == "test:"]:
        column = name[5:]
        amount = found.numbers.pop(name)
        kept = column.replace("val_", "test_", 1) if has_val else column
        found.numbers.setdefault(kept, amount)
    if found.split == "test" and not has_val:
        found.split = "val"
