"""Which format a source is of: what its beginning shows decides."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeVar

from logparse.formats import all_formats
from logparse.formats.run_log import RunLogReader
from logparse.lines import LineAssembler
from logparse.readers.base import HEAD_BYTES, Reader

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_T = TypeVar("_T")
_BOM = b"\xef\xbb\xbf"
FIRST_BYTES = 16
LONGEST_TELLING = 100
"""Characters of the text that told a format."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The format of a source, and what told it.

    how   `line`: one that only this format has; `beginning`: what such a source begins with;
          `generic`: no program's format was told, and this one can make something of it;
          `last`: none can; `asked`: by the user
    line  where it was told, 1-based; 0 for none
    text  what told it, cut
    """

    format: str
    how: Literal["line", "beginning", "generic", "last", "asked"]
    line: int = 0
    text: str = ""


def choice(head: bytes) -> Choice:
    """The format for the beginning of a source, all of it if it is short."""
    head = head[:HEAD_BYTES]
    assembler = LineAssembler()
    lines = assembler.feed(head)
    lines += assembler.close() if len(head) < HEAD_BYTES else []
    chosen = chosen_by(head, owner_of(lines), is_whole=True) or RunLogReader
    if chosen.is_generic:
        return Choice(chosen.format, "generic")
    if chosen.is_json == may_be_json(head) and _says(chosen.begins, head):
        shown = head[: told_at(chosen, head)].rstrip(b"\r\n")
        text = shown[max(shown.rfind(b"\n"), shown.rfind(b"\r")) + 1 :].decode("utf-8", "replace")
        line = len(LineAssembler().feed(shown + b"\n"))
        return Choice(chosen.format, "beginning", line, text[-LONGEST_TELLING:])
    for number, line_text in enumerate(lines, 1):
        if _says(chosen.owns, line_text):
            return Choice(chosen.format, "line", number, line_text[:LONGEST_TELLING])
    return Choice(chosen.format, "last")


def owner_of(lines: Iterable[str]) -> type[Reader] | None:
    """The format that alone has one of the lines, the first of them that only one has."""
    # Most formats own no line.
    owners = [one for one in all_formats() if has_own(one, "owns")]
    told = (reader for line in lines for reader in owners if _says(reader.owns, line))
    return next(told, None)


def chosen_by(
    head: bytes, owner: type[Reader] | None, *, is_whole: bool = False
) -> type[Reader] | None:
    """The reader for a beginning, however short; None where more of it must be seen."""
    is_json, is_whole = may_be_json(head), is_whole or len(head) == HEAD_BYTES
    special = (one for one in all_formats() if one.is_json == is_json and not one.is_generic)
    told = [reader for reader in special if _says(reader.begins, head)]
    if told:
        return min(told, key=lambda reader: told_at(reader, head))
    if owner is not None and (is_whole or not is_json):
        return owner
    if not is_whole:
        return None
    generic = (one for one in all_formats() if one.is_generic and _says(one.begins, head))
    return next(generic, RunLogReader)


def told_at(reader: type[Reader], head: bytes) -> int:
    """How much of the head it takes to tell: who is told first is told however bytes are cut."""
    return bisect_left(range(len(head)), True, key=lambda end: _says(reader.begins, head[:end]))


def may_be_json(head: bytes) -> bool:
    """True for text that begins as JSON, and where there is no text yet."""
    text = head.removeprefix(_BOM).lstrip()
    is_text = b"\0" not in head[:FIRST_BYTES]  # records of bytes may begin with a bracket, too
    return is_text and (text[:1] in b"{[" or _BOM.startswith(head))


def has_own(reader: type[Reader], name: str) -> bool:
    """True where a reader does not leave this question to what all readers answer."""
    return next(one for one in reader.__mro__ if name in vars(one)) is not Reader


def _says(claim: Callable[[_T], bool], what: _T) -> bool:
    """What a reader claims; one of another package that fails must not keep others from reading."""
    try:
        return bool(claim(what))
    except Exception:
        return False
