"""What the logs of small language-model trainers share: steps, evaluations, settings, prose."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING, ClassVar

from logparse.readers.points_of_lines import GrammarPoints
from logparse.readers.values import literal
from logparse.scan import Parsed, Rejected

if TYPE_CHECKING:
    from collections.abc import Callable

    from logparse.run import Run
    from logparse.shapes import Shape

_UNITS = {"_ms": ("_s", 1e-3)}
"""Endings of rules whose numbers are printed in another unit than that of their column."""
_NO_COLUMNS = frozenset(("max_steps",))


class PretrainingLines(GrammarPoints):
    """Rules of the grammar are called as the column that their number goes to.

    A rule `other` holds a number whose name is the `_KEY` before it. Kinds of lines:

    evaluations  print no step: the step before tells theirs, or the next after a beginning
    beginnings   stand above the steps of a process
    declared     each rule is a setting of its name; `setting` and `override` hold key and value
    openings     text follows that a model has written, up to the next line that is known
    """

    starts: ClassVar[tuple[str, ...]] = ("line", "prose")
    evaluations: ClassVar[frozenset[str]] = frozenset()
    beginnings: ClassVar[frozenset[str]] = frozenset()
    declared: ClassVar[frozenset[str]] = frozenset()
    openings: ClassVar[frozenset[str]] = frozenset()
    neutral: ClassVar[frozenset[str]] = frozenset()
    """Kinds that may stand within such text."""
    ahead: ClassVar[int] = 0
    """How many steps an evaluation is behind the next step that is printed."""

    def __init__(self, source: str, *, learn: bool = True) -> None:
        super().__init__(source, learn=learn)
        self._plans: dict[Shape, tuple[tuple[int, str, float], ...]] = {}
        self._waiting: list[tuple[int, dict[str, float]]] = []
        self._step: float | None = None
        self._is_prose = False

    def parse(self, line: str) -> Parsed | Rejected:
        text = line.rstrip()
        parsed = self._scanner.parse(text, "line")
        if isinstance(parsed, Parsed):
            kind = parsed.shape.kind
            if kind not in self.neutral:
                self._is_prose = kind in self.openings
            if kind in self.beginnings:
                self._step = None
            return parsed
        if not self.goes_on(text):
            return parsed
        prose = self._scanner.parse(text, "prose")
        return prose if isinstance(prose, Parsed) else parsed

    def goes_on(self, text: str) -> bool:
        """True where a line that is not known may be text that began above it."""
        return self._is_prose

    def put(self, number: int, parsed: Parsed) -> None:
        kind = parsed.shape.kind
        if kind in ("setting", "override"):
            told = self.values(parsed)
            key, raw = told["key"], told["value"]
            if kind == "override":
                self._points.facts.settings.pop(key, None)
            self._points.setting(number, key, raw, literal(raw))
        elif kind in self.declared:
            self._declare(number, parsed)
        else:
            self._measure(number, kind, parsed)

    def close(self) -> list[Callable[[], Run]]:
        """What builds the runs, with the evaluations that no step followed."""
        for line in self._assembler.close():
            self._next(line)
        self._settle(None)
        return super().close()

    def _declare(self, number: int, parsed: Parsed) -> None:
        for key, raw in self.values(parsed).items():
            self._points.setting(number, key, raw, literal(raw.replace(",", "")))

    def _measure(self, number: int, kind: str, parsed: Parsed) -> None:
        numbers = self._numbers(number, parsed)
        if kind in self.evaluations:
            self._evaluated(number, numbers)
            return
        step = self._step = numbers["step"]
        if self._waiting:
            self._settle(step)
        self._points.add(number, numbers)

    def _evaluated(self, number: int, numbers: dict[str, float]) -> None:
        if self._step is None:
            self._waiting.append((number, numbers))
        else:
            self._points.add(number, {**numbers, "step": self._step + 1 - self.ahead})

    def _settle(self, step: float | None) -> None:
        """Give the evaluations before the line of this step their place."""
        for line, numbers in self._waiting:
            if step is not None:
                numbers["step"] = max(step - self.ahead, 0.0)
            self._points.add(line, numbers)
        self._waiting.clear()

    def _numbers(self, number: int, parsed: Parsed) -> dict[str, float]:
        """Numbers by column, without placeholders for what is not known yet."""
        plan = self._plans.get(parsed.shape)
        if plan is None:
            plan = self._plans[parsed.shape] = _plan(parsed.shape)
            raw = self.values(parsed).get("max_steps")
            if raw is not None:
                self._points.setting(number, "max_steps", raw, literal(raw))
        values = parsed.values
        numbers = {column: float(values[at]) * factor for at, column, factor in plan}
        if numbers.get("mfu", 0.0) < 0:
            del numbers["mfu"]
        if isnan(numbers.get("step_time_s", 0.0)):
            del numbers["step_time_s"]
        return numbers


def _plan(shape: Shape) -> tuple[tuple[int, str, float], ...]:
    """Where each number of a line stands, the column it goes to, and its unit in that of it."""
    found = []
    for at, slot in enumerate(shape.slots):
        name = slot.label.strip(" ,:") if slot.rule == "other" else slot.rule
        ending, factor = _UNITS.get(name[-3:], ("", 1.0))
        if name not in _NO_COLUMNS:
            found.append((at, name[:-3] + ending if ending else name, factor))
    return tuple(found)
