"""Ctrl-C and a polite kill, as a wish to end well rather than an exception in the middle."""

from __future__ import annotations

import signal
from contextlib import contextmanager, suppress
from threading import Event
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

_WISHES = ("SIGINT", "SIGTERM", "SIGHUP")


class Stop:
    """Whether somebody wants an end."""

    def __init__(self) -> None:
        self._wish = Event()

    @property
    def is_asked(self) -> bool:
        return self._wish.is_set()

    def wait(self, seconds: float) -> None:
        """Wait so long, or until an end is asked for."""
        self._wish.wait(seconds)

    def ask(self, number: int, _frame: FrameType | None = None) -> None:
        """Ask for an end; who asks a second time gets it at once, as KeyboardInterrupt."""
        if self._wish.is_set():
            raise KeyboardInterrupt
        self._wish.set()


@contextmanager
def stop_on_signals() -> Iterator[Stop]:
    """What Ctrl-C, SIGTERM and a closed terminal ask, unless they are ignored, in the block."""
    stop = Stop()
    before = {}
    for name in _WISHES:
        with suppress(AttributeError, ValueError):  # not this system's, or not the main thread
            number = getattr(signal, name)
            if signal.getsignal(number) is not signal.SIG_IGN:
                before[number] = signal.signal(number, stop.ask)
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
