"""Work that is never more than a share of the time, however fast its occasions come."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Pace:
    """Says when costly work is due again: it has rested long enough for its share of the time.

    Work that a fast log asks for too often is done less often, and at last when the log rests.
    """

    def __init__(self, share: float, clock: Callable[[], float]) -> None:
        self._share = share
        self._clock = clock
        self._rests_until = float("-inf")

    @property
    def is_due(self) -> bool:
        return self._clock() >= self._rests_until

    @contextmanager
    def work(self) -> Iterator[None]:
        """Measures what is done inside."""
        start = self._clock()
        yield
        end = self._clock()
        self._rests_until = end + (end - start) * (1 / self._share - 1)
