"""Ctrl-C and SIGTERM end a run between two batches, so that its files are complete."""

import signal
from types import FrameType, TracebackType


class StopRequest:
    """As a context, turns the two signals into a `name`; a second one ends the process at once."""

    _SIGNALS = (signal.SIGINT, signal.SIGTERM)

    def __init__(self) -> None:
        self.name = ""
        self.number = 0
        self._old: list[object] = []

    def __enter__(self) -> "StopRequest":
        self._old = [signal.signal(number, self._note) for number in self._SIGNALS]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: object, trace: TracebackType | None
    ) -> None:
        for number, handler in zip(self._SIGNALS, self._old, strict=True):
            signal.signal(number, handler)  # type: ignore[arg-type]

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.name, self.number = signal.Signals(number).name, number
        for each in self._SIGNALS:
            signal.signal(each, signal.SIG_DFL)

    @property
    def exit_code(self) -> int:
        """0, or what a shell shows for a process that the signal ended."""
        return 128 + self.number if self.number else 0
