"""Lines of names with numbers, as hand-written programs print them."""

from __future__ import annotations

import re
from math import isnan, nan
from typing import TYPE_CHECKING

from logparse.lines import LineAssembler
from logparse.readers.key_value_lines import told
from logparse.readers.key_value_places import Place
from logparse.readers.points_of_lines import GrammarPoints
from logparse.readers.values import literal
from logparse.scan import Rejected

if TYPE_CHECKING:
    from collections.abc import Callable

    from logparse.readers.key_value_lines import Told
    from logparse.run import Run
    from logparse.scan import Parsed

_HINT = re.compile(rb"loss|acc|error|perplexity|ppl|rmse|mae|mse|reward|auc|bleu|f1", re.IGNORECASE)
_FAULT = re.compile(r"[Nn][Aa][Nn]|[Ff]inite|FINITE|[Ii]nvalid|\b[Ii]nf\b")
_FAULT_AT = re.compile(r"\b(epoch|step|iter)(?:ation)?\s*[:#=]?\s*([0-9]{1,9})\b", re.IGNORECASE)
_SKIPS = re.compile(r"\bskip|\bignor|\bdiscard", re.IGNORECASE)
_TELLS_AGAIN = re.compile(
    r"\W*(?:\[?info\]?\W*)?(?:(?:new|the) )?(?:best|sav|early|load|restor|resum|final|checkpoint"
    r"|training (?:complete|finished|done))|.*train_runtime|\s*\"[^\"]*\"\s*:",
    re.IGNORECASE,
)
"""Of a line that repeats numbers of other lines, sums up the run, or is of a JSON document."""


class KeyValueReader(GrammarPoints):
    """Reads what stands in lines that name a known quantity with a number.

    Of the frames of a progress bar in an epoch, and of a validation, the last number counts.
    """

    format = "key-value"
    about = "lines of key=value, key: value or key value, by epochs or steps, and progress bars"
    lacks = "no two lines that name a loss or another metric with a number"
    grammar, starts = "key_value", ("line", "guard")
    legends = frozenset({"other"})
    is_generic = True
    rank = 30

    def __init__(self, source: str, *, learn: bool = True) -> None:
        super().__init__(source, learn=learn)
        self._place = Place()
        self._split = ""
        self._tells_again = self._has_val = False
        self._metrics = 0
        self._frame: tuple[int, dict[str, float]] | None = None
        self._frame_of: tuple[object, ...] = ()
        self._skipped = 0
        self._skipped_in: float | None = None

    @classmethod
    def begins(cls, head: bytes) -> bool:
        """True where two lines have a metric, or one an epoch and a metric."""
        if not _HINT.search(head):
            return False
        reader = cls("")
        for line in LineAssembler().feed(head + b"\n"):
            reader._next(line)
            if reader._metrics > 1:
                return True
        return reader._metrics == 1 and reader._place.epoch is not None

    def close(self) -> list[Callable[[], Run]]:
        """What builds the runs, with the last frame of a bar."""
        for line in self._assembler.close():
            self._next(line)
        self._flush(self._points.lines)
        return super().close()

    def parse(self, line: str) -> Parsed | Rejected:
        if _FAULT.search(line):
            parsed = self._scanner.parse(line, "guard")
            if not isinstance(parsed, Rejected):
                return parsed
        self._tells_again = _TELLS_AGAIN.match(line) is not None
        return self._scanner.parse(line, "line")

    def put(self, number: int, parsed: Parsed) -> None:
        if parsed.shape.kind == "guard":
            self._take_fault(number, parsed.values[0])
            return
        found = told(parsed, self._split, self._place.last, has_val=self._has_val)
        if self._tells_again:
            self._points.legend(number)
            return
        self._split = found.split
        if found.epoch is not None:
            self._enter(number, found)
        if found.step is not None and not found.is_validation:
            self._place.count(found.step, found.length, is_global=found.is_global)
        is_placed = found.has_place or self._place.epoch is not None
        if found.quality or (found.known and self._metrics and is_placed):
            self._take(number, found)
        elif not self._metrics:
            self._declare(number, found)
        elif not found.has_place:
            self._points.legend(number)

    def _enter(self, number: int, found: Told) -> None:
        epoch = found.epoch or 0.0
        if self._place.epoch != epoch:
            self._end_frame()
            if self._skipped_in is not None and self._skipped_in != epoch:
                self._flush(number)
            self._place.enter(epoch)
        self._place.is_open = True
        if not isnan(found.epochs):
            self._points.setting(number, "EPOCHS", f"{found.epochs:.0f}", int(found.epochs))

    def _take(self, number: int, found: Told) -> None:
        self._metrics += found.quality > 0
        self._has_val |= found.speaks_of_val
        numbers = {**self._here(), **found.numbers}
        is_of_epoch = found.epoch is not None and found.step is None and not found.is_bar
        if is_of_epoch and found.quality:
            self._place.is_open = False
        if found.is_bar or found.is_validation:
            key = self._key(found)
            if key != self._frame_of:
                self._end_frame()
            before = self._frame[1] if self._frame else {}
            self._frame, self._frame_of = (number, {**before, **numbers}), key
            return
        self._end_frame()
        if self._skipped and (self._place.epoch is None or is_of_epoch):
            numbers["skipped_batches"], self._skipped, self._skipped_in = self._skipped, 0, None
        self._points.add(number, numbers)

    def _key(self, found: Told) -> tuple[object, ...]:
        """What frames have in common of which the last one counts."""
        is_bare = self._place.epoch is None or (found.is_global or isnan(found.length))
        step = found.step if is_bare and found.step is not None else None
        return self._place.epoch, found.is_validation, step

    def _here(self) -> dict[str, float]:
        here: dict[str, float] = {}
        if self._place.epoch is not None:
            here["epoch"] = self._place.epoch
        if self._place.step is not None:
            here["step"] = self._place.step
        return here

    def _take_fault(self, number: int, text: str) -> None:
        """A loss that was not finite: a batch without effect, or a printed NaN."""
        told_at = {word.casefold(): float(at) for word, at in _FAULT_AT.findall(text)}
        epoch = told_at.get("epoch", self._place.coming)
        if _SKIPS.search(text):
            if self._skipped_in is not None and epoch != self._skipped_in:
                self._flush(number)
            self._skipped, self._skipped_in = self._skipped + 1, epoch
            return
        self._end_frame()
        here = {"step": told_at.get("step", told_at.get("iter", nan)), "epoch": epoch or nan}
        known = {name: at for name, at in here.items() if not isnan(at)}
        self._points.add(number, {**known, "train_loss": nan})

    def _end_frame(self) -> None:
        if self._frame is not None:
            self._points.add(*self._frame)
        self._frame, self._frame_of = None, ()

    def _flush(self, number: int) -> None:
        """Put what was held back."""
        self._end_frame()
        if self._skipped:
            here = {} if self._skipped_in is None else {"epoch": self._skipped_in}
            self._points.add(number, {**here, "skipped_batches": float(self._skipped)})
        self._skipped, self._skipped_in = 0, None

    def _declare(self, number: int, found: Told) -> None:
        """Settings above the first metric; a line of other things says nothing."""
        for key, raw in found.declared.items():
            self._points.setting(number, key, raw, literal(raw))
        if not found.declared and not found.has_place:
            self._points.legend(number)
