"""What is drawn of a run, kept as long as the run is: a block is drawn far more often than a run
grows, and the curves of 10,000 epochs take 0.1 s.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from logparse.run import Run

T = TypeVar("T")


class Kept(Generic[T]):
    """The newest thing made of each run, with the key that it was made for."""

    def __init__(self) -> None:
        self._things: WeakKeyDictionary[Run, tuple[Hashable, T]] = WeakKeyDictionary()

    def get(self, run: Run, key: Hashable, make: Callable[[], T]) -> T:
        """What was made of the run for this key; made now where it was not."""
        kept = self._things.get(run)
        if kept is None or kept[0] != key:
            kept = self._things[run] = (key, make())
        return kept[1]
