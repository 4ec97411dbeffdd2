"""Reads a line by a pattern learned from the grammar's own parse, and asks Lark for all the rest.

The grammar is the only definition. When Lark has parsed two lines of the same *shape* (the same
tokens in the same order), the scanner joins the terminals of that shape into one pattern. A line
that matches a learned pattern in full has the tokens Lark would find, because every terminal is
matched as the lexer does it: greedily and without second thoughts (atomic groups). What no
pattern accepts goes to Lark, which parses it or says where it breaks.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from logparse.grammar import load
from logparse.shapes import Shape, ShapeStore, Slot

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lark import Lark, Token, Tree
    from lark.exceptions import UnexpectedInput
    from lark.grammar import Symbol

Values: TypeAlias = tuple[str, ...]

MAX_SHAPES = 512
"""Shapes remembered before the memory starts afresh: hostile input cannot grow it for ever."""
MAX_HOT = 12
"""Learned patterns tried for lines that begin alike."""
STORED_PER_OPENING = 4
"""Shapes kept for later processes for lines that begin alike: each may have to be compiled."""
_NONE: list[Shape] = []


class Parsed(NamedTuple):
    """A line that the grammar accepts: `values[i]` is the text at `shape.slots[i]`."""

    shape: Shape
    values: Values


@dataclass(frozen=True, slots=True)
class Rejected:
    """A line that the grammar does not accept: 1-based column where it broke, what could follow."""

    column: int
    expected: str


class Scanner:
    """Parses single lines under the start rules of one grammar.

    `learn=False` leaves every line to Lark. `tables` names the rules for repeated entries whose
    text is kept whole, as one value, to be converted in bulk.
    """

    def __init__(
        self, grammar: str, starts: tuple[str, ...], *, tables: tuple[str, ...], learn: bool = True
    ) -> None:
        self._grammar = grammar
        self._starts = starts
        self._tables = tables
        self._learn = learn
        self._lark: Lark | None = None
        self._shapes: dict[tuple[str, ...], Shape] = {}
        self._hot: dict[str, dict[str, list[Shape]]] = {start: {} for start in starts}
        self._store = ShapeStore(grammar, tables) if learn else None
        self._has_news = False
        for shape in reversed(self._store.load() if self._store else []):
            self._shapes[shape.key] = shape
            self._heat(shape)

    def parse(self, line: str, start: str) -> Parsed | Rejected:
        """Parse one line without its line end. Never raises, whatever the text."""
        hot = self._hot[start].get(line[:1], _NONE)
        for shape in hot:
            if (found := shape.match(line)) is not None:
                if shape is not hot[0]:
                    hot.remove(shape)
                    hot.insert(0, shape)
                return Parsed(shape, found.groups())
        return self.parse_with_lark(line, start)

    def save(self) -> None:
        """Keep what was learned for later processes."""
        if self._store is not None and self._has_news:
            self._store.save(
                shape
                for shapes in self._recent_by_opening().values()
                for shape in shapes[:STORED_PER_OPENING]
            )

    def _recent_by_opening(self) -> dict[tuple[str, str], list[Shape]]:
        recent: dict[tuple[str, str], list[Shape]] = {}
        for shape in reversed(self._shapes.values()):
            recent.setdefault(shape.opening, []).append(shape)
        return recent

    def parse_with_lark(self, line: str, start: str) -> Parsed | Rejected:
        """Parse by the grammar itself, and learn the shape when it is met again."""
        from lark.exceptions import UnexpectedInput

        lark = self._parser()
        if self._openings[start].match(line) is None:
            return Rejected(1, "the beginning of a known line")
        try:
            tree = lark.parse(line, start=start)
        except UnexpectedInput as error:
            return self._rejected(error, line)
        parts = tuple(self._parts(line, tree))
        key = (start, line[:1], *(part.pattern for part in parts))
        shape = self._shapes.get(key) or self._remember(key, str(tree.data), parts)
        shape.seen += 1
        if self._learn and shape.seen == 2:
            self._heat(shape)
        return Parsed(shape, tuple(part.value for part in parts if part.slot is not None))

    def _parser(self) -> Lark:
        if self._lark is None:
            self._lark = load(self._grammar, self._starts)
            self._patterns = _Patterns(self._lark)
            self._openings = {start: self._opening(self._lark, start) for start in self._starts}
        return self._lark

    def _rejected(self, error: UnexpectedInput, line: str) -> Rejected:
        """Where the line broke; at its end, where it was cut."""
        token = getattr(error, "token", None)
        column = len(line) + 1 if token is not None and token.type == "$END" else error.column
        expected = getattr(error, "expected", None) or getattr(error, "allowed", None) or ()
        words = sorted(map(self._patterns.words, expected))
        return Rejected(column, ", ".join(words[:4]) + (", ..." if len(words) > 4 else ""))

    def _opening(self, lark: Lark, start: str) -> re.Pattern[str]:
        """What a line may begin with: foreign text is turned away without asking Lark."""
        accepts: set[str] = lark.parse_interactive("", start=start).accepts()  # type: ignore[no-untyped-call]
        first = sorted(accepts - {"$END"})
        return re.compile("|".join(map(self._patterns.terminal, first)))

    def _parts(self, line: str, tree: Tree[Token]) -> Iterator[_Part]:
        return _Walk(line, self._patterns, self._tables).parts(tree)

    def _remember(self, key: tuple[str, ...], kind: str, parts: tuple[_Part, ...]) -> Shape:
        if len(self._shapes) >= MAX_SHAPES:
            self._shapes.clear()
            self._hot = {start: {} for start in self._starts}
        slots = tuple(part.slot for part in parts if part.slot is not None)
        self._shapes[key] = shape = Shape(kind, key, slots)
        self._has_news = True
        return shape

    def _heat(self, shape: Shape) -> None:
        """Try this shape first from now on."""
        start, first = shape.opening
        hot = self._hot.setdefault(start, {}).setdefault(first, [])
        hot.insert(0, shape)
        del hot[MAX_HOT:]


_WORDS = {
    "SCI": "a number like 7.2e-05",
    "FIXED": "a number like 0.123",
    "INT": "a whole number",
    "_BAR": "' | '",
    "$END": "the end of the line",
}


@dataclass(frozen=True, slots=True)
class _Part:
    """One token of a line: its piece of the pattern; a slot makes its text one of the values."""

    pattern: str
    value: str
    slot: Slot | None


class _Walk:
    """Turns a parse tree into the parts of its line, left to right."""

    def __init__(self, line: str, patterns: _Patterns, tables: tuple[str, ...]) -> None:
        self._line = line
        self._patterns = patterns
        self._tables = tables
        self._label = ""

    def parts(self, tree: Tree[Token]) -> Iterator[_Part]:
        from lark import Token

        rule, index = str(tree.data), 0
        if rule in self._tables:
            yield self._table(tree, rule)
            return
        for child in tree.children:
            if not isinstance(child, Token):
                yield from self.parts(child)
                continue
            part = self._token(child, rule, index)
            index += part.slot is not None
            yield part

    def _token(self, token: Token, rule: str, index: int) -> _Part:
        text = str(token)
        if self._patterns.is_literal(token.type):
            self._label = text
            return _Part(re.escape(text), text, None)
        pattern = self._patterns.terminal(token.type)
        if token.type.startswith("_"):
            return _Part(pattern, text, None)
        return _Part(f"({pattern})", text, Slot(rule, index, self._label))

    def _table(self, tree: Tree[Token], rule: str) -> _Part:
        tokens = list(tree.scan_values(lambda _: True))
        text = self._line[tokens[0].start_pos : tokens[-1].end_pos]
        return _Part(f"({self._patterns.rule(rule)})", text, Slot(rule, 0, self._label))


class _Patterns:
    """Regular expressions of terminals and of rules without recursion, taken from the grammar."""

    def __init__(self, lark: Lark) -> None:
        self._terminals = {terminal.name: terminal.pattern for terminal in lark.terminals}
        self._expansions: dict[str, list[list[Symbol]]] = {}
        for rule in lark.rules:
            self._expansions.setdefault(str(rule.origin.name), []).append(list(rule.expansion))

    def is_literal(self, terminal: str) -> bool:
        """True for punctuation and labels, whose text is part of the shape."""
        return self._terminals[terminal].type == "str" or terminal.endswith("_KEY")

    def words(self, terminal: str) -> str:
        """A terminal in words: the text of a literal, else its name in small letters."""
        pattern = self._terminals.get(terminal)
        if pattern is not None and pattern.type == "str":
            return repr(pattern.value)
        return _WORDS.get(terminal, terminal.strip("_$").lower().replace("_", " "))

    def terminal(self, name: str) -> str:
        return f"(?>{self._terminals[name].to_regexp()})"

    def rule(self, name: str) -> str:
        """The rule as a pattern; Lark's helper rules for `+` and `*` recur on their left."""
        plain: list[str] = []
        repeated: list[str] = []
        for expansion in self._expansions[name]:
            recurs = str(expansion[0].name) == name
            symbols = expansion[1:] if recurs else expansion
            (repeated if recurs else plain).append("".join(map(self._symbol, symbols)))
        longest_first = "|".join(sorted(set(plain), key=len, reverse=True))
        return f"(?>{longest_first})++" if repeated else f"(?>{longest_first})"

    def _symbol(self, symbol: Symbol) -> str:
        return self.terminal(symbol.name) if symbol.is_term else self.rule(str(symbol.name))
