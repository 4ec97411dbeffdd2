"""When work is done: never for more than a share of the time, and beside other work or at once."""

from __future__ import annotations

from concurrent.futures import Executor, Future
from contextlib import contextmanager
from typing import TYPE_CHECKING, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

P = ParamSpec("P")
T = TypeVar("T")


class AtOnce(Executor):
    """Does work before it returns, where others do it in a thread of their own."""

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        done: Future[T] = Future()
        done.set_result(fn(*args, **kwargs))
        return done


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
