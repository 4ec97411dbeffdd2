"""A file that cannot be had: told once, and that it is back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logparse.following.changes import Change, News

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

GONE_S = 0.5
"""A file that was there is missing when it has been gone for so long: while one is rotated there
is a moment without it."""


class Absence:
    """Why a file cannot be had, as far as it was told; `clock` counts seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._told = ""
        self._gone_since: float | None = None

    def noticed(self, reason: str, *, may_pass: bool) -> Iterator[News]:
        """News, if this reason is new; if it `may_pass`, not before it has lasted."""
        if self._gone_since is None:
            self._gone_since = self._clock()
        is_passing = may_pass and self._clock() - self._gone_since < GONE_S
        if reason != self._told and not is_passing:
            self._told = reason
            yield News(Change.MISSING, reason)

    def over(self) -> Iterator[News]:
        """News, if it was told to be missing."""
        self._gone_since = None
        if self._told:
            self._told = ""
            yield News(Change.FOUND, "it is there and can be read")
