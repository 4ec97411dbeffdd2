"""JSON of which places matter: read value by value, so that what stands before a fault is had."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from logparse.readers.tally import LONGEST_SHOWN
from logparse.records import Unparsed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MAX_BYTES = 64 << 20
"""A document is read whole, and refused beyond this: nobody writes so much anew each epoch."""
_DECODER = json.JSONDecoder()
_BLANKS = re.compile(r"[ \t\n\r]*")
_BLANK_LINE = re.compile(r"^[^\S\n]*$", re.MULTILINE)
_SURROGATE = re.compile("[\ud800-\udfff]")


class BrokenJsonError(Exception):
    """The text is no JSON from `at` on; `expected` says what could stand there."""

    def __init__(self, at: int, expected: str) -> None:
        super().__init__(expected)
        self.at = at
        self.expected = expected


@dataclass(frozen=True, slots=True)
class Lost:
    """A stretch of the text that was not understood, where it broke, and what was expected."""

    start: int
    end: int
    at: int
    expected: str


def decoded(
    text: str, at: int, decoder: json.JSONDecoder = _DECODER, *, is_escaped: bool = True
) -> tuple[Any, int]:
    """The value that begins at a place, and where it ends; raises BrokenJsonError.

    Texts in it can be encoded, which only where the JSON `is_escaped` takes a look.
    """
    try:
        value, end = decoder.raw_decode(text, at)
        return _encodable(value) if is_escaped else value, end
    except json.JSONDecodeError as error:
        wanted = error.msg.partition("Expecting ")[2] or "JSON"
        raise BrokenJsonError(error.pos, wanted) from None
    except RecursionError:
        raise BrokenJsonError(at, "fewer lists in each other") from None
    except ValueError:  # an integer of thousands of digits
        raise BrokenJsonError(at, "a number") from None


class Cursor:
    """A place in a JSON text; whoever meets a value reads it, enters it or passes it over.

    Values are as `json` has them, bare NaN and Infinity among them, but texts can be encoded.
    All that is met before `known` was understood, or is among the `lost`.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.known = 0
        self.lost: list[Lost] = []
        self._has_surrogates = re.search(r"\\u[dD][89a-fA-F]", text) is not None

    @property
    def next(self) -> str:
        """The sign at which the next value begins, '' at the end of the text."""
        self._skip_blanks()
        return self.text[self.at : self.at + 1]

    def value(self) -> Any:
        """The next value; the place moves behind it, or stays with a BrokenJsonError."""
        self._skip_blanks()
        value, self.at = decoded(self.text, self.at, is_escaped=self._has_surrogates)
        return value

    def pass_over(self, expected: str) -> None:
        """Leave out the value that stands here, where something else was expected."""
        self._skip_blanks()
        start = self.at
        self.value()
        self.lose(start, expected)

    def lose(self, start: int, expected: str, *, at: int | None = None) -> None:
        """What stands from `start` to here was not understood, because of what is `at`."""
        self.lost.append(Lost(start, self.at, start if at is None else at, expected))

    def members(self, *, is_entered: bool = False, is_one: bool = False) -> Iterator[str]:
        """Keys of the object here, each once; each value must be read before the next is asked for.

        What is no object, or a key again, is passed over. `is_entered` where the place is that of
        a key already, as behind a fault. What `is_one` is lost as a whole if it breaks.
        """
        if not is_entered and self.next != "{":
            self.pass_over("an object")
            return
        seen: set[str] = set()
        for at in self._parts("{}", is_entered, is_one):
            key = self.value()
            if not isinstance(key, str):
                raise BrokenJsonError(at, "a key in quotes")
            self._take(":", "a colon")
            self._skip_blanks()
            if key in seen:
                self.pass_over("each key once")
                continue
            seen.add(key)
            yield key

    def items(self, *, is_entered: bool = False, is_one: bool = False) -> Iterator[int]:
        """Places of the items of the list here, as `members` has those of an object."""
        if not is_entered and self.next != "[":
            self.pass_over("a list")
            return
        yield from self._parts("[]", is_entered, is_one)

    def goes_on(self, closing: str) -> bool:
        """True behind the comma that stands here, False behind the closing sign."""
        if self._took(closing):
            return False
        self._take(",", f"a comma or {closing}")
        return True

    def _parts(self, signs: str, is_entered: bool, is_one: bool) -> Iterator[int]:
        if not is_entered:
            self._take(signs[0], signs[0])
            if self._took(signs[1]):
                return
        is_there = True
        while is_there:
            self._skip_blanks()
            self.known = self.known if is_one else self.at
            yield self.at
            self.known = self.known if is_one else self.at
            is_there = self.goes_on(signs[1])

    def _skip_blanks(self) -> None:
        found = _BLANKS.match(self.text, self.at)
        self.at = found.end() if found else self.at

    def _took(self, sign: str) -> bool:
        is_there = self.next == sign
        self.at += is_there
        return is_there

    def _take(self, sign: str, expected: str) -> None:
        if not self._took(sign):
            raise BrokenJsonError(self.at, expected)


def _encodable(value: Any) -> Any:
    """The value with U+FFFD in place of halves of characters, which no file can hold."""
    match value:
        case str():
            return _SURROGATE.sub("\ufffd", value)
        case list():
            return [_encodable(item) for item in value]
        case tuple():
            return tuple(map(_encodable, value))
        case dict():
            return {_encodable(key): _encodable(item) for key, item in value.items()}
    return value


class Lines:
    """Which physical line and column, both from 1, a place of a text is in; LF ends lines."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at, self._line = 0, 1
        self.count = text.count("\n") + (text != "" and not text.endswith("\n"))

    @property
    def blank(self) -> int:
        """How many lines are blank."""
        return sum(1 for _ in self.blanks())

    def blanks(self) -> Iterator[int]:
        """The lines that are blank."""
        text = self._text.removesuffix("\n")
        for found in _BLANK_LINE.finditer(text) if self._text else ():
            yield self.line(found.start())

    def line(self, at: int) -> int:
        """The line of a place; quick where places are asked for in rising order."""
        if at < self._at:
            self._at, self._line = 0, 1
        self._line += self._text.count("\n", self._at, at)
        self._at = at
        return self._line

    def column(self, at: int) -> int:
        """The column of a place within its line."""
        return at - self._text.rfind("\n", 0, at)

    def within(self, start: int, end: int) -> Iterator[tuple[int, str]]:
        """Number and text of the lines that hold more than blanks from `start` up to `end`."""
        number, at = self.line(start), self._text.rfind("\n", 0, start) + 1
        while at < end:
            stop = self._text.find("\n", at)
            stop = len(self._text) if stop < 0 else stop
            if self._text[max(at, start) : min(stop, end)].strip():
                yield number, self._text[at:stop]
            number, at = number + 1, stop + 1

    def unparsed(self, lost: Iterable[Lost]) -> Iterator[Unparsed]:
        """Every line that holds something that was not understood, once, in order."""
        last = 0
        for one in sorted(lost, key=lambda one: one.start):
            broken = self.line(one.at)
            for number, text in self.within(one.start, one.end):
                if number <= last:
                    continue
                last = number
                is_here = number == broken
                column, expected = (self.column(one.at), one.expected) if is_here else (None, "")
                yield Unparsed(number, text[:LONGEST_SHOWN], column, expected)


def text_of(held: bytes | bytearray) -> str:
    """The text with LF alone as the end of a line, so that lines are counted as in any log."""
    text = held.decode("utf-8", "replace").removeprefix("\ufeff")
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
