"""How far every format comes with the beginning of a source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from logparse.errors import LogParseError
from logparse.formats import all_formats
from logparse.formats.choosing import has_own

if TYPE_CHECKING:
    from collections.abc import Sequence

    from logparse.readers.base import Reader

TRIED_BYTES = 1 << 14
"""So much of a source each format is tried on."""
MOST_TOLD = 6
MOST_NAMES = 12


@dataclass(frozen=True, slots=True)
class Trial:
    """A format on the beginning of a source: `fits` of `seen` lines; in words, as `told`."""

    format: str
    is_json: bool
    fits: int
    seen: int
    told: str


def trials(head: bytes, source: str) -> tuple[Trial, ...]:
    """Every format on whole lines of the head, the one that fits best first."""
    part = head[:TRIED_BYTES]
    part = part[: part.rfind(b"\n") + 1] or part
    found = [_trial(reader, part, source) for reader in all_formats()]
    return tuple(sorted(found, key=lambda one: -one.fits))


def told(reader: Reader) -> str:
    """How far a reader came; with the names that it read, where none of them tells of a run."""
    names = [name for name in reader.printed if reader.recognised]
    some = ", ".join(names[:MOST_NAMES]) + (", ..." if len(names) > MOST_NAMES else "")
    return f"{reader.told} (no metric among {some})" if names else reader.told


def summary(tried: Sequence[Trial], reader: Reader, *, is_refused: bool) -> str:
    """The formats that fit some lines, the likely reader, and how many others there are.

    `is_refused` where the source begins as JSON, and is none of the JSON formats.
    """
    fitting = [one.told for one in tried if one.fits and one.format != reader.format]
    # Generic formats are the last of all, and say most of what is missing.
    json = [one.told for one in reversed(tried) if is_refused and one.is_json and not one.fits]
    first = [told(reader)] if reader.recognised else []
    last = [] if first else [told(reader)]
    named = [*first, *fitting, *json][: MOST_TOLD - len(last)] + last
    rest = len({one.format for one in tried} | {reader.format}) - len(named)
    more = [f"and {rest} more (logdiag formats)"] if rest > 0 else []
    return "; ".join([*named, *more])


def _trial(reader: type[Reader], part: bytes, source: str) -> Trial:
    try:
        return _tried(reader, part, source)
    except Exception as error:  # of a reader of another package, which must not hide the others
        told_by = f"{reader.format}: failed, {type(error).__name__}"
        return Trial(reader.format, reader.is_json, 0, 0, told_by)


def _tried(reader: type[Reader], part: bytes, source: str) -> Trial:
    trying = reader(source)
    is_by_beginning = has_own(reader, "begins") and not reader.is_generic
    if is_by_beginning and not reader.begins(part):
        told_by = f"{reader.format}: {reader.lacks or 'begins otherwise'}"
        return Trial(reader.format, reader.is_json, 0, 0, told_by)
    try:
        trying.feed(part)
        is_log = bool(trying.close())
    except LogParseError as error:
        why = str(error).removeprefix(f"{source}: ")
        return Trial(reader.format, reader.is_json, 0, trying.seen, f"{reader.format}: {why}")
    is_lacking = bool(reader.lacks) and not is_log and not trying.printed
    fits = 0 if is_lacking else trying.recognised
    said = trying.told if is_log else told(trying)
    said = f"{reader.format}: {reader.lacks}" if is_lacking else said
    return Trial(reader.format, reader.is_json, fits, trying.seen, said)
