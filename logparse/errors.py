"""Exceptions that logparse raises on purpose.

LogParseError
├── SourceError            the bytes could not be had: missing, unreadable, too large when unfolded
├── NotALogError           bytes were read, but no reader recognised a training run in them
├── NoSuchRunError         the file has runs, but not the one asked for
├── UnknownNameError       a rule, format or table name that does not exist; carries the nearest one
├── NoRuleError            the rules selected, less those ignored, are none
├── ConfigurationError     a key of the configuration that cannot be meant, or its file unreadable
├── BaselineError          a baseline file that is missing, unreadable, or none
├── ComparisonError        runs that cannot be compared as asked, or an option that cannot be meant
└── MissingExtraError      an optional package is needed and not installed
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class LogParseError(Exception):
    """Base of every error that a caller may want to show to a person as one line."""


class SourceError(LogParseError):
    """The bytes of a source could not be read."""


class NotALogError(LogParseError):
    """No reader found a training run; the message names the formats tried and how far each came."""


class NoSuchRunError(LogParseError):
    """The run number asked for is not in the file."""


class NoRuleError(LogParseError):
    """A selection that leaves no rule to judge by: its silence would mean nothing."""


class ConfigurationError(LogParseError):
    """A configuration that cannot be used; the message names the file and the key."""


class BaselineError(LogParseError):
    """A file of known findings that cannot be used."""


class ComparisonError(LogParseError):
    """Runs that cannot be compared as asked; the message says which, or which option is wrong.

    `because` is what was not to be had and led to it, one line each.
    """

    def __init__(self, message: str, because: Iterable[object] = ()) -> None:
        super().__init__(message)
        self.because = tuple(map(str, because))


class MissingExtraError(LogParseError):
    """An optional dependency is needed; the message says how to install it."""


class UnknownNameError(LogParseError):
    """A name was not found among the known ones; `suggestion` is the nearest, or None."""

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        choices = sorted(known)
        by_folded = {choice.casefold(): choice for choice in choices}
        near = get_close_matches(name.casefold(), by_folded, n=1, cutoff=0.5)
        self.suggestion = by_folded[near[0]] if near else None
        some = ", ".join(choices[:8]) + (", ..." if len(choices) > 8 else "")
        hint = f"did you mean {self.suggestion}?" if self.suggestion else f"known: {some}"
        super().__init__(f"unknown {kind} {name!r}; {hint}")
