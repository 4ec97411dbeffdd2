"""A text format of named numbers: each line read by a grammar, its numbers put into points."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar

from logparse.readers.points.reader import PointLines
from logparse.readers.tally import LONGEST_SHOWN
from logparse.records import Unparsed
from logparse.scan import Rejected, Scanner

if TYPE_CHECKING:
    from collections.abc import Callable

    from logparse.run import Run
    from logparse.scan import Parsed
    from logparse.shapes import Shape


class GrammarPoints(PointLines):
    """What readers of such a format share; `learn=False` leaves every line to Lark.

    A line that no rule of the grammar accepts is not understood. The kind of one that a rule
    accepts is the name of that rule, or of the rule it stands for (`?line: train | val`).
    """

    grammar: ClassVar[str]
    starts: ClassVar[tuple[str, ...]] = ("line",)
    tables: ClassVar[tuple[str, ...]] = ()
    legends: ClassVar[frozenset[str]] = frozenset()
    """Kinds of lines that are understood and tell nothing of the run."""

    def __init__(self, source: str, *, learn: bool = True) -> None:
        super().__init__(source)
        self._scanner = Scanner(self.grammar, self.starts, tables=self.tables, learn=learn)
        self._rules: dict[Shape, tuple[str, ...]] = {}

    @abstractmethod
    def put(self, number: int, parsed: Parsed) -> None:
        """Put what a line of a kind that is no legend says into `_points`."""

    def parse(self, line: str) -> Parsed | Rejected:
        """One line, in its context; formats with a prefix or more than one start have their own."""
        return self._scanner.parse(line.rstrip(), self.starts[0])

    def take(self, number: int, line: str) -> Unparsed | None:
        parsed = self.parse(line)
        if isinstance(parsed, Rejected):
            return Unparsed(number, line[:LONGEST_SHOWN], parsed.column, parsed.expected)
        if parsed.shape.kind in self.legends:
            self._points.legend(number)
        else:
            self.put(number, parsed)
        return None

    def values(self, parsed: Parsed) -> dict[str, str]:
        """Texts of a line by the innermost rule that each stands in: `loss: "loss " FIXED`."""
        rules = self._rules.get(parsed.shape)
        if rules is None:
            rules = self._rules[parsed.shape] = tuple(slot.rule for slot in parsed.shape.slots)
        return dict(zip(rules, parsed.values, strict=True))

    def close(self) -> list[Callable[[], Run]]:
        """What builds the runs; what was learned of the lines is kept for later processes."""
        builders = super().close()
        self._scanner.save()
        return builders
